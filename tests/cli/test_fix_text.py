#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lines that a report advises are such that an administrator may paste them."""
import binascii
import json
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402
from files import write  # noqa: E402
from planted import planted  # noqa: E402

DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase


def token(seed):
    """A GitHub token whose checksum is right: 30 characters and their CRC32 in base62."""
    rng = random.Random(seed)
    body = "".join(rng.choice(DIGITS) for _ in range(30))
    value, out = binascii.crc32(body.encode()), ""
    while value:
        value, rest = divmod(value, 62)
        out = DIGITS[rest] + out
    return planted(("ghp" + "_" + body + out.rjust(6, "0")).encode())


def run(root, *args):
    return subprocess.run([os.environ["SRVAUDIT"], "secrets", "--root", root, *args],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)


def audit(root, *args):
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, *args], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=120, check=False)
    return got.stdout.decode()


def plant(root):
    os.chmod(root, 0o755)
    me, group = os.getuid(), os.getgid()
    write(root, "/etc/passwd", b"root:x:0:0::/root:/bin/sh\n"
          b"alice:x:1000:1000::/home/alice:/bin/sh\n" +
          (b"me:x:%d:%d::/:/bin/sh\n" % (me, group) if me else b""))
    write(root, "/etc/group", b"root:x:0:\nalice:x:1000:\n" +
          (b"me:x:%d:\n" % group if group else b""))
    write(root, "/home/alice/.pgpass", b"db:5432:app:app:" + planted(token(1)[4:24]) + b"\n")
    write(root, "/etc/logrotate.d/app", b"/var/log/app/*.log {\n  create 0644 root root\n}\n")
    write(root, "/var/log/app/closed.log", b"started\n", 0o640)
    write(root, "/var/log/other.log", b"GET /?access_token=" + token(2) + b"\n")
    write(root, "/etc/cron.d/job", b"5 2 * * * alice /opt/run.sh\n")
    write(root, "/opt/run.sh", b"#!/bin/sh\n", 0o777)
    for path in ("/srv/a", "/srv/b"):
        write(root, path, (b"t = " + token(3) + b"\n") * 9)


def application_logs(root):
    """A log names the setting of its own project, not that of another one."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
    for name, level, seed in (("one", b"debug", 40), ("two", b"info", 41)):
        write(root, "/etc/systemd/system/%s.service" % name,
              b"[Service]\nExecStart=/usr/bin/puma\nWorkingDirectory=/opt/%s\n" % name.encode())
        write(root, "/opt/%s/config/environments/production.rb" % name,
              b"Rails.application.configure do\n  config.log_level = :%s\nend\n" % level)
        write(root, "/opt/%s/log/production.log" % name, b"key " + token(seed) + b"\n")
    text = audit(root).split("\n\n")
    parts = {name: [p for p in text if "/opt/%s/log/production.log" % name in p]
             for name in ("one", "two")}
    tap.result(parts["one"] and "config.log_level = :debug" in parts["one"][0] and
               "/opt/one/config/environments/production.rb:2" in parts["one"][0],
               "a project's log and its setting", parts["one"])
    tap.result(parts["two"] and "config.filter_parameters" in parts["two"][0] and
               "log_level" not in parts["two"][0], "... and one that is not set", parts["two"])


HTTPD = b"""ServerRoot /etc/apache2
User www-data
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule rewrite_module modules/mod_rewrite.so
<Directory />
    AllowOverride None
    Require all granted
</Directory>
Listen 80
<VirtualHost *:80>
    ServerName shop.example.com
    DocumentRoot /srv/shop
</VirtualHost>
"""

NGINX = b"""events {}
http {
    server {
        listen 80;
        server_name shop.example.com;
        root /srv/shop;
    }
}
"""


def container_log(root):
    """--log-opt path= may name any folder: it is not closed."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", b"root:x:0:0::/root:/bin/sh\n")
    folder = "/var/lib/docker/containers/" + "4" * 64
    write(root, folder + "/config.v2.json", b'{"ID":"%s","Name":"/shop","Config":{},'
          b'"LogPath":"/var/log/shop.log"}' % (b"4" * 64), 0o600)
    write(root, folder + "/hostconfig.json", b"{}")
    write(root, "/var/log/shop.log", b"GET /?access_token=" + token(50) + b"\n")
    text = audit(root)
    tap.result("chmod 0640 /var/log/shop.log\n" in text and "0710" not in text and
               "shop.log" in audit(root, "--only", "docker.container-log-readable"),
               "a container's log in a folder of the system's", text)


