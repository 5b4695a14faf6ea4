#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Configurations by the ten thousand lines take time and memory by their size, not its square."""
import os
import resource
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
FILES = 500
MEMORY = 1 << 30  # of addresses, of which threads reserve some; each takes less than 300 MB

MODULES = ("mpm_event", "authz_core", "alias", "dir", "rewrite")
HTTPD = "User www-data\nListen 80\n%s" % "".join(
    "LoadModule %s_module modules/mod_%s.so\n" % (x, x) for x in MODULES)
SERVED = "DocumentRoot /srv/d\n<Directory /srv/d>\nRequire all granted\n</Directory>\n"


def times(n, text):
    """The text n times with its number for each %d, and its two bytes for each %s."""
    return "".join(text.replace("%d", str(i)).replace("%s", "%d.%d" % (i >> 8, i & 255))
                   for i in range(n))


def audit(root, kind, seconds, where, text):
    """One finding a file. `seconds` is several times what it takes, and less than half of what it
    took when each line was compared with each file or each other line."""
    def bound():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    write(root, where, text)
    with open(os.environ.get("SRVAUDIT_PROGRAM", SRVAUDIT), "rb") as f:
        sanitized = b"__asan_init" in f.read()
    got = subprocess.run([SRVAUDIT, "--root", root, "--jobs", "1", where],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         universal_newlines=True, preexec_fn=None if sanitized else bound)
    result(got.returncode in (0, 1), kind, "%d %s" % (got.returncode, got.stderr[-500:]))
    # Text: 256 URLs a file would fill what `make check` keeps.
    last = got.stdout.rstrip().rsplit("\n", 1)[-1]
    number = last.split(" ", 1)[0]
    served = number.isdigit() and int(number) >= FILES
    if "denied" in kind:
        result(not served, "%s: no file has a finding" % kind, last)
    else:
        result(served, "%s: each file has its finding" % kind, last)


HTTPD_KINDS = (
    ("10,000 virtual hosts on one folder", 15, SERVED + times(
        10000, "<VirtualHost *:80>\nServerName s%d.test\nDocumentRoot /srv/d\n</VirtualHost>\n")),
    ("10,000 virtual hosts with addresses of their own", 15, SERVED + times(
        10000, "Listen 10.0.%s:80\n<VirtualHost 10.0.%s:80>\nServerName s%d.test\n"
               "DocumentRoot /srv/d\n</VirtualHost>\n")),
    ("20,000 rules to paths", 10, SERVED + "RewriteEngine On\n" + times(
        20000, "RewriteRule ^/r%d/(.*)$ /d%d/$1 [L]\n")),
    ("20,000 rules, all denied", 8, SERVED.replace("granted", "denied") + "RewriteEngine On\n" +
     times(20000, "RewriteRule ^/r%d/(.*)$ /d%d/$1 [L]\n")),
    ("20,000 aliases of one folder", 5, SERVED + times(20000, "Alias /a%d/ /srv/d/\n")),
    ("100,000 sections of names", 10, SERVED + times(
        100000, "<Files l%d.x>\nRequire all denied\n</Files>\n")),
)
NGINX_KINDS = (
    ("20,000 servers with addresses of their own", 8, times(
        20000, "server { listen 10.0.%s:80; server_name s%d.test; root /srv/d; }\n")),
    ("20,000 rules to paths", 4, "server {\nroot /srv/d;\n%s}\n" % times(
        20000, "rewrite ^/r%d/(.*)$ /d%d/$1 last;\n")),
)


def main(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    for i in range(FILES):
        write(root, "/srv/d/%d.sql" % i, "INSERT INTO a VALUES (1);\n")
    for kind, seconds, text in HTTPD_KINDS:
        audit(root, "httpd: " + kind, seconds, "/etc/apache2/apache2.conf", HTTPD + text)
    for kind, seconds, text in NGINX_KINDS:
        audit(root, "nginx: " + kind, seconds, "/etc/nginx/nginx.conf",
              "user www-data;\nevents {}\nhttp {\n%s}\n" % text)


in_folder(main)
sys.exit(finish())
