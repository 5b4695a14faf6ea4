#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Variables and hand-over that the generator does not make: the real nginx and srvaudit agree."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from diff_compare import differs, predict  # noqa: E402
from diff_oracle import Client, find_program, free_ports  # noqa: E402
from diff_tree import MARK  # noqa: E402
from nginx_oracle import Nginx  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

HTTP = r"""
map $uri $kind { default other; /exact one; ~^/re/(?<rest>.+)$ two-$rest; ~*\.PHP$ php; "" none; }
map $host $site { hostnames; default none; .b.test wild; *.c.test star; www.* front; a.test own; }
map $host$uri $pair { a.test/x first; default $kind; }
map $args $block { default 0; ~(^|&)debug=1 1; }
map $uri $target { /old /new; /old2 /new?a=1; default ""; }
map $uri $folder { ~^/t/(\w+) $1; default www; }
map $pair $chained { first 1; two-a 2; include extra.map; default 9; }
map $uri $vol { volatile; /v1 1; /v2 2; default 0; }
map $uri $kept { /v1 1; /v2 2; default 0; }
geo $where { default far; 127.0.0.0/8 near; 127.0.0.1 here; 10.0.0.0/8 ten; }
geo $range { ranges; default none; 127.0.0.1-127.0.0.9 low; 10.0.0.0-10.1.0.0 mid; }
geo $arg_ip $other { default 0; 192.168.0.0/16 1; delete 192.168.3.0/24; }
geo $open { default 1; 127.0.0.0/8 0; }
split_clients $uri $ab { 100% a; }
map $uri $loop { ~^/abs https://b.test$uri; default ""; }
"""

SERVER = r"""
    location = /kind { return 200 $kind; }
    location /say { return 302 /$kind/$site/$pair/$chained/$where/$range/$other; }
    location /re/ { return 302 /$kind/$chained/$1; }
    location /x { return 302 /$pair/$chained; }
    location /site { return 302 /$site; }
    location /guard { if ($block) { return 403; } return 204; }
    location /geo { if ($open) { return 200 open; } return 403; }
    location /old { if ($target) { rewrite ^ $target permanent; } return 404; }
    location /abs { if ($loop) { return 301 $loop; } }
    location /t/ { root BASE/$folder; try_files /f.txt =404; }
    location /v1 { set $a $vol$kept; rewrite ^ /v2; }
    location /v2 { return 302 /$a/$vol/$kept; }
    location /uwsgi { uwsgi_pass 127.0.0.1:1; }
    location /scgi { scgi_pass 127.0.0.1:1; }
    location /grpc { grpc_pass 127.0.0.1:1; }
    location /memc { set $memcached_key $uri; memcached_pass 127.0.0.1:1; }
    location /gif { empty_gif; }
    location /caps { if ($uri ~ ^/caps/(a+)(b*)$) { set $c $1-$2; } return 302 /$c; }
    location /arg { return 302 /$arg_q/$is_args$args/$request_method/$scheme; }
    location /esc { return 302 /$uri; }
    location /req { return 302 $request_uri; }
    location /doc { return 302 $document_root$fastcgi_script_name/$request_filename; }
    location /doc/i/ { fastcgi_index i.php; return 302 $fastcgi_script_name; }
    location /name { return 302 /$server_name/$host/$server_port; }
    location /cookie { if ($http_cookie) { return 403; } return 204; }
    location /cookie2 { if ($cookie_id = "1") { return 403; } return 204; }
    location /meth { if ($request_method = POST) { return 405; } return 204; }
    location /f { if (-f BASE/www/f.txt) { return 302 /yes; } return 302 /no; }
    location /d { if (!-e BASE/none) { return 302 /gone; } }
    location ~ ^/named/(?<dir>[a-z]+)/(?<file>.*)$ { alias BASE/$dir/$file; }
"""

TARGETS = r"""/kind /exact /say /say/x.php /say?ip=192.168.1.1 /say?ip=192.168.3.1 /re/a /re/A%20b
/re/b /re/
/x /x/y /site /guard /guard?debug=1 /guard?a=1&debug=1 /guard?debug=10 /geo /old /old2 /old3
/old?q=2 /abs/x /abs%20y /t/www/1 /t/media/1 /t/none/1 /t/ /v1 /v2 /gif /caps/aab /caps/b
/arg?q=a%2fb&c /arg /esc/a%20b%0ac /req/%2e%2e/a?b /doc/x /doc/i/ /doc/i/a /name /cookie
/cookie2 /meth /f /d /named/www/f.txt /named/media/f.txt /named/www/
/named/media/..%2fwww/f.txt""".split()

# No program listens there: nginx answers 502, what srvaudit leaves open.
HANDLERS = {"/uwsgi/a": "handler", "/scgi/a": "handler", "/grpc/a": "proxied", "/memc/a": "proxied"}
HOSTS = ("a.test", "x.b.test", "b.test", "x.c.test", "c.test", "www.d.test", "A.TEST")

def prepare(folder, port):
    for sub in ("www", "media"):
        os.makedirs("%s/%s" % (folder, sub))
        with open("%s/%s/f.txt" % (folder, sub), "wb") as f:
            f.write(MARK + b" " + sub.encode() + b"\n")
    with open(folder + "/extra.map", "w", encoding="utf-8") as f:
        f.write("two-b 3; php 4;\n")
    temp = "".join("%s_temp_path %s/tmp;\n" % (kind, folder) for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user www-data;\n" if os.geteuid() == 0 else ""
    with open(folder + "/nginx.conf", "w", encoding="utf-8") as f:
        f.write("%spid %s/pid;\nerror_log /dev/null crit;\nevents {}\nhttp {\naccess_log off;\n%s%s"
                "server {\nlisten 127.0.0.1:%d;\nserver_name a.test b.test;\nroot %s/www;\n%s}\n}\n"
                % (user, folder, temp, HTTP, port, folder, SERVER.replace("BASE", folder)))


def compare(folder, binary, port):
    client, asked = Client(), []
    for i, target in enumerate(TARGETS):
        for host in HOSTS if target in ("/site", "/name", "/say", "/x") else HOSTS[:1]:
            name = b"%s:%d" % (host.encode(), port)
            answer = client.ask(("127.0.0.1", port), host.encode(), target.encode())
            asked.append((b"http://" + name + target.encode(), answer))
    client.close()
    more = [b"http://a.test:%d%s" % (port, target.encode()) for target in HANDLERS]
    said = predict(binary, folder + "/nginx.conf", [url for url, _ in asked] + more, folder)
    for (url, answer), one in zip(asked, said):
        text = url.decode().replace(":%d" % port, "")
        if one["outcome"] == "unknown":
            result(False, text, "unknown: %s" % one)
            continue
        notes = differs(answer, one)
        result(not notes, text, "%s\nnginx %s %s %s\n%s" % (notes, answer.status, answer.location,
                                                         answer.body[:60], one))
    for target, one in zip(HANDLERS, said[len(asked):]):
        result(one["outcome"] == HANDLERS[target] and one["status"] is None, target, str(one))


def cases(folder):
    ports = free_ports(1)
    prepare(folder, ports[0])
    nginx = Nginx(find_program("nginx"), folder + "/nginx.conf", ports)
    refused = nginx.check()
    if refused:
        result(False, "nginx takes the configuration", refused[1])
        return
    with nginx:
        compare(folder, os.environ["SRVAUDIT"], ports[0])


def main():
    if not find_program("nginx"):
        print("1..0 # SKIP no nginx binary found")
        return 0
    in_folder(cases)
    return finish()


sys.exit(main())
