#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a terminal shows: the progress line, the width of the report, colour; through a pty."""
import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from planted import kept, planted  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
results = []


def result(good, name, notes=""):
    results.append(bool(good))
    print("%s %d - %s" % ("ok" if good else "not ok", len(results), name))
    for line in repr(notes).replace("\\n", "\n").splitlines() if not good else []:
        print("# " + line)


def write(path, data=b""):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)


def make_root(folders=0):
    root = tempfile.mkdtemp(prefix="srvaudit-terminal-")
    os.chmod(root, 0o755)
    write(root + "/etc/passwd", b"www-data:x:33:33::/:/x\n")
    write(root + "/etc/nginx/nginx.conf", b"events {}\nhttp { server { listen 80; "
          b"server_name a.test; root /srv/app; } }\n")
    write(root + "/srv/app/.git/HEAD", b"ref: refs/heads/main\n")
    for i in range(folders):
        write(root + "/srv/app/%d/%d/x.txt" % (i // 100, i))
    return root


class Terminal:
    """One run of the program; its output and errors go to a pty of that width."""

    def __init__(self, root, columns, *args, env=None, foreground=True):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        plain = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS", "TERM")}
        plain["TERM"] = "xterm"
        plain.update(env or {})

        def own():  # the pty becomes the controlling terminal, of this or of another group
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            if not foreground:
                signal.signal(signal.SIGTTOU, signal.SIG_IGN)
                other = os.fork()
                if other == 0:
                    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # its end, whoever ignores it
                    os.setpgid(0, 0)
                    time.sleep(600)
                    os._exit(0)
                os.setpgid(other, other)
                os.tcsetpgrp(slave, other)

        self.child = subprocess.Popen([SRVAUDIT, "--root", root, *args], stdin=slave, stdout=slave,
                                      stderr=slave, env=plain, preexec_fn=own)
        os.close(slave)

    def read(self):
        text = b""
        while True:
            try:
                block = os.read(self.master, 65536)
            except OSError:
                break
            text += block
            if not block:
                break
        os.close(self.master)
        self.status = self.child.wait(timeout=60)
        return kept(text)


def width(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def screen(raw):
    """The lines that are left when every carriage return has been obeyed."""
    lines = []
    for line in raw.decode("utf-8").split("\r\n"):
        cells = []
        for part in line.split("\r"):
            cells[:len(part)] = part
        lines.append("".join(cells).rstrip())
    return lines


def steps(raw):
    """Each text that the progress line took."""
    return [x.rstrip() for x in re.findall("\r(Looking at [^\r\n]*)", raw.decode("utf-8"))]


def progress_tests(root):
    raw = Terminal(root, 60, "--progress", "--color", "never").read()
    plain = Terminal(root, 60, "--no-progress", "--color", "never").read()
    result(steps(raw), "--progress shows a line from the start", raw)
    result(b"Looking at /etc/nginx/nginx.conf" in raw, "reading configurations is progress", raw)
    result(screen(raw) == screen(plain), "the line is gone before the report", raw)
    result(not re.search(rb"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]", raw), "no escape sequence is needed",
           raw)
    raw = Terminal(root, 60).read()
    result(not steps(raw), "a quick run shows none", raw)
    got = subprocess.run([SRVAUDIT, "--root", root], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    result(not got.stderr, "none where standard error is no terminal", got.stderr)
    got = subprocess.run([SRVAUDIT, "--root", root, "--progress"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, check=False)
    result(b"Looking at" in got.stderr, "but with --progress", got.stderr)
    raw = Terminal(root, 60, "--progress", "-q").read()
    result(raw == b"", "-q wins over --progress", raw)


def hostile_names(root):
    """The configuration is what the line names first, so its path is what says something."""
    names = ("\u6f22\u5b57\U0001f600".encode() * 20,
             b"\x1b]0;x\x07\x9b31m\xc2\x9b\n" + b"z" * 90, b"\x1b[2J" * 30, b"\xff" * 50,
             "\u202e\u2066abc".encode() * 9)
    for i, name in enumerate(names):
        path = b"/etc/nginx/" + name + b".conf"
        write(os.fsencode(root) + path, b"events {}\nhttp { server { listen 80; } }\n")
        bad, seen = [], 0
        for columns in (5, 12, 14, 20, 31, 80, 400):
            raw = Terminal(root, columns, "--progress", "--color", "never", path).read()
            seen += len(steps(raw))
            if any(width(x) >= columns for x in steps(raw)) or \
               re.search(b"\x1b|\x07|\xc2\x9b|\xe2\x80\xae|\xe2\x81\xa6", raw):
                bad.append((columns, raw))
        result(not bad and seen >= 4, "hostile name %d: no raw control byte, in one line" % i, bad)


def painted(raw):
    return b"\x1b[" in raw


def width_tests(root):
    """Sentences keep to the width and hang under their first word; lines to be copied stay whole."""
    han = "\u6f22" * 30
    write(root + "/etc/nginx/nginx.conf",
          ("events {}\nhttp { server { listen 80; server_name a.test; root /srv/app; location /" +
           han + " { alias /srv/" + han + "/; } } }\n").encode())
    write(root + "/srv/app/.env", b"DB_PASSWORD=" + planted(b"kq83" + b"Jx0aLmW29ePz") + b"\n")
    os.symlink("/srv/none/such", root + "/etc/nginx/sites")
    color = ("--color", "never")
    whole = Terminal(root, 1000, *color).read().decode().split("\r\n")
    kinds = ("at ", "why", "fix")
    for columns in (30, 60, 80, 131):
        text = Terminal(root, columns, *color).read().decode().split("\r\n")
        words = [x.split() for x in ("\n".join(text), "\n".join(whole))]
        result(words[0] == words[1], "%d columns: no word is lost or broken" % columns, text)
        bad = [x for x in text if width(x) > columns and " " in x[10:].strip() and
               x not in whole]
        result(not bad, "%d columns: what is broken keeps to them" % columns, bad)
        messages = "\n".join(text).split("\n\n")[:-1]
        hang = [y for x in messages for y in x.split("\n    at")[0].split("\n")[1:]]
        result((hang or columns > 80) and all(re.match(r" {10}\S", x) for x in hang),
               "%d columns: what follows hangs under the message" % columns, hang)
    result(all(any(x[4:7] == kind for x in whole) for kind in kinds),
           "the report has every kind of line", kinds)

    def piped(**env):
        return subprocess.run([SRVAUDIT, "--root", root], stdout=subprocess.PIPE, check=False,
                              env=dict({k: v for k, v in os.environ.items() if k != "COLUMNS"},
                                       **env)).stdout.decode().split("\n")
    result(piped() == whole, "a pipe has no width", piped())
    narrow = piped(COLUMNS="50")
    result(len(narrow) > len(whole) and max(width(x) for x in narrow if x.startswith("Look")) <= 50,
           "but COLUMNS gives it one", narrow)
    for bad in ("", "x", "-4", "99999999999999999999"):
        result(piped(COLUMNS=bad) == whole, "COLUMNS=%s is none" % bad)
    out = root + "/report"
    Terminal(root, 30, "-o", out).read()
    with open(out, encoding="utf-8") as f:
        result(f.read().split("\n") == whole, "a file has neither width nor colour")


def color_tests(root):
    piped = subprocess.run([SRVAUDIT, "--root", root, "--color", "always"], stdout=subprocess.PIPE,
                           check=False).stdout
    result(painted(piped), "--color always paints a pipe")
    for want, env, args in ((True, {}, ()), (True, {}, ("--color", "auto")),
                            (False, {}, ("--color=never",)), (False, {"NO_COLOR": "1"}, ()),
                            (True, {"NO_COLOR": ""}, ()), (False, {"TERM": "dumb"}, ()),
                            (True, {"NO_COLOR": "1"}, ("--color", "always")),
                            (False, {}, ("-f", "json"))):
        raw = Terminal(root, 80, *args, env=env).read()
        result(painted(raw) == want, "colour on a terminal: %s %s" % (env, " ".join(args)), raw)


def slow_tests():
    root = make_root(4000)
    try:
        began = time.monotonic()
        Terminal(root, 70, "--no-progress").read()
        took = time.monotonic() - began
        for args, name, want in (((), "after half a second the line is shown", True),
                                 (("--no-progress",), "but not with --no-progress", False)):
            raw = stopped(root, took, args, want)
            result(bool(steps(raw)) == want, name, raw[-600:])
            result(all(width(x) < 70 for x in steps(raw)), "in one line", steps(raw))
        raw = stopped(root, took, ("--color", "never"), False, foreground=False)
        result(not steps(raw), "not in the background", raw[-600:])
    finally:
        shutil.rmtree(root, ignore_errors=True)


def stopped(root, took, args, want, foreground=True):
    """A run that is halted on its way, so that it takes longer than half a second."""
    for part in (0.5, 0.3, 0.7, 0.2, 0.4, 0.6, 0.1, 0.8):
        child = Terminal(root, 70, *args, foreground=foreground)
        time.sleep(took * part)
        child.child.send_signal(signal.SIGSTOP)
        time.sleep(0.7)
        child.child.send_signal(signal.SIGCONT)
        raw = child.read()
        if steps(raw) or not want:
            break
    return raw


def main():
    for test in (progress_tests, hostile_names, width_tests, color_tests):
        root = make_root()
        try:
            test(root)
        finally:
            shutil.rmtree(root, ignore_errors=True)
    slow_tests()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


sys.exit(main())
