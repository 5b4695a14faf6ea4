#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random INI files: as Python's configparser (supervisord's) and the real php-fpm read them."""
import configparser
import glob
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import finish, in_folder, result, skipped  # noqa: E402

HELPER = os.path.join(os.environ.get("top_builddir", "."), "tests/model/helper_ini")
SEED, FILES = 20261126, 150
VALUES = ("plain", "two words", '"in quotes"', "a;b", "a ; comment", "a # b", "a#b", "x=y", "x:y",
          "", "'single'", "%(ENV_X)s", "caf\u00e9", "[no section]", "yes", "/run/x.sock", "a,b")


def model(style, path):
    out = subprocess.run([HELPER, style, path], stdout=subprocess.PIPE, check=True,
                         encoding="ascii").stdout
    rows = [line.split(" ") for line in out.splitlines()]
    return [tuple(bytes.fromhex(x).decode("utf-8", "replace") for x in r) for r in rows]


def write(path, text):
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)


# ---- Python ----

def python_file(rng):
    lines = ["[first]"]
    for _ in range(rng.randint(3, 14)):
        key, value = rng.choice(("Key", "environment", "a.b", "x y")), rng.choice(VALUES)
        lines += rng.choice((
            ["%s%s%s" % (key, rng.choice(("=", " = ", ": ", ":")), value)],
            ["%s=%s" % (key, value), "  " + rng.choice(VALUES), "\tmore"],
            ["%s=%s" % (key, value), "  ; between", "   last"],
            ["[%s]" % rng.choice(("program:a", "first", "x:y=z"))], ["; comment"], ["# comment"],
            ["[s]   ; behind"]))
    return rng.choice(("\n", "\r\n")).join(lines) + "\n"


def python_oracle(path):
    """Set up as supervisor/options.py does. Empty lines of a value mean nothing in its lists."""
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read(path, encoding="utf-8")
    return {(s, k): re.sub(r"\n+", "\n", v) for s in parser.sections()
            for k, v in parser.items(s)}


def python_files(folder):
    rng, notes, count = random.Random(SEED), [], 0
    for number in range(FILES):
        path = "%s/%d.conf" % (folder, number)
        write(path, python_file(rng))
        try:
            want = python_oracle(path)
        except configparser.Error:
            continue  # supervisord does not start with that
        got = {(s, k): v for s, k, v in model("python", path)}
        count += 1
        if got != want:
            notes.append("%d: %s" % (number, {k: (got.get(k), want.get(k)) for k in
                                              set(got) | set(want) if got.get(k) != want.get(k)}))
    result(not notes and count > FILES / 2, "%d files as configparser reads them" % count,
           "\n".join(notes[:10]))


# ---- php-fpm ----

def php_file(rng):
    lines = ["[a]", "user = www-data", "listen = /run/a.sock", "pm = static",
             "pm.max_children = 1"]
    texts = ("plain", "two words", '"a;b" ; comment', "'it\"s'", '"a\\"b"', "x ; comment", "$HOME",
             "/usr/bin:/bin", "a,b", "3", '"  kept  "', "caf\u00e9", "a@b.example", "tcp://h:1/x")
    for _ in range(rng.randint(2, 10)):
        lines.append(rng.choice(("", "  ", "\t")) + rng.choice((
            "env[%s]%s%s" % (rng.choice("ABC"), rng.choice(("=", " = ")), rng.choice(texts)),
            "php_value[%s] = %s" % (rng.choice("abc"), rng.choice(texts)),
            "php_admin_value[%s] = %s" % (rng.choice("abc"), rng.choice(texts)), "; comment",
            ";env[A] = off", "listen.mode = 0666", "clear_env = no", "clear_env = yes")))
    return "\n".join(lines) + "\n"


def php_dump(binary, folder, path):
    write(folder + "/php-fpm.conf", "[global]\nerror_log = %s/log\ninclude = %s\n" % (folder, path))
    got = subprocess.run([binary, "-tt", "-R", "-y", folder + "/php-fpm.conf"],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    text = got.stdout.decode("utf-8", "replace")
    rows = re.findall(r"NOTICE: \t([^ =]+) = (.*)", text[text.find("NOTICE: [a]"):])
    return dict(reversed(rows)) if "is successful" in text else None  # the last one first


def php_files(folder):
    found = [os.environ.get("PHP_FPM")] + sorted(glob.glob("/usr/sbin/php-fpm*"))
    binary = next((x for x in found if x and shutil.which(x)), None)
    if not binary:
        return skipped("files as php-fpm reads them", "no php-fpm here")
    rng, notes, count = random.Random(SEED), [], 0
    for number in range(FILES):
        path = "%s/%d.pool" % (folder, number)
        write(path, php_file(rng))
        want = php_dump(binary, folder, path)
        if want is None:
            continue
        got = {k: v for _, k, v in model("php", path)}
        count += 1
        for key, value in got.items():
            if key in ("user", "listen", "listen.mode", "clear_env") or "[" in key:
                if want.get(key) != value:
                    notes.append("%d: %s: %r, php-fpm %r" % (number, key, value, want.get(key)))
    return result(not notes and count > FILES / 2, "%d files as php-fpm reads them" % count,
                  "\n".join(notes[:10]))


in_folder(python_files)
in_folder(php_files)
sys.exit(finish())
