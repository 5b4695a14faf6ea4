#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Dockerfiles and build contexts made to hurt: bounded, told, and nothing beyond the root is read."""
import json
import os
import resource
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from tap import finish, in_folder, result  # noqa: E402

SECRET = "API_TOKEN=" + "Zq7" * 2 + "mW4x9Lr2Tn8Vb5Kd\n"


# Runs a program and says how much memory it took at most, in KiB.
PEAK = """import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
               preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (20, 20)))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"""


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb" if isinstance(text, bytes) else "w") as f:
        f.write(text)
    os.chmod(path, mode)


def audit(root):
    start = time.monotonic()
    done = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json"], timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, json.loads(done.stdout), time.monotonic() - start


def tree(folder, name):
    """A new root with /opt/app in it."""
    root = os.path.join(folder, name)
    write(root + "/etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)
    os.makedirs(root + "/opt/app")
    return root


def told(report, path, words):
    return any(s["path"] == path and words in s["reason"]
               for s in report["coverage"].get("skipped", []))


def case(folder, name, fill, judge):
    root = tree(folder, name)
    fill(root + "/opt/app/")
    status, report, took = audit(root)
    result(status in (0, 1, 3) and took < 30 and judge(status, report), name,
           "status %d, %.1f s\n%s" % (status, took, json.dumps(report, indent=1)[:4000]))
    shutil.rmtree(root)


def variables(app):
    """Each ENV doubles the one before it."""
    write(app + "Dockerfile", "FROM a\nENV A0=xxxxxxxx\n" + "".join(
        "ENV A%d=$A%d$A%d\n" % (i, i - 1, i - 1) for i in range(1, 9000)))


def words(app):
    write(app + "Dockerfile", "FROM a\nENV " + "A=b " * 200000 + "\n")


def long_file(app):
    write(app + "Dockerfile", "FROM a\n" + "RUN true\n" * 200000)


def nested(app):
    write(app + "Dockerfile", "FROM a\nCOPY " + "${A:-" * 100000 + " /x\n")


def binary(app):
    write(app + "Dockerfile", bytes(range(256)) * 2000)


def no_instructions(app):
    write(app + "Dockerfile", "x\n" * 500000)
    write(app + ".dockerignore", "[\n" * 4000)


def equal_stages(app):
    """Each FROM and each COPY asks for a stage by its name, and each stage hands on what it keeps."""
    write(app + "Dockerfile", "FROM a AS s0\n" + "".join(
        "FROM s%d AS s%d\n" % (i, i + 1) for i in range(15900)) + "FROM a\n" +
        "COPY --from=s15900 " + " ".join("p%d" % i for i in range(255)) + " /x/\n" +
        "COPY --from=none a b\n" * 200)


def stages(app):
    write(app + "Dockerfile", "".join(
        "FROM a AS s%d\n%s" % (i, "".join("COPY --from=s%d /p%d /q%d\n" % (i - 1, k, k)
                                          for k in range(10)) if i else "") for i in range(1300)))


def patterns(app):
    write(app + "Dockerfile", "FROM a\nCOPY . /app\n")
    write(app + ".dockerignore", ("*a" * 300 + "\n") * 4000)
    for i in range(300):
        write(app + "a" * 200 + "/%d%s" % (i, "a" * 200), "x")


def outside(app):
    """The context, a file of it and the Dockerfile itself lead out of the root."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(app))))
    write(top + "/beyond/.env", SECRET, 0o644)
    write(top + "/beyond/Dockerfile", "FROM a\nENV " + SECRET, 0o644)
    write(app + "Dockerfile",
          "FROM a\nCOPY . /a\nCOPY ../../../../beyond/.env link.env up/.env /x/\n")
    os.symlink(top + "/beyond/.env", app + "link.env")
    os.symlink("../../../../../beyond", app + "up")
    os.makedirs(app + "two")
    os.symlink(top + "/beyond/Dockerfile", app + "two/Dockerfile")
    write(app + "compose.yaml", "services:\n  a:\n    build: {context: ../../../../beyond}\n")


def odd_files(app):
    os.mkfifo(app + "Dockerfile")
    os.makedirs(app + "two/.dockerignore")
    write(app + "two/Dockerfile", "FROM a\nCOPY . /a\n")
    os.mkfifo(app + "two/pipe.env")
    write(app + "two/.env", SECRET)
    write(app + "compose.yaml", "services:\n  a:\n    build: .\n")


def whole_system(app):
    write(app + "Dockerfile", "FROM a\nCOPY . /a\n")
    write(app + "compose.yaml",
          "services:\n  a:\n    build: {context: ../.., dockerfile: opt/app/Dockerfile}\n")


def deep(app):
    write(app + "Dockerfile", "FROM a\nCOPY . /a\n")
    write(app + "d/" * 400 + ".env", SECRET)


def many(app):
    write(app + "Dockerfile", "FROM a\nCOPY . /a\n")
    os.makedirs(app + "d")
    for i in range(50100):
        os.close(os.open("%sd/%d" % (app, i), os.O_CREAT))


def in_time(folder):
    """Twenty times the processor time that it asks for, less than a square did."""
    with open(os.environ.get("SRVAUDIT_PROGRAM", os.environ["SRVAUDIT"]), "rb") as f:
        sanitized = b"__asan_init" in f.read()
    root = tree(folder, "stages")
    equal_stages(root + "/opt/app/")
    done = subprocess.run(
        [os.environ["SRVAUDIT"], "--root", root, "-f", "json"], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=None if sanitized else
        lambda: resource.setrlimit(resource.RLIMIT_CPU, (3, 3)))
    result(done.returncode == 0, "sixteen thousand stages", done.returncode)


def mounts(folder):
    """A folder that grows with each command, and one that is long and stands before each word:
    hardly any memory."""
    mount = "FROM a\nRUN --mount=type=bind,target=/x "
    for name, text in (
            ("a folder in a folder, without end", "<<EOF\n" + "cd a\n" * 200000 + "EOF\n"),
            ("many words in a long folder", "cd /" + "w" * 60000 + " && cp" + " a" * 20000 + " b\n"),
            ("many words in a folder", "cd /" + "w" * 4000 + " && cp" + " a" * 300000 + " b\n")):
        root = tree(folder, "mounts")
        write(root + "/opt/app/Dockerfile", mount + text)
        done = subprocess.run(
            [os.environ["SRVAUDIT"], "--root", root, "-f", "json"], timeout=120, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        used = int(subprocess.run(
            [sys.executable, "-c", PEAK, os.environ["SRVAUDIT"], "--root", root], timeout=120,
            stdout=subprocess.PIPE, check=True).stdout)
        result(done.returncode in (0, 1, 3) and used < 250000 and
               told(json.loads(done.stdout), "/opt/app/Dockerfile", "more out of its mounts"),
               name, "%d KiB\n%r" % (used, done.stdout[:2000]))
        shutil.rmtree(root)


def silent(report):
    return not report["findings"]


def main(folder):
    path = "/opt/app/Dockerfile"
    case(folder, "variables that double", variables, lambda s, r: told(r, path, "too large"))
    case(folder, "two hundred thousand words", words, lambda s, r: told(r, path, "too many words"))
    case(folder, "a Dockerfile of megabytes", long_file, lambda s, r: told(r, path, "too long"))
    case(folder, "defaults in defaults", nested, lambda s, r: told(r, path, "2:"))
    case(folder, "bytes", binary, lambda s, r: s == 3)
    case(folder, "lines that are no instruction", no_instructions,
         lambda s, r: s == 3 and 0 < len(r["coverage"]["skipped"]) <= 201)
    in_time(folder)
    mounts(folder)
    case(folder, "thirteen hundred stages", stages, lambda s, r: s == 0)
    case(folder, "patterns that take long", patterns,
         lambda s, r: told(r, "/opt/app/.dockerignore", "take too long"))
    case(folder, "ways out of the root", outside, lambda s, r: silent(r))
    case(folder, "a FIFO, a folder as list", odd_files,
         lambda s, r: told(r, "/opt/app/two/.dockerignore", "directory")
         and len(r["findings"]) == 1)
    case(folder, "the whole system as context", whole_system,
         lambda s, r: told(r, path, "whole system"))
    case(folder, "folders four hundred deep", deep, lambda s, r: told(r, "/opt/app", "too deep"))
    case(folder, "fifty thousand files", many, lambda s, r: told(r, "/opt/app", "too many files"))


in_folder(main)
sys.exit(finish())
