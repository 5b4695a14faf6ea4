#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets in compiled Python and Java, core dumps and programs: found; packages' not."""
import json
import marshal
import os
import random
import struct
import subprocess
import sys
import zipfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402
from templates import expand  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
# Of 40, 56 and 74 bytes: as a length the second is a digit and the third a letter.
FORMS = ["sk_" "live_{a:32}", "sk_" "live_{a:48}", "sk_" "live_{a:66}"]
SHOWN = {"/srv/a.cpython-311.pyc": 0, "/srv/__pycache__/b.cpython-312.pyc": 1, "/srv/c.pyc": 2,
         "/srv/A.class": 0, "/srv/B.class": 1, "/srv/core": 0, "/srv/core.99": 1,
         "/srv/program": 0}
HIDDEN = {"/usr/lib/python3/dist-packages/m/__pycache__/d.cpython-311.pyc": 0,
          "/usr/bin/program": 0}


def compiled(path, value):
    if path.endswith(".pyc"):
        code = compile("TOKEN = %r\nOTHER = None\n" % value, "s.py", "exec")
        return b"\xa7\r\r\n" + b"\0" * 12 + marshal.dumps(code)
    text = value.encode()
    if path.endswith(".class"):
        return b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10" + b"".join(
            b"\1" + struct.pack(">H", len(t)) + t for t in (b"Code", text, b"main")) + b"\7\0\1"
    big = path.endswith("core.99")
    kind = 2 if path.endswith("program") else 4
    head = b"\x7fELF\2" + (b"\2\1" if big else b"\1\1") + b"\0" * 9
    return head + struct.pack(">H" if big else "<H", kind) + b"\0" * 300 + b"K=" + text + b"\0" * 99


def fresh(rng, form):
    return planted(expand(rng, FORMS[form])[0])


def compiled_tests(root):
    rng, tokens = random.Random(random.SystemRandom().random()), {}
    for path, form in {**SHOWN, **HIDDEN}.items():
        tokens[path] = fresh(rng, form)
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "wb") as f:
            f.write(compiled(path, tokens[path]))
    member = fresh(rng, 1)
    with zipfile.ZipFile(root + "/srv/d.jar", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("x/C.class", compiled("C.class", member))
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=60, check=False)
    found = {(f["file"], f["secrets"][0]["redacted"][-4:]) for f in json.loads(got.stdout)["findings"]}
    for path in SHOWN:
        result((path, tokens[path][-4:]) in found, "found, and whole: " + path, found)
    result(("/srv/d.jar", member[-4:]) in found, "and in a class of a jar", found)
    for path in HIDDEN:
        result(path not in {file for file, _ in found}, "not read: " + path, found)


def main():
    in_folder(compiled_tests)
    return finish()


sys.exit(main())
