#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server with secrets where people put them: each is found and told once, with advice that helps."""
import io
import json
import os
import re
import random
import shutil
import string
import subprocess
import sys
import textwrap
import zipfile

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
sys.dont_write_bytecode = True

import templates  # noqa: E402
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
RNG = random.Random("planted server")


def letters(count):
    return "".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(count))


def password():
    return planted("q7R" + letters(17))


def github():
    body = letters(30)
    return planted("ghp" + "_" + body + templates.base62_crc(body))


def google():
    return planted("AI" + "zaSy" + letters(33))


def report(*args):
    got = subprocess.run([SRVAUDIT, *args, "-f", "json"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=120, check=False)
    return json.loads(got.stdout)


def run(*args):
    return report(*args)["findings"]


def audit(root):
    return run("--root", root)


def inventory(root, path="/"):
    return run("secrets", "--root", root, path)


def at(findings, path, check=""):
    return [f for f in findings if f["file"] == path and f["check"].startswith(check) and
            f["severity"] != "info"]


def base(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n"
          "alice:x:1000:1000::/home/alice:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\nalice:x:1000:\n")
    write(root, "/etc/nginx/nginx.conf", "user www-data;\nevents {}\nhttp {\n"
          "access_log /var/log/nginx/access.log;\ninclude /etc/nginx/sites-enabled/*; }\n")
    write(root, "/etc/nginx/sites-available/shop", "server { listen 80; server_name a.test;\n"
          "root /srv/shop;\nlocation /run/ { fastcgi_pass unix:/run/a;\nfastcgi_param DB_PASSWORD %s;\n}\n"
          "location /up/ { proxy_pass http://127.0.0.1:9;\nproxy_set_header X-Api-Token \"%s\"; } }\n" %
          (password(), password()))
    os.makedirs(root + "/etc/nginx/sites-enabled")
    os.symlink("/etc/nginx/sites-available/shop", root + "/etc/nginx/sites-enabled/shop")
    write(root, "/srv/shop/index.html", "<html></html>\n")


def web_servers(root):
    """What the audit knows of their configurations is in the inventory, too, and is told once."""
    base(root)
    write(root, "/etc/apache2/apache2.conf", "Listen 81\nUser www-data\nDocumentRoot /srv/shop\n"
          "LoadModule env_module m.so\nIncludeOptional sites-enabled/*.conf\n")
    write(root, "/etc/apache2/sites-available/blog.conf", "<VirtualHost *:81>\nServerName b.test\n"
          "SetEnv SMTP_PASSWORD %s\nSetEnv APP_ENV production\n</VirtualHost>\n" % password())
    os.makedirs(root + "/etc/apache2/sites-enabled")
    os.symlink("../sites-available/blog.conf", root + "/etc/apache2/sites-enabled/blog.conf")
    found = {(e["file"], e["line"]) for f in inventory(root) for e in f["evidence"]}
    for place in (("/etc/nginx/sites-available/shop", 4), ("/etc/nginx/sites-available/shop", 7),
                  ("/etc/apache2/sites-available/blog.conf", 3)):
        result(place in found, "the inventory has %s:%d" % place, found)
    told = audit(root)
    result(not any("sites-available" in f["file"] for f in told) and
           len(at(told, "/etc/nginx/sites-enabled/shop", "nginx.secret-in-config")) == 2,
           "the file behind a link of sites-enabled is not told again",
           [(f["check"], f["file"]) for f in told])


def where_programs_work(root):
    base(root)
    write(root, "/etc/systemd/system/api.service", "[Service]\nWorkingDirectory=/opt/api\n"
          "ExecStart=/opt/api/run\nEnvironment=API_TOKEN=%s\n" % password())
    write(root, "/etc/systemd/system/top.service",
          "[Service]\nWorkingDirectory=/home/alice\nExecStart=/bin/true\n")
    write(root, "/opt/api/config/settings.yml", "github:\n  token: %s\n" % github())
    write(root, "/opt/api/node_modules/x/lib.js", "const password = '%s';\n" % password())
    write(root, "/home/alice/notes.txt", "token %s\n" % github())
    write(root, "/etc/cron.d/backup", "1 3 * * * root /usr/local/bin/backup.sh\n"
          "2 3 * * * root curl -H 'Authorization: Bearer %s' https://x.test/\n" % github())
    write(root, "/usr/local/bin/backup.sh", "#!/bin/sh\nexport GH=%s\n" % github(), 0o755)
    told = audit(root)
    result(at(told, "/opt/api/config/settings.yml", "host.credentials"),
           "the folder that a service works in is searched", told)
    result(at(told, "/usr/local/bin/backup.sh", "host.credentials"), "so is a script that cron runs")
    result(not at(told, "/home/alice/notes.txt"), "a whole home is not")
    result(not at(told, "/opt/api/node_modules/x/lib.js"), "a package's word for a password is none")
    job = at(told, "/etc/cron.d/backup", "host.secret-in-crontab")
    result(len(job) == 1 and "GitHub personal access token ghp_" in job[0]["message"] and
           "https://github.com/settings/tokens" in job[0]["fix"],
           "a cron finding names the kind and the page", job)
    unit = at(inventory(root), "/etc/systemd/system/api.service")
    result(len(unit) == 1 and "chmod" not in unit[0]["fix"] and "LoadCredential" in unit[0]["fix"],
           "no mode is advised for a unit", unit)


def served_files(root):
    base(root)
    token, packed = github(), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as f:
        f.writestr("config.php", "<?php $db_password = '%s';\n" % password())
    write(root, "/srv/shop/backup.zip", packed.getvalue())
    write(root, "/srv/shop/dump.sql",
          "CREATE TABLE a (b int);\nINSERT INTO a VALUES ('%s');\n" % token)
    write(root, "/var/log/nginx/access.log",
          "1.2.3.4 - - [x] \"GET /?access_token=%s HTTP/1.1\"\n" % token)
    write(root, "/srv/shop/app.js", "var token = '%s';\n" % github())
    told = audit(root)
    for path in ("/srv/shop/backup.zip", "/srv/shop/dump.sql"):
        found = at(told, path, "web.served-")
        result(len(found) == 1 and found[0]["fix"].split("\n")[-1].startswith("Change "),
               "the secrets in %s are to be changed" % path, found)
    fix = at(told, "/srv/shop/dump.sql")[0]["fix"]
    result("\nAlso /var/log/nginx/access.log: " in fix and fix.count("Change ") == 1,
           "each place has its own line, the change of the secret comes once, at the end", fix)
    bundle = at(inventory(root), "/srv/shop/app.js")
    result(len(bundle) == 1 and "chmod" not in bundle[0]["fix"], "no mode is advised for a bundle",
           bundle)


def environment_files(root):
    base(root)
    write(root, "/etc/default/api", "REDIS_PASSWORD=%s\n" % password())
    write(root, "/srv/app/.env", "DB_PASSWORD=%s\n" % password())
    write(root, "/etc/systemd/system/a.service",
          "[Service]\nEnvironmentFile=/etc/default/api\nExecStart=/bin/true\n")
    write(root, "/etc/systemd/system/b.service",
          "[Service]\nEnvironmentFile=/srv/app/.env\nExecStart=/bin/true\n")
    told = audit(root)
    found = at(told, "/etc/default/api")
    result(len(found) == 1 and found[0]["fix"].count("chmod") == 1, "/etc/default is told once",
           found)
    found = at(told, "/srv/app/.env", "systemd.")
    result(len(found) == 1 and "chown" not in found[0]["fix"] and
           "chmod o-rwx /srv/app/.env" in found[0]["fix"],
           "a file that the application reads, too, is not given to root", found)


def told_once(root):
    """What several checks see of one place is one finding, with what each of them advises."""
    base(root)
    job, kit = password(), github()
    write(root, "/etc/systemd/system/job.service", "[Service]\nEnvironment=JOB_TOKEN=%s\n"
          "ExecStart=/bin/true\nStandardOutput=append:/var/log/job/out.log\n" % job)
    write(root, "/etc/supervisor/supervisord.conf", "[program:job]\ncommand=/bin/true\n"
          "environment=JOB_TOKEN=\"%s\"\nstdout_logfile=/var/log/job/out.log\n" % job)
    write(root, "/var/log/job/out.log", "GET https://x.test/?key=%s\n" % kit)
    write(root, "/opt/kit/Dockerfile", "FROM a\nCOPY . /app\n")
    write(root, "/opt/kit/app.env", "KIT_TOKEN=%s\n" % github())
    write(root, "/opt/kit/compose.yaml",
          "services:\n  kit:\n    build: .\n    env_file: app.env\n")
    write(root, "/srv/shop/.env", "DB_PASSWORD=%s\n" % password())
    write(root, "/etc/systemd/system/shop.service",
          "[Service]\nEnvironmentFile=/srv/shop/.env\nExecStart=/bin/true\n")
    told = audit(root)
    found = at(told, "/var/log/job/out.log")
    result([f["check"] for f in found] == ["host.secret-in-log"] and
           found[0]["fix"].count("chmod") == 1 and "UMask=0027" in found[0]["fix"] and
           "umask=027" in found[0]["fix"], "a log that two programs name", found)
    found = at(told, "/opt/kit/app.env") + at(told, "/opt/kit/Dockerfile")
    fix = found[0]["fix"]
    result(len(found) == 1 and fix.startswith("chmod 0600 /opt/kit/app.env\n") and
           "\nAlso /opt/kit/Dockerfile: " in fix, "the file's mode before the image", found)
    write(root, "/srv/shop/.git/HEAD", "ref: refs/heads/main\n")
    write(root, "/srv/shop/.git/config", "[remote \"o\"]\n\turl = https://bob:%s@x.test/a\n" %
          password())
    write(root, "/etc/cron.d/job", "1 3 * * * root push --api-key=%s --password=%s\n" %
          (github(), password()))
    told = audit(root)
    found = at(told, "/srv/shop/.git/HEAD", "web.served-vcs")
    result(len(found) == 1 and len(found[0]["secrets"]) == 1 and
           "/.git/ { return 404; }" in found[0]["fix"] and "Change " in found[0]["fix"] and
           not at(told, "/srv/shop/.git/config"), "a repository and the password in it", found)
    found = at(told, "/etc/cron.d/job", "host.secret-in-crontab")
    result(len(found) == 1 and len(found[0]["secrets"]) == 2 and
           "https://github.com/settings/tokens" in found[0]["fix"], "one command of cron", found)
    found = at(told, "/srv/shop/.env")
    urls = [e["url"] for e in found[0]["exposure"]]
    result(len(found) == 1 and found[0]["check"] == "web.served-env" and
           len(set(urls)) == len(urls),
           "each URL once", found)
    fix = found[0]["fix"]
    result(fix.startswith("Move ") and "\nAlso: first, if another program such as PHP reads it too: "
           "chgrp to that one's group.\nchmod o-rwx /srv/shop/.env\n" in fix,
           "its mode is advised behind its URL", fix)


def old_logs(root):
    """A rotated log that is open, where the one that is written now is closed, or is not."""
    base(root)
    for name in ("access.log.2", "access.log"):
        write(root, "/var/log/nginx/" + name, '192.0.2.1 - - "GET /?token=%s HTTP/1.1" 200\n' % (
            github() if name[-1] == "2" else "x"))
    for mode, words in ((0o640, False), (0o644, True)):
        os.chmod(root + "/var/log/nginx/access.log", mode)
        fixes = [f["fix"] for f in audit(root) if f["check"] == "host.secret-in-log"]
        result(len(fixes) == 1 and "chmod o-rwx /var/log/nginx/access.log.2\n" in fixes[0] and
               ("create 0640" in fixes[0]) == words,
               "a rotated log beside one of mode %o" % mode, fixes)


def what_it_is(root):
    """The kind of the one secret of a served file that has no name there; a key's file is called so."""
    base(root)
    write(root, "/srv/shop/.mcp.json", '{"mcpServers": {"a": {"url": "https://a.test/", "headers": {'
          '"Authorization": "Bearer %s"}}}}\n' % planted("lin_" + "api_" + letters(40)))
    write(root, "/srv/shop/.env", "GITHUB_TOKEN=%s\n" % github())
    told = [f["message"] for f in audit(root) if f["check"].startswith("web.served-")]
    mcp = [m for m in told if m.startswith(".mcp.json")]
    env = [m for m in told if m.startswith(".env")]
    result(len(mcp) == 1 and "; in it Linear API key lin_api_" in mcp[0],
           "the kind of what has no name", mcp)
    result(len(env) == 1 and "with 1 secret: GITHUB_TOKEN is" in env[0] and "; in it" not in env[0],
           "the name of what has one", env)


def behind_a_proxy(root):
    """What only this machine can ask for is told by the URLs that strangers open."""
    base(root)
    front = ("events {}\nhttp { server { listen 80; server_name w.test;\nlocation %s {\n"
             "proxy_pass http://127.0.0.1:8080%s; proxy_set_header Host $host; } } }\n")
    write(root, "/etc/nginx/nginx.conf", front % ("/wiki/", "/"))
    write(root, "/etc/apache2/apache2.conf", "ServerRoot /etc/apache2\n" + "".join(
        "LoadModule %s_module modules/mod_%s.so\n" % (m, m)
        for m in ("authz_core", "autoindex", "dir")) +
        "Listen 127.0.0.1:8080\n<VirtualHost 127.0.0.1:8080>\nServerName w.test\n"
        "DocumentRoot /srv/w\n<Directory /srv/w>\nOptions Indexes\nRequire all granted\n"
        "</Directory>\n</VirtualHost>\n")
    write(root, "/srv/w/index.html", "home\n")
    write(root, "/srv/w/notes/keys.txt", "key " + github() + "\n")
    told = audit(root)
    found = [f for f in told if f["check"] == "web.served-secret"]
    urls = [e["url"] for f in found for e in f["exposure"]]
    result(urls == ["http://w.test/wiki/notes/keys.txt"], "what a proxy leads to: one URL", urls)
    lists = [f["message"].split()[0] for f in told if f["check"] == "web.directory-listing"]
    result(lists == ["http://w.test/wiki/notes/"], "... and a listing's", lists)
    write(root, "/etc/nginx/nginx.conf", front % ("/other/", "/other/"))
    told = audit(root)
    urls = [e["url"] for f in told if f["check"] == "web.served-secret" for e in f["exposure"]]
    lists = [f["message"].split()[0] for f in told if f["check"] == "web.directory-listing"]
    result(urls == ["http://w.test:8080/notes/keys.txt"] and lists == ["http://w.test:8080/notes/"],
           "where no proxy leads there, the URLs that this machine has", (urls, lists))


def true_names(root):
    """Advice names the users, the folders and the URL of this server."""
    base(root)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:%d:%d::/:/x\n"
          "app:x:51:51::/:/x\n" % (50, 50))
    write(root, "/etc/group", "root:x:0:\nwebs:x:50:\napp:x:51:\nfront:x:52:web\n")
    write(root, "/etc/nginx/nginx.conf", "user web webs;\nevents {}\nhttp {\n"
          "autoindex on;\nserver { listen 127.0.0.1:81; root /srv/a; }\n"
          "server { listen 127.0.0.1:80; listen 8080; server_name b.test; root /srv/a;\n"
          "location /p/ { fastcgi_pass 127.0.0.1:9000; } } }\n")
    write(root, "/srv/a/a.txt", "a\n")
    write(root, "/etc/php/8.2/fpm/php-fpm.conf", "[a]\nuser = app\ngroup = app\nlisten = 9000\n"
          "[b]\nuser = app\ngroup = app\nlisten = /run/b.sock\nlisten.group = front\n"
          "listen.mode = 0666\n")
    write(root, "/etc/supervisor/supervisord.conf", "[include]\nfiles=conf.d/*.conf\n")
    write(root, "/etc/supervisor/conf.d/a.conf", "[program:a]\ncommand=/bin/true\n")
    told = audit(root)
    fixes = [f["fix"] for f in told if f["check"] == "php.fpm-open"]
    result(len(fixes) == 2 and "listen.owner = web\nlisten.group = webs\n" in fixes[0] and
           "listen.owner = web\nlisten.group = front\n" in fixes[1],
           "a pool's socket is for the server's worker, or whom the pool names", fixes)
    found = [f for f in told if f["check"] == "web.directory-listing"]
    result(len(found) == 1 and found[0]["message"].startswith("http://b.test:8080/ "),
           "a listing's URL is one that strangers reach", found)
    if os.geteuid() != 0:
        return skipped("a folder of somebody else's is taken back", "needs root")
    os.chown(root + "/etc/supervisor/conf.d", 51, 51)
    found = at(audit(root), "/etc/supervisor/conf.d/a.conf", "host.supervisor-writable")
    return result([f["fix"] for f in found] == ["chown root:root /etc/supervisor/conf.d"],
                  "a folder of somebody else's is taken back", found)


