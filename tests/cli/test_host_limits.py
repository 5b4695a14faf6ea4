#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hosts beyond the limits, and hosts that are made to harm: what was left out is said, exit 3."""
import errno
import hashlib
import json
import os
import random
import resource
import sqlite3
import string
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

RNG = random.Random(20261126)
SECRET = "".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(24))
SERVICES = "/etc/systemd/system/"


def machine(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n"
          "daemon:x:1:1::/:/bin/false\n")
    write(root, "/etc/group", "root:x:0:\nalice:x:1000:\ndaemon:x:1:\n")


def audit(root, *args):
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json", *args],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
    try:
        report = json.loads(got.stdout)
    except ValueError:
        report = {"findings": [], "coverage": {"skipped": []}}
    return report, got


def skipped(report, path, reason):
    return [s for s in report["coverage"]["skipped"]
            if (path in s["path"] if path.endswith(("/", "yaml")) else path == s["path"]) and
            reason in s["reason"]]


def said(folder, title, path, reason, *args, times=1):
    report, got = audit(folder, *args)
    found = skipped(report, path, reason)
    result(len(found) == times and got.returncode == 3, "%s: said %s, exit status 3"
           % (title, "once" if times == 1 else "%d times" % times),
           "%d\n%s\n%s" % (got.returncode, report["coverage"]["skipped"][:5], got.stderr[-500:]))
    return report


def cron_lines(root):
    machine(root)
    write(root, "/etc/cron.d/many", "1 1 * * * root /bin/true\n" * 20001)
    said(root, "jobs of a table", "/etc/cron.d/many", "20001:1: more than 20000 jobs")
    said(root, "the same, asked for alone", "/etc/cron.d/many", "20001:1: more than 20000 jobs",
         "--only", "host.writable-cron")


def words(root):
    machine(root)
    write(root, "/etc/cron.d/long", "1 1 * * * root /bin/true" + " a" * 66000 + "\n")
    write(root, "/home/alice/.bash_history", "echo" + " b" * 66000 + "\n")
    report = said(root, "words of a command", "/etc/cron.d/long", "more than 65536 words")
    result(len(skipped(report, "/home/alice/.bash_history", "1:1: more than 65536 words")) == 1,
           "and those of a history", report["coverage"]["skipped"])


def variables(root):
    machine(root)
    text = "".join("A%d=1\n" % i for i in range(10001))
    write(root, "/etc/app.env", text, 0o600)
    write(root, SERVICES + "app.service", "[Service]\nExecStart=/bin/app\n"
          "EnvironmentFile=/etc/app.env\n")
    write(root, "/srv/shop/compose.yaml", "services:\n  a:\n    image: a\n    env_file: many.env\n")
    write(root, "/srv/shop/many.env", text, 0o600)
    report = said(root, "variables of EnvironmentFile=", "/etc/app.env", "10001:1: more than 10000")
    result(len(skipped(report, "/srv/shop/many.env", "10001:1: more than 10000")) == 1,
           "and of env_file:", report["coverage"]["skipped"])


def units(root):
    machine(root)
    for i in range(20003):
        write(root, SERVICES + "u%d.service" % i, "")
    said(root, "units", SERVICES, "more than 20000 units", "--only", "systemd.debug-switch")


def shared_files(root):
    """Environment files that many units name are read and kept once: else this takes 5 GB."""
    machine(root)
    for i in range(50):
        write(root, "/etc/app/%d.env" % i, "".join("KEY_%d_%d=%s\n" % (
            i, k, planted("%x" % RNG.getrandbits(600))) for k in range(40)), 0o600)
    lines = "".join("EnvironmentFile=/etc/app/%d.env\n" % k for k in range(50))
    for i in range(240):
        write(root, "%su%d.service" % (SERVICES, i), "[Service]\nExecStart=/bin/x\n" + lines)
    in_time(root, "240 units, 50 environment files", "--only", "systemd.*")


