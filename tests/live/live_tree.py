# SPDX-License-Identifier: Apache-2.0
"""Real processes of real users, and an /etc of the test's own around srvaudit."""
import os
import random
import string
import subprocess
import time

from planted import planted

LIVE_CHECKS = ["host.secret-in-process-environment", "host.secret-in-command-line",
               "host.proc-visible", "host.environment-differs-from-unit",
               "host.debug-port-listening"]  # of processes: no fixture tree can hold any
PYTHON = "/usr/bin/python3"
WEB, OTHER = 33, 54321  # www-data; a user that no machine has
UNIT = "srvaudit-live.service"
FILES = {
    "passwd": "root:x:0:0::/:/bin/sh\nwww-data:x:33:33::/:/bin/false\n"
              "other:x:54321:54321::/:/bin/false\n",
    "group": "root:x:0:\nwww-data:x:33:\nother:x:54321:\n",
    "nginx/nginx.conf": "user www-data;\nevents {}\nhttp { server { return 204; } }\n",
    "systemd/system/" + UNIT: "[Service]\nUser=other\nEnvironmentFile=/etc/live.env\n"
                              "ExecStart=/bin/sleep 600\n",
    "supervisor/supervisord.conf": "[include]\nfiles=conf.d/*.conf\n",
}
CGROUPS = ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup")


def token(name):
    rng = random.Random("live/" + name)
    return planted("".join(rng.choice(string.ascii_letters + string.digits) for _ in range(24)))


def make_etc(folder):
    files = dict(FILES, **{
        "live.env": "APP_TOKEN=%s\nMODE=live\n" % token("unit, now"),
        "supervisor/conf.d/queue.conf": "[program:queue]\ncommand=/bin/sleep 600\n"
        "environment=APP_TOKEN=\"%s\",MODE=\"live\"\n" % token("queue, now")})
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        os.chmod(path, 0o600 if name == "live.env" else 0o644)


class Processes:
    """Ended, and their control group removed, at the end of the `with`."""

    def __init__(self):
        self.all, self.named, self.groups = [], {}, []

    def __enter__(self):
        return self

    def start(self, name, words, uid=None, gid=None, env=None, **more):
        if uid is not None:
            more.update(user=uid, group=uid if gid is None else gid, extra_groups=[])
        env = dict({"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, **(env or {}))
        more.setdefault("stdin", subprocess.DEVNULL)
        child = subprocess.Popen(words, env=env, cwd="/", stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, **more)
        self.all.append(child)
        self.named[name] = child.pid
        return child

    def python(self, name, code, **more):
        """Runs the code and waits until it says that it is done."""
        words = [more.pop("program", PYTHON), "-c",
                 "import ctypes, os, socket, time\nlibc = ctypes.CDLL(None)\n%s\n"
                 "print(os.getpid(), flush=True)\ntime.sleep(600)\n" % code]
        child = self.start(name, words, **more)
        return bool(child.stdout.readline())

    def into_unit(self, name):
        """Puts a process into a control group that is named like the unit."""
        for top in CGROUPS:
            folder = os.path.join(top, UNIT)
            try:
                os.mkdir(folder)
                self.groups.append(folder)
                with open(folder + "/cgroup.procs", "w", encoding="ascii") as f:
                    f.write(str(self.named[name]))
                return True
            except OSError:
                continue
        return False

    def wait_started(self):
        """Each has become its own program: its command line is no longer that of this script."""
        own = open("/proc/self/cmdline", "rb").read()
        for pid in self.named.values():
            for _ in range(500):
                if open("/proc/%d/cmdline" % pid, "rb").read() not in (b"", own):
                    break
                time.sleep(0.01)

    def __exit__(self, *_):
        for child in self.all:
            child.kill()
            child.stdout.close()
            child.wait()
        for folder in self.groups:
            for _ in range(100):
                try:
                    os.rmdir(folder)
                    break
                except OSError:
                    time.sleep(0.01)


def inside(etc, *words, before=""):
    """Runs a program with this /etc, in a mount namespace of its own."""
    script = 'mount --make-rprivate / && %s mount --bind "$0" /etc && exec "$@"' % before
    return subprocess.run(["unshare", "--mount", "sh", "-c", script, etc] + list(words),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False,
                          encoding="utf-8", errors="replace")


def can_read(pid, uid, gid):
    """What open and read of /proc/PID/environ really say to this user."""
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            with open("/proc/%d/environ" % pid, "rb") as f:
                f.read(1)
            os._exit(0)
        except OSError:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
