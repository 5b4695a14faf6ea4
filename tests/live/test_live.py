#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The checks of running processes: processes are started and compared with what the kernel lets
their users read. No fixture tree can hold them."""
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

import live_tree  # noqa: E402
from live_tree import OTHER, WEB, can_read, inside, token  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
HELPER = os.path.join(os.environ["top_builddir"], "tests/live/helper_live")
SLEEP = ["/bin/sleep", "600"]
INNER = 200000  # what the id 1 of a namespace is outside
IDENTITIES = ((INNER, INNER), (WEB, WEB), (OTHER, OTHER), (WEB, OTHER), (OTHER, WEB),
              (65534, 65534), (0, 0))
NO_DUMP = "libc.prctl(4, 0, 0, 0, 0)"
WIPE = "libc.getenv.restype = ctypes.c_void_p; ctypes.memset(libc.getenv(b'APP_SECRET'), 32, 24)"
LISTEN = "s = socket.socket(); s.setsockopt(1, 2, 1); s.bind((%r, %d)); s.listen()"


def environment(name):
    return {"APP_SECRET": token(name)}


def start_inside(run, name, code, inner):
    """In a user namespace of OTHER's with two ids, as an engine without root makes them."""
    script = ("ctypes.CDLL(None).unshare(0x10000000)\nos.read(0, 1)\n"
              "os.setresgid(%d, %d, %d)\nos.setresuid(%d, %d, %d)\n"
              "os.execve('%s', ['x', '-c', %r], dict(APP_SECRET=%r))"
              % ((inner,) * 6 + (live_tree.PYTHON, "import ctypes, time\n"
                                 "libc = ctypes.CDLL(None)\n%s\ntime.sleep(600)\n" % code,
                                 token(name))))
    read, write = os.pipe()
    child = run.start(name, [live_tree.PYTHON, "-c", "import ctypes, os\n" + script], OTHER,
                      stdin=read)  # capabilities of an id that is not mapped end at execve()
    os.close(read)
    for _ in range(500):
        if os.readlink("/proc/%d/ns/user" % child.pid) != os.readlink("/proc/self/ns/user"):
            break
        time.sleep(0.01)
    for kind in ("uid", "gid"):
        with open("/proc/%d/%s_map" % (child.pid, kind), "w", encoding="ascii") as f:
            f.write("0 %d 1\n1 %d 10\n" % (OTHER, INNER))
    os.write(write, b"x")
    os.close(write)


def start_all(run, folder):
    """A process of each kind; what cannot be had here is skipped by name."""
    run.start("web", SLEEP, WEB, env=environment("web"))
    run.start("other", SLEEP, OTHER, env=environment("other"))
    run.start("other gid", SLEEP, WEB, OTHER, env=environment("other gid"))
    run.start("root", SLEEP, env=environment("root"))
    run.start("plain", SLEEP, WEB)
    run.start("mixed ids", SLEEP, env=environment("mixed"),
              preexec_fn=lambda: (os.setgroups([]), os.setresgid(WEB, OTHER, WEB),
                                  os.setresuid(WEB, WEB, WEB)))
    run.start("command", ["/bin/sh", "-c", "sleep 600; :", "app", "--db-password=" + token("line")],
              OTHER)
    run.start("huge", SLEEP, OTHER, env=dict(
        {"A%02d" % i: "x" * 120000 for i in range(15)}, Z_SECRET=token("huge")))
    run.start("unit", SLEEP, OTHER, env={"APP_TOKEN": token("unit, before"), "MODE": "live"})
    for name, value in (("queue", "queue, before"), ("queue again", "queue, now")):
        run.start(name, SLEEP, OTHER, env={"APP_TOKEN": token(value), "MODE": "old",
                                           "SUPERVISOR_GROUP_NAME": "queue",
                                           "SUPERVISOR_PROCESS_NAME": name})
    run.python("not dumpable", NO_DUMP, uid=WEB, env=environment("not dumpable"))
    run.python("wiped", WIPE, uid=WEB, env=environment("wiped"))
    node = os.path.join(folder, "node")
    shutil.copy(os.path.realpath(live_tree.PYTHON), node)
    os.chmod(node, 0o755)
    run.python("node", LISTEN % ("127.0.0.1", 9229), program=node, uid=OTHER)
    run.python("node elsewhere", LISTEN % ("0.0.0.0", 0), program=node, uid=OTHER)
    if shutil.which("setpriv"):
        run.start("capable", ["setpriv", "--reuid", str(WEB), "--regid", str(WEB), "--clear-groups",
                              "--inh-caps", "+net_bind_service", "--ambient-caps",
                              "+net_bind_service"] + SLEEP, env=environment("capable"))
    run.start("namespace", ["unshare", "--user", "--map-root-user"] + SLEEP, OTHER,
              env=environment("namespace"))
    run.start("namespace in a namespace", ["unshare", "--user", "--map-root-user", "unshare",
                                           "--user", "--map-root-user"] + SLEEP, OTHER,
              env=environment("nested"))
    for name, code in (("other id inside", ""), ("other id inside, not dumpable", NO_DUMP),
                       ("root inside, not dumpable", NO_DUMP)):
        start_inside(run, name, code, 0 if name.startswith("root") else 1)
    child = run.start("node in its network", [
        "unshare", "--net", node, "-c", "import socket, time\n" + LISTEN % ("0.0.0.0", 9229) +
        "\nprint(1, flush=True)\ntime.sleep(600)\n"])
    child.stdout.readline()
    run.wait_started()
    subprocess.run(["sleep", "0.3"], check=False)  # setpriv and unshare become sleep