def services(root):
    machine(root)
    write(root, "/srv/a/compose.yaml", "services:\n" + "".join("  s%d: {image: a}\n" % i
                                                             for i in range(5000)))
    for name in ("b", "c"):
        write(root, "/opt/%s/compose.yaml" % name, "services:\n  t: {image: a}\n")
    for name in ("d", "e"):
        write(root, "/srv/a/%s/compose.yaml" % name, "services:\n  t: {image: a}\n")
    said(root, "services", "compose.yaml", "more services on this machine", "--only", "docker.privileged")


def places(root):
    machine(root)
    line = "1 1 * * * root mysqldump -p%s shop\n" % SECRET
    write(root, "/etc/cron.d/many", line * 5000)
    report, got = audit(root, "--only", "host.secret-in-crontab")
    found = report["findings"]
    result(len(found) == 1 and len(found[0]["evidence"]) == 101 and
           "4899 more places" in found[0]["evidence"][-1]["text"] and len(got.stdout) < 100000,
           "5,000 places of one secret: 100 are listed, and how many more there are",
           "%d %s" % (len(got.stdout), [len(f["evidence"]) for f in found][:5]))
    result(SECRET.encode() not in got.stdout, "without the secret")


def circles(root):
    machine(root)
    write(root, "/srv/p/compose.yaml", "include: ['./b.yaml']\nservices:\n"
          "  a: {image: a, extends: {service: b, file: ../p/b.yaml}}\n")
    write(root, "/srv/p/b.yaml", "include:\n  - path: ../p/./compose.yaml\nservices:\n"
          "  b: {image: b, extends: {service: a, file: .//compose.yaml}}\n")
    report = said(root, "files that include each other", "/srv/p/", "files include each other")
    result(1 <= len(skipped(report, "/srv/p/", "services extend each other in a circle")) <= 3 and
           not skipped(report, "/", "too deeply"), "and services that extend each other",
           report["coverage"]["skipped"])


def unreadable(root):
    """A folder that cannot be listed; modes stop no root, a link to itself does."""
    machine(root)
    os.makedirs(root + "/home")
    os.symlink("alice", root + "/home/alice")
    os.makedirs(root + "/root")
    os.symlink(".ssh", root + "/root/.ssh")
    report = said(root, "a home that cannot be listed", "/home/alice", "Too many levels")
    result(len(skipped(report, "/root/.ssh", "Too many levels")) == 1, "and a folder of keys",
           report["coverage"]["skipped"])


def top_is_home(root):
    machine(root)
    write(root, "/.netrc", "machine a.test login b password %s\n" % SECRET)
    write(root, "/.config/systemd/user/x.service", "[Service]\nExecStart=/bin/x --password=%s\n"
          % SECRET)
    report, _ = audit(root)
    files = {f["file"] for f in report["findings"]} | {
        e["file"] for f in report["findings"] for e in f["evidence"]}
    result({"/.netrc", "/.config/systemd/user/x.service"} <= files,
           "a home that is / is looked at", files)


