#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random environment files, as systemd's own reader has them and as the model does."""
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import finish, result, skipped  # noqa: E402

HELPER = os.path.join(os.environ.get("top_builddir", "."), "tests/model/helper_units")
# It reads environment.d(5), with the reader of EnvironmentFile= and expansion of $ behind it.
GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"
SEED, FILES = 20261126, 400
PIECES = ("A", "B_1", "export C", "=", "=", "=", '"', "'", "\\", "\\\n", "\n", "\n", "\n", " ", "\t",
          "#", ";", "value", "x y", "\r\n", "\\n", "\\\"", "`", "%h", "caf\u00e9", "  ", "9X", "D=e")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


def text_of(rng):
    lines = []
    for _ in range(rng.randint(1, 6)):
        if rng.random() < 0.5:
            lines.append("%s=%s" % (rng.choice("ABCDEF"), "".join(
                rng.choice(PIECES) for _ in range(rng.randint(0, 6)))))
        else:
            lines.append("".join(rng.choice(PIECES) for _ in range(rng.randint(1, 8))))
    return rng.choice(("\n", "\n", "\r\n")).join(lines)


def unquoted(text):
    """What the generator printed, quoted for a shell where it has to be."""
    if not text.startswith('"'):
        return text
    out, i, body = "", 0, text[1:-1]
    while i < len(body):
        c = body[i]
        if c == "\\" and i + 1 < len(body):
            i += 1
            octal = body[i:i + 3]
            if len(octal) == 3 and all(d in "01234567" for d in octal):
                out += chr(int(octal, 8))
                i += 2
            else:
                out += ESCAPES.get(body[i], body[i])
        else:
            out += c
        i += 1
    return out


def oracle(folder, text):
    os.makedirs(os.path.join(folder, "environment.d"), exist_ok=True)
    with open(os.path.join(folder, "environment.d/10.conf"), "w", encoding="utf-8",
              newline="") as f:
        f.write(text)
    got = subprocess.run([GENERATOR], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30,
                         env={"XDG_CONFIG_HOME": folder, "LC_ALL": "C.UTF-8"})
    pairs = {}
    for line in got.stdout.decode("utf-8").split("\n"):
        name, eq, value = line.partition("=")
        if eq:
            pairs[name] = unquoted(value)
    return pairs


def main():
    if not os.path.exists(GENERATOR):
        skipped("systemd's reader agrees", "no %s here" % GENERATOR)
        return finish()
    folder = tempfile.mkdtemp(prefix="srvaudit-env-")
    wrong, values = [], 0
    try:
        elsewhere = oracle(folder, "")
        for number in range(FILES):
            text = text_of(random.Random("%d %d" % (SEED, number)))
            real = oracle(folder, text)
            out = subprocess.run([HELPER, "--env", os.path.join(folder, "environment.d/10.conf")],
                                 stdout=subprocess.PIPE, check=True, timeout=30).stdout.decode()
            mine, emptied = dict(elsewhere), False
            for line in out.split("\n"):
                name, eq, value = line.partition("=")
                if eq:
                    emptied |= not value and bool(mine.get(name))
                    mine[name] = bytes.fromhex(value).decode("utf-8")
            if emptied:
                continue  # environment.d(5) then keeps the old value; a unit does not
            values += len(real) - len(elsewhere)
            mine = {k: v for k, v in mine.items() if v}
            if mine != {k: v for k, v in real.items() if v}:
                wrong.append("%r: systemd %r, model %r" % (text, real, mine))
    finally:
        shutil.rmtree(folder)
    result(values > FILES / 2, "systemd read %d variables" % values)
    result(not wrong, "systemd agrees on every file", "\n".join(wrong[:5]))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
