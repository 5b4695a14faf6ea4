#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Passwords that only a file's grammar shows: found with rule and line, their neighbours not."""
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS = 4

# A file's path, its rule and its text: {0}, {1}, ... are passwords; backslashes escape as there.
FILES = [
    ("/a/.netrc", "netrc-password",
     "# password none\ndefault login bob password {0}\nmachine a.example\n\tpassword {1}\n"
     "  login x\nmachine b.example login y password \"{2} z\"\nmacdef init\npassword notapassword1\n\n"
     "machine c.example login z\n  password\n  {3}\n"),
    ("/a/.pgpass", "pgpass-line",
     "#h:1:d:u:commented9\n*:*:*:app:{0}\ndb.example:6543:a\\:b:u:{1}\\:x\n/run/pg:5432:d:u:{2}\n"),
    ("/a/.my.cnf", "mycnf-password",
     "[client]\nuser=root\n# password=commented9\npassword = \"{0} # x\"\n[mysqldump]\n"
     "password={1} # nightly\n[other]\npassword='{2};y'\n[empty]\npassword=\n[r]\npassword=${{PW}}\n"),
    ("/etc/redis/redis.conf", "redis-requirepass",
     "# requirepass commented9\nRequirePass \"{0} z\"\n  masterauth {1}\nrequirepass \"\"\n"),
    ("/etc/postfix/sasl_passwd", "sasl-password",
     "relay bob:{0}\n[a.example]:587\tb@x.example:{1}#:q\n# x y:commented9\n"),
    ("/etc/exim4/passwd.client", "exim-client-password", "*.a.example:bob:{0}\n# a:b:commented9\n"),
    ("/etc/pam_radius_auth.conf", "radius-secret", "10.0.0.1:1812 {0} 3\n#b commented9 3\n"),
    ("/etc/cifs-credentials", "cifs-credentials", "password={0} # \"x\ndomain=d\nusername=u\n"),
    ("/etc/supervisor/supervisord.conf", "supervisord-password",
     "[unix_http_server]\nfile=/s\n;password=commented9\nusername=[x]\npassword={0} ; note\n"
     "[supervisorctl]\npassword=%(ENV_PW)s\n"),
    ("/etc/sssd/sssd.conf", "ldap-bind-password",
     "[domain/a]\nldap_default_authtok_type = password\nldap_default_authtok = {0} x\n"),
    ("/etc/nslcd.conf", "ldap-bind-password", "binddn cn=a b\nbindpw {0} #x\nrootpw_x notapassword1\n"),
    ("/etc/keepalived/keepalived.conf", "vrrp-auth-pass",
     "vrrp_instance a {{\n authentication {{\n  auth_pass {0} # x\n }}\n}}\n"),
    ("/srv/.env", "generic-secret",
     "# DB_PASSWORD=commented9\nDB_PASSWORD={0}\nexport MAIL_PASSWORD = \"{1} z\" # note\n"
     "A_SECRET='{2}#x'\nB_TOKEN=`{3} \"q\"`\nC_PASSWORD={4} # note\nD_PASSWORD=${{DB_PASSWORD}}\n"
     "E_PASSWORD=pre-${{DB_PASSWORD}}\nF_PASSWORD=\nG_PASSWORD=changeme\nNOTE=\"two\nlines\"\n"
     "H_PASSWORD=\"{5}\nsecond\"\nPASSWORD_FILE=/run/secrets/password\nI_PASSWORD=\"{6}\\\"x\"\n"),
    ("/etc/systemd/system/app.service", "generic-password",
     "[Service]\n# ExecStart=/usr/bin/a --password commented9\nExecStart=-/usr/bin/app --redis-pass {0} \\\n"
     "  # --password=commented9\n  --port 80 \\\n  --db-password=\"{1} z\"\n"
     "ExecStartPre=/bin/sh -c 'exec app --smtp-password {2}'\nExecReload=app --user notapassword1\n"
     "ExecStop=/usr/bin/mosquitto_pub -P {3}\nExecStopPost=app --password-file /etc/pw.txt --token ${{T}}\n"
     "Description=app \\\nExecStart=/usr/bin/a --password notapassword1\n"),
    ("/etc/systemd/system/app.service.d/a.conf", "generic-password",
     "[Service]\nExecStart=\nExecStart=/usr/bin/app --admin-password {0}\n"),
    ("/srv/notes/a.conf", None, "ExecStart=/usr/bin/app --admin-code notapassword1\n"),
    ("/etc/credstore/db", "generic-password", "{0}\n"),
    ("/srv/.env.example", None, "DB_PASSWORD=hunting-is-fun\n"),
]
# What the texts write around a password that is part of its value.
TAILS = {"/a/.netrc": {2: " z"}, "/a/.pgpass": {1: ":x"}, "/a/.my.cnf": {0: " # x", 2: ";y"},
         "/etc/redis/redis.conf": {0: " z"}, "/etc/postfix/sasl_passwd": {1: "#:q"},
         "/etc/cifs-credentials": {0: " # \"x"}, "/etc/sssd/sssd.conf": {0: " x"},
         "/etc/nslcd.conf": {0: " #x"}, "/etc/systemd/system/app.service": {1: " z"},
         "/srv/.env": {1: " z", 2: "#x", 3: " \"q\"", 5: "\nsecond", 6: "\"x"}}
WORDS = ["hunter", "winter", "monkey", "orange", "garden", "copper", "silver", "rocket"]


def fingerprint(value):
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def run(root, seed):
    rng, expected = random.Random(seed), set()
    for path, rule, text in FILES:
        passwords = ["%s%d%s" % (rng.choice(WORDS), rng.randrange(10, 99), rng.choice("kmxz"))
                     + str(i) for i in range(7)]
        for i, password in enumerate(passwords):
            if "{%d}" % i in text:
                line = text[:text.index("{%d}" % i)].count("\n") + 1
                value = planted(password + TAILS.get(path, {}).get(i, ""))
                expected.add((path, line, "secrets." + rule, fingerprint(value)))
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="utf-8") as f:
            f.write(text.format(*passwords))
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    found = {(e["file"], e["line"], f["check"], f["secrets"][0]["id"])
             for f in json.loads(got.stdout)["findings"] if f["severity"] != "info"
             for e in f["evidence"]}
    missed, wrong = expected - found, found - expected
    result(not missed, "seed %d: all of %d passwords, whole" % (seed, len(expected)),
           "\n".join("%s:%d %s" % m[:3] for m in sorted(missed)))
    result(not wrong, "and nothing else", "\n".join("%s:%d %s" % w[:3] for w in sorted(wrong)))


def main():
    for seed in range(SEEDS):
        in_folder(lambda root: run(root, seed))
    return finish()


sys.exit(main())