def audit(etc, *words, before=""):
    got = inside(etc, SRVAUDIT, "--only", "host.*", "-f", "json", *words, before=before)
    try:
        return json.loads(got.stdout), got
    except ValueError:
        return {"findings": [], "coverage": {"skipped": []}}, got


def of(report, check, pid):
    return [f for f in report["findings"] if f["check"] == "host." + check and
            re.search(r"\bpid %d\)" % pid, f["message"])]


TRIED = set()


def check_one(report, run, check, name, severity, text=""):
    found = of(report, check, run.named[name]) if name in run.named else []
    good = (not found if severity is None else
            [f["severity"] for f in found] == [severity] and text in found[0]["message"])
    TRIED.add((check, severity is not None))
    result(good, "%s: %s is %s" % (check, name, severity or "quiet"), json.dumps(found, indent=1))


def findings(run, report):
    environ, line = "secret-in-process-environment", "secret-in-command-line"
    check_one(report, run, environ, "web", "medium", "the web server's user www-data")
    for name in ("other", "other gid", "not dumpable", "huge", "capable", "mixed ids", "root"):
        check_one(report, run, environ, name, "info", "nobody but root")
    for name in ("plain", "wiped"):
        check_one(report, run, environ, name, None)
    check_one(report, run, line, "command", "high", "every local user")
    check_one(report, run, line, "web", None)
    check_one(report, run, "environment-differs-from-unit", "queue", "low",
              "another APP_TOKEN than [program:queue] gives now")
    check_one(report, run, "environment-differs-from-unit", "queue again", None)
    visible = [f for f in report["findings"] if f["check"] == "host.proc-visible"]
    TRIED.add(("proc-visible", True))
    result(len(visible) == 1, "proc-visible: once, beside a secret in a command line", visible)
    check_one(report, run, "debug-port-listening", "node", "medium", "127.0.0.1:9229")
    check_one(report, run, "debug-port-listening", "node elsewhere", None)
    check_one(report, run, "debug-port-listening", "node in its network", "high",
              "of its own network, for this machine and other containers")
    check_one(report, run, environ, "other id inside", "info", "nobody but root")
    text = json.dumps(report)
    names = list(run.named) + ["line", "unit, now", "unit, before"]
    result(not any(token(n) in text for n in names), "no secret is told")


def on_network(run, etc, folder):
    if not run.python("node on all", LISTEN % ("0.0.0.0", 2345), uid=OTHER,
                      program=shutil.copy(os.path.join(folder, "node"), folder + "/dlv")):
        return skipped("debug-port-listening: on all addresses", "the port is taken")
    run.wait_started()
    report, _ = audit(etc)
    check_one(report, run, "debug-port-listening", "node on all", "critical", "0.0.0.0:2345")
    return None


def rotated(run, etc):
    """A process of the unit runs with another value than the unit's file gives."""
    if not run.into_unit("unit"):
        return skipped("environment-differs-from-unit", "no control group can be made")
    report, _ = audit(etc)
    check_one(report, run, "environment-differs-from-unit", "unit", "low", "APP_TOKEN")
    with open(etc + "/live.env", "w", encoding="utf-8") as f:
        f.write("APP_TOKEN=%s\nMODE=other\n" % token("unit, before"))
    report, _ = audit(etc)
    check_one(report, run, "environment-differs-from-unit", "unit", None)
    return None