def large_group(root):
    """Of a group with many members the first are named."""
    base(root)
    names = ["user%02d" % i for i in range(40)]
    write(root, "/etc/passwd", "root:x:0:0::/root:/x\n" + "".join(
        "%s:x:%d:%d::/:/x\n" % (name, 2000 + i, 2000 + i) for i, name in enumerate(names)))
    gid = os.stat(root + "/etc/passwd").st_gid or 77
    write(root, "/etc/group", "root:x:0:\nstaff:x:%d:%s\n" % (gid, ",".join(names)))
    write(root, "/var/log/app.log", "GET /?access_token=%s\n" % github(), 0o640)
    if gid == 77 and os.geteuid() != 0:
        return skipped("a large group", "needs root")
    os.chown(root + "/var/log/app.log", -1, gid)
    found = at(audit(root), "/var/log/app.log")
    return result(len(found) == 1 and "user05 and 34 more)" in found[0]["message"] and
                  "user06" not in json.dumps(found), "a large group", found)


def short_text(root):
    """What the text says once it does not say again; -v does."""
    base(root)
    with open(root + "/etc/nginx/sites-available/shop", encoding="utf-8") as f:
        text = f.read()
    write(root, "/etc/nginx/sites-available/shop", text.replace(
        "location /run/", "location / { try_files $uri =404; }\n"
        "location /static { alias /srv/shop/static/; }\nlocation /run/", 1))
    write(root, "/srv/shop/static/a.css", "a {}\n")
    for name in (".env", "old.env"):
        write(root, "/srv/shop/" + name, "DB_PASSWORD=%s\n" % password())
    write(root, "/etc/app/app.conf", "token = %s\n" % github())

    def shown(*more):
        return subprocess.run([SRVAUDIT, "--root", root, *more], stdout=subprocess.PIPE,
                              timeout=120, check=False).stdout.decode()

    text, all_of_it = shown(), shown("-v")
    line = "/etc/nginx/sites-enabled/shop:3  location / {  (and :2 as above)\n"
    result(text.count(line) == 1 and line not in all_of_it, "the lines behind a URL", text)
    result("static../.env" not in text and "static../.env" in all_of_it and
           "[nginx.alias-traversal]" in text, "a way out of an alias has its own finding", text)
    block = [b for b in text.split("\n\n") if "GitHub" in b and "/etc/app/app.conf" in b]
    result(len(block) == 1 and "\n    reads" not in block[0] and "every local user" in block[0],
           "who reads it", block)
    result("sites-available" not in text, "a place is named by one of its names", text)


