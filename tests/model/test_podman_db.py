#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Podman's database: what it adds to the containers on disk, and databases that are made to harm."""
import json
import os
import random
import sqlite3
import string
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped as skip  # noqa: E402

RNG = random.Random(20261127)
SECRET = planted("".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(24)))
STORAGE = "/var/lib/containers/storage"
# libpod/sqlite_state_internal.go, without the tables that nothing is read of.
TABLE = """CREATE TABLE ContainerConfig(ID TEXT PRIMARY KEY NOT NULL, Name TEXT UNIQUE NOT NULL,
PodID TEXT, JSON TEXT NOT NULL)"""


def machine(root):
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")
    write(root, "/etc/group", "root:x:0:\nalice:x:1000:\n")
    write(root, "/srv/shop/.env", "DB_PASSWORD=%s\n" % SECRET)


def spec(env=(), source="/srv/shop"):
    """The OCI runtime's configuration of nginx with /srv/shop."""
    return {"process": {"user": {"uid": 0}, "env": ["%s=%s" % e for e in env],
                        "args": ["/docker-entrypoint.sh", "nginx", "-g", "daemon off;"]},
            "mounts": [{"destination": "/usr/share/nginx/html", "type": "bind", "source": source,
                        "options": ["rbind", "ro"]}],
            "linux": {"namespaces": [{"type": t} for t in ("pid", "network", "ipc", "uts", "mount")],
                      "maskedPaths": ["/proc/kcore"]}}


def container(root, number, storage=STORAGE, image="docker.io/library/nginx:1.27", started=True):
    """The files of one container of nginx with /srv/shop; its id."""
    ident = "%064x" % number
    folder = storage + "/overlay-containers/"
    if started:
        write(root, folder + ident + "/userdata/config.json", json.dumps(spec()), 0o600)
    write(root, folder + "containers.json", json.dumps([{
        "id": ident, "names": ["web"],
        "metadata": json.dumps({"image-name": image, "name": "web"})}]))
    return ident


def database(root, rows, path=STORAGE + "/db.sql", table=TABLE, keep=False):
    """Podman writes in WAL mode; `keep`: what was written last is in the log alone."""
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    db = sqlite3.connect(full)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(table)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.executemany("INSERT INTO ContainerConfig(ID, Name, JSON) VALUES (?, ?, ?)", rows)
    db.commit()
    if keep:
        with open(full + "-wal", "rb") as f:
            log = f.read()
        with open(full, "rb") as f:
            base = f.read()
    db.close()
    if keep:
        write(root, path, base)
        write(root, path + "-wal", log)


def row(ident, **config):
    return ident, config.pop("name", "web"), json.dumps(dict(config, id=ident))


def port(host, inner, address="", protocol="tcp"):
    return {"host_ip": address, "container_port": inner, "host_port": host, "range": 1,
            "protocol": protocol}