def pairs(run, report):
    """Every process and every identity: the model's word and the kernel's."""
    said = subprocess.run([HELPER] + ["%d:%d" % i for i in IDENTITIES], stdout=subprocess.PIPE,
                          check=False, encoding="ascii").stdout.splitlines()
    model = {tuple(map(int, x.split()[:3])): x.endswith("1") for x in said}
    notes, count = [], 0
    for name, pid in run.named.items():
        for uid, gid in IDENTITIES:
            count += 1
            really, says = can_read(pid, uid, gid), model.get((pid, uid, gid))
            if really != says:
                notes.append("%s as %d:%d: kernel %s, model %s" % (name, uid, gid, really, says))
        told = ["www-data" in f["message"]
                for f in of(report, "secret-in-process-environment", pid)]
        if told and told[0] != can_read(pid, WEB, WEB):
            notes.append("%s: the finding says otherwise" % name)
    result(not notes and count >= 40, "%d pairs of process and user agree" % count,
           "\n".join(notes))


def other_mounts(run, etc):
    report, _ = audit(etc, before="mount -t proc -o hidepid=2 proc /proc &&")
    check_one(report, run, "secret-in-command-line", "command", "low")
    TRIED.add(("proc-visible", False))
    result(not [f for f in report["findings"] if f["check"] == "host.proc-visible"],
           "proc-visible: quiet with hidepid")
    got = inside(etc, SRVAUDIT, "secrets", "/etc", before="mount -t tmpfs none /proc &&")
    result("/proc is not mounted" in got.stderr and "Nothing" not in got.stdout,
           "without /proc nothing is called clean", got.stdout + got.stderr)


def not_looked_at(etc):
    """What is about files alone says nothing of processes, though some hold secrets."""
    for words in (["--no-live"], ["/etc/nginx"], ["--root", os.path.dirname(etc)],
                  ["secrets", "/etc"], ["url", "http://localhost/"]):
        got = inside(etc, SRVAUDIT, *words)
        result("/proc" not in got.stdout + got.stderr and got.returncode in (0, 1, 3),
               "nothing is said of processes: " + " ".join(w for w in words if w not in etc),
               got.stdout + got.stderr)


def vanishing(etc):
    """Thousands of processes that end while they are looked at."""
    burst = subprocess.Popen(["sh", "-c", "i=0; while [ $i -lt 3000 ]; do /bin/true & "
                              "i=$((i+1)); [ $((i % 50)) -ne 0 ] || wait; done; wait"])
    notes, runs = [], 0
    while burst.poll() is None or runs < 3:
        report, got = audit(etc)
        runs += 1
        if got.returncode not in (0, 1, 3) or got.stderr or not report["findings"]:
            notes.append("%d %s" % (got.returncode, got.stderr))
    result(not notes, "processes that end meanwhile", "\n".join(notes))


def groups():
    """Names of control groups, of both versions and of Docker's two drivers."""
    digits = "0123456789abcdef" * 4
    for text, want in (
            ("0::/system.slice/app.service\n", "app.service -"),
            ("0::/system.slice/app@one.service/worker\n", "app@one.service -"),
            ("4:cpu:/x\n1:name=systemd:/system.slice/app.service\n0::/\n", "app.service -"),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app.service\n",
             "user@1000.service -"),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", "- -"),
            ("0::/system.slice/docker-%s.scope\n" % digits, "- " + digits[:12]),
            ("5:pids:/docker/%s\n" % digits, "- " + digits[:12]),
            ("0::/lxc.payload.shop/init.scope\n", "- shop"),
            ("0::/machine.slice/machine-shop.scope/payload\n", "- shop"),
            ("0::/machine.slice/libpod-%s.scope\n" % digits, "- " + digits[:12]),
            ("0::/%s\n" % digits[:63], "- -"), ("garbage", "- -"), ("::::\n\n/", "- -")):
        got = subprocess.run([HELPER, "--group", text], stdout=subprocess.PIPE, check=False,
                             encoding="ascii").stdout.strip()
        result(got == want, "control group " + repr(text[:50]), got)


def live(folder):
    etc = os.path.join(folder, "etc")
    live_tree.make_etc(etc)
    if inside(etc, "true").returncode != 0:
        skipped("running processes", "no mount namespace can be made")
        return
    with live_tree.Processes() as run:
        start_all(run, folder)
        report, got = audit(etc)
        result(got.returncode in (1, 3) and not got.stderr, "an audit of the running machine",
               got.stderr)
        findings(run, report)
        pairs(run, report)
        on_network(run, etc, folder)
        rotated(run, etc)
        other_mounts(run, etc)
        not_looked_at(etc)
        vanishing(etc)
    missing = [(c, kind) for c in live_tree.LIVE_CHECKS for kind in (True, False)
               if (c.replace("host.", ""), kind) not in TRIED]
    result(not missing or not run.groups, "each check has fired and has a near miss", missing)


groups()
if os.geteuid() == 0 and os.path.exists(live_tree.PYTHON) and shutil.which("unshare"):
    in_folder(live)
else:
    skipped("running processes", "needs root, unshare and " + live_tree.PYTHON)
sys.exit(finish())
