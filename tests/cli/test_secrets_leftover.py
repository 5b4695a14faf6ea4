#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bytes of packed files that no member and no row holds: srvaudit secrets reads them or says so."""
import gzip
import os
import random
import sqlite3
import sys
import zipfile

TESTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [TESTS, os.path.join(TESTS, "secrets")]
import tap  # noqa: E402
import templates  # noqa: E402
from packed import COMPRESS, Report, noise, packed_tests, tar, token, write, zipped  # noqa: E402

ENV = b"A=1\nKEY=%s\n"


def unlisted(data, name):
    """A zip whose list has lost the entry of a member."""
    end = data.rindex(b"PK\5\6")
    first = int.from_bytes(data[end + 16:end + 20], "little")
    at = data.index(b"PK\1\2", data.rindex(name) - 46 - len(name))
    size = 46 + len(name)
    count = int.from_bytes(data[end + 10:end + 12], "little") - 1
    record = bytearray(data[end:])
    record[8:12] = count.to_bytes(2, "little") * 2
    record[12:16] = (end - size - first).to_bytes(4, "little")
    return data[:at] + data[at + size:end] + bytes(record)


def around_archives(folder):
    plain = zipped([("a.txt", b"x"), ("b/.env", ENV % token(1))])
    write(folder, "behind.zip", plain + b"\nnotes " + token(2) + b"\n")
    write(folder, "far.zip", plain + noise(200000) + b"\n" + token(3) + b"\n")
    write(folder, "before.zip", b"#!/bin/sh\n# " + token(4) + b"\nexit 0\n" + plain)
    program = b"\x7fELF" + bytes(60)
    write(folder, "installer", program + zipped([("p/.env", ENV % token(5))]))
    write(folder, "large", b"#!/bin/sh\n" + noise(2 << 20) + zipped([("p/.env", ENV % token(6))]))
    hidden = zipped([("a.txt", b"x"), ("hidden.txt", ENV % token(7)), ("z.txt", b"y")])
    write(folder, "hidden.zip", unlisted(hidden, b"hidden.txt"))
    write(folder, "stored.zip", unlisted(
        zipped([("a.txt", b"x"), ("hidden.txt", ENV % token(8))], zipfile.ZIP_STORED),
        b"hidden.txt"))
    gap = bytearray(zipped([("a.txt", b"x")]))
    at = gap.index(b"PK\1\2")
    gap[at:at] = b" " + token(9) + b" "
    end = gap.rindex(b"PK\5\6")
    gap[end + 16:end + 20] = (at + len(token(9)) + 2).to_bytes(4, "little")
    write(folder, "between.zip", bytes(gap))
    noted = bytearray(plain) + b"see " + token(10)
    noted[len(plain) - 2:len(plain)] = (len(token(10)) + 4).to_bytes(2, "little")
    write(folder, "comment.zip", bytes(noted))
    write(folder, "two.zip", plain + zipped([("c/.env", ENV % token(11))]))
    write(folder, "behind.tar", tar([("a", b"x")]) + b"\nnotes " + token(12) + b"\n")
    write(folder, "two.tar", tar([("a", b"x")]) + tar([("c/.env", ENV % token(13))]))
    write(folder, "zip.tar", tar([("a", b"x")]) + zipped([("c/.env", ENV % token(14))]))
    write(folder, "behind.tgz", gzip.compress(tar([("a", b"x")]) + b"\nnotes " + token(15)))
    write(folder, "in.tar", tar([("log.gz", gzip.compress(b"x") + b"\nnotes " + token(16))]))
    write(folder, "honest.tar", tar([("a", b"x" * 5000), ("b", b"y")]))
    write(folder, "honest.zip", zipped([("a", b"x" * 5000), ("b", b"y")]))
    report = Report(folder)
    for n, name, member, what in (
            (2, "behind.zip", "bytes from", "behind a zip"),
            (3, "far.zip", "", "... far behind"),
            (1, "far.zip", "b/.env", "... and its member"),
            (4, "before.zip", "bytes from 0 on", "before a zip"),
            (1, "before.zip", "b/.env", "... and its member"),
            (5, "installer", "p/.env", "a zip behind a program"),
            (6, "large", "p/.env", "... behind one that is long"),
            (7, "hidden.zip", "", "a member that the list does not name"),
            (8, "stored.zip", "", "... one that is only stored"),
            (9, "between.zip", "bytes from", "between the members and the list"),
            (10, "comment.zip", "bytes from", "in the comment"),
            (11, "two.zip", "c/.env", "two zips, one behind the other"),
            (1, "two.zip", "", "... the first of them"),
            (12, "behind.tar", "bytes from", "behind a tar"),
            (13, "two.tar", "bytes from 10240 on, in c/.env", "two tars"),
            (14, "zip.tar", "", "a zip behind a tar"),
            (15, "behind.tgz", "bytes from", "behind the tar of a tar.gz"),
            (16, "in.tar", "log.gz, in bytes from", "behind a gzip file in a tar")):
        tap.result(report.at(token(n), name, member), what,
                   "%s %s" % (report.places.get(token(n)[-4:].decode()), report.skipped))
    quiet = {"honest.tar", "honest.zip", "behind.zip", "before.zip", "installer", "large",
             "hidden.zip", "stored.zip", "two.zip", "two.tar", "behind.tar"}
    tap.result(not quiet & set(report.skipped), "what was read needs no word", report.skipped)
    double = {v: places for v, places in report.places.items()
              if len({p[0] for p in places}) < len(places)}
    tap.result(not double, "nothing is listed twice for one file", double)


