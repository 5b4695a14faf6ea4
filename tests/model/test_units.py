#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random trees of unit files: what is in force, as the real systemd has it and as the model does."""
import os
import pwd
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from tap import finish, result, skipped  # noqa: E402

HELPER = os.path.join(os.environ.get("top_builddir", "."), "tests/model/helper_units")
SYSTEMD = "/lib/systemd/systemd"
SEED, TREES = 20261126, 40
DIRS = ("etc/systemd/system", "run/systemd/system", "usr/local/lib/systemd/system",
        "usr/lib/systemd/system")
NAMES = ("app.service", "app-web.service", "app-web-api.service", "db.service", "w@.service",
         "w-x@.service")
WORDS = ("A=1", "B=two words", "C=%n", "D=%p-%i", "E=x\\\\ty", "A=2", "F=it's", "G=%%", "1bad=x",
         "noeq", "H=", "I=a=b", "J=%j", "K=caf\u00e9", "L=\\\\x41\\\\102", "M=#no;comment")


def quoted(rng, word):
    """A word of Environment= as a person may write it."""
    plain = re.fullmatch(r"[A-Za-z0-9_=%.#;\\-]+", word)
    choices = ['"%s"' % word.replace('"', '\\"')]
    if "'" not in word:
        choices.append("'%s'" % word)
    if plain:
        choices += [word, word.replace("=", "='", 1) + "'"]
    return rng.choice(choices)


def environment(rng):
    words = [quoted(rng, rng.choice(WORDS)) for _ in range(rng.randint(1, 4))]
    text = rng.choice((" ", "  ", " \\\n  ", " \\\n# between\n ")).join(words)
    broken = rng.choice(("", "", "", "", ' "open', " \\q"))
    return "Environment=" + text + broken


def settings(rng, whole):
    lines = []
    for _ in range(rng.randint(1, 6)):
        lines.append(rng.choice((
            environment(rng), environment(rng), "Environment=", "EnvironmentFile=-/etc/%p.env",
            "EnvironmentFile=/etc/default/%N", "EnvironmentFile=", "EnvironmentFile=relative",
            "User=%s" % rng.choice(("daemon", "nobody", "%p", "")), "; comment", "# comment \\",
            "  User = daemon  ", "nonsense", "=x", "WorkingDirectory=/srv/%p", "[Unit]",
            "[Service]", "UnsetEnvironment=A")))
    exe = ["ExecStart=" + rng.choice((
        "/bin/echo one 'two three' \\\n   --n=%n \"q\\\"x\"", "-/bin/echo -- %i %%", "+/bin/true",
        "@/bin/sh shell -c 'a b'", "/bin/echo a\\x20b \\; c", "/bin/echo 'x'y\"z\""))]
    if not whole:
        exe = rng.choice(([], ["ExecStart="] + exe))
    at = rng.randint(0, len(lines))
    return "[Service]\n" + "\n".join(lines[:at] + ["[Service]"] + exe + lines[at:]) + "\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)


def link(path, target):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path):
        os.symlink(target, path)


def make_tree(rng, root):
    for name in NAMES:
        for folder in rng.sample(DIRS, rng.randint(1, 2)):
            write(os.path.join(root, folder, name), settings(rng, True))
    drops = list(NAMES) + ["app-.service", "w@one.service", "service", "alias.service",
                           "w-@.service", "w-x@one.service"]
    for _ in range(rng.randint(2, 14)):
        path = os.path.join(root, rng.choice(DIRS), rng.choice(drops) + ".d",
                            rng.choice(("10-a.conf", "50-b.conf", "90-c.conf", "x.txt", ".h.conf")))
        if rng.random() < 0.15:
            link(path, "/dev/null")
        else:
            write(path, settings(rng, False))
    etc = os.path.join(root, DIRS[0])
    if rng.random() < 0.6:
        link(os.path.join(etc, "alias.service"), "app.service")
    if rng.random() < 0.2:
        link(os.path.join(etc, "gone.service"), "/dev/null")
    link(os.path.join(etc, "multi-user.target.wants/w@one.service"), "../w@.service")
    link(os.path.join(etc, "multi-user.target.wants/w-x@one.service"), "../w-x@.service")
    for name in ("sysinit.target", "basic.target", "shutdown.target", "multi-user.target"):
        write(os.path.join(root, DIRS[3], name), "[Unit]\nDescription=x\n")
    for base, folders, _ in os.walk(root):
        os.chmod(base, 0o755)
        for f in folders:
            os.chmod(os.path.join(base, f), 0o755)


def model(root):
    out = subprocess.run([HELPER, root], stdout=subprocess.PIPE, check=True, timeout=60).stdout
    units = {}
    for block in out.decode("utf-8", "replace").split("\n\n"):
        rows = [line.split("\t", 1) for line in block.split("\n") if "\t" in line]
        if rows:
            units[rows[0][1]] = rows
    return units


