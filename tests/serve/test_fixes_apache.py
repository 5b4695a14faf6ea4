#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The lines that a report says to add are added, and the real httpd then refuses what it named."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from apache_oracle import Apache, ApacheSubject, module_dir  # noqa: E402
from diff_oracle import Client, Listener, answer_http, free_ports  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
PASSWORD = planted("t7" + "Kq83Jx0aLmW29e")
ENV = "DB_PASSWORD=" + PASSWORD + "\n"
MODULES = ["mpm_event", "authz_core", "authz_host", "authz_user", "authn_core", "authn_file",
           "auth_basic", "alias", "rewrite", "mime", "dir", "status", "info", "autoindex", "proxy",
           "proxy_http"]

FILES = {
    "shop/.env": ENV,
    "shop/.git/HEAD": "ref: refs/heads/main\n",
    "shop/.git/config": "[core]\n\trepositoryformatversion = 0\n",
    "shop/.gitmodules": "[submodule \"a\"]\n\turl = https://bob:" + PASSWORD + "@git.test/a\n",
    "shop/notes.txt": "DB_PASSWORD=" + PASSWORD + "\n",
    "shop/.gitignore": "/.env\n",
    "shop/.hg/requires": "revlogv1\nstore\n",
    "shop/.hg/dirstate": "0\n",
    "shop/config.php.bak": "<?php $db_password = '" + PASSWORD + "';\n",
    "shop/dump.sql": "INSERT INTO users VALUES (1);\n",
    "shop/a b*[c\"'#.sql": "INSERT INTO users VALUES (1);\n",
    "shop/index.html": "home\n",
    "shop/static/a.txt": "style\n",
    "shop/static/index.html": "style\n",
    "shop/up loads/a.txt": "file\n",
    "shop/data/.htaccess": "Require all denied\n",
    "shop/data/index.html": "orders\n",
    "shop/data/list.txt": "orders\n",
    "shop/old/.env": ENV,
    "media/.env": ENV,
    "media/a.txt": "style\n",
    "media/index.html": "home\n",
    "guard/.env": ENV,
    "guard/index.html": "home\n",
    "proxied/index.html": "home\n",
}

SITE = r"""
TraceEnable On
ServerTokens Full
<Directory TOP>
Require all granted
AllowOverride None
</Directory>
<VirtualHost 127.0.0.1:PORT>
ServerName a.test
DocumentRoot TOP/shop
Alias /media TOP/media
<Directory TOP/shop>
Options Indexes FollowSymLinks
</Directory>
<Location /old>
Require all granted
</Location>
<Location /status>
SetHandler server-status
Require all granted
</Location>
<Location /info>
SetHandler server-info
Require all granted
</Location>
</VirtualHost>
<VirtualHost 127.0.0.1:PORT>
ServerName b.test
DocumentRoot TOP/guard
<Directory TOP/guard>
Options FollowSymLinks
RewriteEngine On
RewriteRule ^/\.env - [F]
</Directory>
</VirtualHost>
<VirtualHost 127.0.0.1:PORT>
ServerName c.test
DocumentRoot TOP/proxied
RedirectMatch 404 "/\.git"
ProxyPass / http://127.0.0.1:BACKEND/
</VirtualHost>
"""
GOOD = ["a.test/", "a.test/index.html", "a.test/static/a.txt", "a.test/up%20loads/a.txt",
        "a.test/media/a.txt", "b.test/index.html", "c.test/x"]
BAD = ["c.test/.git/config", "a.test/.hg/dirstate", "a.test/up%20loads/"]


def audit(conf):
    got = subprocess.run([SRVAUDIT, "-f", "json", conf], capture_output=True, timeout=60,
                         check=False)
    return json.loads(got.stdout)["findings"]


def end_of_section(lines, number):
    """The index of the line that closes the section of line `number` (from 1)."""
    name = re.match(r"<(\w+)", lines[number - 1]).group(1)
    return next(i for i in range(number, len(lines)) if lines[i] == "</" + name + ">")


def vhost_of(lines, number):
    """The number of the <VirtualHost> line above, or of this one."""
    return max(i + 1 for i in range(number) if lines[i].startswith("<VirtualHost"))


def served(fix, lines, put):
    """The sections of a web.served-* fix, each at the end of the virtual host that it names."""
    at, inside = None, False
    for text in fix.splitlines():
        place = re.search(r"<VirtualHost> at .*:(\d+):$", text)
        dotfiles = re.match(r"and there, against all dotfiles: (RedirectMatch .*)", text)
        if place:
            at, inside = end_of_section(lines, int(place.group(1))), True
        elif dotfiles:
            put(at, dotfiles.group(1))
        elif inside:
            put(at, text)
            inside = not text.startswith("</")


