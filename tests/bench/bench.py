#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make bench: ratios against a named reference, measured in turn in the same run."""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SRVAUDIT = os.environ["SRVAUDIT"]
PAIRS = 9


def once(args):
    start = time.perf_counter()
    subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def pair(title, ours, reference, goal):
    once(ours), once(reference)
    a, b = zip(*[(once(ours), once(reference)) for _ in range(PAIRS)])
    ratio = statistics.median(x / y for x, y in zip(a, b))
    print("%-44s %6.1f ms against %6.1f ms: ratio %.2f (goal %.2f)"
          % (title, 1000 * statistics.median(a), 1000 * statistics.median(b), ratio, goal))


def vhosts(folder):
    os.makedirs(folder + "/sites")
    with open(folder + "/nginx.conf", "w", encoding="utf-8") as f:
        f.write("pid %s/nginx.pid; error_log /dev/null; events {}\nhttp { access_log off; "
                "server_names_hash_max_size 4096; include sites/*; }\n" % folder)
    for i in range(500):
        body = "".join("    location /p%d/ { root /srv/s%d; index a.html; }\n" % (n, i)
                       for n in range(35))
        with open("%s/sites/%03d" % (folder, i), "w", encoding="utf-8") as f:
            f.write("server {\n    listen 127.0.0.1:8080;\n    server_name s%d.test;\n"
                    "    root /srv/s%d;\n%s}\n" % (i, i, body))


def main():
    folder = tempfile.mkdtemp(prefix="srvaudit-bench-")
    try:
        vhosts(folder)
        conf = folder + "/nginx.conf"
        nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin:" + os.environ.get("PATH", ""))
        ours = [SRVAUDIT, "--only", "nginx.*", conf]
        once(ours)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print("%-44s %6.1f MB (goal 40 MB)" % ("500 vhosts: peak memory", peak / 1024))
        if nginx:
            pair("500 vhosts, --only 'nginx.*' : nginx -t", ours, [nginx, "-t", "-c", conf], 1.0)
        pair("srvaudit /etc : find /etc -exec cat", [SRVAUDIT, "/etc"],
             ["find", "/etc", "-type", "f", "-exec", "cat", "{}", "+"], 1.5)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
