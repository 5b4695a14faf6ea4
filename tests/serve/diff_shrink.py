# SPDX-License-Identifier: Apache-2.0
"""Cut a configuration down to the lines without which a disagreement goes away."""
import os

from diff_compare import differs, predict
from diff_oracle import Client


def span(subject, lines, start):
    """The index behind the block that the line at `start` opens, or behind that line."""
    depth = 0
    for index in range(start, len(lines)):
        depth += subject.depth(lines[index])
        if depth <= 0:
            return index + 1
    return len(lines)


def smaller(subject, lines, holds, first=0):
    """Remove blocks and lines, biggest parts first, as long as `holds(lines)` says so."""
    index = first
    while index < len(lines):
        end = span(subject, lines, index)
        if subject.depth(lines[index]) < 0:
            index += 1
            continue
        shorter = lines[:index] + lines[end:]
        if holds(shorter):
            lines = shorter
            continue
        if end - index > 2:
            bare = lines[:index] + lines[index + 1:end - 1] + lines[end:]
            if holds(bare):
                lines = bare
                continue
        index += 1
    return lines


class Trial:
    """Asks both about one request after the configuration has been changed."""

    def __init__(self, subject, binary, case):
        self.subject, self.binary, self.case = subject, binary, case
        self.url, self.vhost = case["raw"], case["vhost"]
        rest = self.url[len(b"http://"):]
        self.host = rest.split(b"/", 1)[0].split(b"?", 1)[0]
        self.target = rest[len(self.host):]
        name, _, port = self.host.decode("ascii").rpartition(":")
        self.where = self.vhost.where or (name, int(port))

    def differs(self, head, block):
        """The kind of disagreement that is left, or None."""
        self.subject.write(head, [block] if block else [])
        server = self.subject.server()
        client = Client()
        try:
            if server.check() is not None:
                return None
            with server:
                answer = client.ask(self.where, self.host, self.target)
            said = predict(self.binary, self.subject.conf, [self.url], self.subject.folder)[0]
        except (RuntimeError, OSError, ValueError):
            return None
        finally:
            client.close()
        if said["outcome"] == "unknown":
            why = said.get("why") or [{"text": "?"}]
            return "unknown: " + why[-1].get("text", "?")
        return differs(answer, said, self.subject.stock, self.subject.name)


def put(files):
    """Write the side files; an empty one is removed."""
    for path, lines in files.items():
        if lines:
            with open(path, "w", encoding="utf-8") as out:
                out.write("\n".join(lines) + "\n")
        elif os.path.exists(path):
            os.unlink(path)


def shrink(subject, head, binary, case):
    """Replace the case's configuration by the smallest one found that shows the same thing."""
    trial = Trial(subject, binary, case)
    block = case["vhost"].lines
    kind = trial.differs(head, block)
    if kind is None:
        case["config"] = "# needs the other virtual hosts\n" + case["config"]
        return
    whole = {path: text.splitlines() for path, text in subject.side_files(case["vhost"]).items()}
    files = dict(whole)
    try:
        for path in sorted(files, key=len, reverse=True):
            def keeps(lines, path=path):
                put({path: lines})
                return trial.differs(head, block) == kind
            kept = files[path]
            files[path] = [] if keeps([]) else smaller(subject, kept, keeps)
            put({path: files[path]})
        block = smaller(subject, block, lambda lines: trial.differs(head, lines) == kind)
        head = smaller(subject, head, lambda lines: trial.differs(lines, block) == kind,
                       subject.fixed_lines)
    finally:
        put(whole)
    out = head[subject.fixed_lines:] + block
    for path, lines in sorted(files.items()):
        out += (["# " + path] + ["    " + line for line in lines]) if lines else []
    case["config"] = "\n".join(out)