def variable_logs(root):
    machine(root)
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp {\n  server {\n"
          "    access_log /$server_name/$uri;\n    access_log /srv/$host/access.log;\n"
          "    access_log /srv/logs/$host;\n  }\n}\n")
    write(root, "/opt/notes", "api_key=%s\n" % SECRET)
    said(root, "a log's path of variables alone", "/etc/nginx/nginx.conf",
         "which ones are logs is not known")
    write(root, "/srv/a.test/access.log", "GET /?api_key=%s HTTP/1.1\n" % SECRET)
    report, _ = audit(root)
    files = [f["file"] for f in report["findings"] if f["check"] == "host.secret-in-log"]
    result("/opt/notes" not in files and "/srv/a.test/access.log" in files,
           "other files are no logs", files)


GARBAGE = bytes(RNG.randrange(256) for _ in range(20000))
HOSTILE = (GARBAGE, b"\0" * 5000, b"[Service]\nEnvironment=A=" + b"x" * (1 << 20) + b"\n",
           b"[Service]\nExecStart=/bin/x\\\n" * 40000, b"[" * 100000, b"[Service]\n=\n\n\\\n\\",
           b"[Service]\nEnvironment=" + b'"' * 65536 + b"\nExecStart=" + b"%" * 65537 + b"\n",
           b"\xff\xfe[\0S\0", b"[Service]\nEnvironmentFile=/dev/zero\nEnvironmentFile=-/proc/self/mem\n"
           b"EnvironmentFile=/etc/fifo\nEnvironmentFile=/" + b"*/" * 2000 + b"x\n")


def many(root):
    """Each of these took a time that grew with the square of its size."""
    machine(root)
    texts = {"execs": "ExecStart=/bin/x\n" * 20000, "prints": "ExecStartPre=/usr/bin/env\n" * 10000,
             "sets": "".join("Environment=A%d=x\n" % i for i in range(20000)),
             "unsets": "Environment=A=1\nUnsetEnvironment=" + "B " * 100000 + "\n",
             "uses": "Environment=A=1\n" + "ExecStart=/bin/x" + " $A" * 60000 + "\n"}
    for name, text in texts.items():
        write(root, "/home/alice/.config/systemd/user/%s.service" % name, "[Service]\n" + text)
    report, got = audit(root, "--only", "systemd.*")
    user = "/home/alice/.config/systemd/user/"
    result(got.returncode == 3 and skipped(report, user + "sets.service", "more variables") and
           skipped(report, user + "unsets.service", "more variables"),
           "20,000 commands and variables of one unit", report["coverage"]["skipped"])


def hostile(root):
    machine(root)
    for i, text in enumerate(HOSTILE):
        for path in (SERVICES + "h%d.service" % i, SERVICES + "o.service.d/%d.conf" % i,
                     "/etc/cron.d/h%d" % i, "/etc/default/h%d" % i, "/etc/supervisor/conf.d/%d.conf" % i,
                     "/etc/php/8.2/fpm/pool.d/%d.conf" % i, "/home/alice/.pm2/dump.pm2.bak",
                     "/etc/sudoers.d/h%d" % i, "/etc/logrotate.d/h%d" % i, "/srv/p%d/compose.yaml" % i):
            write(root, path, text)
    write(root, "/etc/supervisor/supervisord.conf", "[include]\nfiles = conf.d/*.conf\n")
    write(root, "/etc/php/8.2/fpm/php-fpm.conf", "include = /etc/php/8.2/fpm/pool.d/*.conf\n"
          "include = /etc/php/8.2/fpm/*.conf\n")
    write(root, "/home/alice/.pm2/dump.pm2", "[" * 100000)
    os.mkfifo(root + "/etc/fifo")
    write(root, SERVICES + "ok.service", "[Service]\nExecStart=/bin/x --password=%s\n" % SECRET)
    for name, target in (("ok.service.d/loop.conf", "loop.conf"), ("a@.service", "b@.service"),
                         ("b@.service", "a@.service"), ("self.service", "self.service"),
                         ("x.target.wants/a@%i.service", "../a@.service"), ("deep.service.d", "."),
                         ("x.target.wants/a@a@a.service", "../a@.service"),
                         ("ok.service.d/deep", "..")):
        os.makedirs(os.path.dirname(root + SERVICES + name), exist_ok=True)
        os.symlink(target, root + SERVICES + name)
    report, got = audit(root)
    result(got.returncode in (1, 3) and not got.stderr, "garbage, NULs, long lines and circles",
           "%d %s" % (got.returncode, got.stderr[-500:]))
    result([f for f in report["findings"] if f["check"] == "systemd.secret-in-command-line"],
           "the unit among them is audited")
    result(skipped(report, "/" + "*/" * 2000 + "x", "more files and folders match"),
           "a pattern over folders that link to each other", report["coverage"]["skipped"][:5])
    result(skipped(report, SERVICES, "1 MiB"), "a line beyond systemd's limit is said",
           report["coverage"]["skipped"][:5])
    result(SECRET.encode() not in got.stdout, "without the secret")


def in_time(folder, title, *args):
    """Far more memory and time than honest files ask for, far less than a square would."""
    def bound():
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (40, 40))
    sanitized = b"__asan_init" in open(os.environ["SRVAUDIT"], "rb").read()
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", folder, "-f", "json", *args],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                         preexec_fn=None if sanitized else bound)
    result(got.returncode in (0, 1, 3), title, "%d %s" % (got.returncode, got.stderr[-500:]))
    return json.loads(got.stdout) if got.stdout else {"coverage": {"skipped": []}}