def as_bad_in_both(root):
    """The inventory knows what strangers can fetch, and takes a hash for what it is worth."""
    base(root)
    write(root, "/srv/shop/old.env", "DB_PASSWORD=%s\n" % password())
    write(root, "/srv/shop/.env", "DB_PASSWORD=%s\n" % password())
    write(root, "/srv/shop/wp-config.php.bak", "<?php\ndefine('DB_PASSWORD', '%s');\n" % password())
    write(root, "/srv/shop/app.js", "var password = '%s';\n" % password())
    write(root, "/etc/app/users", "bob:$2y$05$%s\n" % planted(letters(53)))
    write(root, "/etc/app/app.conf", "api_token = %s\n" % password())
    for name in ("users", "shadow"):
        write(root, "/srv/shop/%s.txt" % name, "bob:$2y$05$%s\n" % planted(letters(53)))
    told = {f["file"]: f["severity"] for f in audit(root)}
    whole = run("secrets", "--root", root)
    for path in ("/srv/shop/old.env", "/srv/shop/.env", "/srv/shop/wp-config.php.bak",
                 "/etc/app/users", "/etc/app/app.conf", "/srv/shop/users.txt",
                 "/srv/shop/shadow.txt"):
        found = at(whole, path)
        result([f["severity"] for f in found] == [told.get(path)], "as bad in both: " + path,
               (told.get(path), found))
    found = at(whole, "/srv/shop/old.env")
    result(len(found) == 1 and "/old.env" in found[0]["fix"] and
           found[0]["message"].startswith("DB_PASSWORD ") and
           "anyone on the network" in found[0]["message"], "with its URL and its name", found)
    found = at(inventory(root, "/srv"), "/srv/shop/old.env")
    return result([f["severity"] for f in found] == ["high"],
                  "where no server was looked for it is not known", found)


