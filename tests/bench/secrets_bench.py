#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The search for secrets against reading every file, and against ripgrep with the same patterns."""
import gzip
import os
import random
import re
import statistics
import string
import subprocess
import sys

SCAN = os.environ.get("SECRET_SCAN", "")
# BENCH_FOLDERS=/srv/app/node_modules:... come first: such trees are the densest with keywords.
FOLDERS = tuple(filter(None, os.environ.get("BENCH_FOLDERS", "").split(":"))) + (
    "/usr/share", "/usr/include", "/usr/lib/python3", "/usr/lib/node_modules", "/etc")
LEAST_FILES, LEAST_BYTES, LOG_BYTES = 60000, 1 << 30, 50000000
LOOK = re.compile(r"\(\?<?[=!]")
SMALL = "/usr/lib/python3"  # ripgrep with hundreds of patterns needs minutes for all of it
PAIRS = int(os.environ.get("BENCH_PAIRS", "5"))


def cpu(args):
    child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(child.pid, 0)[2]
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime


def pair(title, ours, reference, goal):
    cpu(ours), cpu(reference)
    a, b = zip(*[(cpu(ours), cpu(reference)) for _ in range(PAIRS)])
    ratio = statistics.median(x / y for x, y in zip(a, b))
    row("%-44s %6.0f ms against %6.0f ms CPU: ratio %.2f (goal %.2f)"
        % (title, 1000 * statistics.median(a), 1000 * statistics.median(b), ratio, goal),
        ratio <= goal)


def row(text, met):
    print(text + ("" if met else " MISSED"), flush=True)


def without_looks(pattern):
    """ripgrep's own engine has no look-around: it is left out, which only spares ripgrep work."""
    out, i, skip, in_class = [], 0, 0, False
    while i < len(pattern):
        step = 2 if pattern[i] == "\\" else 1
        c = pattern[i]
        if not in_class and not skip and LOOK.match(pattern, i):
            skip = 1
            i += 2
            continue
        if skip and not in_class:
            skip += (c == "(") - (c == ")")
            if c == ")" and skip == 0:
                i += 1
                continue
        if c == "[" and not in_class:
            in_class = True
            if not skip:
                out.append(c)
            i += 1
            if pattern[i:i + 1] == "^":
                if not skip:
                    out.append("^")
                i += 1
            continue
        if c == "]":
            in_class = False
        if not skip:
            out.append("\\[" if in_class and c == "[" else pattern[i:i + step])
        i += step
    return re.sub(r"\(\?:\|+\)", "", "".join(out)).replace("\\/", "/").replace("\\'", "'")


def patterns(folder):
    """The file of those patterns that ripgrep takes."""
    got = subprocess.run([SCAN, "patterns"], stdout=subprocess.PIPE, check=True,
                         universal_newlines=True).stdout.split("\n")[:-1]
    kept = []
    for pattern in map(without_looks, got):
        test = subprocess.run(["rg", "--no-unicode", "-q", "-e", pattern, "/dev/null"],
                              stderr=subprocess.DEVNULL, check=False)
        if test.returncode != 2:
            kept.append(pattern)
    print("%d of %d patterns are ripgrep's too" % (len(kept), len(got)))
    with open(folder + "/patterns", "w", encoding="utf-8") as f:
        f.write("".join(p + "\n" for p in kept))
    return f.name


