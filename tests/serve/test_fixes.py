#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lines that a report says to add are added, and the real nginx then refuses what it named."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from diff_oracle import Client, find_program, free_ports  # noqa: E402
from nginx_oracle import Nginx  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
PASSWORD = planted("t7" + "Kq83Jx0aLmW29e")

FILES = {
    "shop/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "shop/.git/HEAD": "ref: refs/heads/main\n",
    "shop/.git/config": "[core]\n\trepositoryformatversion = 0\n",
    "shop/.gitmodules": "[submodule \"a\"]\n\turl = https://bob:" + PASSWORD + "@git.test/a\n",
    "shop/notes.txt": "DB_PASSWORD=" + PASSWORD + "\n",
    "shop/.gitignore": "/.env\n",
    "shop/.hg/requires": "revlogv1\nstore\n",
    "shop/.hg/dirstate": "0\n",
    "shop/.svn/pristine/ab/abc.svn-base": "<?php\n",
    "shop/.svn/pristine/cd/cde.svn-base": "<?php\n",
    "shop/static/.git": "gitdir: ../x\n",
    "shop/group_vars/all/a.yml": "password: '" + PASSWORD + "'\n",
    "shop/group_vars/web/a.yml": "password: '" + PASSWORD + "'\n",
    "shop/config.php.bak": "<?php $db_password = '" + PASSWORD + "';\n",
    "shop/dump.sql": "INSERT INTO users VALUES (1);\n",
    "shop/a b{c;'#\".sql": "INSERT INTO users VALUES (1);\n",
    "shop/index.html": "home\n",
    "shop/static/a.txt": "style\n",
    "shop/stop/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "shop/stop/.gitmodules": "[submodule \"a\"]\n\turl = ../a\n",
    "shop/stop/a.txt": "style\n",
    "my files/x/a.txt": "style\n",
    "my files/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "media/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "media/a.txt": "style\n",
    "one/icon.txt": "style\n",
    "one/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/app/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/app/.git/HEAD": "ref: refs/heads/main\n",
    "apart/app/conf/db.js": "module.exports = { password: '" + PASSWORD + "' };\n",
    "apart/app/static/a.txt": "style\n",
    "apart/pix/a.txt": "style\n",
    "apart/pix-old/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/pix.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/re/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/re/d/a.txt": "style\n",
    "apart/rg/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/rg/d/a.txt": "style\n",
    "apart/tf/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/tf/d/a.txt": "style\n",
    "apart/rw/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/rw/d/a.txt": "style\n",
    "apart/linked/.env": "DB_PASSWORD=" + PASSWORD + "\n",
    "apart/linked/to/a.txt": "style\n",
}

SITE = """
server {
listen 127.0.0.1:PORT;
server_name a.test;
root TOP/shop;
location /files/ { alias TOP/shop/; }
location = /dump.sql {
}
location /.git/ {
}
location ^~ /stop/ {
}
location /dl {
alias "TOP/my files/x/";
}
location /icon {
alias TOP/one/icon.txt;
}
location /ap {
alias TOP/apart/app/static/;
}
location /pix {
alias TOP/apart/pix;
}
location ~ ^/re(.+)$ {
alias TOP/apart/re/d/$1;
}
location ~ ^/rg(.+)$ {
root TOP/apart/rg/d/$1;
try_files "" =404;
}
location ~ ^/tf(.+)$ {
root TOP/apart/tf/d;
try_files /$1 =404;
}
location /rw {
root TOP/apart/rw;
rewrite ^/rw(.*)$ /d/$1 break;
}
location /ln {
alias TOP/apart/link/;
}
location ~ ^/media/(.+)$ { alias TOP/media/$1; }
location ~ \\.ico$ { expires 1d; }
}
"""
GOOD = ["/", "/index.html", "/files/static/a.txt", "/stop/a.txt", "/dl/a.txt", "/icon",
        "/media/a.txt", "/ap/a.txt", "/pix/a.txt", "/re/a.txt", "/rg/a.txt",
        "/tf/a.txt", "/rw/a.txt", "/ln/a.txt"]
# Beside aliases, in folders that nothing else serves.
BESIDE = ["/ap../.env", "/ap../.git/HEAD", "/ap../conf/db.js", "/pix-old/.env", "/pix.env",
          "/re../.env", "/rg../.env", "/tf../.env", "/rw../.env", "/ln../.env"]
# What is closed with the folder that a file of the report stands for.
WITH_FOLDER = ["/.hg/dirstate", "/.svn/pristine/cd/cde.svn-base", "/group_vars/web/a.yml"]


def audit(conf):
    got = subprocess.run([SRVAUDIT, "-f", "json", conf], capture_output=True, timeout=60,
                         check=False)
    return json.loads(got.stdout)["findings"]


def place(text, lines, conf):
    """The line number that a sentence of a fix names: a place in the file, or a location's head."""
    found = re.search(re.escape(conf) + r":(\d+)", text)
    if found:
        return int(found.group(1))
    head = re.match(r"and in (location .*), which", text).group(1)
    return lines.index(head + " {") + 1


def additions(findings, lines, conf):
    """{line number: [what is put behind it]} and {line number: the block that replaces the one there}."""
    after, instead = {}, {}
    for f in findings:
        if f["check"] == "nginx.alias-traversal":
            instead[f["evidence"][0]["line"]] = f["fix"]
        if not f["check"].startswith("web.served-"):
            continue
        where = None
        for text in f["fix"].splitlines():
            if re.match(r"in .*" + re.escape(conf) + r":\d+:$", text) or text.startswith("and in "):
                where = place(text, lines, conf)
            elif where and re.match("location .*}$|return 404;$", text):
                after.setdefault(where, []).append(text)
    return after, instead


def patched(lines, after, instead):
    out, skip = [], False
    for number, line in enumerate(lines, 1):
        if number in instead:
            out.append(instead[number])
            skip = True
        if not skip:
            out.append(line)
            out += sorted(set(after.get(number, [])))
        skip = skip and line != "}"
    return out


def test(top):
    ports = free_ports(1)
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
        with open(os.path.join(top, name), "w", encoding="utf-8") as f:
            f.write(text)
    os.symlink(top + "/apart/linked/to", top + "/apart/link")
    for folder, _, _ in os.walk(top):
        os.chmod(folder, 0o755)
    conf = top + "/nginx.conf"
    user = "user www-data;\n" if os.getuid() == 0 else ""
    head = user + "pid TOP/pid;\nerror_log TOP/error.log;\nevents {}\nhttp {\naccess_log off;\n" + \
        "".join("%s_temp_path TOP/%s;\n" % (t, t) for t in
                ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    lines = (head + SITE + "}\n").replace("TOP", top).replace("PORT", str(ports[0])).split("\n")

    def statuses(targets):
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
        server = Nginx(find_program("nginx"), conf, ports)
        wrong = server.check()
        if wrong:
            return wrong[1]
        with server:
            client = Client()
            got = {t: client.ask(("127.0.0.1", ports[0]), b"a.test", t.encode()).status
                   for t in targets}
            client.close()
        return got

    statuses([])
    findings = audit(conf)
    named = sorted({e["url"].split("/", 3)[3] for f in findings for e in f.get("exposure", [])})
    named = sorted({"/" + n for n in named} | set(WITH_FOLDER))
    missed = [b for b in BESIDE if b not in named]
    result(not missed, "what lies beside an alias is named", missed)
    before = statuses(named + GOOD)
    result(len(named) > 12 and set(before.values()) == {200}, "nginx answers what the report names",
           before)
    lines = patched(lines, *additions(findings, lines, conf))
    after = statuses(named + GOOD)
    result(isinstance(after, dict), "nginx takes the lines of the fixes", after)
    if isinstance(after, dict):
        open_still = [n for n in named if after[n] == 200]
        result(not open_still, "no URL of the report answers any more", open_still)
        broken = [g for g in GOOD if after[g] != 200]
        result(not broken, "everything else does", broken)
        left = [f["message"] for f in audit(conf) if f.get("exposure")]
        result(not left, "the audit finds nothing downloadable any more", "\n".join(left))


def main():
    if not find_program("nginx"):
        print("1..0 # SKIP no nginx binary found")
        return 0
    in_folder(test)
    return finish()


sys.exit(main())
