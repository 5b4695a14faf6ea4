#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""srvaudit secrets inside of archives, compressed files and databases, honest and hostile ones."""
import gzip
import json
import lzma
import os
import random
import resource
import sqlite3
import sys
import zipfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
import tap  # noqa: E402
import templates  # noqa: E402
from packed import COMPRESS, EDGE, Report, noise, packed_tests, run  # noqa: E402
from packed import has, has_liblzma, tar, token, write, zipped  # noqa: E402


def compressed(folder):
    for i, (end, pack) in enumerate(sorted(COMPRESS.items())):
        write(folder, "log." + end, pack(b"a\n" * 700000 + token(i) + b"\n"))
        write(folder, "edge." + end, pack(b"b" * (EDGE - 20) + b"\n" + token(i + 10)))
        write(folder, "twice." + end, pack(b"c\n") + pack(token(i + 20)))
        write(folder, "short." + end, pack(noise(3000))[:-200])
        write(folder, "empty." + end, pack(b""))
        write(folder, "cut." + end, pack(token(i + 30) + b"\n" + noise(2000000))[:-1000])
    report = Report(folder)
    for i, end in enumerate(sorted(COMPRESS)):
        tap.result(report.at(token(i), "log." + end, "", 700001),
                   end + ": the line in the unpacked text")
        tap.result(report.at(token(i + 10), "edge." + end, "", 2),
                   end + ": across a piece's edge")
        tap.result(report.at(token(i + 20), "twice." + end, "", 2),
                   end + ": two streams, one behind the other")
        tap.result("empty." + end not in report.skipped, end + ": an empty one is no damage")
        tap.result(report.said("cut." + end, "cannot be unpacked"),
                   end + ": one that is cut off is named",
                   report.skipped)
        tap.result(report.said("short." + end, "cannot be unpacked"),
                   end + ": ... and a short one", report.skipped)
        tap.result(report.at(token(i + 30), "cut." + end),
                   end + ": what stands before the cut is found")
    text = run(folder, "-v").stdout
    tap.result(not any(token(i) in report.raw + text for i in range(40)),
               "no secret is printed")


def flipped(data, at):
    return data[:at] + bytes(b ^ 0xa5 for b in data[at:at + 16]) + data[at + 16:]


