#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""web.sent-secret reports a line exactly if the real nginx or httpd sends what stands in it."""
import binascii
import json
import os
import random
import re
import socket
import string
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from apache_oracle import Apache, ApacheSubject, module_dir  # noqa: E402
from diff_oracle import find_program, free_ports  # noqa: E402
from files import write  # noqa: E402
from nginx_oracle import Nginx  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
RNG = random.Random("sent secrets")
MODULES = ["mpm_event", "authz_core", "authz_host", "authz_user", "authn_core", "authn_file",
           "auth_basic", "alias", "rewrite", "mime", "dir", "headers", "filter", "substitute"]
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase

NGINX = r"""
map $host $keys { default none; }
add_header X-Outer "TOKEN";                                        # /
sub_filter '</head>' '<script>key="TOKEN"</script></head>';        # /
error_page 410 =302 https://gone.test/?key=TOKEN;                  # /gone
server {
listen 127.0.0.1:PORT;
server_name a.test;
root TOP/shop;
location = /gone { return 410; }
rewrite ^/pay$ https://pay.test/?key=TOKEN redirect;               # /pay
rewrite ^/old/(.*)$ https://old.test/$1?key=TOKEN permanent;       # /old/
rewrite ^/inner$ /index.html?key=TOKEN last;                       # /inner
location /away/ { rewrite ^ https://away.test/?key=TOKEN; }        # /away/
location /stay/ { rewrite ^ /index.html?key=TOKEN break; }         # /stay/
location /never/ { return 404; rewrite ^ http://x.test/TOKEN; }    # /never/
location /lost/ { error_page 404 https://lost.test/?key=TOKEN; }   # /lost/no-such-page
location = /kept { error_page 404 https://x.test/?key=TOKEN; }     # /kept
location ~ \.cgi$ { return 302 https://cgi.test/?key=TOKEN; }      # /index.cgi
location /named/ { try_files $uri @away; }
location @away { return 302 https://named.test/?key=TOKEN; }       # /named/x
}
server {
listen 127.0.0.1:PORT;
server_name b.test;
root TOP/shop;
location = /set { set $key "TOKEN"; return 200 "key=$key"; }       # /set
location = /put { set $key "TOKEN"; return 302 /x?k=$key; }        # /put
location = /not { set $key "TOKEN"; return 200 "key=$keys"; }      # /not
location = /mix { set $h "v=$uri; a long text"; set $key "TOKEN"; return 200 "$h $key"; } # /mix
location = /braces { set $key "TOKEN"; return 200 "a ${key} b"; }    # /braces
location = /case { set $key "TOKEN"; return 200 "key=$KEY"; }      # /case
location = /late { return 200 "key=$key"; set $key "TOKEN"; }      # /late
location = /lost { set $key "TOKEN"; set $key ""; return 200 "[$key]"; } # /lost
location = /last { set $key ""; set $key "TOKEN"; return 200 "[$key]"; } # /last
location = /if { set $key "TOKEN"; if ($uri) { return 200 "[$key]"; } set $key ""; } # /if
location = /far { set $key "TOKEN"; return 204; }                  # /far
location @a { if ($arg_x) { error_page 404 = @a; } return 200 "TOKEN"; } # /a
add_header X-Own yes;
sub_filter body BODY;
location = /own { add_header X-Api-Key "TOKEN"; return 204; }      # /own
location = /shut { add_header X-Api-Key "TOKEN"; deny all; }       # /shut
location = /all { add_header X-Api-Key "TOKEN" always; deny all; } # /all
}
"""
# An inner level has its own: nothing of the outer one is sent.
HIDDEN = r"""
add_header X-Outer "TOKEN";                                        # /
sub_filter '</head>' 'TOKEN</head>';                               # /
error_page 404 https://lost.test/?key=TOKEN;                       # /no-such-page
server {
listen 127.0.0.1:PORT;
server_name a.test;
root TOP/shop;
error_page 404 /index.html;
add_header X-Own yes;
sub_filter body BODY;
}
"""