def more_than_are_asked(root):
    """Beyond the bound of files that servers are asked for, it is said how many were not."""
    base(root)
    for i in range(2010):
        write(root, "/srv/shop/%d/.env" % i, "DB_PASSWORD=%s\n" % password())
    for i in range(20):
        write(root, "/etc/app/%d.conf" % i, "api_token = %s\n" % password())
    got = report("secrets", "--root", root)
    told = [f["file"] for f in got["findings"] if "anyone on the network" in f["message"]]
    said = [s for s in got["coverage"]["skipped"] if "strangers can fetch" in s["reason"]]
    result(len(told) == 2000 and len(said) == 1 and "and for 9 more files" in said[0]["reason"] and
           said[0]["path"].startswith("/srv/shop/") and said[0]["path"] not in told,
           "files that no server was asked for are counted", (len(told), said))
    late = [f for f in got["findings"] if "not looked for" in f["fix"]]
    return result(20 < len(late) < 60, "... and whom they are for", len(late))


def keys_for_browsers(root):
    """Google's keys: nothing in a page, little in a log, something in a server's own file."""
    base(root)
    shown, kept = google(), google()
    write(root, "/srv/shop/app.js",
          "var c={apiKey:\"%s\",authDomain:\"a.firebaseapp.com\"};\n" % shown)
    write(root, "/var/log/nginx/access.log",
          "1.2.3.4 - - [x] \"GET /?key=%s HTTP/1.1\" 200\n" % shown)
    write(root, "/etc/app/app.conf", "key = %s\n" % kept)
    told = audit(root)
    result([f["severity"] for f in at(told, "/var/log/nginx/access.log")] == ["low"], "in a log: low",
           told)
    result(not at(told, "/srv/shop/app.js"), "in a page: nothing")
    result([f["severity"] for f in at(told, "/etc/app/app.conf")] == ["medium"],
           "in a server's file: medium")
    found = {f["file"]: f["severity"] for f in inventory(root) if "gcp" in f["check"]}
    result(found == {"/var/log/nginx/access.log": "low", "/etc/app/app.conf": "medium"},
           "the inventory agrees", found)
    os.remove(root + "/var/log/nginx/access.log")
    found = [f["severity"] for f in inventory(root, "/srv") if "gcp" in f["check"]]
    result(found == ["info"], "in a page alone: info", found)


