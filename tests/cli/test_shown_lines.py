#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keys that stand in URLs, in every kind of configuration: no line that is shown holds one."""
import os
import random
import string
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

RNG = random.Random(random.SystemRandom().random())
UPPER = string.ascii_uppercase + string.digits
KEYS = []


def key(n, before=""):
    KEYS.append(planted(before + "".join(RNG.choice(string.ascii_letters + string.digits)
                                         for _ in range(n))))
    return KEYS[-1]


def word(n, of=UPPER):
    return "".join(RNG.choice(of) for _ in range(n))


def slack():
    return "https://hooks.slack.com/services/T0%s/B0%s/%s" % (word(8), word(9), key(24))


def telegram():
    return "https://api.telegram.org/bot%s:%s/" % (word(10, string.digits), key(33, "AA"))


def discord():
    return "https://discord.com/api/webhooks/%s/%s" % (word(18, string.digits), key(68))


def plant(root):
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/false\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/systemd/system/a.service",
          "[Service]\nExecStart=/usr/bin/notify --hook %s %s\nEnvironment=HOOK=%s\n"
          "ExecStartPre=/usr/bin/curl %s\nUser=www-data\n"
          % (slack(), discord(), telegram(), slack()))
    write(root, "/etc/cron.d/x", "* * * * * root curl -s %s -d x\n5 * * * * root wget %s; curl %s\n"
          % (telegram(), slack(), discord()))
    write(root, "/etc/nginx/nginx.conf",
          "events {}\nhttp { include %s;\nserver { listen 80; root /srv/w;\nlocation /a { proxy_pass %s; }\n"
          "location /b { proxy_pass %s; }\nlocation /c { rewrite ^ %s permanent; }\n"
          "location /d { add_header X-H %s; error_page 404 %s; }\n"
          "location /e { sub_filter x '%s'; }\nlocation ~ ^/f { set $h %s; return 302 $h; } } }\n"
          % (slack(), slack(), telegram(), discord(), slack(), slack(), telegram(), slack()))
    write(root, "/srv/app/compose.yaml",
          "services:\n  a:\n    image: x\n    command: notify %s\n    environment:\n      HOOK: %s\n"
          "    ports: ['80:80']\n    labels:\n      hook: %s\n" % (slack(), telegram(), discord()))
    write(root, "/srv/app/Dockerfile", "FROM debian\nRUN curl %s\nENV HOOK=%s\nARG H=%s\n"
          "CMD notify %s\n" % (slack(), telegram(), discord(), slack()))
    write(root, "/srv/w/config.js", "window.hook='%s';\nvar t='%s';\n" % (slack(), telegram()))


def shown(root):
    plant(root)
    runs = [("--root", root), ("--root", root, "-v"), ("--root", root, "-v", "-f", "json"),
            ("secrets", "--root", root, "-v"), ("secrets", "--root", root, "-f", "json")]
    runs += [("url", "--root", root, "http://x/" + name) for name in "abcdef"]
    for args in runs:
        got = subprocess.run([os.environ["SRVAUDIT"], *args], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=60, check=False).stdout.decode()
        result(got and not [k for k in KEYS if k in got],
               "no key in %s" % " ".join(a for a in args if a != root), got)


in_folder(shown)
sys.exit(finish())