def log_text(size):
    """Lines of a log; one in a thousand carries a token."""
    lot = random.Random(4)
    lines = []
    for i in range(20000):
        path = "/".join(lot.choice(("api", "static", "img", "user", "login", "v1", "app.js"))
                        for _ in range(3))
        query = ""
        if i % 1000 == 0:
            query = "?token=" + "".join(lot.choice(string.ascii_letters) for _ in range(32))
        lines.append('10.0.%d.%d - - [01/Jan/2025:00:%02d:00 +0000] "GET /%s%s HTTP/1.1" 200 %d '
                     '"https://shop.test/" "Mozilla/5.0 (X11; Linux x86_64)"\n'
                     % (i % 256, i % 199, i % 60, path, query, lot.randrange(90000)))
    text = "".join(lines)
    return text * (size // len(text))


def count(folder):
    """How many files there are below, and their bytes."""
    got = subprocess.run([SCAN, "read", folder], stdout=subprocess.PIPE, check=False,
                         universal_newlines=True).stdout
    return [int(n) for n in re.findall(r"(\d+) (?:files|bytes)", got)]


def tree(folder):
    """Folders of this machine and logs, together at least so many files and bytes. What is missing
    is filled up with files made here."""
    found, files, size = [], 0, 0
    os.makedirs(folder + "/logs")
    for i in range(4):
        with open("%s/logs/access.log.%d" % (folder, i), "w", encoding="utf-8") as f:
            size += f.write(log_text(LOG_BYTES))
    for top in FOLDERS:
        if files >= LEAST_FILES and size >= LEAST_BYTES:
            break
        if os.path.isdir(top) and not any((top + "/").startswith(f + "/") for f in found):
            more = count(top)
            found, files, size = found + [top], files + more[0], size + more[1]
    lot, made = random.Random(5), 0
    while files < LEAST_FILES or size < LEAST_BYTES:
        where = "%s/made/%d" % (folder, made // 500)
        os.makedirs(where, exist_ok=True)
        with open("%s/%d.conf" % (where, made), "w", encoding="utf-8") as f:
            size += f.write("".join("option_%d = %d # a comment\n" % (i, lot.randrange(10 ** 9))
                                    for i in range(lot.randrange(10, 1000))))
        files, made = files + 1, made + 1
    return found + [folder + "/logs"] + ([folder + "/made"] if made else [])


def run(folder, find):
    if not SCAN:
        return
    top = tree(folder)
    print(subprocess.run([SCAN, "read"] + top, stdout=subprocess.PIPE, check=False,
                         universal_newlines=True).stdout.strip() + " in " + " ".join(top))
    known = patterns(folder) if find("rg") else None
    ours = [SCAN, "search"]
    pair("secrets : read every file", ours + top, [SCAN, "read"] + top, 2.0)
    if known:
        rg = ["rg", "-j1", "-a", "-uuu", "--no-unicode", "-c", "-f", known]
        pair("secrets, %s : rg -j1" % SMALL, ours + [SMALL], rg + [SMALL], 0.30)
    packed_log(folder)
    whole_program(top)


def packed_log(folder):
    """A .gz log through the whole program, against zlib alone."""
    name = folder + "/access.log.gz"
    with gzip.open(name, "wb", 6) as f:
        f.write(log_text(4 * LOG_BYTES).encode())
    inflate = ("import sys,zlib\nd=zlib.decompressobj(31)\nf=open(sys.argv[1],'rb')\n"
               "while True:\n  b=f.read(65536)\n  if not b: break\n"
               "  while b:\n    d.decompress(b,262144)\n    b=d.unconsumed_tail\n")
    pair("secrets x.gz (200 MB) : inflating it",
         [os.environ["SRVAUDIT"], "secrets", "--jobs", "1", name],
         [sys.executable, "-I", "-S", "-c", inflate, name], 2.5)
    os.unlink(name)


def run_once(args):
    """Wall seconds and the largest resident set in MB; a small child starts it, for a process
    counts what its parent held before exec."""
    code = ("import os,sys,time\nt=time.time()\npid=os.posix_spawn(sys.argv[1],sys.argv[1:],"
            "os.environ,file_actions=[(os.POSIX_SPAWN_OPEN,1,'/dev/null',1,0)])\n"
            "u=os.wait4(pid,0)[2]\nprint(time.time()-t,u.ru_maxrss/1024)")
    out = subprocess.run([sys.executable, "-c", code] + args, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=True).stdout.split()
    return float(out[0]), float(out[1])


def whole_program(top):
    """srvaudit secrets over the same tree: two threads against one, and the peak of each."""
    ours = [os.environ["SRVAUDIT"], "secrets"]
    both = [[run_once(ours + ["--jobs", jobs] + top) for jobs in ("1", "2")]
            for _ in range(PAIRS)]
    for i, goal in ((0, 44), (1, 48)):
        most = max(run[i][1] for run in both)
        row("%-44s %6.1f MB (goal %d MB)"
            % ("secrets --jobs %d: peak memory" % (i + 1), most, goal), most <= goal)
    one, two = ([run[i][0] for run in both] for i in (0, 1))
    ratio = statistics.median(b / a for a, b in zip(one, two))
    row("%-44s %6.0f ms against %6.0f ms wall: ratio %.2f (goal 0.60)"
        % ("secrets --jobs 2 : --jobs 1", 1000 * statistics.median(two),
           1000 * statistics.median(one), ratio), ratio <= 0.60)
