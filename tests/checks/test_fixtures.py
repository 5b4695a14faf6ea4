#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every case below tests/checks (see README.md there) and the meta test of the check list."""
import binascii
import json
import os
import random
import re
import shutil
import string
import subprocess
import sys
import tempfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets"), os.path.join(TESTS, "live")]
sys.dont_write_bytecode = True

import templates  # noqa: E402
from live_tree import LIVE_CHECKS  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, result  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SRVAUDIT = os.environ["SRVAUDIT"]
ALNUM = string.ascii_letters + string.digits
PASSWD = """root:x:0:0::/root:/bin/sh
daemon:x:1:1::/:/bin/false
www-data:x:33:33::/var/www:/bin/false
alice:x:1000:1000::/home/alice:/bin/sh
bob:x:1001:1001::/home/bob:/bin/sh
nobody:x:65534:65534::/:/bin/false
"""
GROUP = "root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nalice:x:1000:\nbob:x:1001:\nnogroup:x:65534:\n"
IDS = {line.split(":")[0]: int(line.split(":")[2]) for line in (PASSWD + GROUP).split()}
NGINX = """user www-data;
events {}
http {
    types { text/html html; }
    include /etc/nginx/conf.d/*.conf;
    include /etc/nginx/sites-enabled/*;
}
"""
APACHE_MODULES = """access_compat alias auth_basic authn_core authn_file authz_core authz_host
authz_user autoindex cgid dir dumpio env filter headers include info macro mime negotiation proxy
proxy_fcgi proxy_http remoteip rewrite setenvif ssl status userdir vhost_alias"""
APACHE = """ServerRoot "/etc/apache2"
ServerName localhost
User www-data
Group www-data
Listen 80
%s
<Directory />
    Require all denied
</Directory>
<Directory /srv>
    Require all granted
</Directory>
<FilesMatch "^\\.ht">
    Require all denied
</FilesMatch>
IncludeOptional /etc/apache2/sites-enabled/*.conf
""" % "\n".join("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so" % (m, m)
                for m in APACHE_MODULES.split())

KEYS = {
    "private-key": ("PRIVATE " + "KEY", templates.BODIES[""]),
    "encrypted-key": ("ENCRYPTED PRIVATE " + "KEY", templates.BODIES["ENCRYPTED"]),
    "openssh-key": ("OPENSSH PRIVATE " + "KEY", templates.BODIES["OPENSSH"]),
    "openssh-encrypted-key": ("OPENSSH PRIVATE " + "KEY",
                              lambda rng: templates.openssh(rng, b"aes256-ctr", b"bcrypt")),
}


def pick(rng, alphabet, count):
    return "".join(rng.choice(alphabet) for _ in range(count))


def base62_crc(body):
    value, out = binascii.crc32(body.encode()), ""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    while value:
        value, rest = divmod(value, 62)
        out = digits[rest] + out
    return out.rjust(6, "0")


def token(kind, case, number):
    rng = random.Random("%s/%s/%s" % (kind, case, number))
    body = pick(rng, ALNUM, 30)
    if kind == "openai":
        return "sk-" + "proj-" + "T3Blbk".join([pick(rng, ALNUM, 58), "FJ" + pick(rng, ALNUM, 58)])
    if kind == "github":
        return "ghp" + "_" + body + base62_crc(body)
    if kind == "stripe":
        return "sk" + "_live_" + pick(rng, ALNUM, 24)
    if kind == "password":
        return pick(rng, ALNUM, 20)
    if kind == "bcrypt":
        return "$2y$10$" + pick(rng, ALNUM, 53)
    if kind in KEYS:
        label, body = KEYS[kind]
        return templates.armoured(label, body(rng))
    raise ValueError("unknown token kind " + kind)


def expand(text, case):
    def one(match):
        return planted(token(match.group(1), case, match.group(2) or "1"))
    return re.sub(r"@@TOKEN:([a-z0-9-]+)(?::(\d+))?@@", one, text)


def unescape(text):
    text = re.sub(r"\\(.)", lambda m: "\\x20" if m.group(1) == "s" else m.group(0), text)
    return text.encode("latin-1", "backslashreplace").decode("unicode_escape").encode("latin-1")


