#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Backups that others can read, beyond what is searched of them: what was left out is said."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

CHECK = "host.credentials-file-readable"


def audit(root):
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json", "--only", CHECK],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    return {(s["path"], s["reason"]) for s in json.loads(got.stdout)["coverage"]["skipped"]}


def sized(root, name, size):
    write(root, "/var/backups/" + name, "")
    os.truncate("%s/var/backups/%s" % (root, name), size)


def machine(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")
    write(root, "/etc/group", "root:x:0:\nalice:x:1000:\n")


def packed(root):
    """Texts shrink tenfold when they are packed, and the search reads them unpacked."""
    machine(root)
    sized(root, "a.sql.gz", 110 << 20)
    sized(root, "b.sql", 110 << 20)
    left = {s for s in audit(root) if s[0] == "/var/backups"}
    result(len(left) == 1 and "1 file that others can read is beyond the first 1024 MiB" in
           next(iter(left))[1], "a packed backup counts tenfold", left)


def full(root):
    """More files than are taken do not hide that some were left out before."""
    machine(root)
    sized(root, "a.sql", 1100 << 20)
    for folder in range(4):
        write(root, "/var/backups/%d/0.txt" % folder, "")
        for i in range(25001):
            os.link("%s/var/backups/%d/0.txt" % (root, folder),
                    "%s/var/backups/%d/_%d.txt" % (root, folder, i))
    said = audit(root)
    result(any("more than 100000 files" in reason for _, reason in said), "too many files are said",
           said)
    result(any("1 file that others" in reason for _, reason in said),
           "and so is the one that was too large", said)


in_folder(packed)
in_folder(full)
sys.exit(finish())
