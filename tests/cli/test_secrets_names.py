#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A secret is called by its key where the file has one; what stands there is never a secret too."""
import json
import os
import random
import string
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
RNG = random.Random("names of secrets")
LETTERS = string.ascii_letters + string.digits


def drawn(count=14):
    return planted("q7" + "".join(RNG.choice(LETTERS) for _ in range(count)))


def wordy():
    """A password made of words, one of which names secrets: it would do for a name."""
    words = ["My", "Secret", "Password", "Token", "First", "Garden", "Pass", "Apikey"]
    tail = "".join(RNG.choice("bcdfgklmnprst") + RNG.choice("aeiou") for _ in range(3))
    return planted("".join(RNG.sample(words, 2)) + RNG.choice(["Secret", "Password", "Token"]) +
                   tail.capitalize())


def shown(*args):
    """All that is printed, for people and for machines."""
    out = []
    for form in ("text", "json"):
        got = subprocess.run([SRVAUDIT, *args, "-f", form], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=120, check=False)
        out.append(got.stdout.decode("utf-8", "replace"))
    return out


SHAPES = [
    'passwords: ["%(w)s", "%(d)s"]',
    "passwords: [%(w)s, %(d)s]",
    'secret = "%(w)s", "%(d)s"',
    "secret = ('%(w)s', '%(d)s')",
    "#2 /srv/a.php(7): login('%(w)s', '%(d)s')",
    "password=%(w)s,%(d)s",
    "password,%(w)s,%(d)s",
    '"password","%(w)s","%(d)s"',
    "{'password': '%(w)s', 'token': '%(d)s'}",
    "{password: %(w)s, token: %(d)s}",
    "{'password': ['%(w)s'], 'secrets': ['%(w)s', '%(d)s']}",
    "password: %(w)s: %(d)s",
    "password = %(w)s = %(d)s",
    "token:%(w)s:password=%(d)s",
    "%(w)s:%(d)s",
    "password '%(w)s' => password '%(d)s'",
    "<password>%(w)s</password><token>%(d)s</token>",
    '<user password="%(w)s" token="%(d)s"/>',
    'login("%(w)s", password="%(d)s")',
    'mysql -u root --password="%(w)s" --token="%(d)s"',
    "password = '%(w)s' secret = '%(d)s'",
    "password=[%(w)s](%(d)s)",
    "apikey=\"%(d)s\", \"%(w)s\", \"%(d)s\"",
    "INSERT INTO secrets (password, token) VALUES ('%(w)s', '%(d)s');",
    "set('password', '%(w)s'); set('%(w)s', '%(d)s')",
    "{\\\"password\\\": \\\"%(w)s\\\", \\\"token\\\": \\\"%(d)s\\\"}",
    "password => ['%(w)s' , '%(d)s']",
    "password: '%(w)s' # or %(w)s: '%(d)s'",
    "$password = \"%(w)s\"; $%(w)s = '%(d)s';",
    "secret: >- %(w)s\n  %(d)s",
    "(\"%(w)s\",\n \"%(d)s\")",
]
GLUE = [" ", ", ", "=", ": ", "'", '"', "[", "](", "\\", " => ", ";", "<", ">", "\t", "\n", ":",
        "{", "}", " password ", " token = ", "'secret': '", '"api_key": "', "', '", '", "', "`"]


def never_a_secret(root):
    """As the file gives it, alone and among others."""
    values = []
    for number, shape in enumerate(SHAPES):
        for turn in range(2):
            pair = {"w": wordy(), "d": drawn() if turn else wordy()}
            values += pair.values()
            write(root, "/srv/%d.%d.txt" % (number, turn), shape % pair + "\n")
            write(root, "/var/log/app/%d.%d.log" % (number, turn), shape % pair + "\n")
    texts = shown("secrets", "--root", root, "/srv") + shown("--root", root)
    bad = [v for v in values if any(v in text for text in texts)]
    result(not bad, "no value names another one", len(bad))
    return result(texts[1].count('"rule"') > len(SHAPES) // 2, "many are found", len(texts[1]))


def mixed(root):
    """Values, keys and what stands between them, in any order: what is a secret at one place names
    none at another."""
    values = []
    for number in range(400):
        words = [wordy() for _ in range(3)] + [drawn() for _ in range(3)]
        values += words
        line = "".join(RNG.choice(GLUE) + RNG.choice(words) for _ in range(RNG.randint(2, 9)))
        told = "".join("password = '%s'\n" % w for w in words)
        write(root, "/srv/%d.txt" % number, line + "\n" + told)
    texts = shown("secrets", "--root", root, "/srv")
    bad = [v for v in values if any(v in text for text in texts)]
    return result(not bad, "no line makes a secret a name", len(bad))


def names(root):
    """What files call them is still told."""
    write(root, "/srv/a.env", "export DB_PASSWORD=%s\n" % drawn())
    write(root, "/srv/b.yaml", "db:\n  - smtp_password: %s\n" % drawn())
    write(root, "/srv/c.json", '{"user": "x", "mailPassword": "%s"}\n' % drawn())
    write(root, "/srv/d.php", "<?php\n$x = ['user' => 'a', 'shop_password' => '%s'];\n" % drawn())
    write(root, "/srv/e.php", "<?php\n$conf['blog_password'] = '%s';\n" % drawn())
    write(root, "/srv/f.js", "var adminPassword = '%s';\n" % drawn())
    write(root, "/srv/g.xml", "<a><ldapPassword>%s</ldapPassword></a>\n" % drawn())
    write(root, "/srv/h.ini", "[a]\nshop.datasource.password = %s\n" % drawn())
    write(root, "/srv/i.py", 'connect("a", root_password="%s")\n' % drawn())
    text = shown("secrets", "--root", root, "/srv")[1]
    told = {f["file"]: f["message"].split()[0] for f in json.loads(text)["findings"]}
    wanted = {"a.env": "DB_PASSWORD", "b.yaml": "smtp_password", "c.json": "mailPassword",
              "d.php": "shop_password", "e.php": "blog_password", "f.js": "adminPassword",
              "g.xml": "ldapPassword", "h.ini": "shop.datasource.password",
              "i.py": "root_password"}
    for name, key in wanted.items():
        result(told.get("/srv/" + name) == key, "named by its key: " + name, told)
    return True


def main():
    for test in (never_a_secret, mixed, names):
        in_folder(test)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
