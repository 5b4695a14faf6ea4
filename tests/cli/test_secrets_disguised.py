#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Texts that are called pictures, what stands behind a picture's end, and constants of programs."""
import io
import json
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
LINE = b"\nkey = %s\n"


def png(inside=b""):
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(21) + inside + b"\0\0\0\0IEND\xaeB`\x82"


def elf(bits, order, constants, code, loose, behind):
    """A header, a segment of constants, one of code, bytes of no segment, a table of sections."""
    word = "Q" if bits == 64 else "I"
    header, entry, section = (64, 56, 64) if bits == 64 else (52, 32, 40)
    starts, at = [], header + 2 * entry
    for part in (constants, code, loose):
        starts.append(at)
        at += len(part)
    head = b"\x7fELF" + bytes([bits // 32, 1 if order == "<" else 2, 1]) + bytes(9)
    head += struct.pack(order + "HHI" + word * 3 + "IHHHHHH", 2, 62, 1, 0, header, at, 0, header,
                        entry, 2, section, 1, 0)
    for flags, start, part in ((4, starts[0], constants), (5, starts[1], code)):
        if bits == 64:
            head += struct.pack(order + "IIQQQQQQ", 1, flags, start, 0, 0, len(part), len(part), 1)
        else:
            head += struct.pack(order + "IIIIIIII", 1, start, 0, 0, len(part), len(part), flags, 1)
    return head + constants + code + loose + bytes(section) + behind


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


def files(token):
    """By name the content, and how many of its tokens are to be found."""
    yield "notes.mp3", LINE % token(), 1
    yield "riff.avi", b"RIFF is a name" + LINE % token(), 1
    yield "id.mp3", b"ID3" + LINE % token(), 1
    yield "bm.env", b"BMODE=1\0x=1\0TOKEN=%s\0" % token(), 1
    yield "id3.env", b"ID3X=12345\0TOKEN=%s\0" % token(), 1
    yield "lp.env", b"x" * 34 + b"LP=1\0TOKEN=%s\0" % token(), 1
    yield "real.bmp", b"BM" + struct.pack("<IIII", 4000, 0, 54, 40) + LINE % token() + bytes(900), 0
    yield "real.mp3", b"ID3\4\0\0\0\0\2\0" + bytes(500) + LINE % token(), 0
    yield "plain.png", png(), 0
    yield "inside.png", png(LINE % token()), 0
    yield "behind.png", png() + LINE % token(), 1
    yield "behind.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(600) + b"\xff\xd9" + LINE % token(), 1
    yield "whole.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(600) + LINE % token() + b"\xff\xd9", 0
    yield "behind.gif", b"GIF89a\1\0\1\0" + bytes(600) + b";" + LINE % token(), 1
    yield "behind.webp", b"RIFF\x58\2\0\0WEBP" + bytes(596) + LINE % token(), 1
    yield "song.mp3", b"\xff\xfb\x90\x00" + bytes(600) + LINE % token(), 0
    yield "text.zip", zipped("logo.png", LINE % token()), 1
    yield "picture.zip", zipped("logo.png", png(bytes(600) + LINE % token())), 0
    yield "behind.zip", zipped("logo.png", png(bytes(600)) + LINE % token()), 1
    yield "behind2.zip", zipped("logo.zip", zipped("l", png(bytes(600)) + LINE % token())), 1
    for bits, order in ((64, "<"), (32, "<"), (64, ">"), (32, ">")):
        yield "program%d%s" % (bits, order == "<"), elf(
            bits, order, LINE % token(), LINE % token(), LINE % token(), LINE % token()), 3
    yield "program.png", elf(64, "<", LINE % token(), b"x", b"", b""), 1
    yield "cut", elf(64, "<", b"x" * 400 + LINE % token(), b"y" * 400, b"", b"")[:700], 1
    yield "tool.zip", zipped("tool", elf(64, "<", LINE % token(), b"x", b"", b"")), 1
    yield "package.zip", zipped("usr/bin/tool", elf(64, "<", LINE % token(), b"x", b"", b"")), 0
    yield "myusr/bin/program", elf(64, "<", LINE % token(), b"x", b"", b""), 1
    yield "usr/bin/program", elf(64, "<", LINE % token(), b"x", b"", b""), 0


def disguised(root):
    rng = random.Random(random.SystemRandom().random())

    def token():
        return planted(expand(rng, "sk_" "live_{a:32}")[0]).encode()

    os.makedirs(root + "/srv/usr/bin")
    os.makedirs(root + "/srv/myusr/bin")
    wanted = {}
    for name, content, n in files(token):
        wanted["/srv/" + name] = n
        with open(root + "/srv/" + name, "wb") as f:
            f.write(content)
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=60, check=False)
    found = [f["file"] for f in json.loads(got.stdout)["findings"]]
    for path, n in wanted.items():
        result(found.count(path) == n, "%s: %d" % (path, n), found)


def main():
    in_folder(disguised)
    return finish()


sys.exit(main())
