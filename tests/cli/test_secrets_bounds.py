#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""srvaudit secrets on files that ask for more memory or time than they are worth: it is measured."""
import gzip
import io
import lzma
import os
import random
import struct
import subprocess
import sys
import threading
import time
import zipfile
import zlib

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
import tap  # noqa: E402
from packed import COMPRESS, SRVAUDIT, Report, noise, packed_tests, tar, token, write, \
    zipped  # noqa: E402

BASE, THREAD = 40 << 10, 4 << 10  # KiB: what the issue allows
SANITIZED = b"__asan_init" in open(SRVAUDIT, "rb").read()


SMALL = """
import os, resource, subprocess, sys
limit, command = int(sys.argv[1]), sys.argv[2:]
if limit:
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(done.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(folder, jobs=1, limit=None):
    """Status, seconds, and the most memory in KiB of one run."""
    # A process of its own starts it: what this one holds would count as the child's.
    bound = 0 if SANITIZED or not limit else limit
    before = time.time()
    got = subprocess.run([sys.executable, "-c", SMALL, str(bound), SRVAUDIT, "secrets", "--jobs",
                          str(jobs), folder], stdout=subprocess.PIPE, check=True)
    status, kib = map(int, got.stdout.split())
    return status, time.time() - before, kib


def fits(kib, jobs=1):
    return SANITIZED or kib <= BASE + jobs * THREAD


def names(folder):
    """Headers of a few bytes that tell of names of gigabytes."""
    fields = [1, 0o100644, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x7fffffff, 0]
    head = b"070701" + b"".join(b"%08x" % n for n in fields)
    write(folder, "name.cpio", head + b"x" * 212)
    write(folder, "name.cpio.gz", gzip.compress(head + b"x" * 212))
    member = b"%-16s%-12d%-6d%-6d%-8s%-10d`\n"
    write(folder, "table.deb", b"!<arch>\n" + member % (b"debian-binary", 0, 0, 0, b"100644", 4) +
          b"2.0\n" + member % (b"//", 0, 0, 0, b"100644", 1000000000) + b"x" * 100)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as f:
        f.writestr("a", b"x")
    packed = bytearray(out.getvalue())
    at = 30 + 1 + 5
    packed[at:at + 4] = b"\xff\xff\xff\xff"
    write(folder, "dictionary.zip", bytes(packed))
    status, _, kib = peak(folder, limit=400 << 20)
    tap.result(status == 3 and fits(kib), "lengths of names are not believed",
               "status %s, %d KiB" % (status, kib))
    report = Report(folder)
    tap.result(all(report.said(n, "more memory" if n.endswith(".zip") else "too many bytes")
                   for n in os.listdir(folder)), "... and named",
               report.skipped)


def sparse_map(folder):
    """GNU's sparse format 1.0: a map of so many holes, all of it kept in memory."""
    body = b"300000\n" + b"0\n1\n" * 300000
    body += bytes(-len(body) % 512)
    records = b"".join(record(k, v) for k, v in (
        ("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "x"),
        ("GNU.sparse.realsize", "10")))
    head = bytearray(tar([("PaxHeaders/x", records)])[:1024])
    head[156:157] = b"x"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head[:512])
    plain = bytes(head) + tar([("x", body)])
    write(folder, "map.tar.gz", gzip.compress(plain * 5))
    status, _, kib = peak(folder)
    tap.result(status == 3 and fits(kib), "a sparse file's map of any length",
               "status %s, %d KiB" % (status, kib))


def record(key, value):
    text = " %s=%s\n" % (key, value)
    n = len(text)
    while len(str(n)) + len(text) != n:
        n = len(str(n)) + len(text)
    return (str(n) + text).encode()


def as_xz(head, packed, data):
    """A zip of one member, empty and stored so far, that is packed with xz (method 95) instead."""
    at = head.index(b"PK\1\2")
    end = head.index(b"PK\5\6")
    local, entry, record = bytearray(head[:at]), bytearray(head[at:end]), bytearray(head[end:])
    sizes = zlib.crc32(data).to_bytes(4, "little") + len(packed).to_bytes(4, "little") + \
        len(data).to_bytes(4, "little")
    local[8:10] = entry[10:12] = (95).to_bytes(2, "little")
    local[14:26] = entry[16:28] = sizes
    record[16:20] = (at + len(packed)).to_bytes(4, "little")
    return bytes(local) + packed + bytes(entry) + bytes(record)


def wider(xz):
    """The same with a block that asks for a dictionary of 1 GiB."""
    size = (xz[12] + 1) * 4
    block = bytearray(xz[12:12 + size - 4])
    block[block.index(b"\x21\1") + 2] = 36
    return xz[:12] + bytes(block) + zlib.crc32(block).to_bytes(4, "little") + xz[12 + size:]


