#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configurations with more lines than are asked about: coverage says where it ended."""
import json
import os
import random
import string
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

RNG = random.Random("requests")
KEY = planted("sk_" + "live_" + "".join(RNG.choice(string.ascii_letters + string.digits)
                                        for _ in range(24)))
NGINX, APACHE = "/etc/nginx/nginx.conf", "/etc/apache2/apache2.conf"


def says(root, title, path, text, reason):
    """One entry about requests, and exit status 1 or 3; fewer lines say nothing."""
    for many, times in ((250, 1), (50, 0)):
        write(root, path, text(range(many)))
        got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json"],
                             stdout=subprocess.PIPE, timeout=120, check=False)
        entries = [s["reason"] for s in json.loads(got.stdout)["coverage"]["skipped"]
                   if s["path"] == path]
        result(len(entries) == times and all(reason in e for e in entries),
               "%s, %d of them: %s" % (title, many, "said once" if times else "none left out"),
               entries)
    os.unlink(root + path)


def nginx_answers(n):
    return "events {}\nhttp { server { listen 80; root /srv;\n%s} }\n" % "".join(
        "location = /%d { return 200 \"%s\"; }\n" % (i, KEY) for i in n)


def nginx_relays(n):
    return ("events {}\nhttp { server { listen 80; root /srv;\n"
            "proxy_set_header Authorization \"Bearer %s\";\nlocation ~ ^/ { return 404; }\n%s} }\n" %
            (KEY, "".join("location /%d { proxy_pass https://api.example.com; }\n" % i
                          for i in n)))


HTTPD = ("User www-data\nListen 80\nLoadModule alias_module a.so\nLoadModule headers_module h.so\n"
         "LoadModule proxy_module p.so\nLoadModule proxy_http_module q.so\n"
         "LoadModule authz_core_module c.so\nDocumentRoot /srv\n"
         "<Directory />\nRequire all granted\n</Directory>\n")


def httpd_answers(n):
    return HTTPD + "".join("Redirect 302 /%d https://a.example.com/?key=%s\n" % (i, KEY) for i in n)


def httpd_relays(n):
    return (HTTPD + "RequestHeader set Authorization \"Bearer %s\"\n"
            "<LocationMatch ^/>\nRequire all denied\n</LocationMatch>\n%s" %
            (KEY, "".join("ProxyPass /%d/ https://api.example.com/%d/\n" % (i, i) for i in n)))


def htaccess_sections(n):
    return "".join("<FilesMatch \"^(a+)+%d$\">\nHeader set X \"%s\"\n</FilesMatch>\n" % (i, KEY)
                   for i in n)


def requests(root):
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/srv/index.html", "x")
    says(root, "lines of nginx that hold a key", NGINX, nginx_answers, "more than 200 requests")
    says(root, "locations of nginx that may lend one", NGINX, nginx_relays, "more than 200 places")
    says(root, "lines of httpd that hold a key", APACHE, httpd_answers, "more than 200 requests")
    says(root, "paths of httpd that may lend one", APACHE, httpd_relays, "more than 200 places")
    write(root, APACHE, HTTPD + "<Directory /srv>\nAllowOverride All\n</Directory>\n")
    for i in range(10):
        write(root, "/srv/%s!%d" % ("a" * 12, i), "x")
    says(root, "expressions for names of files", "/srv/.htaccess", htaccess_sections,
         "more than 1024 names")


in_folder(requests)
sys.exit(finish())