def audit(root, *args):
    got = subprocess.run([os.environ["SRVAUDIT"], "--root", root, "-f", "json", *args], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return json.loads(got.stdout or "{}"), got


def urls(report):
    return sorted(e["url"] for f in report["findings"] if f["check"] == "web.served-env"
                  for e in f.get("exposure", []))


def skipped(report, reason):
    return [s["path"] for s in report["coverage"]["skipped"] if reason in s["reason"]]


def ports(root):
    machine(root)
    ident = container(root, 7)
    report, _ = audit(root)
    result(urls(report) == [], "without a database no port is known", urls(report))
    for keep in (False, True):
        database(root, [row(ident, newPortMappings=[port(8080, 80), port(9, 80, protocol="udp")]),
                        row("%064x" % 8, name="x", newPortMappings=[port(8081, 80)])], keep=keep)
        report, got = audit(root)
        where = [w for f in report["findings"] for e in f.get("exposure", []) for w in e["why"]]
        result(urls(report) == ["http://localhost:8080/.env"] and
               any(w["file"] == STORAGE + "/db.sql" for w in where) and not skipped(report, ""),
               "published ports%s" % (", in the log alone" if keep else ""),
               "%s %s %s" % (urls(report), skipped(report, ""), got.stderr))
        for end in ("", "-wal", "-shm"):
            if os.path.exists(root + STORAGE + "/db.sql" + end):
                os.unlink(root + STORAGE + "/db.sql" + end)


def long_log(root):
    """A log of more pages than are read is not used, and said."""
    machine(root)
    ident = container(root, 7)
    database(root, [row(ident, newPortMappings=[port(8080, 80)])], keep=True)
    with open(root + STORAGE + "/db.sql-wal", "rb") as f:
        log = f.read()
    frame = log[32:32 + 24]
    with open(root + STORAGE + "/db.sql-wal", "wb") as f:
        f.write(log[:32])
        for i in range(65537): # with holes for the pages
            f.seek(32 + i * (24 + 4096))
            f.write(frame)
        f.truncate(32 + 65537 * (24 + 4096))
    report, got = audit(root)
    result(skipped(report, "log is too long") == [STORAGE + "/db.sql"] and got.returncode == 3,
           "a log that is too long is said", "%d %s" % (got.returncode, report["coverage"]))


def old_ports(root):
    machine(root)
    home = "/home/alice/.local/share/containers/storage"
    ident = container(root, 9, home)
    database(root, [row(ident, portMappings=[{"hostPort": 8082, "containerPort": 80,
                                              "protocol": "tcp", "hostIP": ""}])],
             home + "/libpod/db.sql")
    report, _ = audit(root)
    result(urls(report) == ["http://localhost:8082/.env"], "ports of old versions, in a home",
           urls(report))


def labels(root):
    """A container of a compose project and its service are one."""
    machine(root)
    ident = container(root, 7)
    write(root, "/srv/project/compose.yaml", "services:\n  web:\n    image: nginx\n    pid: host\n"
          "    ports: ['8080:80']\n    volumes: ['/srv/shop:/usr/share/nginx/html']\n")
    database(root, [row(ident, newPortMappings=[port(8080, 80)], labels={
        "com.docker.compose.project.working_dir": "/srv/project",
        "com.docker.compose.project.config_files": "compose.yaml",
        "com.docker.compose.service": "web"})])
    report, _ = audit(root)
    found = [f for f in report["findings"] if f["check"] == "web.served-env"]
    result(len(found) == 1 and urls(report) == ["http://localhost:8080/.env"] and
           not any(w["file"].endswith("db.sql") for w in found[0]["exposure"][0]["why"]),
           "the labels lead to the service", found)


def unit(root):
    machine(root)
    ident = container(root, 7)
    write(root, "/etc/containers/systemd/web.container", "[Container]\nImage=docker.io/library/nginx\n"
          "ContainerName=web\nPublishPort=8080:80\nVolume=/srv/shop:/usr/share/nginx/html\n")
    database(root, [row(ident, newPortMappings=[port(8080, 80)],
                        labels={"PODMAN_SYSTEMD_UNIT": "web.service"})])
    report, _ = audit(root)
    where = [w["file"] for f in report["findings"] for e in f.get("exposure", []) for w in e["why"]]
    result(urls(report) == ["http://localhost:8080/.env"] and STORAGE + "/db.sql" not in where,
           "a container of a Quadlet unit is told at the unit", where)


def open_logs(root):
    """The logs that everyone can read, and what is advised."""
    report, _ = audit(root)
    return {f["file"]: f["fix"] for f in report["findings"]
            if f["check"] == "docker.container-log-readable"}


def forget(root, storage):
    for end in ("", "-wal", "-shm"):
        if os.path.lexists(root + storage + "/db.sql" + end):
            os.unlink(root + storage + "/db.sql" + end)


def foreign_logs(root):
    """A user's own files do not say whose files root is to close."""
    machine(root)
    home = "/home/alice/.local/share/containers/storage"
    ident = container(root, 9, home)
    for path in ("/etc/passwd", "/home/alice/../../etc/passwd", "/home/alice/link"):
        if path.endswith("link"):
            os.symlink("../../etc/passwd", root + path)
        database(root, [row(ident, logPath=path)], home + "/db.sql")
        found = open_logs(root)
        result(not found, "a user's container does not log to %s" % path, found)
        forget(root, home)
    log = home + "/overlay-containers/" + ident + "/userdata/ctr.log"
    os.symlink("/etc/passwd", root + log)
    result(not open_logs(root), "nor by a link", open_logs(root))
    os.unlink(root + log)
    write(root, log, "x\n")
    found = open_logs(root)
    folder = os.path.dirname(os.path.dirname(log))
    result(found.get(log, "").startswith("chmod 0640 %s\nchmod 0710 %s\n" % (log, folder)),
           "the engine's own log and folder", found)
    write(root, "/home/alice/web.log", "x\n")
    database(root, [row(ident, logPath="/home/alice/web.log")], home + "/db.sql")
    found = open_logs(root)
    result(list(found) == ["/home/alice/web.log"] and "0710" not in found["/home/alice/web.log"],
           "another path in the home: the file alone", found)


def logs(root):
    machine(root)
    ident = container(root, 7)
    write(root, "/var/lib/logs/web.log", "x\n", 0o644)
    database(root, [row(ident, logPath="/var/lib/logs/web.log", logDriver="k8s-file")])
    report, _ = audit(root)
    result([f["file"] for f in report["findings"]
            if f["check"] == "docker.container-log-readable"] == ["/var/lib/logs/web.log"],
           "the log lies where the database says", report["findings"])
    fix = open_logs(root).get("/var/lib/logs/web.log", "")
    result(fix.startswith("chmod 0640 /var/lib/logs/web.log\n") and "/var/lib\n" not in fix,
           "a folder that is not the engine's stays as it is", fix)


def never_started(root):
    """Podman writes config.json when it starts one: until then the row alone has all."""
    machine(root)
    ident = container(root, 7, started=False)
    report, got = audit(root)
    result(skipped(report, "never started") == [STORAGE] and got.returncode == 3,
           "without a database it is said that nothing is known", report["coverage"])
    secret = planted("".join(RNG.choice(string.ascii_letters + string.digits) for _ in range(24)))
    write(root, STORAGE + "/volumes/certs/_data/x", "x\n")
    database(root, [row(ident, newPortMappings=[port(8080, 80)],
                        spec=spec([("API_TOKEN", secret)]),
                        namedVolumes=[{"volumeName": "certs", "dest": "/usr/share/nginx/html/certs"},
                                      {"volumeName": "../../x", "dest": "/x"}])])
    report, got = audit(root)
    found = [f["file"] for f in report["findings"] if f["check"] == "docker.secret-in-environment"]
    result(found == [STORAGE + "/db.sql"] and urls(report) == ["http://localhost:8080/.env"] and
           not skipped(report, ""), "its environment, mounts and ports",
           "%s %s" % (report["findings"], report["coverage"]))
    write(root, STORAGE + "/overlay-containers/containers.json", json.dumps([{
        "id": "%064x" % 9, "names": ["builder"], "metadata": ""}]))
    report, got = audit(root)
    result(not skipped(report, "") and got.returncode == 0, "one of buildah's is none of Podman's",
           report["coverage"])


def rows_missing(root):
    machine(root)
    ident = container(root, 7)
    database(root, [row("%064x" % 8, newPortMappings=[port(8080, 80)])])
    report, got = audit(root)
    result(skipped(report, "of the container " + ident) == [STORAGE + "/db.sql"] and
           got.returncode == 3, "a container without a row is said", report["coverage"])
    forget(root, STORAGE)
    for text in ('{"newPortMappings": [', "[]", '{"a":' * 500):
        database(root, [row(ident)[:2] + (text,)])
        report, _ = audit(root)
        result(skipped(report, "of the container " + ident) == [STORAGE + "/db.sql"],
               "a row that is no JSON object is said: " + text[:20], report["coverage"])
        forget(root, STORAGE)


def other_kind(root):
    machine(root)
    write(root, STORAGE + "/libpod/bolt_state.db", b"\0" * 16 + b"\xed\xda\x0c\xed")
    report, got = audit(root)
    result(not skipped(report, "BoltDB") and got.returncode == 0, "a BoltDB without containers",
           skipped(report, ""))
    ident = container(root, 7)
    report, got = audit(root)
    result(skipped(report, "BoltDB") == [STORAGE] and got.returncode == 3, "a BoltDB is said",
           report["coverage"])
    database(root, [row(ident, newPortMappings=[port(8080, 80)])])
    report, _ = audit(root)
    result(not skipped(report, "BoltDB") and urls(report), "not where the other one has the container",
           report["coverage"])


def hostile(root):
    machine(root)
    ident = container(root, 7)
    path = root + STORAGE + "/db.sql"
    good = row(ident, newPortMappings=[port(8080, 80)])

    def said(title, reason):
        report, got = audit(root, "--fail-on", "never")
        result(got.returncode in (0, 3) and not got.stderr and
               (not reason or skipped(report, reason) == [STORAGE + "/db.sql"]), title,
               "%d %s %s" % (got.returncode, got.stderr, report["coverage"]["skipped"]))
        for end in ("", "-wal", "-shm"):
            if os.path.lexists(path + end):
                os.unlink(path + end)
        return report

    write(root, STORAGE + "/db.sql", b"SQLite format 3\0" + b"\xff" * 5000)
    said("garbage as the database", "not known")
    write(root, STORAGE + "/db.sql", b"")
    said("an empty database", "not known")
    os.mkfifo(path)
    said("a FIFO as the database", "no regular file")
    write_view(path)
    said("a view as the table", "no table of containers")
    write_computed(path)
    said("columns that are computed", "none of Podman's")
    database(root, [good] + [row("%064x" % (i + 100), name="n%d" % i) for i in range(6000)])
    result(urls(said("6,001 containers", "more containers")) == ["http://localhost:8080/.env"],
           "and the first ones are read")
    database(root, [good[:2] + ('{"pad": "' + "x" * (5 << 20) + '"}',)])
    said("a row of 5 MiB", "more of containers")
    database(root, [good[:2] + ('{"newPortMappings": [' * 500,)])
    said("a row that is no JSON", "")
    database(root, [good[:2] + (json.dumps({"newPortMappings": {"a": 1}, "labels": ["x"],
                                            "newNetworks": "y", "logPath": 5}),)])
    said("a row of other types", "")
    write_rows(path)
    said("rows that do not count", "takes too long")
    write_schema(path)
    said("a schema of 100,000 tables", "schema")


def write_rows(path):
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE ContainerConfig(ID TEXT, JSON TEXT)")
    db.execute("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1500000) "
               "INSERT INTO ContainerConfig SELECT NULL, NULL FROM c")
    db.commit()
    db.close()


def write_schema(path):
    """SQLite reads the whole schema first, and its time grows with the square of the names."""
    db = sqlite3.connect(path)
    db.execute(TABLE)
    db.execute("PRAGMA writable_schema = 1")
    page = db.execute("SELECT rootpage FROM sqlite_master").fetchone()[0]
    db.executemany("INSERT INTO sqlite_master VALUES('table', ?, ?, ?, ?)",
                   (("t%d" % i, "t%d" % i, page, "CREATE TABLE t%d(a)" % i) for i in range(100000)))
    db.commit()
    db.close()


def write_view(path):
    db = sqlite3.connect(path)
    db.execute("CREATE VIEW ContainerConfig AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 "
               "FROM c) SELECT CAST(x AS TEXT) AS ID, '{}' AS JSON FROM c")
    db.commit()
    db.close()


def write_computed(path):
    """What a row costs is up to whoever made the table."""
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE ContainerConfig(ID TEXT, Name TEXT, JSON TEXT AS ('{}' || Name))")
    db.execute("INSERT INTO ContainerConfig(ID, Name) VALUES ('1', 'n')")
    db.commit()
    db.close()


def without_sqlite(root):
    """What a build without SQLite says of such a database."""
    machine(root)
    ident = container(root, 7)
    database(root, [row(ident, newPortMappings=[port(8080, 80)])])
    report, got = audit(root)
    result(skipped(report, "made without SQLite") == [STORAGE + "/db.sql"] and got.returncode == 3,
           "a build without SQLite says so", report["coverage"])


def has_sqlite():
    answer = []

    def probe(root):
        machine(root)
        container(root, 7)
        write(root, STORAGE + "/db.sql", b"")
        answer.append(not skipped(audit(root)[0], "made without SQLite"))
    in_folder(probe)
    return answer[0]


TESTS = (ports, long_log, old_ports, labels, unit, logs, foreign_logs, never_started, rows_missing,
         other_kind, hostile)
if has_sqlite():
    for test in TESTS:
        in_folder(test)
else:
    in_folder(without_sqlite)
    for test in TESTS:
        skip(test.__name__, "built without SQLite")
sys.exit(finish())
