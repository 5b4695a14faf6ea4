#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""srvaudit secrets: every secret once, with all its places and readers, and none of them printed."""
import binascii
import json
import os
import random
import shutil
import string
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import tap  # noqa: E402
from files import write  # noqa: E402
from planted import planted as registered  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
CHUNK = 1 << 20


def token(seed):
    """A GitHub token whose checksum is right: 30 characters and their CRC32 in base62."""
    rng = random.Random(seed)
    body = "".join(rng.choice(string.ascii_letters + string.digits) for _ in range(30))
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    value, out = binascii.crc32(body.encode()), ""
    while value:
        value, rest = divmod(value, 62)
        out = digits[rest] + out
    return registered(("ghp" + "_" + body + out.rjust(6, "0")).encode())


def run(root, *args):
    return subprocess.run([SRVAUDIT, "secrets", "--root", root, *args], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)


def findings(got):
    return json.loads(got.stdout.decode("utf-8"))["findings"]


def by_line(report):
    return {(f["file"], f.get("line")): f for f in report}


def plant(root):
    write(root, "/etc/passwd", b"root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")
    write(root, "/etc/group", b"root:x:0:\nalice:x:1000:\n")
    tokens = [token(i) for i in range(8)]
    write(root, "/srv/a.conf", b"x = 1\nkey = " + tokens[0] + b"\n")
    write(root, "/srv/deep/er/copy.txt", b"\n\n\n" + tokens[0])
    write(root, "/srv/mine", b"k " + tokens[1] + b"\n", 0o600)
    write(root, "/srv/environ", b"A=1\0TOKEN=" + tokens[2] + b"\0B=2\0")
    # Across the edge of a piece, and on a line that is far longer than one.
    write(root, "/srv/edge", b"a" * (CHUNK - 20) + b"\n" + tokens[3] + b"\n")
    write(root, "/srv/long", b"b " * (2 * CHUNK) + tokens[4] + b" " + b"c " * CHUNK)
    write(root, "/srv/picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + tokens[5] +
          b"\0\0\0\0IEND\xaeB`\x82")
    with open(root + "/srv/sparse", "wb") as f:
        f.truncate(4 << 30)
        f.seek(2 << 30)
        f.write(b" " + tokens[6] + b" ")
    os.mkfifo(root + "/srv/fifo")
    os.symlink("/srv/mine", root + "/srv/link")
    os.symlink("loop", root + "/srv/loop")
    write(root, "/srv/example", b"ghp_" + b"x" * 36 + b"\n")
    return tokens


def planted(root):
    tokens = plant(root)
    got = run(root, "-f", "json", "/srv")
    report = findings(got)
    known = by_line(report)
    text = run(root, "-v", "/srv")
    leaked = [t for t in tokens for out in (got.stdout, got.stderr, text.stdout, text.stderr)
              if t in out or t[4:30] in out]
    tap.result(not leaked, "no secret is printed")
    tap.result(got.returncode == 1, "status 1", got.stderr.decode())
    one = known.get(("/srv/a.conf", 2), {})
    tap.result(len(one.get("evidence", [])) == 2, "one finding for two places", str(one))
    tap.result(one.get("secrets", [{}])[0].get("column") == 7, "its line and column", str(one))
    tap.result(one.get("severity") == "high" and one.get("check", "").startswith("secrets.github"),
               "readable by everyone is high", str(one))
    mine = known.get(("/srv/mine", 1), {})
    tap.result(mine.get("severity") in ("low", "info"), "its owner's alone is low", str(mine))
    tap.result(("/srv/environ", 1) in known, "between NUL bytes")
    tap.result(("/srv/edge", 2) in known, "across the edge of a piece")
    tap.result(("/srv/long", 1) in known, "on a line of megabytes")
    tap.result(("/srv/sparse", 1) in known, "behind a hole of 2 GiB")
    tap.result(not any(f["file"] == "/srv/picture.png" for f in report), "pictures are not read")
    tap.result(not any(f["file"] == "/srv/example" and f["severity"] != "info" for f in report),
               "an example is no alarm")
    tap.result(len({f["fingerprint"] for f in report}) == len(report), "fingerprints differ")
    return got


def same_whatever_jobs(root, got):
    def body(out):
        report = json.loads(out.stdout)
        return report["findings"], report["coverage"]
    other = run(root, "-f", "json", "--jobs", "7", "/srv")
    alone = run(root, "-f", "json", "--jobs", "1", "/srv")
    tap.result(body(got) == body(other) == body(alone), "the same report with 1, 2 and 7 threads")


def threads_start_late(root):
    """More files than one thread searches alone: the others join when it is under way."""
    for i in range(40):
        for k in range(40):
            write(root, "/many/d%02d/f%02d" % (i, k),
                  b"text " + (token(100 + i) if k == i else b"") + b"\n")
    bodies = [json.loads(run(root, "-f", "json", *option, "/many").stdout)
              for option in ([], ["--jobs", "1"], ["--jobs", "5"])]
    tap.result(len(bodies[0]["findings"]) == 40 and bodies[0]["coverage"]["files"] == 1600,
               "each of 1,600 files", str(bodies[0]["coverage"]))
    tap.result(all(b["findings"] == bodies[0]["findings"] and b["coverage"] == bodies[0]["coverage"]
                   for b in bodies), "the same with threads from the first file on")


