#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every case of tests/serve/apache_cases (see README.md there) on srvaudit and on apache2."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from diff_oracle import Client, Server, find_program, free_ports  # noqa: E402
from diff_tree import MARK  # noqa: E402

MODULES = "/usr/lib/apache2/modules"
DEFAULT = """mpm_event authn_core authz_core authz_host authz_user authz_groupfile authn_file
auth_basic access_compat alias autoindex dir env mime negotiation rewrite setenvif
headers""".split()
results = []


def result(good, name, notes=""):
    results.append(good)
    print("%sok %d - %s" % ("" if good else "not ", len(results), name), flush=True)
    for line in notes.splitlines() if not good else []:
        print("# " + line)


class Apache(Server):
    """The apache2 that a case starts."""

    def check_command(self):
        return [self.binary, "-t", "-f", self.conf]

    def start_command(self):
        return [self.binary, "-f", self.conf, "-DFOREGROUND"]

    def error_line(self, text):
        return None


def unescape(text):
    def one(m):
        return {"s": " ", "n": "\n", "t": "\t", "\\": "\\"}.get(m.group(1)) or chr(
            int(m.group(1)[1:], 16))
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text)


class Case:
    """One text file: sections [tree], [config], [modules], [client] and [ask]."""

    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".case")]
        self.parts = {"tree": [], "config": [], "modules": [], "client": [], "ask": []}
        part = None
        with open(path, encoding="utf-8") as f:
            for line in f.read().splitlines():
                head = re.fullmatch(r"\[(\w+)\]", line)
                if head:
                    part = self.parts[head.group(1)]
                elif part is not None:
                    part.append(line)
        self.client = " ".join(self.parts["client"]).strip() or "127.0.0.1"

    def lines(self, part):
        return [x for x in self.parts[part] if x.strip() and not x.startswith("#")]

    def build(self, base):
        """The tree; indented lines behind `file PATH:` are the file's text."""
        lines, i = self.lines("tree"), 0
        late = []
        while i < len(lines):
            line = lines[i]
            i += 1
            kind, path, rest = (line.split(None, 2) + ["", ""])[:3]
            text = None
            if path.endswith(":") or rest.endswith(":"):
                text = ""
                path, rest = path.rstrip(":"), rest.rstrip(":")
                while i < len(lines) and lines[i][0] in " \t":
                    text += self.fill(lines[i].strip(), base) + "\n"
                    i += 1
            full = base + unescape(path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            if kind == "link":
                os.symlink(self.fill(rest, base), full)
            elif kind == "owner":
                late.append((full, rest))
            else:
                self.one(kind, full, rest, text, path)
        for full, rest in late:
            if os.geteuid() == 0:
                shutil.chown(full, *rest.split(":"))

    @staticmethod
    def one(kind, full, rest, text, path):
        mode = re.match(r"(0[0-7]+)\s*", rest)
        rest = rest[mode.end():] if mode else rest
        if kind == "dir":
            os.makedirs(full, exist_ok=True)
        elif kind == "file":
            if text is None:
                text = unescape(rest[2:]) if rest.startswith("= ") else \
                    MARK.decode() + unescape(path)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)
        else:
            raise ValueError("unknown line of a tree: " + kind)
        if mode:
            os.chmod(full, int(mode.group(1), 8))

    def fill(self, text, base):
        text = re.sub(r"\bPORT2\b", str(self.ports[1]), text)
        return re.sub(r"\bPORT\b", str(self.ports[0]), text).replace("BASE", base)

    def config(self, base):
        out = ["ServerRoot %s" % base, "DefaultRuntimeDir %s" % base, "PidFile %s/pid" % base,
               "ErrorLog %s/error.log" % base, "Listen 127.0.0.1:%d" % self.ports[0],
               "TypesConfig /dev/null", "AddType text/html .html", "AddType text/plain .txt"]
        for name in DEFAULT + " ".join(self.lines("modules")).split():
            out.append("LoadModule %s_module %s/mod_%s.so" % (name, MODULES, name))
        if os.geteuid() == 0:
            out += ["User www-data", "Group www-data"]
        mine = [self.fill(line, base) for line in self.parts["config"]]
        if not any(re.match(r"\s*ServerName", line) for line in mine):
            out.append("ServerName main.test")
        return "\n".join(out + mine) + "\n"

    def asked(self):
        """(url, host, target, expected words) of each [ask] line."""
        for line in self.lines("ask"):
            url, _, wanted = line.partition(" -> ")
            m = re.fullmatch(r"(?:http://([^/:]*)(:PORT2?)?)?(/.*)", url.strip())
            host, target = m.group(1), m.group(3)
            port = self.ports[1 if m.group(2) == ":PORT2" else 0]
            host = "main.test" if host is None else host
            words = self.fill(wanted, self.base).split(None, 2)
            yield ("http://%s:%d%s" % (host, port, target), port, host, target, words)


