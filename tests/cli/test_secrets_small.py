#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Small packed files, which are unpacked in memory, say the same as larger ones do."""
import binascii
import gzip
import io
import json
import lzma
import os
import random
import re
import string
import struct
import subprocess
import sys
import zipfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
import tap  # noqa: E402
from packed import packed_tests  # noqa: E402
from planted import planted as registered  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
LARGE = random.Random(5).randbytes((1 << 20) + 1)


def token(seed):
    """A GitHub token whose checksum is right: 30 characters and their CRC32 in base62."""
    rng = random.Random(seed)
    body = "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(30))
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    value, out = binascii.crc32(body.encode()), ""
    while value:
        value, rest = divmod(value, 62)
        out = digits[rest] + out
    return registered(("ghp" + "_" + body + out.rjust(6, "0")).encode())


def said(path):
    got = subprocess.run([SRVAUDIT, "secrets", "-f", "json", path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=120, check=False)
    report = json.loads(got.stdout)
    places = sorted((e["text"], min(e.get("line", 0), 3)) for f in report["findings"]
                    for e in f["evidence"])
    skipped = sorted(s["reason"] for s in report["coverage"]["skipped"])
    texts = places, skipped, sorted(f["message"] for f in report["findings"])
    return re.sub("bytes from [0-9]+ on", "bytes behind", json.dumps(texts))


def zipped(members, large, method=zipfile.ZIP_DEFLATED, stream=False):
    out = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            return out.write(data)

    with zipfile.ZipFile(Unseekable() if stream else out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
        if large:
            z.writestr("zz", LARGE, zipfile.ZIP_STORED)
    return out.getvalue()


def link(name):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    return info


def patched(data, at, new):
    return data[:at] + new + data[at + len(new):]


def first_of_list(data):
    return data.index(b"PK\1\2")


def variants(large):
    plain = [("etc/app.conf", token(1) + b"\n" + b"x" * 500), ("b.txt", b"a\n" + token(2) + b"\n")]
    yield "deflated", zipped(plain, large)
    yield "stored", zipped(plain, large, zipfile.ZIP_STORED)
    yield "sizes behind", zipped(plain, large, stream=True)
    yield "bzip2", zipped(plain, large, zipfile.ZIP_BZIP2)
    yield "a folder", zipped([("d/", b""), *plain], large)
    yield "an empty file", zipped([("e", b""), *plain], large)
    yield "a link", zipped([(link("l"), b"b.txt"), *plain], large)
    yield "UTF-8", zipped([("\u00fc.txt", token(3)), *plain], large)
    yield "a backslash", zipped([("a\\b.txt", token(3)), *plain], large)
    yield "a zip in it", zipped([("in.zip", zipped([("x.txt", token(4))], False)), *plain], large)
    yield "a gzip in it", zipped([("in.gz", gzip.compress(token(5) + b"\n")), *plain], large)
    whole = zipped(plain, large)
    at = first_of_list(whole)
    yield "a wrong sum", patched(whole, at + 16, b"\1\2\3\4")
    yield "a wrong size", patched(whole, at + 24, b"\7\0\0\0")
    yield "another name", patched(whole, 30, b"q")
    yield "encrypted", patched(patched(whole, at + 8, b"\1"), 6, b"\1")
    yield "damaged", patched(whole, 30 + len("etc/app.conf") + 20, b"\xff\xff\xff")
    yield "a method of its own", patched(whole, 8, b"\0\0")
    yield "something before it", b"#!/bin/sh\n" + token(6) + b"\n" + whole
    yield "something behind it", whole + b"\n" + token(6) + b"\n"
    second = whole.index(b"PK\3\4", 4)
    listed = whole.index(b"PK\1\2", at + 4)
    yield "members in one place", patched(whole, listed + 42, struct.pack("<I", 0))
    yield "one not in the list", patched(whole, second, b"PK\3\5")


def zips(folder):
    larger = dict(variants(True))
    for name, data in variants(False):
        got = []
        for content in (data, larger[name]):
            path = os.path.join(folder, "a.zip")
            with open(path, "wb") as f:
                f.write(content)
            got.append(said(path))
        tap.result(got[0] == got[1] and "any local user" in got[0], "zip: " + name, str(got))


def streams(folder, kind, compress):
    text = b"a\n" + token(7) + b"\n"
    packed = compress(text)
    larger = compress(text + LARGE)
    cases = {"whole": lambda p: p, "damaged": lambda p: p[:-8] + b"\0" * 8,
             "two": lambda p: p + compress(token(8)), "zeros behind it": lambda p: p + b"\0" * 64,
             "text behind it": lambda p: p + b"\n" + token(9) + b"\n"}
    if kind == "xz":  # of what is damaged libarchive says another thing the longer it is
        del cases["damaged"], cases["text behind it"]
    for name, change in cases.items():
        got = []
        for content in (packed, larger):
            path = os.path.join(folder, "a." + kind)
            with open(path, "wb") as f:
                f.write(change(content))
            got.append(said(path))
        tap.result(got[0] == got[1] and "any local user" in got[0],
                   "%s: %s" % (kind, name), str(got))


def gzips(folder):
    streams(folder, "gz", gzip.compress)


def xz(folder):
    streams(folder, "xz", lzma.compress)


sys.exit(packed_tests(("libarchive", zips), ("libarchive", gzips), ("libarchive", xz)))
