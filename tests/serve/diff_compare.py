# SPDX-License-Identifier: Apache-2.0
"""Run `srvaudit url --batch` and compare its answers with those that the real server gave."""
import json
import os
import subprocess
from collections import Counter

from diff_oracle import FASTCGI_MARK, UPSTREAM_MARK
from diff_tree import CGI_MARK, MARK, SSI_DONE

REDIRECTS = (301, 302, 303, 307, 308)
OWN_PAGES = (b"Active connections:", b"<title>Apache Status</title>",
             b"<title>Server Information</title>")


def predict(binary, conf, urls, folder, client="127.0.0.1"):
    """One parsed answer for each URL (bytes), in order; conf is a path or several."""
    confs = [conf] if isinstance(conf, str) else conf
    batch = os.path.join(folder, "urls")
    with open(batch, "wb") as out:
        out.write(b"".join(url + b"\n" for url in urls))
    done = subprocess.run([binary, "url", "--client", client, "--batch", batch] + confs,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=False)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    if len(lines) != len(urls):
        raise RuntimeError("srvaudit exit %d, %d answers for %d URLs: %s"
                           % (done.returncode, len(lines), len(urls),
                              done.stderr.decode("utf-8", "replace")[-2000:]))
    return [json.loads(line) for line in lines]


def body_of(path):
    """The bytes of a file that srvaudit names, or None."""
    try:
        with open(path, "rb") as handle:
            return handle.read(1 << 20)
    except (OSError, TypeError, ValueError):
        return None


def kind_of(answer, file_bodies=()):
    """What the answer shows: file, proxied, program, handler, listing, redirect or status."""
    body = answer.body
    if body.startswith(MARK) or body in file_bodies:
        return "file"
    if body == UPSTREAM_MARK:
        return "proxied"
    if body == FASTCGI_MARK or body.startswith(CGI_MARK) or SSI_DONE in body:
        return "program"
    if any(page in body[:400] for page in OWN_PAGES):
        return "handler"
    if answer.status in REDIRECTS and answer.location is not None:
        return "redirect"
    if b"<title>Index of " in body[:200]:
        return "listing"
    return "status"


def hex_path(said):
    """The named file, from its raw bytes where the name is not UTF-8."""
    if "file_hex" in said:
        return bytes.fromhex(said["file_hex"])
    return said.get("file")


def differs(answer, said, file_bodies=(), server="nginx"):
    """None if both agree, else the kind of disagreement as a short text."""
    kind, outcome = kind_of(answer, file_bodies), said["outcome"]
    seen = "%s %s" % (kind, answer.status)
    text = "%s %s, srvaudit %s %s" % (server, seen, outcome, said.get("status"))
    if kind == "file":
        if not said.get("file"):
            return "MISS: " + text
        if body_of(hex_path(said)) != answer.body:
            return "other file: " + text
        return None if said.get("status") == answer.status else text
    if kind in ("proxied", "program"):
        allowed = ("proxied",) if kind == "proxied" else ("handler", "proxied")
        return None if outcome in allowed and said.get("status") in (None, answer.status) else text
    if outcome == "file" and body_of(hex_path(said)) == answer.body:
        return None if said.get("status") == answer.status else text
    if said.get("file") and outcome == "file":
        # A file of no bytes, or one with a body that a HEAD-like status drops, is not made here.
        return "claims a file: " + text
    if kind == "redirect":
        if outcome not in ("redirect", "return") or said.get("status") != answer.status:
            return text
        # A line feed from the URL ends the header that the client sees.
        location = (said.get("location") or "").split("\n")[0].rstrip("\r")
        location = location.encode("utf-8", "replace")
        if location != answer.location.decode("utf-8", "replace").encode("utf-8"):
            return "location: " + text
        return None
    if kind == "listing" or outcome == "listing":
        return None if kind == outcome and answer.status == said.get("status") else text
    if kind == "handler":
        return None if outcome == "handler" and said.get("status") == answer.status else text
    if outcome == "redirect" or outcome == "proxied" and answer.status != 204:
        return text
    expected = 444 if answer.status is None else answer.status
    if said.get("status") != expected:
        return text
    narrow = {"denied": (403,), "auth": (401,), "not-found": (404,)}.get(outcome)
    return text if narrow and expected not in narrow else None


class Tally:
    """Counts over any number of seeds, and one smallest example of each disagreement."""

    def __init__(self, server="nginx"):
        self.server = server
        self.requests = self.unknown = self.misses = self.wrong = self.vhosts = 0
        self.status = Counter()
        self.kinds = Counter()
        self.examples = {}
        self.reasons = Counter()

    def add(self, case, answer, said, file_bodies=()):
        """Count one request; `case` has size, config and url for the report."""
        self.requests += 1
        self.status["%s %s" % (answer.status, kind_of(answer, file_bodies))] += 1
        if said is None:
            return
        if said["outcome"] == "unknown":
            self.unknown += 1
            why = said.get("why") or [{"text": "?"}]
            reason = why[-1].get("text", "?")
            self.reasons[reason] += 1
            self.keep("unknown: " + reason, case, answer, said)
            return
        kind = differs(answer, said, file_bodies, self.server)
        if kind is None:
            return
        self.wrong += 1
        self.misses += kind.startswith("MISS")
        self.kinds[kind] += 1
        self.keep(kind, case, answer, said)

    def keep(self, kind, case, answer, said):
        """Remember the smallest example of a kind."""
        known = self.examples.get(kind)
        if known is None or case["size"] < known[0]["size"]:
            self.examples[kind] = (case, answer, said)

    def agreement(self):
        """Per cent of the answered requests on which both agree."""
        answered = self.requests - self.unknown
        return 100.0 * (answered - self.wrong) / answered if answered else 0.0

    def passed(self):
        """The criteria of the differential test."""
        return (self.requests > 0 and self.agreement() >= 99.9 and self.misses == 0
                and self.unknown < 0.02 * self.requests)

    def summary(self):
        return ("%d vhosts, %d requests, agreement %.3f %%, %d differ, %d missed files, %d unknown"
                % (self.vhosts, self.requests, self.agreement(), self.wrong, self.misses,
                   self.unknown))

    def report(self):
        """All disagreements, most frequent kind first, as Markdown."""
        out = [self.summary(), "", self.server + " answered: " + ", ".join(
            "%s: %d" % item for item in self.status.most_common()), ""]
        for text, count in self.reasons.most_common(30):
            out.append("unknown %d: %s" % (count, text))
        unknown = [("unknown: " + text, n) for text, n in self.reasons.most_common(10)]
        for kind, count in self.kinds.most_common() + unknown:
            case, answer, said = self.examples[kind]
            out += ["", "## %d x %s" % (count, kind), "", "    " + case["url"],
                    "    %s: %s location=%r body=%r" % (self.server, answer.status,
                                                        answer.location, answer.body[:120]),
                    "    srvaudit: " + json.dumps(said)[:1500], ""]
            out += ["    " + line for line in case["config"].splitlines()]
        return "\n".join(out) + "\n"
