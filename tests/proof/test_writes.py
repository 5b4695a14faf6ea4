#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What an audit changes on a machine, as the kernel sees it: nothing but the file that -o names.

strace follows every thread. Any call that makes, changes or removes something counts, also one that
was refused; so do sockets and programs. Core dumps are off before the first file is searched.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT_PROGRAM", os.environ["SRVAUDIT"])  # without a recorder
SECRET = planted("Rv" + "7kQx2LmZ91pWd0sTgh")
OPENING = {"open", "openat", "openat2", "creat"}
CHANGING = {
    "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link",
    "linkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat",
    "fchmodat2", "chown", "fchown", "lchown", "fchownat", "truncate", "ftruncate", "fallocate",
    "utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr",
    "removexattr", "lremovexattr", "fremovexattr", "memfd_create", "copy_file_range", "sendfile",
    "mount", "umount2", "socket", "connect", "execve", "execveat", "ptrace", "kill", "bind"}
TRACED = sorted(OPENING | CHANGING | {"write", "pwrite64", "writev", "pwritev", "pwritev2",
                                      "prlimit64", "setrlimit", "prctl"})
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+|\?)")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE")


def plant(root):
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp { server { listen 80; root /srv/app;\n"
          " server_name a.test; location / { proxy_set_header X-Token %s; } } }\n" % SECRET)
    write(root, "/etc/systemd/system/a.service",
          "[Service]\nEnvironment=DB_PASSWORD=%s\nExecStart=/bin/a\n" % SECRET)
    write(root, "/etc/cron.d/a", "MAILTO=x\n1 1 * * * root /bin/a --password %s\n" % SECRET)
    write(root, "/srv/app/.env", "DB_PASSWORD=%s\n" % SECRET)
    write(root, "/srv/app/.git/HEAD", "ref: refs/heads/main\n")
    write(root, "/var/log/a.log", "GET /?access_token=%s HTTP/1.1\n" % SECRET)
    with open(root + "/srv/app/data.db", "wb") as f:
        f.write(b"SQLite format 3\0" + b"\0" * 4096)
    shutil.make_archive(root + "/srv/app/backup", "gztar", root, "etc")


def calls(log):
    """(name, arguments) of each call; those that another thread cut in two are put together."""
    begun = {}
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            pid = line.split(" ", 1)[0]
            if line.rstrip().endswith("<unfinished ...>"):
                begun[pid] = line.rstrip()[:-len("<unfinished ...>")]
                continue
            rest = re.match(r"^\d+ +<\.\.\. \w+ resumed>(.*)", line, re.S)
            match = CALL.match(begun.pop(pid, "") + rest.group(1) if rest else line)
            if match:
                yield match.group(1), match.group(2)


def changes(log, allowed=()):
    """What was or should have been written besides standard output; `allowed` are files."""
    out, programs = [], 0
    for name, args in calls(log):
        if name == "execve":
            programs += 1
            if programs == 1:
                continue  # strace's own, of the program
        paths = re.findall(r'"((?:[^"\\]|\\.)*)"', args)
        mine = bool(paths) and all(any(p == a or p.startswith(a + ".") for a in allowed)
                                   for p in paths)
        if name in OPENING and not WRITING.search(args) and name != "creat":
            continue
        if name in CHANGING | OPENING and not mine:
            out.append("%s(%s)" % (name, args[:200]))
        elif "write" in name and not allowed and args.split(",")[0] not in ("1", "2"):
            out.append("%s to descriptor %s" % (name, args.split(",")[0]))
    return out


def trace(folder, *words):
    log = os.path.join(folder, "strace")
    got = subprocess.run(["strace", "-f", "-qq", "-s", "64", "-o", log, "-e",
                          "trace=" + ",".join("?" + name for name in TRACED), *words],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    return got, log


def audits(folder):
    root, out = os.path.join(folder, "root"), os.path.join(folder, "report")
    plant(root)
    for words in (["--jobs", "3"], ["-f", "json", "-v"], ["secrets", "/"],
                  ["url", "http://a.test/.env"]):
        words[1 if words[0] in ("secrets", "url") else 0:0] = ["--root", root]
        got, log = trace(folder, SRVAUDIT, *words)
        found = changes(log)
        result(got.returncode in (0, 1, 3) and got.stdout and not found,
               "nothing is written: srvaudit " + words[0] + " " + words[-1],
               "\n".join(found) or got.stderr[-500:])
    got, log = trace(folder, SRVAUDIT, "--root", root, "-o", out)
    found = changes(log, [out])
    result(os.path.exists(out) and not found, "with -o, that file and no other", "\n".join(found))
    result(bool(changes(log)), "and the trace shows that one")
    off = any("rlimit" in name and "RLIMIT_CORE" in args and "rlim_cur=0" in args
              for name, args in calls(log))
    result(off, "core dumps are switched off")
    dump = any(name == "prctl" and args.startswith("PR_SET_DUMPABLE, ") and "DISABLE" in args
               for name, args in calls(log))
    result(dump, "other programs of the user cannot look into the process")


def whole_machine(folder):
    """The machine of the test itself, with its processes."""
    if os.geteuid() != 0:
        return skipped("nothing is written of a whole machine", "only root looks at processes")
    got, log = trace(folder, SRVAUDIT, "--only", "host.*", "-q")
    # Which sockets listen is asked of the kernel before the confinement, as ss(8) asks.
    found = [line for line in changes(log)
             if not line.startswith("socket(AF_NETLINK, ") or "NETLINK_SOCK_DIAG" not in line]
    return result(got.returncode in (0, 1, 3) and not found, "nothing is written of a whole machine",
                  "\n".join(found) or got.stderr[-500:])


def noticed(folder):
    """The test can fail: each way of writing is seen, whole or cut in two by another thread."""
    for command in ("echo x > f", "mkdir d", "rm -f f", "ln -s a b", "chmod 600 .", "touch g",
                    "mv b c", "/bin/true; /bin/true"):
        _, log = trace(folder, "/bin/sh", "-c", "cd '%s' && %s" % (folder, command))
        result(changes(log), "noticed: " + command)
    _, log = trace(folder, "/bin/sh", "-c", "echo x")
    result(not changes(log), "standard output is no change", "\n".join(changes(log)))
    with open(log, "w", encoding="ascii") as f:
        f.write('1 openat(AT_FDCWD, "/x" <unfinished ...>\n2 write(1, "a", 1) = 1\n'
                '1 <... openat resumed>, O_RDWR|O_CREAT, 0600) = 3\n')
    result(len(changes(log)) == 1, "calls that are cut in two")


def main():
    if not shutil.which("strace"):
        skipped("nothing is written", "no strace")
        return finish()
    trial = subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL,
                           check=False)
    if trial.returncode != 0:
        skipped("nothing is written", "strace cannot trace here")
        return finish()
    in_folder(noticed)
    with open(SRVAUDIT, "rb") as f:
        sanitized = b"__asan_init" in f.read()
    if sanitized:
        skipped("nothing is written", "a sanitizer writes, and its leak checker traces the program")
        return finish()
    for test in (audits, whole_machine):
        in_folder(test)
    return finish()


sys.exit(main())