def log_names(root):
    machine(root)
    write(root, "/etc/mysql/my.cnf", "[mysqld]\n" + "log_error=/x\n" * 300000)
    write(root, "/etc/tomcat9/server.xml", "<!--" + "RequestDumperValve " * 200000)
    report = in_time(root, "names of logs and comments of megabytes")
    result(skipped(report, "/etc/mysql/my.cnf", "too many names of logs"), "names left out are said",
           report["coverage"]["skipped"])


def joined_lines(root):
    machine(root)
    write(root, "/etc/supervisor/supervisord.conf", "[program:x]\ncommand=/bin/x --password=%s\n"
          "environment=A=b\n" % SECRET + " b\n" * 340000 + "[include]\nfiles=" +
          " ".join(["conf.d/*.conf"] * 50000) + "\n")
    for i in range(300):
        write(root, "/etc/supervisor/conf.d/%d.conf" % i, "[program:a]\ncommand=/a\n")
    report = in_time(root, "a value of 340,000 lines, files included 50,000 times")
    result([s for s in report["coverage"]["skipped"] if "of supervisord" in s["reason"]],
           "files left out are said", report["coverage"]["skipped"])


def pools(root):
    machine(root)
    write(root, "/etc/php-fpm.conf", "".join("[p%d]\n" % i for i in range(400000)))
    write(root, "/usr/local/etc/php-fpm.conf", "include=/etc/php-fpm.d/*.conf\n" * 300)
    for i in range(20):
        write(root, "/etc/php-fpm.d/%d.conf" % i, "include=/etc/php-fpm.d/*.conf\n[a]\nuser=x\n" * 300)
    report = in_time(root, "400,000 pools of php-fpm")
    result(skipped(report, "/etc/php-fpm.conf", "too many pools"), "pools left out are said",
           report["coverage"]["skipped"])


def compose_files(root):
    """Variables, mounts and services of one file are looked up by their names."""
    machine(root)
    write(root, "/srv/a/compose.yaml", "services:\n  a:\n    environment:\n" +
          "".join("    - A%d=1\n" % i for i in range(180000)))
    write(root, "/srv/b/compose.yaml", "services:\n  a:\n    volumes:\n" +
          "".join("    - /a:/a%d\n" % i for i in range(180000)))
    write(root, "/srv/A/compose.yaml", "services:\n" + "".join("  a%d: {image: x}\n" % i
                                                               for i in range(20000)))
    report = in_time(root, "180,000 variables, 180,000 mounts, 20,000 services")
    result(len([s for s in report["coverage"]["skipped"] if "more services" in s["reason"]]) == 1,
           "services left out are said once", report["coverage"]["skipped"])