def holes(count, behind):
    """A zip with so many gaps between its members, and something behind it."""
    names = ["m%03d" % i for i in range(2 * count)]
    data = zipped([(name, b"x%d" % i) for i, name in enumerate(names)], zipfile.ZIP_STORED)
    for name in names[::2]:
        data = unlisted(data, name.encode())
    return data + behind


def packed_zips(folder):
    """A zip in an archive has gaps as well; one with more gaps than are looked into has an end."""
    plain = zipped([("a.txt", b"x"), ("b/.env", ENV % token(60))])
    hidden = unlisted(zipped([("a.txt", b"x"), ("hidden.txt", ENV % token(61)), ("z", b"y")]),
                      b"hidden.txt")
    write(folder, "in.tar", tar([("one.zip", plain + b"\nnotes " + token(62) + b"\n"),
                                 ("two.zip", hidden),
                                 ("three.zip", plain + zipped([("c/.env", ENV % token(63))]))]))
    write(folder, "quiet.tar", tar([("a.jar", plain)]))
    write(folder, "large.tar", tar([("a.jar", zipped([("x", os.urandom(5 << 20))]))]))
    write(folder, "holes.zip", holes(110, gzip.compress(ENV % token(64))))
    report = Report(folder)
    for n, name, member, what in (
            (62, "in.tar", "one.zip, in bytes from", "behind a zip in a tar"),
            (61, "in.tar", "two.zip", "a member that the list of one does not name"),
            (63, "in.tar", "three.zip", "two zips in one member"),
            (60, "quiet.tar", "a.jar, in b/.env", "an ordinary one"),
            (64, "holes.zip", "bytes from", "behind a zip with more gaps than are looked into")):
        tap.result(report.at(token(n), name, member), what,
                   "%s %s" % (report.places.get(token(n)[-4:].decode()), report.skipped))
    tap.result(report.said("holes.zip", "gaps") and report.said("large.tar", "between its members"),
               "what is passed over is said", report.skipped)
    tap.result("in.tar" not in report.skipped and "quiet.tar" not in report.skipped,
               "what was read needs no word", report.skipped)


def bad_sum(data, name):
    at = data.index(name)
    return data[:at + 148] + b"000000\0 " + data[at + 156:]


def damaged(folder):
    members = [("a.txt", b"x"), ("lost.txt", ENV % token(20)), ("z.txt", ENV % token(21))]
    broken = bad_sum(tar(members), b"lost.txt")
    write(folder, "sum.tar", broken)
    write(folder, "sum.tgz", gzip.compress(broken))
    write(folder, "cpio", b"".join(cpio(n, d) for n, d in members[:2]) + b"junk " + token(22) +
          b"\n\n" + cpio("z", ENV % token(23)) + cpio("TRAILER!!!", b""))
    report = Report(folder)
    tap.result(report.at(token(20), "sum.tar") and report.at(token(21), "sum.tar", "z.txt", 2) and
               report.said("sum.tar", "damaged header"), "a tar header with a wrong sum",
               report.skipped)
    tap.result(report.at(token(21), "sum.tgz", "z.txt") and
               report.said("sum.tgz", "damaged header"), "... in a tar.gz: said", report.skipped)
    tap.result(report.at(token(22), "cpio") and report.at(token(23), "cpio") and
               report.said("cpio", "damaged"), "what stands between headers of cpio",
               report.skipped)


def cpio(name, data, name_size=None):
    name = name.encode() + b"\0"
    size = len(name) if name_size is None else name_size
    head = b"070701" + b"".join(b"%08x" % n for n in (1, 0o100644, 0, 0, 1, 0, len(data), 0, 0, 0,
                                                      0, size, 0))
    out = head + name
    out += bytes(-len(out) % 4) + data
    return out + bytes(-len(out) % 4)