class Tree:
    def __init__(self, case_dir, root):
        self.case_dir, self.root = case_dir, root
        self.case = os.path.relpath(case_dir, HERE)
        self.made = set()

    def path(self, word):
        path = unescape(word)
        full = os.fsencode(self.root) + path
        os.makedirs(os.path.dirname(full), exist_ok=True)
        self.made.add(path)
        return full

    def write(self, path, data, mode=0o644):
        with open(path, "wb") as f:
            f.write(data)
        os.chmod(path, mode)

    def source(self, name):
        with open(os.path.join(self.case_dir, "files", name.lstrip("/")), encoding="utf-8") as f:
            return expand(f.read(), self.case).encode()

    def line(self, line):
        text = None
        if " = " in line:
            line, text = line.split(" = ", 1)
            text = unescape(expand(text, self.case))
        words = line.split()
        kind, path = words[0], words[1]
        if "<" in words:
            text = self.source(words[words.index("<") + 1])
            words = words[:words.index("<")]
        full = self.path(path)
        if kind == "file":
            self.write(full, self.source(path) if text is None else text)
        elif kind == "dir":
            os.makedirs(full, exist_ok=True)
        elif kind == "link":
            os.symlink(words[2], full)
        elif kind == "fifo":
            os.mkfifo(full)
        elif kind == "owner":
            user, group = words[2].split(":")
            mode = os.lstat(full).st_mode
            os.chown(full, IDS[user], IDS[group])
            if mode & 0o6000:  # which chown() takes away from programs
                os.chmod(full, mode & 0o7777)
        elif kind == "sparse":
            with open(full, "wb") as f:
                f.truncate(int(words[2]))
        if kind in ("file", "dir", "fifo") and len(words) > 2:
            os.chmod(full, int(words[2], 8))

    def build(self):
        with open(os.path.join(self.case_dir, "tree"), encoding="utf-8") as f:
            lines = [x.rstrip("\n") for x in f if x.strip() and not x.startswith("#")]
        bare = "bare" in lines
        for line in lines:
            if line != "bare":
                self.line(line)
        if bare:
            return
        given = [("/etc/passwd", PASSWD), ("/etc/group", GROUP)]
        apache = any(path.startswith(b"/etc/apache2/") for path in self.made)
        if apache:
            given.append(("/etc/apache2/apache2.conf", APACHE))
        if not apache or any(path.startswith(b"/etc/nginx/") for path in self.made):
            given.append(("/etc/nginx/nginx.conf", NGINX))
        for path, text in given:
            if path.encode() not in self.made:
                self.write(self.path(path), text.encode())


def problems(expect, report, check):
    out, fired, skips = [], [], []
    new = [f for f in report["findings"] if f["state"] == "new"]
    only = False
    for words in expect:
        kind = words[0]
        ident = words[1] if len(words) > 1 else ""
        ident = check if ident == "@" else ident
        if kind == "fire":
            place = words[3] if len(words) > 3 else ""
            hits = [f for f in new if f["check"] == ident and f["severity"] == words[2] and
                    (not place or place in (f["file"], "%s:%d" % (f["file"], f.get("line", 0))))]
            fired += [id(f) for f in hits]
            if not hits:
                out.append("expected: " + " ".join(words))
        elif kind == "quiet":
            out += ["unexpected: " + f["message"] for f in new if f["check"] == ident]
        elif kind == "once":
            said = [f["message"] for f in new if f["check"] == ident]
            out += ["not once: " + m for m in said if len(said) != 1]
        elif kind == "suppressed":
            if not [f for f in report["findings"]
                    if f["check"] == ident and f["state"] == "suppressed" and f.get("reason")]:
                out.append("expected suppressed: " + ident)
        elif kind == "skipped":
            skips.append(" ".join(words[1:]))
        elif kind == "only":
            only = True
    if only:
        out += ["besides: " + f["message"] for f in new
                if f["severity"] != "info" and id(f) not in fired]
    seen = ["%s: %s" % (s["path"], s["reason"]) for s in report["coverage"]["skipped"]]
    out += ["nothing skipped with: " + s for s in skips if not any(s in x for x in seen)]
    if not skips:
        out += ["skipped: " + s for s in seen]
    return out


def needs_root(case_dir):
    with open(os.path.join(case_dir, "tree"), encoding="utf-8") as f:
        return any(line.startswith("owner ") for line in f)


def run_case(check, name):
    case_dir = os.path.join(HERE, check, name)
    if os.geteuid() != 0 and needs_root(case_dir):
        result(True, "%s/%s # SKIP owners are set by root only" % (check, name))
        return set()
    root = tempfile.mkdtemp(prefix="srvaudit-fixture-")
    os.chmod(root, 0o755)
    try:
        Tree(case_dir, root).build()
        with open(os.path.join(case_dir, "expect"), encoding="utf-8") as f:
            expect = [x.split() for x in f if x.strip() and not x.startswith("#")]
        run = subprocess.run([SRVAUDIT, "--root", root, "-f", "json"], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, timeout=60, check=False)
        report = json.loads(run.stdout)
        notes = "\n".join(problems(expect, report, check))
        kinds = {w[0] for w in expect if len(w) > 1 and w[1] in ("@", check)}
    except (ValueError, OSError, subprocess.TimeoutExpired) as error:
        notes, kinds = repr(error), set()
    finally:
        shutil.rmtree(root, ignore_errors=True)
    result(not notes, "%s/%s" % (check, name), notes)
    return kinds


def explained(check):
    text = subprocess.run([SRVAUDIT, "explain", check], stdout=subprocess.PIPE, check=False,
                          encoding="utf-8").stdout
    parts = re.split(r"\n(?:Why|Fix|Bad|Good)\n", text)
    return len(parts) == 5 and all(p.strip() for p in parts)


def main():
    listed = json.loads(subprocess.run([SRVAUDIT, "checks", "--format", "json"],
                                       stdout=subprocess.PIPE, check=True).stdout)
    checks = [c["id"] for c in listed]
    for check in checks:
        kinds, folder = set(), os.path.join(HERE, check)
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            kinds |= run_case(check, name)
        result({"fire", "quiet"} <= kinds or check in LIVE_CHECKS,
               check + " has a case that fires and a near miss")
        result(explained(check), check + " is explained with a bad and a good example")
    stray = [d for d in os.listdir(HERE) if os.path.isdir(os.path.join(HERE, d)) and d not in checks
             and d != "__pycache__"]
    result(not stray, "every fixture folder belongs to a check", " ".join(stray))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
