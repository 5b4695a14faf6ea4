#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A folder that cannot be listed is told as not read, whoever had asked for its entries."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

FOLDERS = (("/etc/nginx/a", "a pattern of nginx's include"),
           ("/etc/apache2/c", "a pattern of httpd's IncludeOptional"),
           ("/srv/b", "the folder of an alias's folder"),
           ("/srv/app/config", "the settings of a project"),
           ("/root/.docker/contexts/meta", "the contexts of Docker's client"),
           ("/home/alice/.ssh", "a home's keys"))


def host(root):
    """A link to itself cannot be listed by root either."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")
    write(root, "/etc/group", "root:x:0:\n")
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp {\ninclude /etc/nginx/a/*.conf;\nserver { "
          "listen 80; root /srv/www; location /x { alias /srv/b/f; } }\n}\n")
    write(root, "/etc/apache2/apache2.conf", "Listen 80\nIncludeOptional /etc/apache2/c/*.conf\n"
          "DocumentRoot /srv/www\n")
    write(root, "/srv/www/index.html", "x\n")
    write(root, "/srv/app/artisan", "x\n")
    write(root, "/srv/app/composer.json", "{}\n")


def unlisted(root):
    host(root)
    for path, _ in FOLDERS:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        os.symlink(os.path.basename(path), root + path)
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    skipped = [s["path"] for s in json.loads(got.stdout)["coverage"]["skipped"]]
    for path, what in FOLDERS:
        result(skipped.count(path) == 1, "%s: told once" % what, skipped)


def absent(root):
    host(root)
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    result(json.loads(got.stdout)["coverage"]["skipped"] == [], "folders that are not there are no gap",
           got.stdout[-2000:])


in_folder(unlisted)
in_folder(absent)
sys.exit(finish())