def taken_back(root):
    """Nobody is locked out of a home, or a service of its state."""
    if os.geteuid() != 0:
        tap.skipped("what root runs from a home", "needs root")
        return
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", b"root:x:0:0::/root:/x\ndeploy:x:60:60::/home/deploy:/x\n"
          b"app:x:61:61::/var/lib/app:/x\ntool:x:62:62::/usr/local/tool:/x\n")
    write(root, "/etc/group", b"root:x:0:\n")
    jobs = (("/home/deploy", 60, 0o750), ("/var/lib/app", 61, 0o700), ("/etc/app", 61, 0o750),
            ("/usr/local/tool", 62, 0o755), ("/usr/local/jobs", 60, 0o755))
    for folder, owner, mode in jobs:
        write(root, folder + "/run.sh", b"#!/bin/sh\n", 0o755)
        for path in (folder, folder + "/run.sh"):
            os.chown(root + path, owner, owner)
        os.chmod(root + folder, mode)
    write(root, "/etc/cron.d/jobs", "".join("5 2 * * * root %s/run.sh\n" % j[0] for j in jobs))
    text = audit(root, "--only", "host.writable-cron")
    for folder, owner, _ in jobs:
        kept = folder != "/usr/local/jobs"
        move = "install -o root -g root -m 0755 %s/run.sh /usr/local/sbin/\n" % folder
        take = "chown root:root %s/run.sh %s\n" % (folder, folder)
        tap.result((move if kept else take) in text and (take if kept else move) not in text,
                   "%s %s" % (folder, "stays its owner's" if kept else "is taken back"), text)
    for name, user in (("own", b"User=deploy\n"), ("root", b"")):
        write(root, "/etc/systemd/system/%s.service" % name,
              b"[Service]\n%sExecStart=/srv/%s/run\n" % (user, name.encode()))
        write(root, "/srv/%s/run" % name, b"", 0o777)
        for path in ("/srv/" + name, "/srv/%s/run" % name):
            os.chown(root + path, 60, 60)
    text = audit(root, "--only", "systemd.exec-writable")
    tap.result("fix   chmod go-w /srv/own/run\n" in text and
               "install -o root -g root -m 0755 /srv/root/run /usr/local/sbin/\n" in text and
               "chown" not in text, "a unit's program, as its user and as root", text)


def ignored(name, htaccess):
    """What is advised for a .htaccess file that nobody reads, with what is in force around it."""
    with tempfile.TemporaryDirectory(prefix="srvaudit-fix-") as root:
        plant(root)
        write(root, "/srv/shop/index.html", b"shop")
        write(root, "/srv/shop/" + name, b"x")
        write(root, "/srv/shop/.htaccess", htaccess)
        write(root, "/etc/apache2/apache2.conf", HTTPD)
        httpd = audit(root, "--only", "apache.htaccess-ignored")
        os.unlink(root + "/etc/apache2/apache2.conf")
        write(root, "/etc/nginx/nginx.conf", NGINX)
        return httpd, audit(root, "--only", "apache.htaccess-ignored")


def ignored_parts():
    httpd, nginx = ignored("set.inc", b"<Files \"*.inc\">\nRequire all denied\n</Files>\n")
    tap.result("""<Directory "/srv/shop">
              <Files "*.inc">
                  Require all denied
              </Files>
          </Directory>""" in httpd, "a rule for some files does not close the whole folder", httpd)
    tap.result("location = /set.inc { return 404; }" in nginx, "nor under nginx", nginx)
    httpd, _ = ignored("set.inc", b"RewriteEngine On\nRewriteCond %{HTTPS} off\n"
                       b"RewriteRule \\.inc$ - [F]\n")
    tap.result("""<Directory "/srv/shop">
              RewriteEngine On
              RewriteCond %{HTTPS} off
              RewriteRule \\.inc$ - [F]
          </Directory>""" in httpd, "a RewriteRule keeps its conditions", httpd)


