#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A host whose names are chosen to harm: advice that is pasted runs nothing else, and many users."""
import os
import re
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SECRET = planted("Zk38" + "xmQ0LvB2pWq9sT")
NAMES = ("a; touch PWNED #.conf", "b$(touch PWNED).conf", "c`touch PWNED`.conf", "d'e\"f.conf",
         "g & touch PWNED &.conf", "h|touch PWNED.conf", "i > PWNED.conf", "-rf.conf", "j\\.conf")
COMMANDS = ("chmod ", "chown ", "rm ", "or: chmod ", "then systemctl ")


def audit(root, *args):
    return subprocess.run([os.environ["SRVAUDIT"], *args, "--root", root], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False, encoding="utf-8")


def words_of(line):
    """What a shell makes of the line; None where it does not end."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return list(lexer)
    except ValueError:
        return None


def harmful(output):
    """Lines of advice in which a name is more than one word of a command."""
    bad = []
    for line in output.splitlines():
        text = re.sub(r"^ +(fix +)?", "", line)
        if not text.startswith(COMMANDS):
            continue
        words = words_of(text)
        if words is None or "PWNED" in words or "touch" in words or re.search(r"\$\(|`", text) and \
                not re.search(r"'[^']*(\$\(|`)[^']*'", text):
            bad.append(line)
    return bad


def names(folder):
    os.chmod(folder, 0o755)
    write(folder, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    write(folder, "/etc/group", "root:x:0:\n")
    for name in NAMES:
        write(folder, "/etc/open/" + name, "x\n", 0o666)
        write(folder, "/etc/keys/" + name, "db_password = %s\n" % SECRET)
        write(folder, "/etc/copy/" + name, "x\n", 0o600)
        write(folder, "/etc/copy/" + name + ".bak", "x\n", 0o644)
        write(folder, "/etc/cron.d/x" + re.sub(r"[^a-z]", "", name), "1 1 * * * root /bin/true\n", 0o666)
        write(folder, "/etc/systemd/system/" + name[:-5] + ".service",
              "[Service]\nExecStart=/usr/bin/node --inspect x.js\n", 0o666)
    got = audit(folder)
    result(got.stdout.count("chmod") >= 3 * len(NAMES), "advice for every name", got.stdout[-2000:])
    result(not harmful(got.stdout), "a name is one word of the advice", "\n".join(
        harmful(got.stdout)))
    got = audit(folder, "secrets")
    result("chmod" in got.stdout and not harmful(got.stdout), "and in that of srvaudit secrets",
           got.stdout[-2000:])


def users(folder):
    os.chmod(folder, 0o755)
    write(folder, "/etc/passwd", "".join("u%d:x:%d:%d::/home/u%d:/bin/sh\n" % (i, i, i, i)
                                         for i in range(100000)))
    write(folder, "/etc/group", "".join("u%d:x:%d:\n" % (i, i) for i in range(100000)))
    write(folder, "/home/u99999/.netrc", "machine a.test login b password %s\n" % SECRET)
    got = audit(folder)
    result("/home/u99999/.netrc" in got.stdout, "100,000 users, and the last one is looked at",
           got.stdout[-2000:] + got.stderr)


in_folder(names)
in_folder(users)
sys.exit(finish())