def windows(folder):
    """Streams that need their last 64 MiB; they go on behind that, so that it is used."""
    rng = random.Random(1)
    block = rng.getrandbits(8 << 20).to_bytes(1 << 20, "little").replace(b"P", b" ")
    body = token(60) + b"\n" + block * 30 + token(61) + b"\n"
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 64 << 20}]
    packed = lzma.compress(body, filters=filters)
    write(folder, "wide.xz", packed)
    # A second block asks for more than the first one's header tells.
    write(folder, "later.xz", lzma.compress(token(62) + b"\n") + packed)
    for i in range(3):
        write(folder, "wide%d.xz" % i, packed)
    if "zst" in COMPRESS:
        write(folder, "wide.zst", subprocess.run(
            ["zstd", "-qc", "--zstd=wlog=26", "-1"], input=body, check=True,
            stdout=subprocess.PIPE).stdout)
    # As a member of a zip: its reader takes what a block asks for, however far behind.
    head = zipped([("m.xz", b"")], zipfile.ZIP_STORED)
    later = lzma.compress(noise(9000)) + wider(lzma.compress(block[:99] + token(64)))
    write(folder, "later.zip", as_xz(head, later, noise(9000) + block[:99] + token(64)))
    write(folder, "small.xz", lzma.compress(token(63), filters=filters))
    for jobs in (1, 4):
        _, _, kib = peak(folder, jobs)
        tap.result(fits(kib, jobs), "windows of 64 MiB in %d threads" % jobs, "%d KiB" % kib)
    report = Report(folder)
    tap.result(report.at(token(60), "wide.xz") and report.said("wide.xz", "needs 64 MiB of memory"),
               "what fits is read, the rest is named with its size", report.skipped)
    tap.result(report.at(token(62), "later.xz") and
               report.said("later.xz", "needs 64 MiB of memory"),
               "a second stream that needs more", report.skipped)
    tap.result("zst" not in COMPRESS or (report.at(token(60), "wide.zst") and
                                         report.said("wide.zst", "needs 64 MiB")), "zstd",
               report.skipped)
    tap.result(report.said("later.zip", "more memory"), "a later block of a zip's member",
               report.skipped)
    tap.result(report.at(token(63), "small.xz") and "small.xz" not in report.skipped,
               "a wide window of a short text is none", report.skipped)


def hand_made(folder):
    inner = zipped([("z%d" % i, bytes(4 << 20)) for i in range(16)])
    write(folder, "nested.zip", zipped([("n%d" % i, zipped([("m%d" % j, inner) for j in range(16)]))
                                        for i in range(16)]))
    write(folder, "quine.gz", quine())
    with open(folder + "/line", "wb") as f:
        f.write(b"key " + token(70) + b" ")
        f.truncate(4 << 30)
    with open(folder + "/nul.log", "wb") as f:
        f.seek((10 << 30) - 100)
        f.write(b"\n" + token(71) + b"\n")
    with open(folder + "/nul.tar", "wb") as f:
        f.write(tar([("a", token(72))]))
        f.truncate(10 << 30)
    with open(folder + "/nul.gz", "wb") as f:
        f.write(gzip.compress(token(73)))
        f.truncate(10 << 30)
    with open(folder + "/nul.zip", "wb") as f:
        f.write(zipped([("a", token(74))]))
        f.truncate(10 << 30)
    whole = {"zip": zipped([("a", noise(9000))]), "tar": tar([("a", noise(9000))])}
    whole.update((end, pack(noise(9000))) for end, pack in COMPRESS.items())
    for end, data in whole.items():
        for at in range(600, len(data) - (10239 - 9728 if end == "tar" else 0), 977):
            if end != "tar" or at < 9728:
                write(folder, "cut%d.%s" % (at, end), data[:at])
    cuts = [n for n in os.listdir(folder) if n.startswith("cut")]
    status, took, kib = peak(folder)
    tap.result(status == 1 and took < 100 and fits(kib), "bombs, a quine, floods of zeros, cuts",
               "status %s, %.1f s, %d KiB" % (status, took, kib))
    report = Report(folder)
    tap.result(report.said("nested.zip", "bombs") or report.said("nested.zip", "too many"),
               "nested bombs", report.skipped)
    tap.result(report.said("quine.gz", "too many archives"), "a gzip file in itself, for ever",
               report.skipped.get("quine.gz"))
    tap.result(all(report.at(token(70 + i), n) for i, n in
                   enumerate(("line", "nul.log", "nul.tar", "nul.gz", "nul.zip"))),
               "what stands in sparse files", "%s %s" % (report.places, report.skipped))
    silent = [n for n in cuts if n not in report.skipped]
    tap.result(cuts and not silent, "each file that is cut off is named", silent)


def quine():
    """Not one to the byte: gzip in gzip, deeper than anybody looks."""
    data = b"x"
    for _ in range(50):
        data = gzip.compress(data)
    return data


def freeblocks(folder):
    """Places of deleted records that overlap, in pages of 64 KiB without an end to their types."""
    head = b"SQLite format 3\0" + struct.pack(">H", 1) + b"\1\1\0\x40\x20\x20"
    page = b"\r" + struct.pack(">H", 8) + bytes(5)
    page += b"".join(struct.pack(">HH", at + 4, 0x0808) for at in range(8, 65000, 4))
    page += b"\x08" * ((64 << 10) - len(page))
    write(folder, "app.db", head.ljust(64 << 10, b"\0") + page * 64)
    status, took, kib = peak(folder)
    tap.result(status in (0, 3) and took < 12 and fits(kib), "chains of overlapping freeblocks",
               "status %s, %.1f s, %d KiB" % (status, took, kib))


def growing(folder):
    path, stop = folder + "/log", threading.Event()
    write(folder, "log", noise(1 << 20))

    def grow():
        with open(path, "ab") as f:
            while not stop.is_set() and f.tell() < 1 << 30:
                f.write(b"another line\n" * 10000)
    writer = threading.Thread(target=grow)
    writer.start()
    status, took, kib = peak(folder)
    stop.set()
    writer.join()
    tap.result(status in (0, 3) and took < 60 and fits(kib), "a file that grows while it is read",
               "status %s, %.1f s, %d KiB" % (status, took, kib))


sys.exit(packed_tests(("libarchive", names), ("libarchive", sparse_map), ("libarchive", windows),
                      ("libarchive", hand_made), ("SQLite", freeblocks),
                      ("libarchive", growing)))
