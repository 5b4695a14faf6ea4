# SPDX-License-Identifier: Apache-2.0
"""Packed files with secrets in them, and what srvaudit secrets says of a folder of them."""
import bz2
import gzip
import io
import json
import lzma
import os
import random
import shutil
import subprocess
import tarfile
import zipfile

import tap
import templates
from planted import planted

SRVAUDIT = os.environ["SRVAUDIT"]
EDGE = (1 << 20) + (64 << 10) + 64  # where the first piece ends
COMPRESS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}
if shutil.which("zstd"):
    COMPRESS["zst"] = lambda data: subprocess.run(["zstd", "-qc"], input=data, check=True,
                                                  stdout=subprocess.PIPE).stdout


def token(seed):
    body = templates.pick(random.Random(seed), templates.CLASSES["a"], 30)
    return planted(("ghp" + "_" + body + templates.base62_crc(body)).encode())


def noise(n):
    """Text that packs badly."""
    rng = random.Random(n)
    return bytes(rng.choice(b"abcdefgh \n") for _ in range(n))


def tar(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as f:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            f.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as f:
        for name, data in members:
            f.writestr(name, data)
    return out.getvalue()


def write(folder, name, data):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(data)


def run(folder, *args):
    return subprocess.run([SRVAUDIT, "secrets", *args, folder], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


class Report:
    """What was said about one folder: where each token was seen, and what was skipped."""

    def __init__(self, folder):
        got = run(folder, "-f", "json")
        self.raw = got.stdout + got.stderr
        report = json.loads(got.stdout.decode("utf-8"))
        self.findings, self.coverage = report["findings"], report["coverage"]
        self.skipped = {}
        for s in self.coverage["skipped"]:
            self.skipped.setdefault(os.path.basename(s["path"]), []).append(s["reason"])
        self.places = {}
        for f in self.findings:
            for e in f["evidence"]:
                self.places.setdefault(f["secrets"][0]["redacted"][-4:], []).append(
                    (os.path.basename(e["file"]), e.get("line"), e.get("text", "")))

    def at(self, value, name, member="", line=None):
        return any(n == name and text.startswith("in " + member if member else "") and
                   line in (None, where)
                   for n, where, text in self.places.get(value[-4:].decode(), []))

    def said(self, name, text):
        return any(text in reason for reason in self.skipped.get(name, []))


def has(what, folder):
    probes = {"libarchive": bz2.compress(b"a"), "SQLite": b"SQLite format 3\0",
              "zlib": b"PACK\0\0\0\2\0\0\0\0"}
    write(folder, "probe", probes[what])
    without = Report(folder).said("probe", "made without")
    os.remove(folder + "/probe")
    return not without


def has_liblzma():
    """Nothing is said without it: libarchive reads xz as well, but for what is damaged."""
    program = os.path.join(os.environ.get("top_builddir", "build"), "srvaudit")
    with open(program, "rb") as f:
        return b"lzma_code" in f.read()


def packed_tests(*tests):
    """Runs tests, each with what the build needs for it, in folders of their own."""
    for what, test in tests:
        def one(folder, what=what, test=test):
            if has(what, folder):
                test(folder)
            else:
                tap.skipped(test.__name__, "built without " + what)
        tap.in_folder(one)
    return tap.finish()