def ignored_whole():
    """What would close the site is not advised; a prompt or a list of addresses is taken over."""
    for text in (b"Require all denied\n", b"Order deny,allow\nDeny from all\n",
                 b"<FilesMatch \".*\">\nRequire all denied\n</FilesMatch>\n",
                 b"RewriteEngine On\nRewriteRule .* - [F]\n"):
        for told in ignored("set.inc", text):
            tap.result("the folder that is served as the site itself" in told and
                       "location" not in told and "<Directory" not in told,
                       "the site stays open: %r" % text, told)
    httpd, nginx = ignored("set.inc", b"AuthType Basic\nAuthName \"Shop staff\"\n"
                           b"AuthUserFile /etc/users\nRequire valid-user\n")
    tap.result("""<Directory "/srv/shop">
              AuthType Basic
              AuthName "Shop staff"
              AuthUserFile /etc/users
              Require valid-user
          </Directory>""" in httpd, "httpd: a password prompt", httpd)
    tap.result("""nginx's server:
          auth_basic "Shop staff";
          auth_basic_user_file /etc/users;""" in nginx, "nginx: the same", nginx)
    httpd, nginx = ignored("set.inc", b"<RequireAny>\nRequire ip 10.0.0.0/8\n"
                           b"Require ip 192.0.2.1\n</RequireAny>\n")
    tap.result("""<RequireAny>
                  Require ip 10.0.0.0/8
                  Require ip 192.0.2.1
              </RequireAny>""" in httpd, "httpd: addresses", httpd)
    tap.result("who may enter" in nginx, "nginx: the same", nginx)
    httpd, nginx = ignored("set.inc", b"Order deny,allow\nDeny from all\nAllow from 10.1.2.3\n")
    tap.result("Order deny,allow" in httpd and "denied" not in httpd, "httpd: old lines", httpd)
    tap.result("allow 10.1.2.3;\n          deny all;" in nginx, "nginx: the same", nginx)


def project_roots():
    """A project that is served whole, in place of its public/ folder."""
    with tempfile.TemporaryDirectory(prefix="srvaudit-fix-") as root:
        plant(root)
        write(root, "/srv/shop/artisan", b"#!/usr/bin/env php\n")
        write(root, "/srv/shop/public/index.php", b"<?php\n")
        write(root, "/srv/shop/.env", b"DB_PASSWORD=" + planted(token(5)[4:24]) + b"\n")
        write(root, "/srv/shop/notes.txt", b"key " + token(6) + b"\n")
        write(root, "/etc/nginx/nginx.conf", NGINX)
        text, full = audit(root, "--only", "web.served-*"), audit(root, "--only", "web.served-*", "-v")
        line = "at /etc/nginx/nginx.conf:6:\n          root /srv/shop/public;"
        tap.result(full.count(line) == 2 and "location = /.env { return 404; }" in text,
                   "nginx: the line that serves the public folder, and the rule", text)
        tap.result(text.count(line) == 1 and
                   "fix   Serve the project's public folder alone; at /etc/nginx/nginx.conf:6, as for "
                   "/srv/shop/.env:1\n          Until then:\n          in the server at /etc/nginx/nginx.conf:3:\n"
                   "          location = /notes.txt { return 404; }\n          Change the secret" in text,
                   "the line is said once, what each file needs for itself", text)
        write(root, "/srv/shop/index.html", b"<html></html>\n")
        os.unlink(root + "/srv/shop/artisan")
        text = audit(root, "--only", "web.served-*")
        tap.result("public" not in text and "Move the file" in text,
                   "a folder with a page of its own is what is served", text)
        os.unlink(root + "/srv/shop/index.html")
        os.unlink(root + "/etc/nginx/nginx.conf")
        write(root, "/etc/apache2/apache2.conf", HTTPD)
        text = audit(root, "--only", "web.served-env")
        tap.result("at /etc/apache2/apache2.conf:12:\n"
                   "          DocumentRoot \"/srv/shop/public\"" in text,
                   "httpd: the same", text)


