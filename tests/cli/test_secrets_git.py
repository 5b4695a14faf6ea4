#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""git's objects, loose and packed: as git writes them, and as somebody hostile would."""
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../secrets"))
from packed import Report, has, noise, packed_tests, run, tar, token, write  # noqa: E402
from tap import result, skipped  # noqa: E402

COMMIT, TREE, BLOB, TAG, OFS_DELTA, REF_DELTA = 1, 2, 3, 4, 6, 7


def head(kind, size):
    out, size, first = [], size >> 4, kind << 4 | size & 15
    while size:
        out.append(first | 0x80)
        first, size = size & 0x7f, size >> 7
    return bytes(out + [first])


def number(n):
    out = b""
    while n > 0x7f:
        out, n = out + bytes([n & 0x7f | 0x80]), n >> 7
    return out + bytes([n])


def delta(base, *operations):
    """Copies, as (offset, size), and texts that are added."""
    body, size = b"", 0
    for what in operations:
        if isinstance(what, tuple):
            body += b"\x91" + bytes([what[0], what[1]])
            size += what[1]
            continue
        size += len(what)
        for at in range(0, len(what), 127):
            piece = what[at:at + 127]
            body += bytes([len(piece)]) + piece
    return number(len(base)) + number(size) + body


def entry(kind, data, before=b"", size=None):
    return head(kind, len(data) if size is None else size) + before + zlib.compress(data)


def pack(*entries, count=None):
    body = b"PACK" + struct.pack(">II", 2, len(entries) if count is None else count)
    body += b"".join(entries)
    return body + hashlib.sha1(body).digest()


def index(names, size=20, version=2, far=False):
    """The index of a pack: {its objects' places: their names}."""
    order = sorted((name, at) for at, name in names.items())
    out = b"\377tOc" + struct.pack(">I", version)
    out += b"".join(struct.pack(">I", sum(n[0] <= i for n, _ in order)) for i in range(256))
    out += b"".join(n for n, _ in order) + b"\0" * 4 * len(order)
    if far:
        out += b"".join(struct.pack(">I", 0x80000000 | i) for i in range(len(order)))
        out += b"".join(struct.pack(">Q", at) for _, at in order)
    else:
        out += b"".join(struct.pack(">I", at) for _, at in order)
    return out + b"\0" * 2 * size


def named(folder):
    """Objects are named as git names them, where an index beside the pack says how."""
    t = [token(7100 + i) for i in range(2)]
    first = entry(BLOB, line(t[0]))
    data = pack(first, entry(BLOB, line(t[1])))
    places = (12, 12 + len(first))
    short = {at: bytes([200 - i]) * 20 for i, at in enumerate(places)}
    long = {at: bytes([20 + i]) * 32 for i, at in enumerate(places)}
    for name, text, want in (
            ("a", index(short), short), ("far", index(short, far=True), short),
            ("sha256", index(long, 32), long), ("far256", index(long, 32, far=True), long),
            ("other", index({at + 1: n for at, n in short.items()}), None),
            ("old", index(short, version=1), None), ("cut", index(short)[:-21], None),
            ("many", index(short)[:1028] + b"\xff" * 4 + index(short)[1032:], None),
            ("beyond", index(short)[:-48] + b"\xff" * 8 + b"\0" * 40, None), ("empty", b"", None)):
        write(folder, name + ".pack", data)
        write(folder, name + ".idx", text)
        got = Report(folder)
        members = ["git object " + (want[at].hex() if want else "at byte %d" % at) for at in places]
        result(all(got.at(t[i], name + ".pack", members[i]) for i in (0, 1)) and not got.skipped,
               "objects' names: " + name, (got.places, got.skipped))
        os.unlink(os.path.join(folder, name + ".pack"))


def loose(kind, data):
    return zlib.compress(b"%s %d\0" % (kind, len(data)) + data, 1)


def line(value):
    return b"GITHUB_TOKEN=" + value + b"\n"


