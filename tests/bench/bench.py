#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make bench: ratios against a named reference, measured in turn in the same run."""
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import secrets_bench

SRVAUDIT = os.environ["SRVAUDIT"]
PAIRS = int(os.environ.get("BENCH_PAIRS", "9"))


def once(args):
    start = time.perf_counter()
    subprocess.run(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - start


def peak(title, args, goal):
    """The largest resident set of one run, in MB."""
    child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    usage = os.wait4(child.pid, 0)[2]
    child.returncode = 0
    print("%-44s %6.1f MB (goal %d MB)" % (title, usage.ru_maxrss / 1024, goal), flush=True)


def find(program):
    return shutil.which(program, path="/usr/sbin:/usr/bin:" + os.environ.get("PATH", ""))


def pair(title, ours, reference, goal):
    once(ours), once(reference)
    a, b = zip(*[(once(ours), once(reference)) for _ in range(PAIRS)])
    ratio = statistics.median(x / y for x, y in zip(a, b))
    print("%-44s %6.1f ms against %6.1f ms: ratio %.2f (goal %.2f)%s"
          % (title, 1000 * statistics.median(a), 1000 * statistics.median(b), ratio, goal,
             "" if ratio <= goal else " MISSED"), flush=True)


def nginx_vhosts(folder):
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
    return folder + "/nginx.conf"


APACHE_TOP = """ServerRoot %s
ServerName bench.test
PidFile %s/apache2.pid
ErrorLog /dev/null
Listen 127.0.0.1:8080
%s
"""
MODULES = "/usr/lib/apache2/modules"


def apache_top(folder):
    load = "".join("LoadModule %s_module %s/mod_%s.so\n" % (name, MODULES, name)
                   for name in ("mpm_event", "authz_core", "authz_host", "alias", "dir"))
    return APACHE_TOP % (folder, folder, load)


def apache_vhosts(folder):
    os.makedirs(folder + "/sites-a")
    os.makedirs(folder + "/root")
    with open(folder + "/apache2.conf", "w", encoding="utf-8") as f:
        f.write(apache_top(folder) + "IncludeOptional %s/sites-a/*.conf\n" % folder)
    for i in range(500):
        body = "".join("    <Location /p%d>\n        Require ip 10.0.%d.0/24\n    </Location>\n"
                       % (n, n) for n in range(12))
        with open("%s/sites-a/%03d.conf" % (folder, i), "w", encoding="utf-8") as f:
            f.write("<VirtualHost *:8080>\n    ServerName s%d.test\n    DocumentRoot %s/root\n"
                    "%s</VirtualHost>\n" % (i, folder, body))
    return folder + "/apache2.conf"


def htaccess_tree(folder):
    """200 folders ten deep, each with a .htaccess; 5,000 requests over them, with and without."""
    top, urls = folder + "/tree", folder + "/urls"
    confs = []
    with open(urls, "w", encoding="utf-8") as out:
        for i in range(20):
            for depth in range(1, 11):
                path = "/".join(["d%d" % i] * depth)
                os.makedirs("%s/%s" % (top, path), exist_ok=True)
                for name, text in ((".htaccess", "DirectoryIndex index.html\n"), ("a.txt", "a")):
                    with open("%s/%s/%s" % (top, path, name), "w", encoding="utf-8") as f:
                        f.write(text)
                out.write(("http://bench.test:8080/%s/a.txt\n" % path) * 25)
    for override in ("All", "None"):
        confs.append("%s/override-%s.conf" % (folder, override))
        with open(confs[-1], "w", encoding="utf-8") as f:
            f.write(apache_top(folder) + "DocumentRoot %s\n<Directory %s>\n    AllowOverride %s\n"
                    "    Require all granted\n</Directory>\n" % (top, top, override))
    return [[SRVAUDIT, "url", "--batch", urls, conf] for conf in confs]


def compose_files(folder):
    """1,000 projects of 100 lines, five services each."""
    for i in range(1000):
        lines = ["services:"]
        for k in range(5):
            lines += ["  svc%d:" % k,
                      "    image: registry.example.com/team/app%d:%d.%d" % (i % 7, i, k),
                      "    restart: unless-stopped", "    environment:",
                      "      NODE_ENV: production", "      DB_HOST: db%d" % k,
                      "      DB_PASSWORD: ${DB_PASSWORD:?set it}", "      LOG_LEVEL: info",
                      "      QUEUE_URL: amqp://queue%d:5672/app" % k, "    ports:",
                      '      - "127.0.0.1:%d:8080"' % (8000 + k), "    volumes:",
                      "      - ./data%d:/var/lib/app" % k, "      - type: volume",
                      "        source: v%d" % k, "        target: /cache", "    labels:",
                      "      - app.tier=web", "    depends_on: [db]"]
        os.makedirs("%s/root/srv/p%04d" % (folder, i))
        with open("%s/root/srv/p%04d/compose.yaml" % (folder, i), "w", encoding="utf-8") as f:
            f.write("\n".join(lines + ["volumes:", "  v0: {}", "  v1: {}", "networks: {}"]) + "\n")
    os.makedirs(folder + "/root/etc")
    return folder + "/root"


YAML_LOAD = """import glob, sys, yaml
for path in glob.glob(sys.argv[1] + "/srv/*/compose.yaml"):
    with open(path, "rb") as f:
        yaml.load(f, Loader=yaml.CSafeLoader)
"""


def compose(folder):
    root = compose_files(folder)
    ours = [SRVAUDIT, "--root", root, "--only", "docker.*"]
    python = "/usr/bin/python3"  # whose package PyYAML is
    peak("1,000 compose files: peak memory", ours, 60)
    if subprocess.run([python, "-c", "import yaml; yaml.CSafeLoader"], stderr=subprocess.DEVNULL,
                      check=False).returncode == 0:
        pair("1,000 compose files : yaml.load(CSafeLoader)", ours,
             [python, "-c", YAML_LOAD, root], 1.0)
    else:
        print("%-44s %6.1f s (goal 1 s)" % ("1,000 compose files", once(ours)))


def large(folder):
    """One configuration a kind of size that lists were too slow for."""
    top, made = folder + "/large", []
    os.makedirs(top + "/d")
    for i in range(500):
        with open("%s/d/%d.sql" % (top, i), "w", encoding="utf-8") as f:
            f.write("INSERT INTO a VALUES (1);\n")
    names = ("s%d.test", "*.w%d.test", "t%d.*", ".d%d.test", "~^r%d\\.x$")
    pages = "".join("    location /p%d/ { index a.html; }\n" % n for n in range(35))
    kinds = (("5,000 virtual hosts", "".join(
        "server { server_name %s; root %s/s%d;\n%s}\n" % (names[i % 5] % i, top, i, pages)
        for i in range(5000))),
             ("5,000 aliases", "server {\n%s}\n" % "".join(
                 "location /a%d/ { alias %s/a%d/; }\n" % (i, top, i) for i in range(5000))),
             ("5,000 locations on 500 files", "server {\n%s}\n" % "".join(
                 "location /l%d/ { alias %s/d/; }\n" % (i, top) for i in range(5000))),
             ("20,000 regex locations", "server {\n%s}\n" % "".join(
                 "location ~ ^/r%d/.*x$ { root %s/d; }\n" % (i, top) for i in range(20000))))
    for number, (title, servers) in enumerate(kinds):
        made.append(("nginx: " + title, "%s/%d.conf" % (top, number)))
        with open(made[-1][1], "w", encoding="utf-8") as f:
            f.write("events {}\nhttp {\n%s}\n" % servers)
    return made + large_apache(top)


def large_apache(top):
    served = "DocumentRoot %s/d\n<Directory %s/d>\nRequire all granted\n</Directory>\n" % (top, top)
    kinds = (("10,000 virtual hosts", 10000, "<VirtualHost *:8080>\nServerName s%d.test\n"
              "DocumentRoot TOP/d\n</VirtualHost>\n"),
             ("20,000 rules to paths", 20000, "RewriteRule ^/r%d/(.*)$ /d%d/$1 [L]\n"),
             ("20,000 aliases", 20000, "Alias /a%d/ TOP/d/\n"),
             ("20,000 sections of names", 20000,
              "<FilesMatch \"\\.x%d$\">\nRequire all denied\n</FilesMatch>\n"))
    made = []
    for number, (title, n, text) in enumerate(kinds):
        made.append(("httpd: " + title, "%s/apache%d.conf" % (top, number)))
        text = text.replace("TOP", top)
        with open(made[-1][1], "w", encoding="utf-8") as f:
            f.write(apache_top(top) + "LoadModule rewrite_module %s/mod_rewrite.so\n" % MODULES +
                    "RewriteEngine On\n" + served +
                    "".join(text.replace("%d", str(i)) for i in range(n)))
    return made


def whole(title, ours, reference, goal):
    """As pair(), and the processor's time too: other programs disturb it less."""
    def run(args):
        start = time.perf_counter()
        child = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        return 1000 * (time.perf_counter() - start), 1000 * (usage.ru_utime + usage.ru_stime)
    run(ours), run(reference)
    rows = [run(ours) + run(reference) for _ in range(3 * PAIRS)]
    for name, at, limit in (("wall", 0, " (goal %.2f)" % goal), ("CPU", 1, "")):
        print("%-44s %6.1f ms against %6.1f ms: ratio %.2f%s"
              % (title + ", " + name, statistics.median(r[at] for r in rows),
                 statistics.median(r[2 + at] for r in rows),
                 statistics.median(r[at] / max(r[2 + at], 0.001) for r in rows), limit))


def units(folder):
    """The first 145 services of this machine's packages, against systemd's own reading of them."""
    real, top = find("systemd-analyze"), folder + "/units"
    there = sorted(glob.glob("/lib/systemd/system/*.service"))
    plain = [x for x in there
             if os.path.isfile(x) and not os.path.islink(x) and "@." not in x][:145]
    if not real or not plain:
        print("units against systemd-analyze: not to be had here")
        return
    os.makedirs(top + "/etc/systemd/system")
    for path in plain:
        shutil.copy(path, top + "/etc/systemd/system")
    whole("%d units : systemd-analyze security" % len(plain),
          [SRVAUDIT, "--root", top, "--only", "systemd.*", "/etc/systemd"],
          [real, "security", "--offline=true", "--no-pager"] + plain, 0.1)


def live():
    """What a running process costs: an audit with the running machine and without."""
    if os.geteuid() != 0:
        print("a live process: only root reads them")
        return
    own = [SRVAUDIT, "--only", "host.secret-in-process-environment"]
    idle = [subprocess.Popen(["sleep", "300"]) for _ in range(500)]
    with_live, without = zip(*[(once(own), once(own + ["--no-live"])) for _ in range(PAIRS)])
    for child in idle:
        child.kill()
        child.wait()
    n = len([x for x in os.listdir("/proc") if x.isdigit()]) + len(idle)
    each = statistics.median(a - b for a, b in zip(with_live, without)) / n
    print("%-44s %6.3f ms (goal 1 ms), of %d" % ("a live process", 1000 * each, n))


def main():
    folder = tempfile.mkdtemp(prefix="srvaudit-bench-")
    os.chmod(folder, 0o755)  # for the servers' user, too
    try:
        for kind, write, server in (("nginx", nginx_vhosts, "nginx"),
                                    ("apache", apache_vhosts, "apache2")):
            conf, real = write(folder), find(server)
            ours = [SRVAUDIT, "--only", kind + ".*", conf]
            peak("500 %s vhosts: peak memory" % kind, ours, 40)
            if real:
                option = "-c" if server == "nginx" else "-f"
                pair("500 vhosts, --only '%s.*' : %s -t" % (kind, server), ours,
                     [real, "-t", option, conf], 1.0)
        for title, conf in large(folder):
            print("%-44s %6.1f s (goal 5 s)" % (title, once([SRVAUDIT, conf])), flush=True)
            peak(title + ": peak memory", [SRVAUDIT, conf], 200)
        with_files, without = htaccess_tree(folder)
        pair("5,000 requests, 200 .htaccess files : none", with_files, without, 2.0)
        whole("srvaudit /etc : find /etc -exec cat", [SRVAUDIT, "/etc"],
              ["find", "/etc", "-type", "f", "-exec", "cat", "{}", "+"], 1.0)
        compose(folder)
        units(folder)
        live()
        secrets_bench.run(folder, find)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
