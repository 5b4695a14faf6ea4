#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What packages ship: no alarm; the same values in settings: one. All are drawn from a seed.
"""
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import templates  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS = 5


class Cases:
    """Texts with values that count and with values that do not."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.texts, self.alarms, self.quiet = [], [], []

    def value(self, n=24):
        return templates.password(self.rng, n)

    def add(self, path, text, alarm, value=None):
        value = value or self.value()
        self.texts.append((path, text.replace("{}", value)))
        (self.alarms if alarm else self.quiet).append(path)





def settings(c):
    """What must go on being found, next to each of the above."""
    c.add("/srv/set/a", "password = {}\n", True)
    c.add("/srv/set/b", "define('SECRET_KEY', '{}');\n", True)
    c.add("/srv/set/c", "EMAIL_PASSWORD={}\n", True, templates.pick(c.rng, templates.CLASSES["l"], 16))
    c.add("/srv/set/d", "curl -u admin:{} https://a.example/\n", True, templates.pick(
        c.rng, templates.CLASSES["a"], 20))
    c.add("/srv/set/e", "export OS_PASSWORD={}\n", True)
    c.add("/srv/set/f", "vrrp_instance a {\n  auth_pass {}  # x\n}\n", True, "k3x9w2qz")


def dpkg(c, root):
    """Files that are as a package ships them, and the same with one byte more."""
    sums, status = [], ["Package: p", "Status: install ok installed", "Conffiles:"]
    for path, conffile, changed in (("/etc/p/a.conf", True, False), ("/etc/p/b.conf", True, True),
                                    ("/usr/lib/p/a.conf", False, False),
                                    ("/usr/lib/p/b.conf", False, True),
                                    ("/usr/lib/merged/a.conf", False, False)):
        c.add(path, "key = 1\nencryption_key = \"{}\";\npassword = \"{}\"\n", changed)
        text = c.texts[-1][1]
        shipped = hashlib.md5(text.encode()).hexdigest()
        if changed:
            c.texts[-1] = (path, text + "#\n")
        if conffile:
            status.append(" %s %s" % (path, shipped))
        else:
            sums.append("%s  %s\n" % (shipped, path[5 if "merged" in path else 1:]))
    c.add("/etc/p/c.conf", "password = \"{}\"\n", True)
    os.makedirs(root + "/var/lib/dpkg/info")
    with open(root + "/var/lib/dpkg/info/p:amd64.md5sums", "w", encoding="utf-8") as f:
        f.write("".join(sums) + "short\n%s\n" % ("0" * 40))
    with open(root + "/var/lib/dpkg/status", "w", encoding="utf-8") as f:
        f.write("\n".join(status) + "\n /etc/p/c.conf newconffile\nVersion: 1\n\nPackage: q\n")


def both_ways(c):
    """Commented out in one file says nothing about the file where it is not."""
    value = c.value()
    c.add("/srv/two/a.conf", "# password = {}\n", False, value)
    c.add("/srv/two/b.conf", "password = {}\n", True, value)


def run(root, seed):
    c = Cases(seed)
    for kind in (settings, both_ways):
        kind(c)
    dpkg(c, root)
    for path, text in c.texts:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="utf-8") as f:
            f.write(text)
    got = subprocess.run([SRVAUDIT, "secrets", "-v", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    findings = json.loads(got.stdout)["findings"]
    found = {f["file"] for f in findings if f["severity"] != "info"}
    missed = sorted(set(c.alarms) - found)
    result(not missed, "seed %d: all of %d secrets" % (seed, len(c.alarms)), "\n".join(missed))
    wrong = sorted(found & set(c.quiet))
    result(not wrong, "and none of %d neighbours" % len(c.quiet), "\n".join(
        "%s %s" % (path, [f["check"] for f in findings if f["file"] == path]) for path in wrong))
    named = {f["file"] for f in findings if "as the package p ships it" in f["message"]}
    result(named == {"/etc/p/a.conf", "/usr/lib/p/a.conf", "/usr/lib/merged/a.conf"},
           "what a package ships is called so", sorted(named))


def main():
    for seed in range(SEEDS):
        in_folder(lambda root: run(root, seed))
    return finish()


sys.exit(main())