def packs(folder):
    t = [token(7000 + i) for i in range(12)]
    base = b"a line of the file\n" * 9
    long_text = noise(300).replace(b"\n", b" ") + b" " + t[4] + b" " + noise(200)
    first = entry(BLOB, base + line(t[0]))
    write(folder, "plain.pack", pack(
        first,
        entry(OFS_DELTA, delta(base + line(t[0]), (0, 171), line(t[3])), number(len(first))),
        entry(COMMIT, b"tree x\n\nkey " + t[1] + b"\n"),
        entry(TAG, b"object x\n\n" + t[2] + b"\n"), entry(TREE, b"100644 a\0" + b"x" * 20),
        entry(REF_DELTA, delta(base, (0, 9), long_text), b"h" * 20),
        entry(REF_DELTA, delta(base, line(t[5])), b"h" * 32),
        entry(BLOB, tar([("x/.env", line(t[6]))]))))
    write(folder, "cut.pack", pack(entry(BLOB, line(t[7])), entry(BLOB, noise(4000)))[:-2000])
    write(folder, "more.pack", pack(entry(BLOB, line(t[8])), count=5))
    write(folder, "types.pack", pack(entry(BLOB, line(t[9])), entry(5, b"x"), entry(BLOB, b"y")))
    write(folder, "empty.pack", pack())
    write(folder, "loose", loose(b"blob", base + line(t[10])))
    write(folder, "half", loose(b"blob", line(t[11]) + noise(9000))[:-3000])
    write(folder, "repository.tar", tar([("r/.git/objects/aa/bb", loose(b"blob", line(t[0]))),
                                         ("r/.git/objects/pack/p.pack",
                                          pack(entry(BLOB, line(t[2]))))]))
    write(folder, "text", b"x\x01 is no stream: " + t[3] + b"\n")
    got = Report(folder)
    names = ("a blob", "a commit", "a tag", "a delta adds a line", "more than one operation's text",
             "a base of SHA-256", "a tar file in a blob")
    for i, name in enumerate(names):
        result(got.at(t[i], "plain.pack", "git object at byte "), "packed: " + name, got.places)
    result(got.at(t[0], "plain.pack", "git object at byte 12", 10), "its place and line",
           got.places)
    result(got.at(t[10], "loose", line=10), "loose", got.places)
    if has("libarchive", folder):
        result(got.at(t[0], "repository.tar", "r/.git/objects/aa/bb"), "loose, in an archive",
               got.places)
        result(got.at(t[2], "repository.tar", "r/.git/objects/pack/p.pack, in git object at byte 12"),
               "packed, in an archive", got.places)
    else:
        skipped("objects in an archive", "built without libarchive")
    result(got.at(t[3], "text"), "a text that only begins like a stream", got.places)
    for i, name in ((7, "cut.pack"), (8, "more.pack"), (9, "types.pack")):
        result(got.at(t[i], name) and got.said(name, "damaged at byte"),
               "%s: searched up to the damage, and named" % name, (got.places, got.skipped))
    result(got.at(t[11], "half") and got.said("half", "damaged or cut off"), "half an object",
           (got.places, got.skipped))
    result("empty.pack" not in got.skipped and "loose" not in got.skipped,
           "whole ones are not named", got.skipped)
    result(got.said("plain.pack", "of 2 changes"), "changes to what is not there are named",
           got.skipped)
    result(not any(x in got.raw for x in t), "no value is shown")
    text = run(folder).stdout.decode()
    result("in git object at byte 12" in text, "text names the object", text[:600])


def bombs(folder):
    """Sizes that are not true, streams without end, deltas that copy for ever."""
    zeros = zlib.compress(b"\0" * (200 << 20), 9)
    write(folder, "bomb.pack", pack(head(BLOB, 200 << 20) + zeros, entry(BLOB, b"x")))
    write(folder, "lies.pack", pack(head(BLOB, 1) + zeros, entry(BLOB, b"x")))
    write(folder, "many.pack", pack(*[entry(BLOB, b"")] * 250000))
    write(folder, "copies.pack", pack(entry(OFS_DELTA, b"\1\1" + b"\x80" * 500000 + b"\xff" * 9,
                                            b"\x7f")))
    write(folder, "names.pack", b"PACK\0\0\0\2\xff\xff\xff\xff" + b"\xff" * 4000)
    nested = pack(entry(BLOB, b"x"))
    for _ in range(40):
        nested = pack(entry(BLOB, nested))
    write(folder, "nested.pack", nested)
    got = Report(folder)
    for name, text in (("bomb.pack", "as bombs do"), ("many.pack", "more objects"),
                       ("names.pack", "damaged at byte 12"), ("lies.pack", "damaged at byte 12"),
                       ("copies.pack", "of 1 changes"),
                       ("nested.pack", "inside of too many archives")):
        result(got.said(name, text), "%s: %s" % (name, text), got.skipped)


def real(folder):
    """What git itself writes: a key that was committed and deleted again, before and after gc."""
    if not shutil.which("git"):
        skipped("git's own objects", "no git here")
        return
    value, later = token(7100), token(7101)
    env = dict(os.environ, HOME=folder, GIT_CONFIG_NOSYSTEM="1", GIT_AUTHOR_NAME="a",
               GIT_AUTHOR_EMAIL="a@a.test", GIT_COMMITTER_NAME="a", GIT_COMMITTER_EMAIL="a@a.test")

    def git(*words):
        subprocess.run(["git", "-C", folder, *words], check=True, env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    git("init")
    body = b"".join(b"setting_%d = %d\n" % (i, i * i) for i in range(400))
    for text in (body + line(value) + body, body + body, body + line(later) + body, body):
        write(folder, "settings.py", text)
        git("add", "settings.py")
        git("commit", "-m", "a change")
    for when in ("loose", "packed"):
        got = Report(folder)
        files = {name for places in got.places.values() for name, _, _ in places}
        result({value[-4:].decode(), later[-4:].decode()} <= set(got.places) and not got.skipped,
               "deleted keys are found in the history, " + when, (got.places, got.skipped))
        result(all(f.endswith(".pack") for f in files) == (when == "packed"), "in its objects",
               files)
        git("gc", "--aggressive", "--prune=now")
    os.chmod(folder, 0o755)
    text = run(folder).stdout.decode()
    result("git keeps it in its history" in text and "chmod o-rwx %s/.git\n" % folder in text,
           "what to do", text[-900:])
    asked = re.findall(r"git --git-dir=(\S+) log --all --find-object=(\w+)\n", text)
    said = [subprocess.run(["git", "--git-dir=" + where, "log", "--all", "--format=%s",
                            "--find-object=" + name], stdout=subprocess.PIPE, env=env,
                           check=False).stdout for where, name in asked]
    result(len(said) == 2 and all(s == b"a change\na change\n" for s in said),
           "git knows the commits of the objects", (asked, said))


sys.exit(packed_tests(("zlib", packs), ("zlib", named), ("zlib", bombs), ("zlib", real)))
