#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The examples that `srvaudit explain` shows for httpd are configuration that httpd takes."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "serve")]
sys.dont_write_bytecode = True

from apache_oracle import module_dir  # noqa: E402
from diff_oracle import find_program  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

MODULES = """mpm_event access_compat alias auth_basic authn_core authn_file authz_core authz_host
authz_user autoindex cgi dir dumpio env filter headers include info log_config mime negotiation
proxy proxy_http rewrite setenvif socache_shmcb ssl status userdir unixd""".split()


def srvaudit(*args):
    return subprocess.run([os.environ["SRVAUDIT"], *args], stdout=subprocess.PIPE, check=True,
                          encoding="utf-8").stdout


def examples(check):
    """The text under Bad and under Good."""
    parts = re.split(r"\n(Why|Fix|Bad|Good|See)\n", srvaudit("explain", check))
    told = dict(zip(parts[1::2], parts[2::2]))
    return [(kind, re.sub(r"(?m)^ {4}", "", told.get(kind, ""))) for kind in ("Bad", "Good")]


def examples_parse(folder):
    binary = find_program("apache2") or find_program("httpd")
    if not binary or not module_dir():
        return skipped("httpd takes every example", "no httpd here")
    lines = ["ServerRoot " + folder, "ServerName localhost", "Listen 127.0.0.1:1",
             "ErrorLog %s/log" % folder, "PidFile %s/pid" % folder]
    for name in MODULES:
        path = "%s/mod_%s.so" % (module_dir(), name)
        lines += ["LoadModule %s_module %s" % (name, path)] if os.path.exists(path) else []
    conf = os.path.join(folder, "httpd.conf")
    for path in ("/srv/www", "/var/www", "/var/log/apache2", "/etc/apache2/private"):
        os.makedirs(folder + path)
    with open(folder + "/etc/apache2/private/shop-env.conf", "w", encoding="utf-8"):
        pass
    for check in json.loads(srvaudit("checks", "--format", "json")):
        for kind, text in examples(check["id"]) if check["id"].startswith("apache.") else []:
            text = re.sub(r"/(?=srv/www\b|var/www\b|var/log/apache2\b|etc/apache2/private\b)",
                          folder + "/", text)
            with open(conf, "w", encoding="utf-8") as f:
                f.write("\n".join(lines) + "\n" + text + "\n")
            done = subprocess.run([binary, "-t", "-f", conf], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False, encoding="utf-8")
            result(text.strip() and done.returncode == 0, "%s, %s" % (check["id"], kind.lower()),
                   text + "\n" + done.stdout)
    return None


in_folder(examples_parse)
sys.exit(finish())