def ask_server(case, conf, asked):
    """What the real server says: [(status, file or None, Location)], or None without one."""
    binary = find_program("apache2") or find_program("httpd")
    if not binary or case.client != "127.0.0.1":
        return None
    server = Apache(binary, conf, case.ports)
    refused = server.check()
    if refused:
        raise RuntimeError(refused[1])
    out = []
    with server:
        client = Client()
        for _, port, host, target, _ in asked:
            named = "%s:%d" % (host, port) if host else ""
            answer = client.ask(("127.0.0.1", port), named.encode(), target.encode())
            mark = answer.body.startswith(MARK)
            out.append((answer.status, answer.body[len(MARK):].decode() if mark else None,
                        (answer.location or b"").decode("latin-1")))
        client.close()
    return out


def ask_srvaudit(case, conf, asked):
    urls = "".join(url + "\n" for url, *_ in asked)
    client = [] if case.client == "stranger" else ["--client", case.client]
    done = subprocess.run([os.environ["SRVAUDIT"], "url", *client, "--batch", "-", conf],
                          input=urls.encode(), stdout=subprocess.PIPE, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def mark_of(path, base):
    """What the file calls itself, behind links too; else its path."""
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
    except (OSError, UnicodeDecodeError):
        text = ""
    return text[len(MARK):] if text.startswith(MARK.decode()) else path.replace(base, "", 1)


def run(path, folder):
    case = Case(path)
    case.ports = free_ports(2)
    base = os.path.join(folder, case.name)
    os.makedirs(base)
    case.base = base
    case.build(base)
    conf = base + "/httpd.conf"
    with open(conf, "w", encoding="utf-8") as f:
        f.write(case.config(base))
    asked = list(case.asked())
    real = ask_server(case, conf, asked)
    said = ask_srvaudit(case, conf, asked)
    for i, (url, _, _, _, wanted) in enumerate(asked):
        name = "%s %s" % (case.name, url.replace(":%d" % case.ports[0], ""))
        wanted += [""] * (3 - len(wanted))
        ours = said[i] if i < len(said) else {}
        file = mark_of(ours.get("file") or "", base)
        redirect = wanted[0] == "redirect" and wanted[2] != ""
        if redirect:
            file = ours.get("location", "")
        words = [ours.get("outcome", ""), str(ours.get("status") or ""), file]
        notes = "" if words == wanted else "srvaudit: %s\n%s\n" % (words, ours)
        if real:
            status, body, location = real[i]
            said_third = location if redirect else body
            if (wanted[1] and str(status) != wanted[1]) or (said_third or "") != wanted[2]:
                notes += "apache2: %s %s" % (status, said_third)
        result(not notes, name, notes and "wanted: %s\n%s" % (wanted, notes))


def main():
    paths = sys.argv[1:] or sorted(glob.glob(HERE + "/apache_cases/*.case"))
    # No random letters: the rules of the cases match against whole paths.
    folder = os.path.join(tempfile.gettempdir(), "srvaudit-apache-%d" % os.getpid())
    os.mkdir(folder)
    os.chmod(folder, 0o755)
    try:
        for path in paths:
            try:
                run(path, folder)
            except (RuntimeError, OSError, ValueError) as err:
                result(False, os.path.basename(path), str(err))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("1..%d" % len(results))
    return 0 if all(results) else 1


sys.exit(main())