def behind_a_proxy(root):
    """What the server that has the file is asked for decides, not the path at the proxy."""
    plant(root)
    write(root, "/srv/app/artisan", b"#!/usr/bin/env php\n")
    write(root, "/srv/app/public/index.php", b"<?php\n")
    write(root, "/srv/app/public/.env", b"DB_PASSWORD=" + planted(token(63)[4:24]) + b"\n")
    write(root, "/etc/nginx/nginx.conf", b"""events {}
http {
    server {
        listen 80;
        server_name shop.example.com;
        location /app/ { proxy_pass http://127.0.0.1:8080/; }
    }
    server {
        listen 127.0.0.1:8080;
        root /srv/app;
    }
}
""")
    text = audit(root, "--only", "web.served-env")
    tap.result("/app/public/.env" in text and "location = /public/.env { return 404; }" in text and
               "Move the file out of the served folder" in text and
               "root /srv/app/public" not in text,
               "a root that would still serve the file is not advised", text)
    os.rename(root + "/srv/app/public/.env", root + "/srv/app/.env")
    text = audit(root, "--only", "web.served-env")
    tap.result("at /etc/nginx/nginx.conf:10:\n          root /srv/app/public;" in text and
               "location = /.env { return 404; }" in text, "... one that would not is", text)


def ways_in(root):
    """A link or a mount that brings a file in is named, not the file."""
    plant(root)
    write(root, "/srv/shop/artisan", b"#!/usr/bin/env php\n")
    write(root, "/srv/shop/public/index.php", b"<?php\n")
    write(root, "/srv/shop/storage/app/public/a.txt", b"a\n")
    write(root, "/srv/shop/storage/logs/app.log", b"key " + token(60) + b"\n")
    write(root, "/srv/shop/storage/.env", b"DB_PASSWORD=" + planted(token(61)[4:24]) + b"\n")
    os.symlink("../storage", root + "/srv/shop/public/storage")
    os.symlink("public", root + "/srv/shop/web")
    write(root, "/etc/nginx/nginx.conf", NGINX.replace(b"/srv/shop", b"/srv/shop/web"))
    text = audit(root, "--only", "web.served-*")
    link = "/srv/shop/web/storage"
    tap.result("Remove the link %s, which leads to /srv/shop/storage." % link in text and
               "ln -sfn /srv/shop/storage/app/public /srv/shop/web/storage\n" in text and
               "Move the file" not in text, "a link out of the served folder", text)
    tap.result(text.count("storage/.env (") + text.count(".env (environment file)") == 1 and
               text.count("[web.served-") == 2, "a file behind a link is one finding", text)
    os.unlink(root + "/srv/shop/public/storage")
    os.unlink(root + "/etc/nginx/nginx.conf")
    shutil.rmtree(root + "/srv/shop")
    compose = (b"services:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n    volumes:\n"
               b"      - %s:/usr/share/nginx/html:ro\n")
    write(root, "/srv/app/compose.yaml", compose % b"./")
    write(root, "/srv/app/public/index.html", b"<html></html>\n")
    write(root, "/srv/app/.env", b"DB_PASSWORD=" + planted(token(62)[4:24]) + b"\n")
    write(root, "/srv/app/dump.sql", b"INSERT INTO a VALUES (1);\n")
    text = audit(root, "--only", "web.served-*")
    tap.result(text.count("at /srv/app/compose.yaml:6:\n"
                          "          ./public:/usr/share/nginx/html:ro\n") == 1 and
               "compose.yaml:6, as for /srv/app/.env:1\n" in text and "Until then" not in text and
               "root /usr" not in text, "a mount of the whole project, once", text)
    os.rename(root + "/srv/app/public/index.html", root + "/srv/app/index.html")
    text = audit(root, "--only", "web.served-*")
    tap.result("Mount a folder that holds nothing but public files" in text, "without such a folder",
               text)
    write(root, "/srv/app/compose.yaml", compose % b"./public")
    write(root, "/srv/app/public/dump.sql", b"INSERT INTO a VALUES (1);\n")
    text = audit(root, "--only", "web.served-*")
    tap.result("Move the file out" in text and "Mount" not in text,
               "a file in the folder that is meant to be mounted", text)


def who_reads_it():
    """Advice leaves the file to the program that it is for."""
    with tempfile.TemporaryDirectory(prefix="srvaudit-fix-") as root:
        plant(root)
        write(root, "/etc/passwd", b"root:x:0:0::/root:/x\nweb:x:50:50::/:/x\n")
        write(root, "/etc/group", b"root:x:0:\nwebs:x:50:\n")
        write(root, "/etc/nginx/nginx.conf", b"user web webs;\n" + NGINX.replace(
            b"listen 80;", b"listen 80; auth_basic a; auth_basic_user_file users;"))
        write(root, "/etc/nginx/users", b"a:$2y$05$" + planted(token(1)[4:] + token(2)[4:21]) +
              b"\n")
        write(root, "/etc/app/app.conf", b"token = " + token(3) + b"\n")
        text = audit(root, "--only", "host.credentials-file-readable")
        tap.result("fix   chgrp webs /etc/nginx/users; chmod 0640 /etc/nginx/users\n" in text,
                   "a file of passwords stays with the server's worker", text)
        tap.result("chmod o-rwx /etc/app/app.conf\n" in text and
                   ("chgrp to that one's group" in text or os.getuid() != 0),
                   "a file of root's may be read by a program of another user", text)


