#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More secrets than the inventory asks servers and owners about: the most severe come first."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
FILES, KEYS = 2400, 40


def inventory(root, *paths):
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", *paths],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return json.loads(got.stdout)


def passwords():
    return planted(["Kq!" + os.urandom(12).hex() + "?z" for _ in range(FILES)])


def keys():
    """GitLab's tokens are told by their beginning, passwords by their names alone."""
    return planted(["glpat" + "-" + os.urandom(10).hex() for _ in range(KEYS)])


def host(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")


def served(root):
    host(root)
    write(root, "/etc/nginx/nginx.conf",
          "user www-data;\nevents {}\nhttp { server { listen 80; root /srv/www; } }\n")
    for i, value in enumerate(passwords()):
        write(root, "/srv/www/%d.txt" % i, "password = %s\n" % value)
    for i, value in enumerate(keys()):
        write(root, "/srv/www/a%d.txt" % i, "x %s\n" % value)
    report = inventory(root)
    critical = [f for f in report["findings"] if f["severity"] == "critical"]
    result(len(critical) == KEYS and all("It has the URL" in f["fix"] for f in critical),
           "the servers are asked for the keys before they are asked for passwords",
           len(critical))
    left = [s["reason"] for s in report["coverage"]["skipped"]]
    real = sum(f["severity"] != "info" for f in report["findings"])
    result(real > 2001 and len(left) == 1 and "and for %d more files" % (real - 2001) in left[0],
           "and it is said for how many files they were not asked", left)


def owned(root):
    host(root)
    for i, value in enumerate(passwords()):
        write(root, "/srv/p/%d.env" % i, "password = %s\n" % value, 0o600)
    for i, value in enumerate(keys()):
        write(root, "/srv/p/a%d.env" % i, "x %s\n" % value)
    high = [f for f in inventory(root, "/srv")["findings"] if f["severity"] == "high"]
    result(len(high) == KEYS and not any("was not looked for" in f["fix"] for f in high),
           "whom a file is for is looked up where others can read it", high[:1])


in_folder(served)
in_folder(owned)
sys.exit(finish())