def relay(root):
    """A key that is lent to everyone: of the address it goes to, the host alone is named."""
    base(root)
    key = planted("sk-" + "proj-" + "T3Blbk".join((letters(58), "FJ" + letters(58))))
    app = planted("".join(RNG.choice("0123456789abcdef") for _ in range(32)))
    write(root, "/etc/nginx/sites-available/shop", "server {\n    listen 80;\n"
          "    server_name shop.example.com;\n    location /ai/ {\n"
          "        proxy_set_header Authorization \"Bearer %s\";\n"
          "        proxy_pass https://api.example.com/v1/%s/;\n    }\n}\n" % (key, app))
    report = audit(root)
    told = [f["message"] for f in report if f["check"] == "nginx.secret-in-config"
            and "sends requests to" in f["message"]]
    result(len(told) == 1 and "requests to https://api.example.com with" in told[0], "the host alone",
           told)
    result(app not in repr(report), "and no value")


def readme(root):
    """The sample run of README.md is what the program prints of such a server."""
    base(root)
    write(root, "/etc/nginx/sites-available/shop", "server {\n    listen 80;\n"
          "    server_name shop.example.com;\n    root /srv/shop;\n"
          "    location / { try_files $uri $uri/ /index.php; }\n"
          "    location /static { alias /srv/shop/static/; }\n}\n")
    write(root, "/srv/shop/static/a.css", "a {}\n")
    key = planted("sk-" + "proj-" + "T3Blbk".join((letters(58), "FJ" + letters(54) + "q7Rk")))
    write(root, "/etc/shop/env", "OPENAI_API_KEY=%s\n" % key, 0o600)
    write(root, "/etc/systemd/system/shop.service",
          "[Service]\nDynamicUser=yes\nEnvironmentFile=/etc/shop/env\nExecStart=/bin/true\n")
    write(root, "/srv/shop/.env", "APP_ENV=production\nDB_PASSWORD=%s\nOPENAI_API_KEY=%s\n" %
          (password(), key))
    got = subprocess.run([SRVAUDIT, "--root", root], stdout=subprocess.PIPE, timeout=120,
                         check=False).stdout.decode()
    got = re.sub("; user .* can read it", "; only root can read it", got)  # who runs the test
    with open(os.path.join(os.environ["top_srcdir"], "README.md"), encoding="utf-8") as f:
        sample = f.read().split("$ srvaudit /etc\n")[1].split("\nsrvaudit parses")[0]
    blocks = [textwrap.dedent(block).strip() for block in sample.split("\n\n") if block.strip()]
    result(len(blocks) == 2 and all(block in got for block in blocks),
           "README.md shows what the program prints", got)