def left_to_its_program(root):
    """The audit and the inventory close a file alike, and leave it to the program that reads it."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", b"root:x:0:0::/root:/x\nwww-data:x:33:33::/:/x\n"
          b"redis:x:50:51::/:/x\ndeploy:x:60:60::/home/deploy:/x\njob:x:61:62::/:/x\n")
    write(root, "/etc/group", b"root:x:0:\nwww-data:x:33:\ndatabase:x:51:\ndeploy:x:60:\njobs:x:62:\n")
    write(root, "/etc/nginx/nginx.conf", b"user www-data;\nevents {}\nhttp {\n"
          b"server { listen 80; root /srv/shop/public; } }\n")
    write(root, "/srv/shop/public/index.html", b"<html></html>\n")
    write(root, "/etc/php/8.2/fpm/php-fpm.conf",
          b"[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php.sock\n"
          b"listen.owner = www-data\n")
    write(root, "/etc/systemd/system/pm2-deploy.service",
          b"[Service]\nUser=deploy\nExecStart=/usr/bin/pm2 resurrect\n")
    write(root, "/etc/systemd/system/job.service",
          b"[Service]\nUser=job\nWorkingDirectory=/srv/job\nExecStart=/bin/true\n")
    values = [planted(token(40 + i)[4:24]) for i in range(9)]
    write(root, "/etc/redis/redis.conf", b"requirepass " + values[0] + b"\n")
    write(root, "/etc/fstab", b"//nas/x /mnt cifs username=bob,password=" + values[1] + b" 0 0\n")
    write(root, "/etc/profile.d/key.sh", b"export API_TOKEN=" + values[2] + b"\n")
    write(root, "/etc/odd/odd.conf", b"api_token = " + values[3] + b"\n")
    write(root, "/etc/php/8.2/fpm/pool.d/b.conf", b"[b]\nenv[B_TOKEN] = " + values[8] + b"\n")
    write(root, "/etc/postfix/sasl_passwd", b"[smtp.test]:587 me:" + values[4] + b"\n")
    write(root, "/srv/shop/.env", b"DB_PASSWORD=" + values[5] + b"\n")
    write(root, "/srv/job/.env", b"DB_PASSWORD=" + values[6] + b"\n")
    write(root, "/srv/node/ecosystem.config.js",
          b"module.exports = { apps: [{ env: { DB_PASSWORD: '" + values[7] + b"' } }] };\n")
    advised = {
        "/etc/redis/redis.conf": "chgrp database {0}; chmod 0640 {0}\n",
        "/etc/fstab": "write credentials=FILE in place of username= and password=.\n",
        "/etc/profile.d/key.sh": "EnvironmentFile= in its unit. No mode helps here",
        "/etc/odd/odd.conf": "First, if a program reads it as a user of its own: chgrp to that "
                             "one's group.\nchmod o-rwx {0}\n",
        "/etc/php/8.2/fpm/pool.d/b.conf": "chmod 0600 {0}\n",
        "/etc/postfix/sasl_passwd": "chmod o-rwx {0}\nChange the secret",
        "/srv/shop/.env": "chgrp www-data {0}; chmod 0640 {0}\n",
        "/srv/job/.env": "chgrp jobs {0}; chmod 0640 {0}\n",
        "/srv/node/ecosystem.config.js": "chown deploy {0}; chmod 0600 {0}\n",
    }
    if os.getuid() != 0:
        return tap.skipped("files of root's", "needs root")
    for command in ((), ("secrets",)):
        got = subprocess.run([os.environ["SRVAUDIT"], *command, "--root", root, "-f", "json"],
                             stdout=subprocess.PIPE, timeout=60, check=False)
        fixes = {f["file"]: f["fix"] for f in json.loads(got.stdout)["findings"]}
        for path, text in advised.items():
            if command and path.endswith(".js"):
                tap.result("front end" not in fixes.get(path, "front end"),
                           "a file of pm2 is no front end", fixes.get(path))
            tap.result(text.format(path) in fixes.get(path, ""),
                       "%s: %s is left to its program" % (" ".join(command) or "audit", path),
                       fixes.get(path))
        tap.result("chmod" not in fixes["/etc/fstab"] + fixes["/etc/profile.d/key.sh"],
                   "what all have to read is not closed", fixes["/etc/fstab"])
    return None


def dotfiles(root):
    """The rule against dotfiles is advised where it closes the file."""
    os.chmod(root, 0o755)
    write(root, "/etc/nginx/nginx.conf", b"events {}\nhttp { server { listen 80; root /srv/web;\n"
          b"location /.well-known/ { } } }\n")
    key = planted(token(130)) + b"\n"
    for name in (".well-known/dump.sql", ".well-known/.env", "x/.env"):
        write(root, "/srv/web/" + name, b"GH_TOKEN=" + key if "env" in name
              else b"-- MySQL dump\nINSERT INTO a VALUES (1);\n")
    report = json.loads(audit(root, "-f", "json", "--only", "web.served-*"))
    fixes = {f["file"]: f["fix"] for f in report["findings"]}
    rule = r"location ~ /\.(?!well-known/) { return 404; }"
    for name, expected in ((".well-known/dump.sql", False), (".well-known/.env", True),
                           ("x/.env", True)):
        fix = fixes.get("/srv/web/" + name, "")
        tap.result("location = /%s { return 404; }" % name in fix and
                   (rule in fix) == expected, "the rule against dotfiles at %s" % name, fixes)


def engines(root):
    """Podman has no daemon and no group, and what is rootless is its user's."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", b"root:x:0:0::/root:/x\ndev:x:1000:1000::/home/dev:/x\n")
    write(root, "/etc/group", b"root:x:0:\ndev:x:1000:\n")
    unit = b"[Container]\nImage=docker.io/library/postgres:16\nPublishPort=5432:5432\n" \
           b"Environment=API_TOKEN="
    mine = "/home/dev/.config/containers/systemd/db.container"
    write(root, mine, unit + planted(token(131)[4:24]) + b"\n", 0o600)
    if os.getuid() == 0:
        os.chown(root + mine, 1000, 1000)
    write(root, "/etc/containers/systemd/db.container",
          unit + planted(token(133)[4:24]) + b"\n")
    write(root, "/opt/c/compose.yaml", b"services:\n  a:\n    image: adminer:4\n    ports: ['8080:8080']\n"
          b"    environment: {API_TOKEN: " + planted(token(132)[4:24]) + b"}\n"
          b"  p:\n    image: phpmyadmin/phpmyadmin\n    ports: ['8081:80']\n"
          b"  l:\n    image: phpmyadmin\n    ports: ['127.0.0.1:8082:80']\n")
    found = json.loads(audit(root, "-f", "json", "--only", "docker.*"))["findings"]
    for path, readers, first in (
            (mine, "root and the user who runs it: podman inspect", "unless a packet filter"),
            ("/etc/containers/systemd/db.container", "; root: podman inspect", "Podman's own rules"),
            ("/opt/c/compose.yaml", "the group docker: docker inspect", "Docker's own rules")):
        here = [f for f in found if f["file"] == path]
        secret = [f for f in here if f["check"] == "docker.secret-in-environment"]
        ports = [f for f in here if f["check"] == "docker.port-on-all-interfaces"]
        tap.result(len(secret) == 1 and readers in secret[0]["readers"] and
                   (path != mine or os.getuid() != 0 or secret[0]["readers"].startswith("user dev;")),
                   "who asks the engine: " + path, here)
        tap.result(bool(ports) and all(first in f["message"] for f in ports),
                   "whose packet filter comes first: " + path, here)
    pages = {f["message"].split(" of ")[0]: f["severity"] for f in found if f["file"].startswith("/opt")
             and f["check"] == "docker.port-on-all-interfaces"}
    tap.result(pages == {"Adminer": "medium", "phpMyAdmin": "medium"} and
               len([f for f in found if "phpMyAdmin" in f["message"]]) == 1,
               "pages that ask for a database's password", found)