def dockerfiles(root):
    machine(root)
    texts = {"stages": "FROM x AS a\n" + "".join("ENV V%d=1\n" % i for i in range(8000)) +
                       "FROM a AS a\n" * 15000,
             "copies": "FROM x\n" + "COPY . /x/\n" * 10000,
             "folders": "FROM x\n" + "WORKDIR aaaaaaaaaaaaaa\n" * 40000,
             "trims": "FROM x\nENV A=" + "a" * 500 + "\n" +
                      ("ENV B=" + "${A##*a*a*a*b}" * 70 + "\n") * 900}
    for name, text in texts.items():
        write(root, "/srv/%s/Dockerfile" % name, text)
    for i in range(3000):
        write(root, "/srv/copies/d/%d" % i, "x")
    report = in_time(root, "Dockerfiles of many stages, variables and COPYs")
    for name, reason in (("stages/Dockerfile", "too many"), ("trims/Dockerfile", "too many"),
                         ("copies", "COPY instructions")):
        result(skipped(report, "/srv/" + name, reason), "what was not followed is said: " + name,
               report["coverage"]["skipped"])


def takes(root):
    """What a file holds is kept once, however often it is copied."""
    machine(root)
    write(root, "/srv/a/.env", "".join("API_TOKEN_%d=mW4x9Lr2Tn8Vb5K%d\n" % (i, i * 7919)
                                       for i in range(8000)))
    write(root, "/srv/a/Dockerfile", "FROM x\n" + "COPY .env /x/\n" * 4000)
    report = in_time(root, "8,000 secrets that are copied 4,000 times")
    result(len([f for f in report["findings"] if f["check"] == "docker.secret-copied-into-image"]),
           "the file is found", report["findings"][:3])


def shares(root):
    """What one project uses up is not taken from the others."""
    machine(root)
    for i in range(20):
        write(root, "/srv/bad/%d/Dockerfile" % i, "FROM x\nVOLUME " + "a " * 65000 + "\n")
    for i in range(12):
        write(root, "/srv/full/%d/Dockerfile" % i, "FROM x\nCOPY . /x\n")
        for k in range(50000 if i == 0 else 0):
            os.close(os.open("%s/srv/full/0/%d" % (root, k), os.O_CREAT))
        write(root, "/srv/full/compose.yml", "services:\n" + "".join(
            "  s%d: {build: {context: 0, target: t%d}}\n" % (k, k) for k in range(12)))
    for name in "/srv/aa", "/srv/good", "/var/www/good":
        write(root, name + "/Dockerfile", "FROM x\nCOPY .env /x\n")
        write(root, name + "/.env", "API_TOKEN=%s\n" % hashlib.md5(name.encode()).hexdigest())
    report = in_time(root, "two projects that use up all they may")
    result(len({f["file"] for f in report["findings"]
                if f["check"] == "docker.secret-copied-into-image"}) == 3,
           "the others are looked at", report["findings"])
    result(skipped(report, "/srv/bad/", "what follows below /srv/bad is not read") and
           skipped(report, "/srv/full/0", "too many files"), "what was left out is said",
           report["coverage"]["skipped"])


def targets(root):
    machine(root)
    write(root, "/srv/a/Dockerfile", "FROM x\nVOLUME " + "a " * 65000 + "\n")
    write(root, "/srv/a/compose.yml", "services:\n" + "".join(
        "  s%d: {build: {context: ., target: t%d}}\n" % (i, i) for i in range(1900)))
    report = in_time(root, "1,900 targets of one Dockerfile")
    result(skipped(report, "/srv/a/Dockerfile", "too long Dockerfiles"), "what is left out is said",
           report["coverage"]["skipped"])


def dpkg_lists(root):
    """Lists that others may write, and lists without end, make no secret an example."""
    machine(root)
    text = "STRIPE_SECRET_KEY=sk_live_%s\n" % SECRET
    write(root, "/srv/app/.env", text)
    path = "/var/lib/dpkg/info/app.md5sums"
    write(root, path, hashlib.md5(text.encode()).hexdigest() + "  srv/app/.env\n")
    for mode, weak in ((0o644, True), (0o666, False)):
        os.chmod(root + path, mode)
        got = subprocess.run([os.environ["SRVAUDIT"], "secrets", "--root", root, "-f", "json", "/"],
                             stdout=subprocess.PIPE, check=False)
        levels = {f["severity"] for f in json.loads(got.stdout)["findings"]}
        result((levels == {"info"}) == weak, "a list of dpkg's with mode %o" % mode, levels)
    write(root, "/etc/nginx/nginx.conf", "http{server{listen 80; root /srv/app;}}")
    for i in range(400):
        write(root, "/var/lib/dpkg/info/p%d.md5sums" % i, "")
        os.truncate(root + "/var/lib/dpkg/info/p%d.md5sums" % i, 64 << 20)
    in_time(root, "400 lists of 64 MiB without a block")