APACHE = r"""
Header set X-Main "TOKEN"                                          # /
<Directory TOP>
Require all granted
AllowOverride All
</Directory>
<Directory TOP/none>
AllowOverride None
</Directory>
<VirtualHost 127.0.0.1:PORT>
ServerName a.test
DocumentRoot TOP/shop
Alias /none TOP/none
RewriteEngine On
Redirect 302 /pay https://pay.test/?key=TOKEN                      # /pay
RedirectPermanent /gone https://gone.test/?key=TOKEN               # /gone
RedirectMatch "^/old/(.*)$" https://old.test/$1?key=TOKEN          # /old/
RedirectMatch 301 /deep/x$ https://deep.test/?key=TOKEN            # /deep/x
RewriteRule ^/go$ https://go.test/?key=TOKEN [R=302,L]             # /go
RewriteRule ^/to/(.*)$ https://to.test/$1?key=TOKEN [L]            # /to/
RewriteRule ^/inner$ /index.html?key=TOKEN [PT]                    # /inner
RewriteRule ^/go$ https://late.test/?key=TOKEN [R]                 # /go
ErrorDocument 404 "ask with TOKEN"                                 # /no-such-page
ErrorDocument 403 https://login.test/?key=TOKEN                    # /closed
ErrorDocument 401 https://x.test/?key=TOKEN                        # /asks
Header set X-Taken "TOKEN"                                         # /
Header unset X-Taken
<Directory TOP/shop/sub>
Header always set X-Sub "TOKEN"                                    # /sub/a.txt
</Directory>
<FilesMatch "\.txt$">
Header set X-Text "TOKEN"                                          # /sub/a.txt
</FilesMatch>
<FilesMatch "\.none$">
Header set X-None "TOKEN"                                          # /sub/a.txt
</FilesMatch>
AddOutputFilterByType SUBSTITUTE text/html
Substitute "s|</head>|<script>k='TOKEN'</script></head>|"          # /index.html
<LocationMatch "^/match/">
Header always set X-Match "TOKEN"                                  # /match/
</LocationMatch>
<Location /closed>
Require all denied
</Location>
<Location /asks>
AuthType Basic
AuthName x
AuthUserFile TOP/none/none
Require valid-user
</Location>
<Location /moved>
Redirect 302 https://moved.test/?key=TOKEN                         # /moved
ErrorDocument 404 "never TOKEN"                                    # /moved/no-such-page
</Location>
</VirtualHost>
"""
HTACCESS = r"""
RewriteEngine On
Header set X-Folder "TOKEN"                                        # /own/a.txt
Redirect 302 /own/pay https://pay.test/?key=TOKEN                  # /own/pay
RedirectMatch 301 ^/own/old https://old.test/?key=TOKEN            # /own/old
RewriteRule ^go$ https://go.test/?key=TOKEN [R=301,L]              # /own/go
RewriteRule ^in$ a.txt?key=TOKEN [L]                               # /own/in
ErrorDocument 404 "ask TOKEN"                                      # /own/no-such-page
<Files a.txt>
Header set X-File "TOKEN"                                          # /own/a.txt
</Files>
<Files b.txt>
Header set X-File "TOKEN"                                          # /own/a.txt
</Files>
"""
NOT_READ = r"""
Header set X-Folder "TOKEN"                                        # /none/a.txt
Redirect 302 /none/pay https://pay.test/?key=TOKEN                 # /none/pay
"""


def token():
    body = "".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(30))
    value, out = binascii.crc32(body.encode()), ""
    while value:
        value, rest = divmod(value, 62)
        out = DIGITS[rest] + out
    return planted("ghp" + "_" + body + out.rjust(6, "0"))


def made(text, top, port):
    """The file, and {line: (what to ask for, the value in that line)}."""
    lines, wanted = [], {}
    for number, line in enumerate(text.strip("\n").split("\n"), 1):
        line, _, target = line.replace("TOP", top).replace("PORT", str(port)).partition(" # ")
        if target:
            wanted[number] = (target.strip(), token())
            line = line.replace("TOKEN", wanted[number][1])
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n", wanted


