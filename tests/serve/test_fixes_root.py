#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A project that is served whole: with the report's lines the real servers send its pages alone."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from apache_oracle import Apache, ApacheSubject, module_dir  # noqa: E402
from diff_oracle import Client, find_program, free_ports  # noqa: E402
from nginx_oracle import Nginx  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
PASSWORD = planted("t7" + "Kq83Jx0aLmW29e")
HEAD = "pid TOP/pid;\nerror_log TOP/error.log;\nevents {}\nhttp {\naccess_log off;\n" + \
    "".join("%s_temp_path TOP/%s;\n" % (t, t) for t in
            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
SITE = """
server {
listen 127.0.0.1:PORT;
server_name a.test;
root TOP/a;
error_page 410 "/public/gone.html";
location / {
try_files $uri $uri/ /public/index.html?$query_string;
}
location /old {
return 410;
}
location ~ ^/public/.*\\.map$ {
return 403;
}
location /publications/ {
try_files /publications.html =404;
}
}
server {
listen 127.0.0.1:PORT;
server_name b.test;
root TOP/b;
location = / {
return 302 /public/;
}
location ^~ /public/ {
expires 1d;
}
location /app/ {
rewrite ^/app/(.*)$ /public/$1 last;
}
if (!-e $request_filename) {
rewrite ^/(.*)$ /public/$1 last;
}
}
server {
listen 127.0.0.1:PORT;
server_name c.test;
root TOP/c;
}
"""
HTTPD = r"""ServerRoot TOP
DefaultRuntimeDir TOP
PidFile TOP/pid
Mutex file:TOP default
ErrorLog TOP/error.log
ServerName main.test
Listen 127.0.0.1:PORT
TypesConfig /dev/null
<Directory TOP>
Require all granted
</Directory>
<VirtualHost 127.0.0.1:PORT>
ServerName a.test
DocumentRoot TOP/a
FallbackResource /public/index.html
ErrorDocument 410 /public/gone.html
RewriteEngine On
RewriteCond %{REQUEST_URI} ^/assets
RewriteRule ^/(.*)$ /public/$1 [L]
RewriteRule ^/gone$ - [G]
RewriteRule "^/app/(.*)" "/public/$1" [L]
</VirtualHost>
"""
# What is asked for, and what stands in the answer with the fixes and (but for a redirect) without.
PAGES = {"a.test/": "home", "a.test/news/7?x=1": "home", "a.test/old": "gone", "a.test/a.txt": None,
         "a.test/publications/": "home", "b.test/": "home", "b.test/a.txt": "text",
         "b.test/app/a.txt": "text", "c.test/": "home"}


def audit(conf):
    got = subprocess.run([SRVAUDIT, "-f", "json", conf], capture_output=True, timeout=60,
                         check=False)
    return json.loads(got.stdout)["findings"]


def apply(fix, lines):
    """Replaces, drops and changes the lines that the first part of a fix names."""
    found = re.findall(r"(?:^|; |and )(at|without the line at|take \S+ out of [a-z' ]* at|"
                       r"put what is in the location at) \S+:(\d+)"
                       r"(?: and the RewriteCond before it)?(?::\n([^\n]*)| into)?",
                       fix.split("\nUntil then")[0])
    for what, number, text in found:
        at = int(number) - 1
        if what == "at":
            lines[at] = text
        elif what.startswith("without"):
            lines[at] = ""
            if lines[at - 1].startswith("RewriteCond"):
                lines[at - 1] = ""
        elif what.startswith("take"):
            lines[at] = lines[at].replace(what.split()[1], "")
        else:
            lines[at:at + 3] = ["location / {", *lines[at + 1:at + 3]]
    return len(found)


def plant(top):
    for name in "abc":
        for path, text in {".env": "DB_PASSWORD=" + PASSWORD, "public/index.html": "home",
                           "public/gone.html": "gone", "public/a.txt": "text",
                           "public/publications.html": "home"}.items():
            os.makedirs(os.path.dirname(os.path.join(top, name, path)), exist_ok=True)
            with open(os.path.join(top, name, path), "w", encoding="utf-8") as f:
                f.write(text + "\n")
    for folder, _, _ in os.walk(top):
        os.chmod(folder, 0o755)


def bodies(serve, ports, targets):
    """{target: (status, body)}, or what the server has against its configuration."""
    wrong = serve.check()
    if wrong:
        return wrong[1]
    with serve:
        client = Client()
        got = {}
        for t in targets:
            host, path = t.split("/", 1)
            answer = client.ask(("127.0.0.1", ports[0]), host.encode(), b"/" + path.encode())
            got[t] = (answer.status, answer.body.decode())
        client.close()
    return got


def with_fixes(server, text, top, expected, pages):
    """The server's answers before and after: `expected` places are changed for each project."""
    ports, conf = free_ports(1), top + "/server.conf"
    lines = text.replace("TOP", top).replace("PORT", str(ports[0])).split("\n")

    def ask(targets):
        with open(conf, "w", encoding="utf-8") as f:
            f.write("\n".join(lines))
        return bodies(server(conf, ports), ports, targets)

    files = [name[0] + ".test/.env" for name in expected]
    before = ask(files)
    result(isinstance(before, dict) and all(PASSWORD in body for _, body in before.values()),
           "the projects are served whole", before)
    found = [f["fix"] for f in audit(conf) if f["check"] == "web.served-env"]
    result(len(found) == len(expected), "each is told of", found)
    changed = {re.search(r"[abc]/public", fix).group(): apply(fix, lines) for fix in found}
    result(changed == expected,
           "what names the folder in URLs is among the lines, and nothing else", changed)
    after = ask(files + list(pages))
    result(isinstance(after, dict), "the server takes the lines of the fixes", after)
    if isinstance(after, dict):
        result(not any(PASSWORD in body for _, body in after.values()), "no secret is sent any more")
        wrong = {t: after[t] for t, text in pages.items() if text and after[t][1] != text + "\n"}
        result(not wrong, "each page is sent", wrong)


def test(top):
    plant(top)
    root = os.getuid() == 0
    if find_program("nginx"):
        with_fixes(lambda conf, ports: Nginx(find_program("nginx"), conf, ports),
                   ("user www-data;\n" if root else "") + HEAD + SITE + "}\n", top,
                   {"a/public": 4, "b/public": 5, "c/public": 1}, PAGES)
    if ApacheSubject.find():
        modules = ["LoadModule %s_module %s/mod_%s.so\n" % (m, module_dir(), m)
                   for m in ("mpm_event", "authz_core", "dir", "mime", "rewrite")]
        user = "User www-data\nGroup www-data\n" if root else ""
        with_fixes(lambda conf, ports: Apache(ApacheSubject.find(), conf, ports),
                   "".join(modules) + user + HTTPD, top, {"a/public": 5},
                   {"a.test/": "home", "a.test/news/7?x=1": "home", "a.test/gone": "gone",
                    "a.test/app/a.txt": "text"})


def main():
    if not find_program("nginx") and not ApacheSubject.find():
        print("1..0 # SKIP neither nginx nor httpd found")
        return 0
    in_folder(test)
    return finish()


sys.exit(main())
