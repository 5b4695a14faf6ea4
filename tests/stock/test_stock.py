#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Well-kept configurations give no alarm, and each protecting line that is taken out gives its own."""
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
PASSWORD = planted("t7" + "Kq83Jx0aLmW29e")

TREE = {
    "/etc/passwd": "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/usr/sbin/nologin\n",
    "/etc/group": "root:x:0:\nwww-data:x:33:\n",
    "/etc/hostname": "a\n",
    "/srv/app/index.php": "<?php echo 1;\n",
    "/srv/app/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "/srv/app/.git/HEAD": "ref: refs/heads/main\n",
    "/srv/app/.git/config": "[core]\n\tbare = false\n",
    "/srv/app/config.php.bak": "<?php $db_password = '" + PASSWORD + "';\n",
    "/srv/app/dump.sql": "INSERT INTO users VALUES (1);\n",
    "/srv/app/debug.log": "2026-01-02 10:11:12 a\n2026-01-02 10:11:13 b\n",
    "/srv/app/admin/settings.php.old": "<?php $db_password = '" + PASSWORD + "';\n",
    "/srv/app/reports/users.dump": "PGDMP\x01\x0e\x00\x04\x08\x01\x01" + "x" * 64,
    "/srv/files/a.pdf": "%PDF-1.4\n",
    "/srv/media/up.php": "<?php echo 2;\n",
}

def audit(root, *paths):
    got = subprocess.run([SRVAUDIT, "--root", root, "-f", "json", *paths], capture_output=True,
                         timeout=60, check=False)
    report = json.loads(got.stdout)
    above = sorted({f["check"] for f in report["findings"] if f["severity"] != "info"})
    told = ["%s %s:%s %s" % (f["check"], f.get("file"), f.get("line"), f["message"])
            for f in report["findings"] if f["severity"] != "info"]
    told += ["skipped %s: %s" % (s["path"], s["reason"]) for s in report["coverage"]["skipped"]]
    return above, told, report


def write(root, path, text):
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "w", encoding="latin-1") as f:
        f.write(text)


def hardened(root):
    for path, text in TREE.items():
        write(root, path, text)
    os.symlink("/etc", root + "/srv/app/link")
    with open(os.path.join(HERE, "hardened.conf"), encoding="utf-8") as f:
        lines = f.read().split("\n")
    write(root, "/etc/nginx/nginx.conf", "\n".join(lines))
    above, told, _ = audit(root)
    result(not above, "hardened: nothing above info", "\n".join(told))
    for i, line in enumerate(lines):
        mark = re.search(r"# without: ([a-z].*)$", line)
        if not mark:
            continue
        write(root, "/etc/nginx/nginx.conf", "\n".join(lines[:i] + [""] + lines[i + 1:]))
        above, told, _ = audit(root)
        result(above == sorted(mark.group(1).split()), "without " + line.split("#")[0].strip(),
               "expected %s\n%s" % (mark.group(1), "\n".join(told)))


PHP_SITE = """server {
    listen 80;
    server_name a.example.com;
    root /var/www/shop;
    index index.php;
    location / { try_files $uri $uri/ =404; }
    location ~ \\.php$ {
        include snippets/fastcgi-php.conf;
        fastcgi_pass unix:/run/php/php8.2-fpm.sock;
    }
    location ~ /\\.ht { deny all; }
}
"""


def debian(root):
    """The package's own files, and the site that its comments suggest."""
    if not os.path.exists("/etc/nginx/snippets/fastcgi-php.conf"):
        skipped("Debian's nginx", "the package is not installed")
        return
    shutil.copytree("/etc/nginx", root + "/etc/nginx", symlinks=True)
    for path in ("/etc/passwd", "/etc/group"):
        write(root, path, TREE[path])
    write(root, "/var/www/html/index.nginx-debian.html", "<html></html>\n")
    for link in os.listdir(root + "/etc/nginx/modules-enabled"):
        os.unlink(root + "/etc/nginx/modules-enabled/" + link)
    above, told, report = audit(root)
    result(not above and not report["coverage"]["skipped"], "Debian's nginx: nothing above info",
           "\n".join(told))
    write(root, "/etc/nginx/conf.d/php.conf", PHP_SITE)
    write(root, "/var/www/shop/index.php", "<?php echo 1;\n")
    above, told, _ = audit(root)
    result(not above, "Debian's nginx with PHP: nothing above info", "\n".join(told))


def debian_apache(root):
    """Every directive of the package's own files is known, with each of the MPMs."""
    if not os.path.exists("/etc/apache2/mods-available/mpm_prefork.conf"):
        skipped("Debian's apache2", "the package is not installed")
        return
    shutil.copytree("/etc/apache2", root + "/etc/apache2", symlinks=True)
    for path in ("/etc/passwd", "/etc/group"):
        write(root, path, TREE[path])
    write(root, "/var/www/html/index.html", "<html></html>\n")
    enabled = root + "/etc/apache2/mods-enabled/"
    for mpm in ("prefork", "worker", "event"):
        for link in os.listdir(enabled):
            if link.startswith("mpm_"):
                os.unlink(enabled + link)
        for end in (".conf", ".load"):
            os.symlink("../mods-available/mpm_%s%s" % (mpm, end), enabled + "mpm_" + mpm + end)
        _, told, report = audit(root)
        result(not report["coverage"]["skipped"], "Debian's apache2 with mpm_%s: all read" % mpm,
               "\n".join(told))
    write(root, "/etc/apache2/mods-available/mpm_event.conf", "MinSpareServer 5\n")
    _, told, report = audit(root)
    result(report["coverage"]["skipped"], "a directive that nobody knows is still told",
           "\n".join(told))


def main():
    for test in (hardened, debian, debian_apache):
        in_folder(test)
    return finish()


sys.exit(main())