def rows_and_more(folder):
    key = ("xk" + "eysib-" + templates.pick(random.Random(5), "0123456789abcdef", 64) + "-" +
           templates.pick(random.Random(6), templates.CLASSES["a"], 16)).encode()
    db = sqlite3.connect(folder + "/app.db")
    db.execute("PRAGMA secure_delete=OFF")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, v TEXT, made TEXT)")
    for i in range(200):
        db.execute("INSERT INTO t VALUES (?, 'n ', ?, '2024-01-02')",
                   (i, token(1000 + i).decode() if i in (3, 150) else "filler " * 10))
    db.execute("INSERT INTO t VALUES (900, '-', ?, ' ')", (key.decode(),))
    db.commit()
    db.execute("DELETE FROM t WHERE id BETWEEN 100 AND 199")
    db.commit()
    db.close()
    wal = sqlite3.connect(folder + "/wal.db")
    wal.execute("PRAGMA journal_mode=WAL")
    wal.execute("CREATE TABLE t (name TEXT, v TEXT, made TEXT)")
    wal.commit()
    wal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    wal.execute("INSERT INTO t VALUES ('n', ?, '2024')", (token(30).decode(),))
    wal.commit()
    left = sqlite3.connect(folder + "/left.db")
    left.execute("CREATE TABLE t (v TEXT)")
    left.commit()
    left.close()
    write(folder, "left.db-journal", bytes(512) + b" " + token(31) + b" ")
    write(folder, "lonely-wal", b"a note: " + token(32) + b"\n")
    write(folder, "text.db", b"no database")
    write(folder, "text.db-wal", b"a note: " + token(33) + b"\n")
    with open(folder + "/app.db", "rb") as f:
        write(folder, "db.tar", tar([("app.db", f.read())]))
    report = Report(folder)
    tap.result(report.at(token(1003), "app.db", "table t"), "a row", report.skipped)
    tap.result(report.at(token(1150), "app.db") and report.at(token(1150), "db.tar", "app.db"),
               "a row that was deleted", report.places)
    tap.result(report.at(token(30), "wal.db", "table t", 1), "a row that is in the log only",
               report.places)
    tap.result(report.at(token(31), "left.db-journal"), "a journal")
    tap.result(report.at(token(32), "lonely-wal") and report.at(token(33), "text.db-wal"),
               "files that are only called so")
    ours = [f for f in report.findings if f["file"].endswith(("app.db", "db.tar", "wal.db"))]
    tap.result(len(ours) == 4, "one finding for each secret, whatever stands next to it in the page",
               [(f["check"], f["secrets"][0]["redacted"], f["evidence"]) for f in ours])
    tap.result(not report.skipped, "all of it was read", report.skipped)
    double = {v: p for v, p in report.places.items() if len({x[0] for x in p}) < len(p)}
    tap.result(not double, "nothing is listed twice for one file", double)
    alone = Report(folder + "/left.db")
    tap.result(alone.at(token(31), "left.db-journal"), "... with a database that is asked for alone")
    wal.close()


def settings(folder):
    words = [templates.password(random.Random(i), 20) for i in range(5)]
    db = sqlite3.connect(folder + "/site.db")
    db.execute("CREATE TABLE wp_options (option_id INTEGER, option_name TEXT, option_value TEXT)")
    db.executemany("INSERT INTO wp_options VALUES (?, ?, ?)",
                   [(1, "blogname", "A site about gardens"), (2, "smtp_password", words[0]),
                    (3, "siteurl", words[3])])
    db.execute("CREATE TABLE settings (id INTEGER, name TEXT, value TEXT)")
    db.execute("INSERT INTO settings VALUES (1, 'db_password', ?)", (words[1],))
    db.execute("CREATE TABLE people (name TEXT, town TEXT)")
    db.execute("INSERT INTO people VALUES ('password', ?)", (words[2],))
    db.commit()
    db.close()
    report = Report(folder)
    seen = sorted(e.get("text", "") for f in report.findings for e in f["evidence"])
    tap.result(any("table wp_options" in t for t in seen) and
               any("table settings" in t for t in seen), "names in one column, values in another",
               seen)
    tap.result(len(seen) == 2, "... and nothing else", seen)


def cut(folder):
    for i, end in enumerate(sorted(COMPRESS)):
        packed = COMPRESS[end](b"a line\n" + token(50 + i) + b"\n" + noise(30000))
        write(folder, "log." + end, packed[:-len(packed) // 4])
    report = Report(folder)
    tap.result(report.at(token(50 + sorted(COMPRESS).index("gz")), "log.gz", "", 2),
               "gz: what stands before the cut", report.skipped)
    tap.result(all("log." + end in report.skipped for end in COMPRESS), "... and the cut is named",
               report.skipped)


sys.exit(packed_tests(("libarchive", around_archives), ("libarchive", packed_zips),
                      ("libarchive", damaged),
                      ("SQLite", rows_and_more), ("SQLite", settings), ("libarchive", cut)))