def before_the_fault(folder):
    """What a stream gives before it is cut off or damaged, however little that is."""
    line, short, long = token(50) + b"\n", noise(3000), noise(400000)
    cases = {}
    for end, pack in (("gz", gzip.compress), ("xz", lzma.compress)):
        if not (has_liblzma() if end == "xz" else has("zlib", folder)):
            continue
        small, large = pack(line + short), pack(long + b"\n" + line + noise(100000))
        cases["cut." + end] = small[:-200]
        cases["sum." + end] = small[:-3]
        cases["large." + end] = large[:-1000]
        cases["second." + end] = pack(short + b"\n") + small[:-200]
        cases["tar." + end] = pack(tar([("a", line), ("b", short)]))[:-200]
        if end == "xz":  # what gzip says in other words may still be a text
            cases["flipped.xz"] = flipped(small, len(small) // 2)
    for name, data in cases.items():
        write(folder, name, data)
    write(folder, "reserved.gz", b"\x1f\x8b\x08\xe0" + bytes(40))
    report = Report(folder)
    tap.result(report.skipped["reserved.gz"] == ["gzip that cannot be unpacked: damaged or cut off"],
               "a header that none knows is damage", report.skipped["reserved.gz"])
    for name in sorted(cases):
        tap.result(report.at(token(50), name) or report.at(token(50), name, "a"),
                   name + ": what stands before the fault", report.places)
        tap.result(report.said(name, "cannot be unpacked to its end") and
                   len(report.skipped[name]) == 1, name + ": ... is said, once",
                   report.skipped.get(name))


def archives(folder):
    env = b"A=1\nKEY=%s\n"
    inner = zipped([("config/.env", env % token(1)), ("logo.png", env % token(2)),
                    ("x/picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + token(3) +
                      b"\0\0\0\0IEND\xaeB`\x82")])
    write(folder, "site.backup", inner)
    write(folder, "stored.zip", zipped([("a/b", b"x" * (EDGE - 20) + b"\n" + token(4))],
                                       zipfile.ZIP_STORED))
    write(folder, "t.tar", tar([("x/y.conf", env % token(5))]))
    write(folder, "t.tgz", tar([("../../y.conf", env % token(6)), ("in.zip", inner)], "w:gz"))
    write(folder, "sheet.docx", zipped([("word/document.xml", b"<w:t>" + token(7) + b"</w:t>")]))
    deep = env % token(8)
    for i in range(6):
        deep = gzip.compress(deep)
    write(folder, "deep.gz", deep)
    names = ["\x1b[31mred\r\n", "a" * 3000, "x\xff\xfe"]
    write(folder, "names.tar", tar([(n, env % token(20 + i)) for i, n in enumerate(names)]))
    raw = tar([("zzzz", env % token(23))])
    block = raw[:512].replace(b"zzzz", b"\xff\xfe\x80\x01")
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    write(folder, "bytes.tar", block[:148] + b"%06o\0 " % total + block[156:] + raw[512:])
    os.mkfifo(folder + "/pipe.zip")
    report = Report(folder)
    tap.result(report.at(token(1), "site.backup", "config/.env", 2),
               "a zip by its bytes, whatever its name")
    tap.result(report.at(token(2), "site.backup", "logo.png", 2),
               "... and what is only called a picture")
    tap.result(token(3)[-4:].decode() not in report.places, "pictures in it are passed over")
    tap.result(report.at(token(4), "stored.zip", "a/b", 2),
               "across an edge in a member that is only stored")
    tap.result(report.at(token(5), "t.tar", "x/y.conf", 2), "tar")
    tap.result(report.at(token(6), "t.tgz", "../../y.conf", 2),
               "tar.gz; a name that climbs is a name")
    tap.result(report.at(token(1), "t.tgz", "in.zip, in config/.env", 2), "a zip in a tar.gz",
               report.places)
    tap.result(report.at(token(7), "sheet.docx", "word/document.xml"), "docx")
    tap.result(report.said("deep.gz", "too many archives"), "nested too deeply: named",
               report.skipped)
    tap.result(report.at(token(20), "names.tar") and report.at(token(21), "names.tar") and
               report.at(token(22), "names.tar") and report.at(token(23), "bytes.tar"),
               "names of any bytes and any length", report.places)
    text = run(folder, "-v").stdout
    tap.result(b"\x1b" not in text and b"\r" not in text,
               "a name's control characters stay off the terminal")
    tap.result(b"site.backup, in config/.env, line 2" in text, "the place for people",
               text.decode())
    alone = [run(folder, "-f", "json", "--jobs", n).stdout for n in ("1", "5")]
    same = [(json.loads(out)["findings"], json.loads(out)["coverage"]) for out in alone]
    tap.result(same[0] == same[1], "the same report with 1 and 5 threads")


def sparse_tar():
    """GNU sparse: a terabyte with one block of data at its end."""
    data = (b" " + token(40) + b"\n").ljust(512, b"\0")
    head = bytearray(tar([("sparse", data)])[:512])
    head[156:157] = b"S"
    size = 1 << 40
    head[386:410] = b"%011o\0%011o\0" % (0o7777777777, 512)
    head[386:398] = b"\x80" + (size - 512).to_bytes(11, "big")
    head[483:495] = b"\x80" + size.to_bytes(11, "big")
    head[257:265] = b"ustar  \0"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + data + bytes(1024)


def overlapping():
    """One packed stream that 3,000 names point into."""
    one = zipped([("a000", bytes(4 << 20))])
    at = one.index(b"PK\1\2")
    entry, end = one[at:one.index(b"PK\5\6")], bytearray(one[one.index(b"PK\5\6"):])
    names = b"".join(entry[:46] + b"%04d" % i for i in range(3000))
    end[8:12] = (3000).to_bytes(2, "little") * 2
    end[12:16] = len(names).to_bytes(4, "little")
    return one[:at] + names + bytes(end)


def hostile(folder):
    zeros = bytes(8 << 20)
    bomb = gzip.compress(zeros) * 30
    write(folder, "bomb.gz", bomb)
    write(folder, "bombs.zip", zipped([("b%d" % i, zeros) for i in range(20)] + [("b.gz", bomb)]))
    write(folder, "overlap.zip", overlapping())
    write(folder, "many.zip",
          zipped([("m/%d" % i, b"") for i in range(60000)] + [("key", token(41))]))
    write(folder, "sparse.tar", sparse_tar())
    plain = zipped([("a", b"x"), ("secret.txt", token(42))])
    locked = bytearray(plain)
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.rindex(mark) + at] |= 1
    write(folder, "locked.zip", bytes(locked))
    odd = bytearray(plain)
    for mark, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        odd[odd.rindex(mark) + at] = 77
    write(folder, "method.zip", bytes(odd))
    write(folder, "cut.zip", zipped([("first", token(43)), ("second", noise(100000))])[:-20000])
    write(folder, "cut.tar", tar([("first", token(44)), ("second", noise(100000))])[:-60000])
    packed = gzip.compress(noise(300))
    for n in range(3, len(packed)):
        write(folder, "at%d.gz" % n, packed[:n])
    write(folder, "liar.gz", b"\x1f\x8b\x08 is how gzip begins " + token(45))
    write(folder, "tail.gz", gzip.compress(token(46)) + b"and " + token(49) + b" behind it")
    write(folder, "a.7z", b"7z\xbc\xaf\x27\x1c" + bytes(100))
    write(folder, "window.xz", lzma.compress(token(47), filters=[
        {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 30, "preset": 0}]))
    write(folder, "clean.txt", token(48))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    report = Report(folder)
    took = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    tap.result(report.said("bomb.gz", "bombs"), "a gzip bomb", report.skipped)
    tap.result(report.said("bombs.zip", "bombs"), "a zip of bombs")
    tap.result(report.coverage["bytes"] < 1 << 30,
               "members that overlap are not unpacked again and again",
               report.coverage["bytes"])
    tap.result(report.at(token(41), "many.zip", "key"),
               "a zip whose list is too long to be kept", report.skipped)
    tap.result(report.at(token(40), "sparse.tar", "sparse"), "behind a terabyte of nothing",
               report.skipped)
    tap.result(report.said("locked.zip", "in secret.txt: encrypted"),
               "an encrypted member is named",
               report.skipped)
    tap.result(report.said("method.zip", "in secret.txt: cannot be unpacked"),
               "an unknown method is named",
               report.skipped)
    tap.result(report.at(token(43), "cut.zip", "first") and "cut.zip" in report.skipped,
               "a zip that is cut off")
    tap.result(report.at(token(44), "cut.tar", "first") and "cut.tar" in report.skipped,
               "a tar that is cut off")
    silent = [n for n in range(3, len(packed)) if "at%d.gz" % n not in report.skipped]
    tap.result(not silent, "a gzip file that is cut off anywhere is named", silent)
    tap.result(report.at(token(45), "liar.gz") and "liar.gz" in report.skipped,
               "a text that begins like gzip",
               report.skipped)
    tap.result(report.at(token(46), "tail.gz") and report.at(token(49), "tail.gz", "bytes from"),
               "something behind the data", report.skipped)
    tap.result(report.said("a.7z", "7-Zip"), "kinds that are not looked into")
    tap.result(report.said("window.xz", "needs 1024 MiB of memory"), "a dictionary of a gigabyte",
               report.skipped)
    tap.result(report.at(token(48), "clean.txt"), "the rest goes on")
    tap.result(took < 60, "bounded work", "%.1f s" % took)


