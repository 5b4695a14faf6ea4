#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A secret that leaks: where it is kept well is said, for it must be changed there too."""
import json
import os
import random
import string
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402
from files import write  # noqa: E402
from planted import planted  # noqa: E402


def key(seed):
    rng = random.Random(seed)
    part = ["".join(rng.choice(string.ascii_letters + string.digits) for _ in range(58))
            for _ in range(2)]
    return planted("sk-proj-" + part[0] + "T3Blbk" + "FJ" + part[1])


NGINX = """user www-data;
events {}
http { server { listen 80; server_name shop.example.com; root /srv/app; } }
"""
UNIT = """[Service]
User=www-data
EnvironmentFile=/etc/shop/env
ExecStart=/usr/bin/true
"""


def plant(root):
    os.chmod(root, 0o755)
    leaks, other = key(1), key(2)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/srv:/bin/sh\n"
          + ("me:x:%d:%d::/:/bin/sh\n" % (os.getuid(), os.getgid()) if os.getuid() else ""))
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/nginx/nginx.conf", NGINX)
    write(root, "/etc/systemd/system/shop.service", UNIT)
    write(root, "/etc/shop/env", "MODE=live\nexport OPENAI_API_KEY=%s\n" % leaks, 0o600)
    write(root, "/etc/shop/other", "OPENAI_API_KEY=%s\n" % other, 0o600)
    for i in range(5):
        write(root, "/etc/shop/old.%d" % i, "OPENAI_API_KEY=%s\n" % leaks, 0o600)
    write(root, "/srv/app/main.js", 'fetch(u,{headers:{Authorization:"Bearer %s"}})\n' % leaks)
    return [leaks, other]


def main():
    with tempfile.TemporaryDirectory() as root:
        values = plant(root)
        got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "--format", "json", "/etc"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                             check=False)
    report = json.loads(got.stdout)
    served = [f for f in report["findings"] if f["check"] == "web.frontend-secret"]
    told = [e for f in served for e in f["evidence"] if e["file"].startswith("/etc/shop/")]
    rest = [e for f in served for e in f["evidence"] if "more places keep it" in e["text"]]
    of_unit = [e for e in told if e["file"] == "/etc/shop/env"]
    tap.result(len(served) == 1, "the bundle is a finding", repr(report["findings"]))
    tap.result(len(of_unit) == 1 and of_unit[0]["line"] == 2
           and "for shop.service; " in of_unit[0]["text"], "the unit's file is named", repr(told))
    tap.result(len(told) == 3 and rest and rest[0]["text"].startswith("3 more"),
           "three places are named, three are counted", repr((told, rest)))
    tap.result(not any(e["file"].endswith("/other") for e in told), "another key's file is not named")
    tap.result(not any(v.encode() in got.stdout + got.stderr for v in values), "no value is shown")
    tap.finish()


if __name__ == "__main__":
    main()
