#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The last test of a run: no secret that any test planted stands in anything that was written.

Looked through are the output of every run of the program, the files it was told to write, and the
logs of the tests; looked for are the values that the tests registered (tests/planted.py), whole and
encoded. The search proves itself on a program that shows what it finds.
"""
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), HERE]
sys.dont_write_bytecode = True

import written  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

BUILD = os.environ["top_builddir"]
MARK = os.path.join(BUILD, "tests/proof/run")  # names the folder of the run
RECORDER = os.path.join(BUILD, "tests/proof/helper_recorder")
LEAKY = os.path.join(BUILD, "tests/proof/leaky")
MANY_RUNS, MANY_VALUES = 500, 1000  # a whole run has more of either
MANY_IDS = 5                        # of one file are named
WHOLE = 0.95  # of what was found; of the rest, such as user:password in base64, a part is known


def files_below(*folders):
    return [os.path.join(top, name) for folder in folders
            for top, _, names in os.walk(folder) for name in sorted(names)]


def registered(folder):
    values = set()
    for path in files_below(folder):
        with open(path, "rb") as f:
            values |= {bytes.fromhex(line.decode()) for line in f.read().split()}
    return values


def known_ids(values):
    out = set()
    for value in values:
        out |= {written.secret_id(form) for form in (value, value.strip(), value.strip() + b"\n")}
        if value.startswith(b"-----BEGIN "):  # a key is the same with and without its armour
            out.add(written.secret_id(b"".join(value.split()[4:-4]).rstrip(b"=")))
    return out


def unregistered(values, files):
    """Secrets that the program found and no test registered, and the number of all found ones."""
    known, found = known_ids(values), {}
    for path in files:
        found.update(written.reported_ids(path))
    return sorted(" ".join(said) for ident, said in found.items() if ident not in known), len(found)


def leaks(values, files):
    """Which values stand where, by their fingerprints."""
    places = {}
    for path, value in written.search(values, files):
        places.setdefault(path, set()).add(written.secret_id(value))
    return ["%s: %s" % (path, " ".join(sorted(ids)[:MANY_IDS]))
            for path, ids in sorted(places.items())]


def arguments(path):
    """The command line of the run that wrote the file."""
    start = ".".join(os.path.basename(path).split(".")[:1])
    for other in os.listdir(os.path.dirname(path)):
        if other.startswith(start + ".") and other.endswith(".arguments"):
            with open(os.path.join(os.path.dirname(path), other), "rb") as f:
                return f.read().replace(b"\0", b" ").decode("utf-8", "replace")
    return ""


def whole_run(folder):
    values = registered(os.path.join(folder, "planted"))
    files = files_below(os.path.join(folder, "written"))
    logs = [path for path in files_below(os.path.join(BUILD, "tests"))
            if path.endswith((".log", ".trs"))]
    print("# %d values, %d files of %d bytes, %d logs" %
          (len(values), len(files), sum(os.path.getsize(p) for p in files), len(logs)))
    runs = sum(path.endswith(".arguments") for path in files)
    result(runs >= MANY_RUNS and len(values) >= MANY_VALUES,
           "a whole run was kept", "%d runs, %d values" % (runs, len(values)))
    shown, terminals = (sum(p.endswith(kind) for p in files) for kind in (".shown", ".terminal"))
    result(shown == terminals, "what terminals got was kept", "%d of %d" % (shown, terminals))
    notes, count = unregistered(values, files)
    print("# %d secrets were found, %d of them are registered" % (count, count - len(notes)))
    result(len(notes) <= (1 - WHOLE) * count, "what was found is registered",
           "\n".join(notes[:200]))
    found = leaks(values, files)
    result(not found, "no secret that was planted was written",
           "\n".join("%s (%s)" % (line, arguments(line.split(": ")[0])) for line in found[:50]))
    found = leaks(values, logs)
    result(not found, "nor do the logs of the tests hold one", "\n".join(found[:50]))
    left = os.listdir(os.path.join(folder, "tmp"))
    result(not left, "no temporary file is left", left)


def token(seed):
    rng = random.Random(seed)
    return "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(40)).encode()


def every_form(folder):
    """Each encoding of a value is found in a text around it, and another value in none."""
    missed, wrong = [], []
    for number in range(6):
        value = token(number) + b"+/ \"<" + token(number + 100)
        paths = []
        for form in written.forms(value):
            paths.append(os.path.join(folder, "%d-%d" % (number, len(paths))))
            with open(paths[-1], "wb") as f:
                f.write(b'{"message":"%d ' % len(paths) + form + b'"}\n')
        missed += [None] * (len(paths) - len(leaks([value], paths)))
        with open(paths[0], "wb") as f:
            f.write(b"it ends with \xe2\x80\xa6" + value[-4:] + b"\n")
        wrong += leaks([token("another")], paths) + leaks([value], paths[:1])
    digits = b"2421118071a39dc319ab"
    for name, text, caught in (("digest", b'{"id":"00%s00000000000000"}' % digits[-16:], False),
                               ("digits", b'{"message":"00%s"}' % digits[-14:], True)):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(text)
        result(bool(leaks([digits], [path])) == caught, "a part of a value in a " + name, caught)
    result(not missed and not wrong, "the search finds every encoding, and nothing else",
           "%d missed, %d wrong" % (len(missed), len(wrong)))


def run_recorded(program, folder, *args):
    env = dict(os.environ, SRVAUDIT_PROGRAM=program,
               SRVAUDIT_WRITTEN=os.path.join(folder, "written"))
    return subprocess.run([RECORDER, *args], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=60, check=False)


def leaking_program(folder):
    """A build whose redaction shows all: its report and the file it writes are both caught."""
    value = token("leak")
    for name in ("written", "root/srv"):
        os.makedirs(os.path.join(folder, name))
    root = os.path.join(folder, "root")
    with open(root + "/srv/.env", "wb") as f:
        f.write(b"DB_PASSWORD=" + value + b"\n")
    out = os.path.join(folder, "report")
    for words in (["-f", "json"], ["-v"], ["-o", out], ["--output=" + out, "-f", "json"]):
        got = run_recorded(LEAKY, folder, "secrets", "--root", root, *words, "/srv")
        result(got.returncode == 1, "the leaking program runs: " + words[0], got.returncode)
    files = files_below(os.path.join(folder, "written"))
    found = [path for path in files if leaks([value], [path])]
    result(len(found) == 4, "a program that shows a secret is caught, on output and in files",
           len(found))
    result(unregistered([], files)[0] and not unregistered([value], files)[0],
           "a secret that no test registered is noticed")


def faithful(folder):
    """The recorder changes neither the status nor the order nor the death of what it runs."""
    os.mkdir(os.path.join(folder, "written"))
    got = run_recorded("/bin/sh", folder, "-c", "echo a; echo b >&2; echo c; exit 7")
    result(got.returncode == 7 and got.stdout == b"a\nb\nc\n", "the recorder is faithful", got)
    got = run_recorded("/bin/sh", folder, "-c", "kill -TERM $$")
    result(got.returncode == -15, "also of a program that is killed", got)


def main():
    for test in (every_form, leaking_program, faithful):
        in_folder(test)
    try:
        with open(MARK, encoding="utf-8") as f:
            folder = f.read().strip()
    except OSError:
        skipped("no secret that was planted was written", "nothing was kept: not a whole run")
        return finish()
    os.unlink(MARK)
    try:
        whole_run(folder)
    finally:
        if os.environ.get("SRVAUDIT_KEEP"):
            shutil.rmtree(os.path.join(folder, "planted"))
        else:
            shutil.rmtree(folder)
    return finish()


tempfile.tempdir = "/tmp"  # that of the run shall be empty in the end
sys.exit(main())