def quadlets(root):
    """Each unit's drop-ins are looked for in each folder: two thousand of both."""
    machine(root)
    where = "/home/alice/.config/containers/systemd/"
    for i in range(2000):
        os.makedirs(root + where + "d%d" % i)
        write(root, where + "u%d.container" % i, "[Container]\nImage=x\n")
    start = time.monotonic()
    said(root, "folders of a user's containers", where, "too many folders and units")
    took = time.monotonic() - start
    result(took < 20, "and it does not take long", "%.1f s" % took)


def pods(root):
    """The containers of a Kubernetes file are counted, in whichever document they stand."""
    machine(root)
    where = "/etc/containers/systemd/"
    write(root, where + "a.kube", "[Kube]\nYaml=a.yaml\n")
    write(root, where + "a.yaml", "".join(
        "---\nkind: Pod\nmetadata: {name: p%d}\nspec:\n  hostPID: true\n  containers:\n" % i +
        "    - {image: x}\n" * 1001 for i in range(5)))
    report = said(root, "containers of pods", where + "a.yaml", "more than 5000 containers",
                  "--fail-on", "never")
    result(len([f for f in report["findings"] if f["check"] == "docker.host-namespace"]) == 5,
           "and the pods of all documents are looked at", report["findings"][:2])
    write(root, where + "a.yaml", "kind: Pod\nspec:\n  volumes:\n" +
          "    - {name: v, hostPath: {path: /srv}}\n" * 15000 + "  containers:\n  - volumeMounts:\n" +
          "    - {name: w, mountPath: /x}\n" * 15000)
    in_time(root, "a pod with 15,000 volumes and mounts")


def applications(root):
    """A setting that opens and does not close, on each line to the end of the file."""
    machine(root)
    write(root, "/etc/nginx/nginx.conf",
          "events {}\nhttp { server { listen 80; root /srv/r/public; } }\n")
    write(root, "/srv/r/public/index.html", "")
    write(root, "/srv/r/bin/rails", "")
    write(root, "/srv/r/config/application.rb", "config.filter_parameters=[\n" * 150000)
    in_time(root, "150,000 settings that do not end")


def podman(root):
    """Rows of megabytes that a database of one megabyte makes."""
    machine(root)
    storage = root + "/var/lib/containers/storage"
    write(root, "/var/lib/containers/storage/overlay-containers/containers.json", "[]")
    db = sqlite3.connect(storage + "/db.sql")
    db.execute("CREATE TABLE ContainerConfig(JSON TEXT)")
    db.executemany("INSERT INTO ContainerConfig VALUES(?)", [("{}",)] * 4900)
    db.execute("ALTER TABLE ContainerConfig ADD ID TEXT DEFAULT '%s'" % ("x" * 900000))
    db.commit()
    db.close()
    in_time(root, "4,900 names of 900,000 characters")