def asked(port, host, target):
    """All that the server sends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (target.encode(), host.encode()))
        data = b""
        while True:
            part = sock.recv(65536)
            if not part:
                return data
            data += part


def lines_told(conf, path):
    got = subprocess.run([SRVAUDIT, "-f", "json", "--only", "web.sent-secret", conf],
                         capture_output=True, timeout=60, check=False)
    return {f["line"]: f for f in json.loads(got.stdout)["findings"] if f["file"] == path}


def compare(name, port, conf, path, wanted):
    told = lines_told(conf, path)
    for number, (target, value) in sorted(wanted.items()):
        sent = any(value.encode() in asked(port, host, target) for host in ("a.test", "b.test"))
        result((number in told) == sent, "%s %d: %s %s" %
               (name, number, target, "is told" if sent else "sends nothing"),
               told.get(number, "not told"))
        if number not in told or not sent:
            continue
        url = told[number]["exposure"][0]["url"]
        host, route = re.match(r"http://([^:/]+)[:\d]*(/.*)", url).groups()
        result(value.encode() in asked(port, host, route), "%s %d: the URL that is told sends it" %
               (name, number), told[number]["exposure"])


def tree(top):
    for name in ("index.html", "sub/a.txt", "own/a.txt"):
        write(top, "shop/" + name, "<html><head></head><body></body></html>\n")
    write(top, "none/a.txt", "text\n")
    os.chmod(top, 0o755)


def audited(top, text, port):
    """The same lines, open to the network: what listens on a loopback address alone is not told."""
    write(top, "audited.conf", text.replace("127.0.0.1:%d" % port, "*:%d" % port))
    return top + "/audited.conf"


def nginx(text, name, top):
    binary, port = find_program("nginx"), free_ports(1)[0]
    if not binary:
        skipped(name, "no nginx")
        return
    tree(top)
    os.mkdir(top + "/tmp")
    user = "user www-data;\n" if os.geteuid() == 0 else ""
    temp = "".join("%s_temp_path %s/tmp;\n" % (kind, top) for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    head = ("%spid %s/pid;\nerror_log /dev/null crit;\nevents {}\nhttp {\naccess_log off;\n"
            "types { text/html html; text/plain txt; }\n%s" % (user, top, temp))
    body, wanted = made(text, top, port)
    wanted = {head.count("\n") + number: what for number, what in wanted.items()}
    text = head + body + "}\n"
    write(top, "nginx.conf", text)
    conf = audited(top, text, port)
    server = Nginx(binary, top + "/nginx.conf", [port])
    result(not server.check(), "nginx takes the configuration", server.check())
    with server:
        compare(name, port, conf, conf, wanted)


def in_http(top):
    nginx(NGINX, "nginx", top)


def hidden(top):
    nginx(HIDDEN, "nginx, inner levels", top)


def httpd(top):
    binary, port = ApacheSubject.find(), free_ports(1)[0]
    if not binary:
        skipped("httpd", "no httpd")
        return
    tree(top)
    head = ["ServerRoot " + top, "DefaultRuntimeDir " + top, "PidFile %s/pid" % top,
            "Mutex file:%s default" % top, "ErrorLog %s/error.log" % top, "LogLevel crit",
            "ServerName main.test", "Listen 127.0.0.1:%d" % port, "TypesConfig /dev/null",
            "AddType text/html .html"]
    head += ["LoadModule %s_module %s/mod_%s.so" % (m, module_dir(), m) for m in MODULES]
    head += ["User www-data", "Group www-data"] if os.geteuid() == 0 else []
    body, wanted = made(APACHE, top, port)
    wanted = {len(head) + number: what for number, what in wanted.items()}
    text = "\n".join(head) + "\n" + body
    write(top, "apache2.conf", text)
    read, in_own = made(HTACCESS, top, port)
    not_read, in_none = made(NOT_READ, top, port)
    write(top, "shop/own/.htaccess", read)
    write(top, "none/.htaccess", not_read)
    conf = audited(top, text, port)
    server = Apache(binary, top + "/apache2.conf", [port])
    result(not server.check(), "httpd takes the configuration", server.check())
    with server:
        compare("httpd", port, conf, conf, wanted)
        compare(".htaccess", port, conf, top + "/shop/own/.htaccess", in_own)
        compare(".htaccess that is not read", port, conf, top + "/none/.htaccess", in_none)


if __name__ == "__main__":
    in_folder(in_http)
    in_folder(hidden)
    in_folder(httpd)
    sys.exit(finish())
