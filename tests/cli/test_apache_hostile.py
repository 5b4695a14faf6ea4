#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hostile Apache configurations: answered in time, and never repeating what they take in."""
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
MODULES = "/usr/lib/apache2/modules"
RNG = random.Random("hostile")
WORD = planted("q7" + "".join(RNG.choice("abcdefghijkmnpqrtuvwyz0123456789") for _ in range(18)))
OPEN = "<Directory BASE/www>\nRequire all granted\nAllowOverride All\nOptions All\n</Directory>\n"
LIMIT = 60  # seconds, with sanitizers on a busy machine; what was wrong took minutes or for ever


def configuration(folder, text):
    """The main configuration with the usual modules before `text`."""
    names = """mpm_event authn_core authz_core authz_host access_compat alias autoindex dir mime
        rewrite setenvif proxy proxy_http include macro""".split()
    out = ["ServerRoot BASE", "ServerName main.test", "Listen 80", "DocumentRoot BASE/www", OPEN]
    out += ["LoadModule %s_module %s/mod_%s.so" % (n, MODULES, n) for n in names]
    os.makedirs(folder + "/www", exist_ok=True)
    for i in range(3):
        with open("%s/www/f%d.txt" % (folder, i), "w", encoding="utf-8") as f:
            f.write("x")
    path = folder + "/apache2.conf"
    with open(path, "w", encoding="utf-8") as f:
        f.write(("\n".join(out) + "\n" + text).replace("BASE", folder))
    return path


def run(*args, asked=""):
    """(exit status or None without one, all that was said, seconds)."""
    start = time.monotonic()
    try:
        got = subprocess.run([SRVAUDIT, *args], input=asked.encode(), stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None, b"", LIMIT
    return got.returncode, got.stdout, time.monotonic() - start


def secrets_taken_in(folder):
    """A file of passwords as configuration: its lines are wrong, and are not said."""
    conf = configuration(folder, "Include BASE/pass\nUse %s\n<IfVersion %s>\n</IfVersion>\n"
                         "Define A ${%s}\n" % ((WORD, ) * 3))
    with open(folder + "/pass", "w", encoding="utf-8") as f:
        f.write("root:$y$%s:1:2\nDB_PASSWORD=%s\n%s\n<%s>\n</%s\n" % ((WORD, ) * 5))
    with open(folder + "/www/.htaccess", "w", encoding="utf-8") as f:
        f.write("%s\n" % WORD)
    for args in (["-v"], ["-f", "json"]):
        _, said, _ = run(*args, conf)
        result(WORD.encode() not in said, "a password is not repeated with %s" % args[0], said)
    _, said, _ = run(conf)
    result(b"db_password..." in said, "but the name before it is", said)
    _, said, _ = run("url", "--batch", "-", conf, asked="http://main.test/f0.txt\n")
    result(WORD.encode() not in said, "nor by url", said)


LARGE = {
    "10,000 sections for folders and files": "".join(
        "<Directory BASE/www/l%d>\nRequire all granted\n</Directory>\n"
        "<Files f%d>\nRequire all denied\n</Files>\n" % (i, i) for i in range(10000)),
    "10,000 sections with Options": "<Directory BASE/www>\n" +
        "<Limit GET>\nRequire all granted\nOptions None\n</Limit>\n" * 10000 + "</Directory>\n",
    "10,000 proxied places": "".join(
        "<Location /l%d>\nProxyPass http://127.0.0.1:80/l%d\n</Location>\n" % (i, i + 1)
        for i in range(10000)),
    "a variable that doubles": "SetEnvIf Request_URI ^(.*)$ A=$1xxxxxxx\n" +
        "SetEnvIf A ^(.*)$ A=$1$1$1$1$1$1$1$1$1\n" * 60,
}


def large(folder):
    """Cost that grows with the configuration, not with its square."""
    for name, text in LARGE.items():
        conf = configuration(folder, text)
        for args in (["-f", "json"], ["url", "--batch", "-"]):
            status, _, seconds = run(*args, conf, asked="http://main.test/f0.txt\n")
            result(status in (0, 1, 3), "%s: %s" % (name, args[0]), seconds)


def main():
    in_folder(secrets_taken_in)
    in_folder(large)
    return finish()


sys.exit(main())