def names_in_titles():
    with tempfile.TemporaryDirectory(prefix="srvaudit-fix-") as root:
        plant(root)
        write(root, "/opt/app/compose.yaml",
              b"services:\n  web:\n    image: app:1\n    env_file: [app.env]\n")
        write(root, "/opt/app/app.env", b"DB_PASSWORD=" + planted(token(5)[4:24]) +
              b"\nMAIL_PASSWORD=" + planted(token(6)[4:24]) + b"\n")
        text = audit(root, "--only", "docker.*")
        tap.result("DB_PASSWORD and 1 more of web can be read" in text,
                   "the other secrets of an env_file are counted", text)
        write(root, "/opt/kit/compose.yaml", b"services:\n  kit:\n    build: .\n")
        write(root, "/opt/kit/Dockerfile", b"FROM node:20\nCOPY . /app\n")
        for i, name in enumerate("abcdef"):
            write(root, "/opt/kit/%s.env" % name,
                  b"DB_PASSWORD=" + planted(token(70 + i)[4:24]) + b"\n")
        write(root, "/opt/kit/tools/.mcp.json", b'{"mcpServers": {"x": {"command": "npx", "env": '
              b'{"GITHUB_TOKEN": "' + token(76) + b'"}}}}\n')
        text = audit(root, "--only", "docker.context-*")
        tap.result("takes tools/.mcp.json with GitHub personal access token, a.env, b.env, c.env "
                   "and 3 more" in text, "of what COPY takes the worst is named first", text)
        write(root, "/opt/fill/compose.yaml", b"services:\n  db:\n    image: postgres:16\n"
              b"    environment: {POSTGRES_PASSWORD: \"${DB_PASSWORD}\", A: b}\n")
        write(root, "/opt/fill/.env", b"DB_PASSWORD=" + planted(token(30)[4:24]) + b"\n")
        text = audit(root, "--only", "docker.*")
        tap.result("DB_PASSWORD, which db gets as POSTGRES_PASSWORD, can be read" in text and
                   "/opt/fill/compose.yaml:4  POSTGRES_PASSWORD\n" in text and
                   "Compose fills the ${...} of its file in from it" in text,
                   "a .env that only fills a compose file in", text)
        names = ("DB_PASSWORD", "AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY",
                 "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT")
        write(root, "/srv/shop/wp-config.php.bak", b"<?php\n" + b"".join(
            b"define('%s', '%s');\n" % (n.encode(), token(7 + i)[4:]) for i, n in enumerate(names)))
        write(root, "/etc/nginx/nginx.conf", NGINX)
        text = audit(root, "--only", "web.*")
        tap.result("wp-config.php.bak (PHP source) with 9 secrets: DB_PASSWORD, AUTH_KEY" in text,
                   "all keys and salts of WordPress are counted", text)


