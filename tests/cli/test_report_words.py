#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the report for people says of a finding: its own example, the line that is in the way, once."""
import os
import random
import re
import string
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
sys.dont_write_bytecode = True

import templates  # noqa: E402
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

RNG = random.Random("report's words")


def letters(count):
    return "".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(count))


def password():
    return planted("q7R" + letters(17))


def github():
    body = letters(30)
    return planted("ghp" + "_" + body + templates.base62_crc(body))


def audit(root, *args):
    n = args[:1] == ("secrets",)
    got = subprocess.run([os.environ["SRVAUDIT"], *args[:n], "--root", root, *args[n:]],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    return got.stdout.decode()


def base(root, server, http=""):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/nginx/nginx.conf", "user www-data;\nevents {}\nhttp {\n%s\nserver {\nlisten 80;\n"
          "server_name a.test;\nroot /srv/shop;\n%s\n}\n}\n" % (http, server))
    write(root, "/srv/shop/index.html", "<html></html>\n")


def raw_guard(root):
    """The example of a guard on the raw URL is the guard's own."""
    base(root, 'if ($request_uri ~* "^/reports/") { return 403; }\n'
         "if ($request_uri = /secret) { return 404; }\n"
         "if ($request_uri ~ ^/[^a-z]+) { return 403; }\n"
         "if ($blocked) { return 403; }", "map $request_uri $blocked { default 0; ~^/wp-admin 1; }")
    text = audit(root, "--only", "nginx.guard-on-raw-uri")
    for good in ("/%72eports/ asks for the same file as /reports/ and",
                 "if ($uri ~* ^/reports/) {\n", "/%73ecret asks for the same file as /secret and",
                 "a path with one letter escaped asks", "/%77p-admin asks", "map $uri $blocked {\n"):
        result(good in text, good.strip(), text)


def shadowed(root):
    """A rule against dotfiles that is there and not reached is said to be there."""
    rule = "location ~ /\\. { deny all; }"
    base(root, "location ^~ /static/ { expires 1d; }\n" + rule)
    write(root, "/srv/shop/static/.env", "DB_PASSWORD=%s\n" % password())
    text = audit(root, "--only", "web.served-*")
    line = "location ~ /\\. at /etc/nginx/nginx.conf:10 is not reached, for location ^~ /static/ at " \
           "/etc/nginx/nginx.conf:9 keeps it from being looked at: drop the ^~ there, or put"
    result(line in text and "first of all" not in text, "^~ is in its way", text)
    base(root, "location ~ ^/static/ { expires 1d; }\n" + rule)
    text = audit(root, "--only", "web.served-*")
    line = "location ~ /\\. at /etc/nginx/nginx.conf:10 is not reached, for location ~ ^/static/ at " \
           "/etc/nginx/nginx.conf:9 comes first: move it in front of that one.\n"
    result(line in text and "return 404; }\n          Change" not in text.replace(line, ""),
           "an expression comes first", text)
    base(root, "location ^~ /static/ { expires 1d; }")
    text = audit(root, "--only", "web.served-*")
    result("not reached" not in text and "and in location ^~ /static/, which keeps rules" in text,
           "there is none", text)


def repository(root):
    base(root, "location / { try_files $uri =404; }")
    write(root, "/srv/shop/.git/HEAD", "ref: refs/heads/main\n")
    write(root, "/srv/shop/.git/config", "[core]\n\trepositoryformatversion = 0\n")
    write(root, "/srv/shop/.git/config", "[remote \"o\"]\n\turl = https://x:%s@github.com/a/b\n" %
          github())
    text = audit(root, "--only", "web.served-*")
    result("fix   Move /srv/shop/.git out of the served folder. Until then:" in text,
           "a repository is moved as a whole", text)
    result(re.search("config:2  ghp_…....  GitHub personal access token\n", text), "what is in it", text)


def private_key(root):
    """The frame of a key is no part of what is shown of it."""
    base(root, "")
    key = planted("MII" + letters(1600) + "Qw==")
    lines = "\\n".join(key[i:i + 64] for i in range(0, len(key), 64))
    write(root, "/srv/shop/sa.json", '{"type": "service_account", "private_key": "%s\\n%s\\n%s\\n",\n'
          '"client_email": "a@b.iam.gserviceaccount.com"}\n' %
          ("-----BEGIN PRIV" + "ATE KEY-----", lines, "-----END PRIV" + "ATE KEY-----"))
    text = audit(root, "--only", "web.served-*")
    result("…Qw== " in text and "BEGIN" not in text and "\\n" not in text, "a key in JSON", text)


def spelling(root):
    base(root, "")
    write(root, "/etc/apache2/apache2.conf", "ServerRoot /etc/apache2\nListen 81\nDocumentRoot /srv/shop\n"
          "LoadModule alias_module m/mod_alias.so\n"
          "RedirectMatch ^/pay https://pay.test/?key=%s\n" % planted("sk" + "_live_" + letters(24)))
    text = audit(root, "--only", "web.sent-secret")
    result("Take it out of this RedirectMatch:" in text, "a directive of httpd as it is written", text)


def container(root):
    """Lines of several files that decide are named once each; who reads a mounted one is known."""
    base(root, "")
    os.unlink(root + "/etc/nginx/nginx.conf")
    write(root, "/srv/app/compose.yaml", "services:\n  web:\n    image: nginx\n    ports: ['80:80']\n"
          "    volumes:\n      - ./www:/www:ro\n      - ./site.conf:/etc/nginx/conf.d/default.conf:ro\n")
    site = "server { listen 80; server_name a.test; root /www; location / { try_files $uri =404; } " \
        "location = /x { add_header X-Api-Key %s; return 204; } }\n"
    write(root, "/srv/app/site.conf", site % password())
    for name in ("a.sql", "b.sql"):
        write(root, "/srv/app/www/" + name, "INSERT INTO a VALUES (1);\n")
    write(root, "/srv/app/www/index.html", "x\n")
    text = audit(root, "/srv/app", "-v", "--only", "web.sent-secret")
    result("on this machine any local user" in text, "who reads the configuration", text)
    text = audit(root, "/srv/app", "--only", "web.served-*")
    result(text.count("(and /srv/app/site.conf:1, :6 as above)") == 1, "each place once", text)


def rules(root):
    """A rule is a line of its own, and the server that it belongs to is named once."""
    base(root, "location /files/ { alias /srv/shop/; }")
    write(root, "/srv/shop/dump.sql", "INSERT INTO a VALUES (1);\n")
    text = audit(root, "--only", "web.served-dump")
    result("""in the server at /etc/nginx/nginx.conf:5:
          location = /dump.sql { return 404; }
          location = /files/dump.sql { return 404; }
""" in text, "two rules of one server", text)


def prose(root):
    """What another check says is broken to the width; a key is not "with 1 secret"."""
    secret = password()
    base(root, "")
    write(root, "/srv/shop/.env", "DB_PASSWORD=%s\n" % secret)
    write(root, "/etc/cron.d/job", "1 2 * * * root mysqldump -uroot -p%s shop\n" % secret)
    write(root, "/srv/shop/server.key", templates.armoured("PRIVATE " + "KEY",
                                                       templates.BODIES[""](RNG)))
    env = dict(os.environ, COLUMNS="70")
    text = subprocess.run([os.environ["SRVAUDIT"], "--root", root], stdout=subprocess.PIPE, env=env,
                          timeout=120, check=False).stdout.decode()
    see = [line for line in text.split("\n") if "cron job" in line or "[host.secret-in-cr" in line]
    result(len(see) == 2 and all(len(line) <= 70 for line in see), "evidence that is read", text)
    result("server.key (private key) is downloadable" in text.replace("\n          ", " "),
           "a key", text)


def page(root):
    """A key of a known kind is changed where it was made."""
    base(root, "")
    write(root, "/etc/environment", "GITHUB_TOKEN=%s\n" % github())
    text = audit(root)
    result("Change the secret at https://github.com/settings/tokens.\n" in text, "the page", text)


def said_once(root):
    """A URL and readers that the message names have no lines of their own; -v has them."""
    base(root, "")
    write(root, "/srv/shop/.env", "DB_PASSWORD=%s\n" % password())
    write(root, "/srv/shop/old.env", "DB_PASSWORD=%s\n" % password(), 0o640)
    text, full = audit(root, "--only", "web.served-*"), audit(root, "--only", "web.served-*", "-v")
    result("    url" not in text and full.count("    url   http://a.test/.env\n") == 1,
           "the only URL", text)
    result("reads anyone" not in text and "reads anyone on the network; on this machine a" in full,
           "who reads it", text)
    server = "server { listen 80; server_name %s.test; root /srv/shop; }\n"
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp { %s%s }\n" % (server % "a", server % "b"))
    text = audit(root, "--only", "web.served-*")
    result("    url   http://a.test/.env\n          http://b.test/.env\n" in text, "of two both", text)


def said_above(root):
    """What ends it and was said is named by its place; what a sentence says keeps no full stop then."""
    base(root, "")
    write(root, "/srv/b/app.py", "GITHUB = '%s'\nOTHER = '%s'\n" % (github(), github()))
    text = audit(root, "secrets", "/srv/b")
    result(".," not in text and re.search("one's group, as for /srv/b/app.py:[12]\n", text),
           "a sentence that was said", text)
    result("one's group.\n" in text, "... as it was said first", text)


def lines_to_paste(root):
    """Secrets of a compose file and of a unit: the lines with their own names."""
    secret = password()
    base(root, "proxy_set_header X-Api-Key %s;" % secret)
    write(root, "/srv/stack/compose.yaml", "services:\n  db:\n    image: postgres:16\n    environment:\n"
          "      POSTGRES_PASSWORD: %s\n  app:\n    build: .\n    environment:\n      SECRET_KEY: %s\n"
          "  cache:\n    image: docker.io/library/redis:7\n    command: redis-server --requirepass %s\n"
          "  own:\n    image: example.com/cache:7\n    command: redis-server --requirepass %s\n" %
          (password(), password(), password(), password()))
    write(root, "/etc/systemd/system/shop.service",
          "[Service]\nEnvironment=API_TOKEN=%s\nExecStart=/bin/true\n" % password())
    write(root, "/etc/systemd/user/mail@.service",
          "[Service]\nExecStart=/usr/bin/true --password=%s\n" % password())
    write(root, "/srv/shop/env.txt", "API_KEY=%s\n" % secret)
    text = audit(root, "/etc", "/srv/stack")
    for good in ("POSTGRES_PASSWORD_FILE: /run/secrets/postgres_password\n",
                 "secrets: {postgres_password: {file: /etc/stack-postgres_password}}\n",
                 "touch /etc/stack-app.env; chmod 0600 /etc/stack-app.env\n",
                 "          env_file: /etc/stack-app.env\n",
                 "touch /etc/stack-cache.conf; chown 999 /etc/stack-cache.conf; chmod 0600 "
                 "/etc/stack-cache.conf\n",
                 "a line, without its dashes: requirepass VALUE\n",
                 "behind redis-server: /run/secrets/redis.conf\n          beside command: of cache:\n",
                 "secrets: {redis.conf: {file: /etc/stack-cache.conf}}\n",
                 "secrets: {name: {file: /etc/app/name}}, and NAME_FILE=/run/secrets/name where",
                 "touch /etc/shop.env; chmod 0600 /etc/shop.env\n",
                 "          EnvironmentFile=/etc/shop.env\n",
                 "systemctl daemon-reload; systemctl restart shop.service\n",
                 "touch ~/.config/mail.env; chmod 0600 ~/.config/mail.env\n",
                 "          EnvironmentFile=%h/.config/mail.env\n",
                 "systemctl --user daemon-reload; systemctl --user restart 'mail@*.service'\n",
                 "Also /etc/nginx/nginx.conf:9: keep this line in a file of its own"):
        result(good in text, good.strip().split("\n")[0], text)
    result("stack-own.conf" not in text and "SECRET_KEY_FILE" not in text,
           "of an image of one's own nothing is known", text)


def way_out(root):
    """For whom a way out of an alias is there: a login's users, or those that a program lets in."""
    write(root, "/srv/app/pub/x", "x\n")
    login = "for everyone whom the login there lets in"
    for guard, words in (
            ("auth_basic x; auth_basic_user_file /etc/pw;", login),
            ("auth_basic off; auth_request /auth;", login),
            ("access_by_lua_block { check() }", "what access_by_lua_block decides there is not known"),
            ("auth_basic off; auth_jwt x;", "what auth_jwt decides there is not known")):
        base(root, "location = /auth { internal; proxy_pass http://127.0.0.1:9000; }\n"
             "location /a { %s alias /srv/app/pub/; }" % guard)
        text = " ".join(audit(root, "--only", "nginx.alias-traversal").split())
        result(words in text and text.count(login) == (words == login) and "auth_basic off" not in
               text.split("fix ")[0], "a way out behind " + guard, text)


if __name__ == "__main__":
    for test in (raw_guard, shadowed, repository, private_key, spelling, container, rules,
                 prose, page, said_once, said_above, lines_to_paste, way_out):
        in_folder(test)
    sys.exit(finish())