def templates(root):
    """Configurations that a container makes of templates when it starts."""
    machine(root)
    where = "/srv/a/templates/"
    write(root, "/srv/a/compose.yml", "services:\n" + "".join(
        "  s%d:\n    image: nginx\n    environment: {A: x, B: %s}\n    ports: ['80']\n"
        "    volumes: [./templates:/etc/nginx/templates]\n" % (i, "y" * 1000) for i in range(50)))
    write(root, where + "a.conf.template", "#" + "$A" * 200000 + "\n")
    write(root, where + "b.conf.template", "#" + "$B" * 50000 + "\n")
    write(root, where + "d.conf.template", "# x\n" * (2 << 20))
    os.mkfifo(root + where + "c.conf.template")
    os.symlink(".", root + where + "again")
    report = in_time(root, "templates that grow, and folders in a circle")
    result(skipped(report, where + "a.conf.template", "more bytes or variables") and
           skipped(report, where + "b.conf.template", "more bytes or variables") and
           skipped(report, where + "a.conf.template", "too many templates"), "what is left out is said",
           report["coverage"]["skipped"][:9])


NGINX = ("services:\n  s:\n    image: nginx\n    environment: {a: x}\n    ports: ['80']\n"
         "    volumes: [./templates:/etc/nginx/templates]\n")


def many_names(root):
    """What is kept of each variable is more than its name is long."""
    machine(root)
    where = "/srv/a/templates/"
    write(root, "/srv/a/compose.yml", NGINX)
    write(root, where + "0.conf.template", "#" + "$a" * 99000 + "\n")
    for i in range(1, 1000):
        os.symlink("0.conf.template", root + where + "%03d.conf.template" % i)
    report = in_time(root, "1,000 templates of 99,000 variables")
    result(any("too many templates" in s["reason"] for s in report["coverage"]["skipped"]),
           "those left out are said", report["coverage"]["skipped"][:5])


def many_templates(root):
    machine(root)
    where = "/srv/a/templates/"
    write(root, "/srv/a/compose.yml", NGINX)
    write(root, where + "a.conf.template", "a;\n" * 2500000)
    for i in range(999):
        write(root, where + "b%d.conf.template" % i, "#\n")
    start = time.monotonic()
    in_time(root, "1,000 templates and a long one")
    took = time.monotonic() - start
    result(took < 20, "and it does not take long", "%.1f s" % took)


def template_folders(root):
    machine(root)
    where = "/srv/a/templates/"
    write(root, "/srv/a/compose.yml", NGINX)
    for i in range(99):
        write(root, where + "%03d/a.conf.template" % i, "# $a\n")
    os.symlink("nothing", root + where + "broken.conf.template")
    report, got = audit(root)
    result(got.returncode == 0 and not report["coverage"]["skipped"],
           "99 folders of templates are read", report["coverage"]["skipped"])
    write(root, where + "099/a.conf.template", "# $a\n")
    write(root, where + "100/a.conf.template", "# $a\n")
    said(root, "folders of templates", where + "099", "too many folders of templates")
    os.symlink("circle.conf.template", root + where + "circle.conf.template")
    said(root, "a template that cannot be looked at", where + "circle.conf.template",
         os.strerror(errno.ELOOP))


def credentials(root):
    machine(root)

    def look(title):
        start = time.monotonic()
        got = subprocess.run([os.environ["SRVAUDIT"], "secrets", "--root", root, "-f", "json",
                              "/etc"], stdout=subprocess.PIPE, timeout=120, check=False)
        took = time.monotonic() - start
        result(took < 10 and got.returncode in (0, 3), title, "%.1f s %d" % (took, got.returncode))
        found = json.loads(got.stdout)["coverage"]["skipped"]
        return [s for s in found if "more credentials" in s["reason"]], got.returncode

    for i in range(2000):
        write(root, "/home/alice/d/%d" % i, "")
    os.symlink("d", root + "/home/alice/e")
    write(root, "/home/alice/.config/systemd/user/x.service", "[Service]\nExecStart=/bin/true\n" +
          "LoadCredential=a:/home/alice/d\nLoadCredential=b:/home/alice/e\n" * 2000)
    got = look("4,000 lines that name a folder of 2,000 credentials")
    result(got == ([], 0), "which are few", got)
    for i in range(18001):
        os.symlink("0", root + "/home/alice/d/x%d" % i)
    found, code = look("and of 20,001")
    result(len(found) == 1 and found[0]["path"] == "/home/alice/d/x9999" and code == 3,
           "those left out are said once", "%d %s" % (code, found))