def apply(findings, lines):
    """The lines with every fix that can be pasted."""
    before, instead = {}, {}

    def put(index, text):
        before.setdefault(index, []).append(text)

    for f in findings:
        check, fix, line = f["check"], f["fix"], f.get("line", 0)
        end = end_of_section(lines, vhost_of(lines, line)) if "<Virtual" in \
            "".join(lines[:line]) and f["file"].endswith(".conf") else len(lines)
        if check.startswith("web.served-"):
            served(fix, lines, put)
        elif check == "web.directory-listing":
            put(line, fix.split(": ")[1])
        elif check in ("apache.status-open", "apache.info-open"):
            instead[line] = fix.split(": ")[1]
        elif check == "apache.rewrite-guard-bypassed":
            instead[line - 1] = fix
        elif check in ("apache.trace-enabled", "apache.version-disclosed"):
            instead[line - 1] = fix
        elif check in ("apache.htaccess-ignored", "apache.proxy-unguarded"):
            put(end, fix)
    out = []
    for i, text in enumerate(lines + [""]):
        out += before.get(i, []) + [instead.get(i, text)]
    return out


def write_tree(top):
    for name, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
        with open(os.path.join(top, name), "w", encoding="utf-8") as f:
            f.write(text)
    write_modes(top)


def write_modes(top):
    for folder, _, _ in os.walk(top):
        os.chmod(folder, 0o755)


def head():
    lines = ["ServerRoot TOP", "DefaultRuntimeDir TOP", "PidFile TOP/pid", "Mutex file:TOP default",
             "ErrorLog TOP/error.log", "LogLevel crit", "ServerName main.test",
             "Listen 127.0.0.1:PORT", "TypesConfig /dev/null"]
    lines += ["LoadModule %s_module %s/mod_%s.so" % (m, module_dir(), m) for m in MODULES]
    return lines + (["User www-data", "Group www-data"] if os.getuid() == 0 else [])


def test(top):
    ports, backend = free_ports(1), Listener(answer_http)
    write_tree(top)
    conf = top + "/apache2.conf"
    text = ("\n".join(head()) + SITE).replace("TOP", top).replace("PORT", str(ports[0]))
    lines = text.replace("BACKEND", str(backend.port)).split("\n")

    def statuses(targets):
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
        server = Apache(ApacheSubject.find(), conf, ports)
        wrong = server.check()
        if wrong:
            return wrong[1]
        with server:
            client = Client()
            got = {t: client.ask(("127.0.0.1", ports[0]), t.split("/")[0].encode(),
                                 t[t.index("/"):].encode()).status for t in targets}
            client.close()
        return got

    statuses([])
    findings = audit(conf)
    named = sorted({re.sub(r":\d+/", "/", e["url"].split("//", 1)[1], count=1)
                    for f in findings for e in f.get("exposure", [])} | set(BAD))
    before = statuses(named + GOOD)
    result(len(named) > 9 and isinstance(before, dict) and set(before.values()) == {200},
           "httpd answers what the report names", before)
    lines = apply(findings, lines)
    after = statuses(named + GOOD)
    result(isinstance(after, dict), "httpd takes the lines of the fixes", after)
    if isinstance(after, dict):
        open_still = [n for n in named if after[n] == 200]
        result(not open_still, "no URL of the report answers any more", open_still)
        broken = [g for g in GOOD if after[g] != 200]
        result(not broken, "everything else does", broken)
        left = [f["message"] for f in audit(conf) if f["severity"] != "info"]
        result(not left, "the audit finds nothing above info any more", "\n".join(left))


PROXIED = r"""
ServerName main.test
LoadModule remoteip_module MODULES/mod_remoteip.so
<Directory TOP>
Require all granted
AllowOverride All
</Directory>
<VirtualHost 127.0.0.1:PORT>
ServerName a.test
DocumentRoot TOP/local
</VirtualHost>
<VirtualHost *:FRONT>
ServerName a.test
ProxyPass / http://127.0.0.1:PORT/
</VirtualHost>
"""