def oracle(root, unit, home):
    """The sections that `systemd --test` prints: it starts nothing, and refuses to run as root."""
    nobody = pwd.getpwnam("nobody")
    env = {"HOME": home, "XDG_RUNTIME_DIR": home, "SYSTEMD_LOG_TARGET": "console",
           "SYSTEMD_LOG_LEVEL": "crit", "LC_ALL": "C.UTF-8",
           "SYSTEMD_UNIT_PATH": ":".join(os.path.join(root, d) for d in DIRS)}

    def drop():
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
    got = subprocess.run([SYSTEMD, "--test", "--system", "--no-pager", "--unit=" + unit], env=env,
                         preexec_fn=drop, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         timeout=60)
    return got.stdout.decode("utf-8", "replace")


def section(dump, unit):
    m = re.search(r"^\t*-> Unit %s:\n(.*?)(?=^\t*-> (?:Unit|Job) |\Z)" % re.escape(unit), dump,
                  re.M | re.S)
    return m.group(1) if m else None


def facts_of_dump(text, root):
    facts = {"file": [], "Environment": [], "EnvironmentFile": [], "User": None, "commands": []}
    for line in text.split("\n"):
        m = re.match(r"\t+([A-Za-z ]+): (.*)", line)
        if not m:
            continue
        key, value = m.group(1), m.group(2)
        if key in ("Fragment Path", "DropIn Path"):
            if os.path.realpath(value) != "/dev/null":
                facts["file"].append(value[len(root):])
        elif key in ("Environment", "EnvironmentFile"):
            facts[key].append(value)
        elif key == "User":
            facts["User"] = value
        elif key == "Command Line":
            facts["commands"].append(value)
    facts["Environment"].sort()
    return facts


def facts_of_model(rows):
    facts = {"file": [], "Environment": [], "EnvironmentFile": [], "User": None, "commands": []}
    for key, value in rows:
        if key in ("file", "Environment", "EnvironmentFile"):
            facts[key].append(value)
        elif key == "User":
            facts["User"] = value
        elif key.startswith("Exec"):
            facts["commands"].append([value])
        elif key == "arg":
            facts["commands"][-1].append(value)
    facts["Environment"].sort()
    return facts


def unset_dropped(facts, unset):
    return [e for e in facts if not unset or not e.startswith("A=")]


def same_commands(dump, mine):
    """systemd prints its commands quoted for a shell; argv[0] may be another name (@)."""
    if len(dump) != len(mine):
        return False
    for text, words in zip(dump, mine):
        said = shlex.split(text.replace("\\$", "$"))
        if said[1:] != words[1:]:
            return False
    return True


def compare(root, unit, rows, dump):
    text = section(dump, unit)
    if text is None:
        return None
    state = re.search(r"Unit Load State: (\S+)", text).group(1)
    mine, real = facts_of_model(rows), facts_of_dump(text, root)
    if state == "masked" or dict(rows)["state"] == "masked":
        return "" if state == dict(rows)["state"] else "masked: %s" % state
    if state not in ("loaded", "bad-setting"):
        return None
    unset = any("UnsetEnvironment" in line for f in mine["file"]
                for line in open(root + f, encoding="utf-8"))
    for facts in (mine, real):
        facts["Environment"] = unset_dropped(facts["Environment"], unset)
    wrong = [k for k in ("file", "Environment", "EnvironmentFile", "User") if mine[k] != real[k]]
    notes = "".join("%s: systemd %r, model %r\n" % (k, real[k], mine[k]) for k in wrong)
    if not same_commands(real["commands"], mine["commands"]):
        notes += "commands: systemd %r, model %r\n" % (real["commands"], mine["commands"])
    return notes


def main():
    if not os.path.exists(SYSTEMD):
        skipped("the real systemd agrees", "no %s here" % SYSTEMD)
        return finish()
    compared, wrong = 0, []
    for number in range(TREES):
        rng = random.Random("%d %d" % (SEED, number))
        root = tempfile.mkdtemp(prefix="srvaudit-units-")
        home = tempfile.mkdtemp(prefix="srvaudit-home-")
        try:
            os.chmod(root, 0o755)
            os.chmod(home, 0o777)
            make_tree(rng, root)
            units = model(root)
            for unit in ("app.service", "app-web-api.service", "db.service", "w@one.service",
                         "w-x@one.service", "gone.service"):
                if unit not in units:
                    continue
                notes = compare(root, unit, units[unit], oracle(root, unit, home))
                if notes is None:
                    continue
                compared += 1
                if notes:
                    wrong.append("tree %d %s: %s" % (number, unit, notes))
        finally:
            shutil.rmtree(root)
            shutil.rmtree(home)
    result(compared >= TREES, "systemd answered for %d units" % compared)
    result(not wrong, "systemd agrees on every unit", "\n".join(wrong[:8]))
    return finish()


if __name__ == "__main__":
    sys.exit(main())