def listing(folder):
    out = {}
    for name in os.listdir(folder):
        st = os.stat(os.path.join(folder, name))
        with open(os.path.join(folder, name), "rb") as f:
            out[name] = (st.st_size, st.st_mtime_ns, st.st_ino, f.read())
    return out


def database(path, seed, rows=5):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, api_token TEXT, photo BLOB)")
    db.executemany("INSERT INTO users VALUES (?, ?, ?, ?)",
                   [(i, "n%d " % i, token(seed + i).decode(), None) for i in range(rows)])
    db.execute("CREATE TABLE [odd \"name] (password TEXT)")
    db.execute("INSERT INTO [odd \"name] VALUES (?)",
               (templates.password(random.Random(seed), 20),))
    db.execute("CREATE VIEW looks AS SELECT randomblob(100000000) FROM users")
    db.execute("CREATE VIRTUAL TABLE words USING fts5(t)")
    db.commit()
    return db


def databases(folder):
    db = database(folder + "/app.sqlite", 100)
    db.close()
    wal = database(folder + "/wal.db", 200)
    wal.execute("PRAGMA journal_mode=WAL")
    wal.execute("INSERT INTO users VALUES (99, 'late ', ?, NULL)", (token(299).decode(),))
    wal.commit()
    wide = sqlite3.connect(folder + "/wide.db")
    wide.execute("PRAGMA encoding='UTF-16le'")
    wide.execute("CREATE TABLE t (v TEXT)")
    # Longer than a page, so that it is in pieces in the file.
    wide.execute("INSERT INTO t VALUES (?)", ("z" * 4050 + "\n" + token(300).decode(),))
    wide.commit()
    wide.close()
    with open(folder + "/app.sqlite", "rb") as f:
        content = f.read()
    write(folder, "db.tar", tar([("data/app.sqlite", content)]))
    broken = bytearray(content)
    broken[4096 + 8:4096 * 2] = random.Random(1).randbytes(4088) if sys.version_info > (3,
                                              9) else bytes(4088)
    write(folder, "broken.db", bytes(broken))
    write(folder, "short.db", content[:5000])
    before = listing(folder)
    report = Report(folder)
    wrong = [name for name, now in listing(folder).items() if before.pop(name, None) != now]
    tap.result(not wrong and not before, "nothing is written, no -wal, no -shm", wrong)
    tap.result(report.at(token(102), "app.sqlite", "table users", 3), "a row of a table",
               report.places)
    tap.result(any(f["check"] == "secrets.generic-password" and f["file"].endswith("app.sqlite")
                   for f in report.findings), "a column's name makes its value a password")
    tap.result("app.sqlite" not in report.skipped,
               "views and virtual tables are nothing to read",
               report.skipped)
    tap.result(report.at(token(200), "wal.db", "table users"),
               "a database with a write-ahead log")
    tap.result(report.at(token(300), "wide.db", "table t", 1), "UTF-16, across pages")
    tap.result(report.at(token(101), "db.tar", "data/app.sqlite, in table users", 2),
               "in an archive")
    tap.result("broken.db" in report.skipped and "short.db" in report.skipped,
               "damaged ones are named",
               report.skipped)
    wal.close()


def main():
    return packed_tests(("libarchive", compressed), ("libarchive", before_the_fault),
                        ("libarchive", archives), ("libarchive", hostile), ("SQLite", databases))


sys.exit(main())
