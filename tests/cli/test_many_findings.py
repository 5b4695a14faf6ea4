#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Findings by the ten thousand take processor time by their number, not by its square."""
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
FILES = 16384


def served(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/nginx/nginx.conf",
          "user www-data;\nevents {}\nhttp { server { listen 80; root /srv/www; } }\n")
    values = planted([os.urandom(12).hex() for _ in range(FILES)])
    for i, value in enumerate(values):
        write(root, "/srv/www/%s%d.env" % (os.urandom(4).hex(), i), "password = %s\n" % value)


def bound():
    """Eight times what it takes, less than half of what it took when each looked through all."""
    resource.setrlimit(resource.RLIMIT_CPU, (10, 10))


def run(root, *args):
    with open(os.environ.get("SRVAUDIT_PROGRAM", SRVAUDIT), "rb") as f:
        sanitized = b"__asan_init" in f.read()
    # Text: the digests of so many findings hold eight digits of anything by chance.
    got = subprocess.run([SRVAUDIT, "--root", root, *args],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         universal_newlines=True, preexec_fn=None if sanitized else bound)
    return got, got.stdout.rstrip().rsplit("\n", 1)[-1]


def many(root):
    served(root)
    got, last = run(root, "--only", "web.served-*")
    result(got.returncode == 1, "served secrets in %d files" % FILES,
           "%d %s" % (got.returncode, got.stderr[-500:]))
    result(last.startswith("%d findings: " % FILES), "each has its finding", last)


def servers(root):
    """10,000 servers of every kind of name hand out the same 500 dumps."""
    names = ("s%d.test", "*.w%d.test", "t%d.*", ".d%d.test", "~^r%d\\.x$")
    text = "".join("server { server_name %s; root /srv/d; }\n" % (names[i % 5] % i)
                   for i in range(10000))
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp {\n%s}\n" % text)
    for i in range(500):
        write(root, "/srv/d/%d.sql" % i, "INSERT INTO a VALUES (1);\n")
    got, last = run(root, "--only", "web.served-dump")
    result(got.returncode == 1, "dumps of 10,000 servers",
           "%d %s" % (got.returncode, got.stderr[-500:]))
    result(last.startswith("500 findings: "), "each has its finding", last)


in_folder(many)
in_folder(servers)
sys.exit(finish())