def socket_of_its_server(root):
    """The owner of php-fpm's socket is the server that uses this one, not one with a longer name."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/x\nwww-data:x:33:33::/:/x\nweb:x:50:51::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\nwebs:x:51:\n")
    write(root, "/etc/nginx/nginx.conf", "user web webs; events {} http { server { location / { "
          "fastcgi_pass unix:/run/php.sock.old; } location /a { fastcgi_pass 127.0.0.1:90001; } } }\n")
    write(root, "/etc/apache2/apache2.conf", "User www-data\nGroup www-data\nListen 81\n"
          "<FilesMatch x>\nSetHandler \"proxy:unix:/run/php.sock|fcgi://localhost\"\n</FilesMatch>\n")
    write(root, "/etc/php-fpm.conf", "[a]\nuser = web\nlisten = /run/php.sock\nlisten.mode = 0666\n")
    text = audit(root, "--only", "php.fpm-open")
    tap.result("listen.owner = www-data\n" in text, "php-fpm's socket goes to its server", text)


def guarded_alias(root):
    """The corrected location keeps what guards the one that it replaces."""
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n")
    write(root, "/etc/nginx/nginx.conf", "user www-data; events {} http { server { listen 80; "
          "location /a { auth_basic x; auth_basic_user_file /etc/pw; alias /srv/c/a/; }\n"
          "location /b { alias /srv/d/b/; } } }\n")
    write(root, "/srv/c/a/x", "x")
    write(root, "/srv/d/b/x", "x")
    text = audit(root, "--only", "nginx.alias-traversal")
    kept = "with all other lines of that location in it."
    after = text.split("location /a/ { alias /srv/c/a/; }", 1)[-1].split("\n", 2)
    tap.result(text.count(kept) == 1 and after[1].strip() == kept,
               "a guarded location keeps its guard", text)


def odd_names(root):
    """A line feed in a folder's name begins no line of advice, and no control character gets out."""
    rng = random.Random(77)
    value = planted("".join(rng.choice(DIGITS) for _ in range(22)))
    odd = "a\nEVIL $(id)'\x1b[31m\r\\"
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n")
    write(root, "/etc/nginx/nginx.conf", "user www-data; events {} http { server { listen 80; "
          "server_name x; root /srv/www; location /a { alias /srv/c/; } } }\n")
    write(root, "/srv/www/%s/.env" % odd, "DB_PASSWORD=%s1\n" % value)
    write(root, "/srv/www/%s/.git/HEAD" % odd, "ref: refs/heads/main\n")
    write(root, "/srv/www/%s/.git/config" % odd, "[core]\n")
    write(root, "/srv/%s/compose.yaml" % odd, "services:\n  a:\n    build: .\n    env_file: .env\n"
          "    environment: {DB_PASSWORD: %s1}\n    volumes: ['/:/host']\n" % value)
    write(root, "/srv/%s/Dockerfile" % odd, "FROM x\nCOPY . /\n")
    write(root, "/srv/%s/.env" % odd, "API_TOKEN=%s2\n" % value)
    write(root, "/etc/app/%s/secret.env" % odd, "DB_PASSWORD=%s3\n" % value)
    write(root, "/etc/cron.d/app", "* * * * * root /opt/x\n", 0o666)
    for args in (("-v",), ("-v", "--skip", "nginx.*"), ("-v", "--only", "docker.*")):
        text = audit(root, *args)
        tap.result("EVIL" in text and not any(line.split()[:1] == ["EVIL"] for line in
                                              text.splitlines()) and
                   not any(ord(c) < 32 and c != "\n" for c in text), "odd names: %s" % (args,),
                   text)
        report = json.loads(audit(root, "-f", "json", *args))
        bad = [f for f in report["findings"]
               if any(line.startswith("EVIL") or any(ord(c) < 32 for c in line)
                      for line in f.get("fix", "").split("\n"))]
        tap.result(not bad, "... in the JSON report's advice: %s" % (args,), bad)
    text = run(root, "/srv", "/etc").stdout.decode()
    tap.result("EVIL" in text and not any(line.split()[:1] == ["EVIL"] for line in
                                          text.splitlines()) and
               not any(ord(c) < 32 and c != "\n" for c in text), "... in an inventory", text)