def credential_folders(root):
    """systemd takes the files of folders below the named one, too; one that cannot be listed is said."""
    machine(root)
    secret = planted("%x" % RNG.getrandbits(99))
    write(root, "/home/alice/d/sub/deeper/token.env", "API_TOKEN=%s\n" % secret)
    write(root, SERVICES + "x.service", "[Service]\nExecStart=/bin/true\n"
          "LoadCredential=a:/home/alice/d\nLoadCredential=b:/home/alice/closed\n")
    os.symlink("closed", root + "/home/alice/closed") # which stops root, too
    got = subprocess.run([os.environ["SRVAUDIT"], "secrets", "--root", root, "-f", "json"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    report = json.loads(got.stdout)
    files = [f["file"] for f in report["findings"]]
    result(files == ["/home/alice/d/sub/deeper/token.env"], "credentials in folders below", files)
    result(len(skipped(report, "/home/alice/closed", "Too many levels")) == 1,
           "a folder of credentials that cannot be listed is said", report["coverage"])


def patterns(root):
    """A pattern that leads through too many files is said, wherever it stands."""
    machine(root)
    write(root, "/etc/php/x", "")
    for i in range(67000):
        os.symlink("x", "%s/etc/php/%d" % (root, i))
    said(root, "php-fpm's folders", "/etc/php/*/fpm/php-fpm.conf", "leads through too many")


def rotated_patterns(root):
    """Each name with a star is a look through folders: what is not looked for is said."""
    machine(root)
    for i in range(3000):
        write(root, "/var/lib/f%d/x" % i, "")
    write(root, "/etc/logrotate.d/many",
          "".join("/var/lib/*/*N%d {\n create 0644 root root\n}\n" % i for i in range(6000)))
    report = in_time(root, "6,000 patterns of logrotate")
    result(any("through too many folders" in s["reason"] for s in report["coverage"]["skipped"]),
           "patterns left out are said", report["coverage"]["skipped"])


def servers_in_containers(root):
    machine(root)
    write(root, "/srv/a/nginx.conf", "events {}\nhttp {\n" + "".join(
        "server { listen 80; server_name s%d; root /usr/share/nginx/html; }\n" % i
        for i in range(50)) + "}\n")
    write(root, "/srv/a/html/index.html", "x")
    write(root, "/srv/a/compose.yml", "services:\n" + "".join(
        "  s%d:\n    image: nginx\n    volumes: [./nginx.conf:/etc/nginx/nginx.conf, "
        "./html:/usr/share/nginx/html]\n" % i for i in range(1000)))
    report = in_time(root, "1,000 services with 50 virtual hosts each")
    result(skipped(report, "/srv/a/compose.yml", "too many virtual hosts"), "the rest is said",
           report["coverage"]["skipped"])


def no_files(root):
    """A FIFO where a configuration is expected is not opened, and said."""
    machine(root)
    for path in ("/etc/mysql/my.cnf", "/etc/logrotate.conf", "/etc/crontab", "/etc/nginx/nginx.conf",
                 "/etc/apache2/apache2.conf", "/etc/php-fpm.conf", "/etc/supervisord.conf",
                 "/srv/a/Dockerfile"):
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        os.mkfifo(root + path)
        said(root, "a FIFO as " + path, path, "no regular file")


for test in (rotated_patterns, servers_in_containers, no_files, dpkg_lists, log_names,
             joined_lines, pools, compose_files, dockerfiles, takes, shares, targets, cron_lines,
             words, variables, units, services, places, circles, unreadable, top_is_home,
             variable_logs, many, hostile, quadlets, pods, applications, podman, templates,
             many_names, many_templates, template_folders, credentials, credential_folders,
             patterns, shared_files):
    in_folder(test)
sys.exit(finish())