def etc_ahead(root):
    """An audit's search of /etc, which begins before it is known what else is searched."""
    write(root, "/real/passwd", b"root:x:0:0:root:/root:/bin/bash\n")
    for i in range(30):
        write(root, "/real/d%d/f" % (i % 7), token(300 + i) + b"\n")
        write(root, "/real/app%d.conf" % i, token(400 + i) + b"\n")
    write(root, "/root/.netrc", b"machine a login b password " + token(500) + b"\n")
    write(root, "/var/log/app.log", token(501) + b"\n")
    os.symlink("real", root + "/etc")
    bodies = []
    for option in ([], ["--jobs", "1"], ["--jobs", "2"], ["--jobs", "6"]):
        got = subprocess.run([SRVAUDIT, "--root", root, "-f", "json", *option], check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        report = json.loads(got.stdout)
        bodies.append((report["findings"], report["coverage"]))
    files = {f["file"] for f in bodies[0][0]}
    tap.result({"/real/d3/f", "/real/app7.conf", "/root/.netrc", "/var/log/app.log"} <= files,
               "an audit searches /etc, homes and logs", str(sorted(files)))
    tap.result(all(body == bodies[0] for body in bodies), "the same, by whichever threads")


def ways_to_ask(root):
    got = run(root, "--only", "secrets.jwt", "/srv")
    tap.result(got.returncode == 0, "--only", got.stdout.decode())
    got = run(root, "-f", "json", "/srv/a.conf", "/srv/deep", "/srv/deep/er")
    report = findings(got)
    tap.result(len(report) == 1 and len(report[0]["evidence"]) == 2, "files and nested folders")
    got = run(root, "/srv/none")
    tap.result(got.returncode == 2 and b"none" in got.stderr, "a path that is not there")
    clean = os.path.join(root, "clean")
    write(root, "/clean/a", b"nothing here\n")
    got = run(root, "/clean")
    tap.result(got.returncode == 0 and len(got.stdout.splitlines()) <= 3, "a clean folder: short",
               got.stdout.decode() + clean)


def handed_over(root):
    """What LoadCredential= names is a secret as a whole, wherever it lies; other files are not."""
    write(root, "/etc/systemd/system/a.service",
          b"[Service]\nExecStart=/usr/bin/a\nLoadCredential=db:/data/creds/db\n"
          b"LoadCredential=all:/data/folder\nLoadCredential=ca:/data/creds/ca.pem\n"
          b"LoadCredentialEncrypted=e:/data/creds/e\nLoadCredentialEncrypted=p:/data/creds/plain\n"
          b"LoadCredential=gone:/data/gone\nLoadCredential=up:..\n")
    write(root, "/data/creds/db", registered(b"copper17k horse") + b"\n")
    write(root, "/data/folder/one", registered(b"monkey42x0"))
    write(root, "/data/creds/plain", registered(b"rocket99k1") + b"\n")
    write(root, "/data/creds/e", b"Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAABiN6Y4kXuG2yEAAAAAgAAAAAAA\n")
    write(root, "/data/creds/ca.pem", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    write(root, "/data/creds/other", b"winter23z4\n")
    got = {f["file"] for f in findings(run(root, "-f", "json", "/data"))}
    tap.result(got == {"/data/creds/db", "/data/folder/one", "/data/creds/plain"},
               "what units hand over", str(got))


def shown_to_people(root):
    """Schemas, examples that a program prints, help, messages; and what only looks alike."""
    word = registered(b"Kx7mQ2vT9wLp4")
    example = b"return <<\"%s\";\nlogin=my, password=" + word + b"\n%s\nprint \"a\";\n"
    help_row = b"insert into %s (a,b) values (1,'CREATE USER','x\\nSET PASSWORD = \\'" + word + \
        b"\\';\\nCREATE USER a IDENTIFIED BY \\'" + word + b"\\';');\n"
    message = b'{\n\t"@metadata": {\n\t\t"%s": ["a"]\n\t},\n\t"oldpassword": "' + word + \
        b'"\n}\n'
    app = b'{"project_info": {}, "client": [{"api_key": [{"current_key": "%s"}]}]}\n' % registered(
        b"AIza" + b"q7Rk2LmX9vTz4WbY8sHd3KcN5pJf6GnA1Ue")
    quiet = {
        "/opt/schema/sssd-ldap.conf": b"[provider/ldap]\nldap_default_authtok = str, None, false\n",
        "/opt/bin/ddclient": b"#!/usr/bin/perl\n" + example % (b"EoEXAMPLE", b"EoEXAMPLE"),
        "/opt/share/fill_help_tables.sql": help_row % b"help_topic",
        "/var/lib/mysql/mysql/help_topic.MAD": b"\1 CREATE USER a IDENTIFIED BY '" + word + b"'",
        "/opt/wiki/i18n/ike-latn.json": message % b"authors",
        "/srv/app/google-services.json": app,
    }
    loud = {
        "/etc/sssd/sssd.conf": b"[domain/a]\nldap_default_authtok = str, None, " + word + b"\n",
        "/opt/bin/setup": b"#!/usr/bin/perl\n" + example % (b"CONFIG", b"CONFIG"),
        "/opt/bin/behind": example % (b"USAGE", b"USAGE") + b"password=" + word + b"\n",
        "/opt/share/dump.sql": help_row % b"notes",
        "/opt/share/help_topic.sql": b"CREATE USER a IDENTIFIED BY '" + word + b"';\n",
        "/opt/wiki/event.json": message % b"beat",
        "/srv/app/services.json": app,
        "/opt/wiki/i18n/de.json": message % b"authors" + b"key = " + token(90) + b"\n",
    }
    for path, text in {**quiet, **loud}.items():
        write(root, path, text)
    for path in quiet:
        report = findings(run(root, "-f", "json", path))
        tap.result(not [f for f in report if f["severity"] != "info"], "quiet: " + path, report)
    for path in loud:
        report = findings(run(root, "-f", "json", path))
        tap.result([f for f in report if f["severity"] != "info"], "found: " + path, report)


def called_what_they_are(root):
    """A file's own name for what it is; any other JSON file is just that."""
    word = registered(b"Kx7mQ2vT9wLp4") + b'"'
    write(root, "/etc/mysql/debian.cnf", b"[client]\npassword = \"" + word + b"\n")
    write(root, "/opt/appsettings.json", b'{"Smtp": {"Password": "a' + word + b'}}\n')
    write(root, "/opt/servers.json", b'{"Servers": {"1": {"Password": "b' + word + b'}}}\n')
    titles = {f["file"]: f["title"] for f in findings(run(root, "-f", "json", "/"))}
    tap.result("MySQL" in titles.get("/etc/mysql/debian.cnf", "") and
               ".my.cnf" not in titles["/etc/mysql/debian.cnf"], "debian.cnf", titles)
    tap.result("appsettings" in titles.get("/opt/appsettings.json", ""), "appsettings", titles)
    tap.result("JSON" in titles.get("/opt/servers.json", ""), "another JSON file", titles)


def without_path(root):
    """All that an audit of the whole machine leads to, and nothing else."""
    tokens = iter(token(i) for i in range(200, 220))
    where = ["/etc/app.conf", "/app/www/public/a.txt", "/home/alice/.netrc", "/opt/x/.mcp.json",
             "/var/log/app.log", "/var/log/old/b.log", "/data/creds/db", "/data/env",
             "/bots/one/settings.ini", "/srv/c/.env.web", "/data/mounted/x.txt",
             "/home/alice/.bash_history", "/usr/local/bin/job.sh",
             "/home/alice/.codex/sessions/2026/11/20/rollout-1.jsonl"]
    for path in where:
        write(root, path, b"machine a login b password x\nkey = " + next(tokens) + b"\n", 0o600)
    for path in ("/opt/x/notes.txt", "/var/lib/thing/y"):
        write(root, path, b"key = " + next(tokens) + b"\n")
    write(root, "/etc/passwd", b"root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n")
    write(root, "/etc/nginx/nginx.conf",
          b"events {}\nhttp { server { listen 80; root /app/www/public; } }\n")
    write(root, "/etc/systemd/system/a.service",
          b"[Service]\nExecStart=/usr/bin/a\nLoadCredential=db:/data/creds/db\n"
          b"EnvironmentFile=/data/env\nWorkingDirectory=/bots/one\n")
    write(root, "/etc/crontab", b"1 1 * * * root /usr/local/bin/job.sh\n")
    write(root, "/srv/c/compose.yaml",
          b"services:\n  web:\n    image: x\n    env_file: .env.web\n    volumes: ['/data/mounted:/x', '/etc:/e']\n")
    got = {e["file"] for f in findings(run(root, "-f", "json")) for e in f["evidence"]}
    tap.result(got == set(where), "without PATH", "missed %s, too many %s"
               % (sorted(set(where) - got), sorted(got - set(where))))
    got = {e["file"] for f in findings(run(root, "-f", "json", "/etc")) for e in f["evidence"]}
    tap.result(got == {"/etc/app.conf"}, "of /etc what lies there", str(got))


def main():
    root = tempfile.mkdtemp(prefix="srvaudit-secrets-")
    os.chmod(root, 0o755)
    try:
        got = planted(root)
        same_whatever_jobs(root, got)
        threads_start_late(root)
        ways_to_ask(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    tap.in_folder(handed_over)
    tap.in_folder(shown_to_people)
    tap.in_folder(called_what_they_are)
    tap.in_folder(without_path)
    tap.in_folder(etc_ahead)
    return tap.finish()


sys.exit(main())