def main():
    ignored_parts()
    ignored_whole()
    names_in_titles()
    project_roots()
    who_reads_it()
    with tempfile.TemporaryDirectory(prefix="srvaudit-fix-") as root:
        plant(root)
        text = audit(root)
        owner = "me" if os.getuid() else "root"
        group = "me" if os.getgid() else "root"
        tap.result("chmod 0600 /home/alice/.pgpass" in text,
                   "libpq refuses what the group may read", text)
        tap.result("fix   create 0640 %s %s\n" % (owner, group) in text,
                   "the whole create line for logrotate", text)
        tap.result("logrotate file: create 0640 %s %s\n" % (owner, group) in text,
                   "a log keeps its owner", text)
        tap.result(bool(os.getuid()) or "fix   chmod go-w /opt/run.sh\n" in text,
                   "root's script is not given to the user", text)
        got = run(root, "/srv")
        text = got.stdout.decode()
        tap.result("/srv/a:1  any local user; and 8 more there\n" in text and
                   "/srv/a:2" not in text,
                   "the lines of a file are one row", text)
        tap.result("chmod o-rwx /srv/a /srv/b\n" in text, "every open file is in the advice", text)
        tap.result("/srv/a:9" in run(root, "-v", "/srv").stdout.decode(), "-v lists each line")
        got = run(root, "--only", "nginx.*", "/srv")
        tap.result(got.returncode == 2 and not got.stdout,
                   "a pattern that no secret has is an error, not a clean report", str(got))
    for test in (socket_of_its_server, guarded_alias, odd_names,
                 application_logs, container_log, left_to_its_program, dotfiles,
                 engines, taken_back,
                 ways_in, behind_a_proxy):
        tap.in_folder(test)
    return tap.finish()


sys.exit(main())