def behind_proxy(top):
    """The advice for "Require local" behind a proxy is taken where it says that it belongs."""
    ports = free_ports(2)
    conf = top + "/apache2.conf"
    os.mkdir(top + "/local")
    for name, text in (("index.html", "x\n"), (".htaccess", "Require local\n")):
        with open(top + "/local/" + name, "w", encoding="utf-8") as f:
            f.write(text)
    text = "\n".join(head() + ["Listen FRONT"]) + PROXIED
    for word, value in (("TOP", top), ("PORT", str(ports[0])), ("FRONT", str(ports[1])),
                        ("MODULES", module_dir())):
        text = text.replace(word, value)

    def write(lines):
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")

    def told():
        return [f for f in audit(conf) if f["check"] == "web.local-only-behind-proxy"]

    write([text])
    found = told()
    result(len(found) == 1, "Require local behind a proxy is told", audit(conf))
    lines = [w for w in found[0]["fix"].splitlines() if w.startswith("RemoteIP")] if found else []
    write([text] + lines)
    wrong = Apache(ApacheSubject.find(), conf, ports).check()
    result(len(lines) == 2 and not wrong, "httpd takes the lines of mod_remoteip", wrong)
    left = told()
    result(not left, "with them the rule holds", left)


SCRIPTS = r"""
<Directory TOP>
Require all granted
</Directory>
<VirtualHost *:PORT>
ServerName a.test
DocumentRoot TOP/site
ScriptAlias /run/ TOP/site/scripts/
</VirtualHost>
"""
SCRIPT = "#!/bin/sh\nkey='%s'\necho Content-Type: text/plain\necho\necho it ran\n" % PASSWORD


def scripts(top):
    """What is said of a ScriptAlias: without mod_cgid, with a second URL, with the new place."""
    port, client = free_ports(1)[0], Client()
    conf, source, ran = top + "/apache2.conf", PASSWORD.encode(), b"it ran\n"
    for name in ("site/scripts/go", "elsewhere/go"):
        os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
        with open(os.path.join(top, name), "w", encoding="utf-8") as f:
            f.write(SCRIPT)
        os.chmod(os.path.join(top, name), 0o755)
    write_modes(top)

    def answers(lines):
        """The audit's finding for the lines, and what the two URLs send."""
        text = "\n".join(lines).replace("TOP", top).replace("PORT", str(port))
        with open(conf, "w", encoding="utf-8") as f:
            f.write(text)
        found = [f for f in audit(conf) if f["check"] == "web.served-secret"
                 or f["check"] == "apache.cgi-in-docroot"]
        # The audit is told of the network's socket, the server has one on loopback.
        with open(conf, "w", encoding="utf-8") as f:
            f.write(text.replace("*:%d" % port, "127.0.0.1:%d" % port))
        server = Apache(ApacheSubject.find(), conf, [port])
        wrong = server.check()
        if wrong:
            return found, wrong[1]
        with server:
            got = [client.ask(("127.0.0.1", port), b"a.test", path)
                   for path in (b"/run/go", b"/scripts/go")]
        client.close()
        return found, [source if source in a.body else a.body if a.status == 200 else a.status
                       for a in got]

    def closed(lines, fix):
        """The lines with what the fix says to put at the end of the virtual host."""
        rest = fix[fix.index("<"):] if fix.startswith("Load") else fix[fix.index(":\n<") + 2:]
        end = rest.index("</")
        section = rest[:end] + rest[end:].split("\n")[0]
        return lines[:-1] + section.split("\n") + lines[-1:]

    lines = head() + SCRIPTS.strip().split("\n")
    found, got = answers(lines)
    result(len(found) == 1 and got == [source, source], "without mod_cgid both URLs send the source",
           (found, got))
    if len(found) != 1:
        return
    left, got = answers(closed(lines, found[0]["fix"]))
    result(not left and got == [403, 403], "the section refuses both", (left, got))
    lines = ["LoadModule cgid_module %s/mod_cgid.so" % module_dir(),
             "ScriptSock %s/sock" % top] + lines
    found, got = answers(lines)
    result(len(found) == 1 and got == [ran, source], "with it the second URL does", (found, got))
    if len(found) != 1:
        return
    left, got = answers(closed(lines, found[0]["fix"]))
    result(not left and got == [ran, 403], "the section closes that one", (left, got))
    line = next(t for t in found[0]["fix"].split("\n") if t.startswith("ScriptAlias"))
    moved = [line.replace("/usr/local/lib/cgi-bin", "TOP/elsewhere") if t.startswith("ScriptAlias")
             else t for t in lines]
    os.unlink(top + "/site/scripts/go")
    left, got = answers(moved)
    result(not left and got == [ran, 404], "the new place has one URL", (left, got))


def main():
    if not ApacheSubject.find():
        print("1..0 # SKIP no apache2 with its modules found")
        return 0
    in_folder(test)
    in_folder(behind_proxy)
    in_folder(scripts)
    return finish()


sys.exit(main())