def explanations(_):
    texts = {}
    for kind in ("github-token", "gcp-api-key", "crypt-hash", "openssh-key", "generic-password"):
        got = subprocess.run([SRVAUDIT, "explain", "secrets." + kind], stdout=subprocess.PIPE,
                             check=False).stdout.decode()
        texts[kind] = got.split("\nWhy\n")[-1]
    result(len(set(texts.values())) == len(texts), "each kind is explained")
    result("https://github.com/settings/tokens" in texts["github-token"].split("\nBad\n")[0] and
           "ghp_" in texts["github-token"], "with its beginning and the page where it is revoked",
           texts["github-token"])


def unreadable_process(_):
    """Root without the right to trace: what could not be read is named."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        return skipped("an unreadable process is named", "needs root and setpriv")
    child = subprocess.Popen(["sleep", "60"], user=33, group=33, extra_groups=[])
    try:
        got = subprocess.run(["setpriv", "--bounding-set", "-sys_ptrace", "--inh-caps", "-all",
                              SRVAUDIT, "--only", "host.*", "-f", "json"], timeout=120,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        reasons = [s["reason"] for s in json.loads(got.stdout)["coverage"]["skipped"]
                   if s["path"] == "/proc"]
        return result(len(reasons) == 1 and "(pid " in reasons[0], "an unreadable process is named",
                      reasons or got.stderr)
    finally:
        child.kill()
        child.wait()


def main():
    for test in (web_servers, where_programs_work, served_files, environment_files, told_once,
                 old_logs, what_it_is, behind_a_proxy, true_names, large_group, short_text,
                 as_bad_in_both, more_than_are_asked, keys_for_browsers, relay, readme,
                 explanations, unreadable_process):
        in_folder(test)
    return finish()


sys.exit(main())
