#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The command line: options, exit statuses, JSON against its schema, hostile names, empty hosts."""
import json
import os
import re
import stat
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from planted import kept, planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
TOP = os.environ["top_srcdir"]
SECRET = planted(b"kq83" + b"Jx0aLmW29ePz")


def run(*args, text=None):
    return subprocess.run([SRVAUDIT, *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          input=text, timeout=60, check=False)


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    os.chmod(path, mode)


def make_root(root, site):
    write(root + "/etc/passwd", b"root:x:0:0::/:/x\nwww-data:x:33:33::/:/x\n")
    write(root + "/etc/group", b"root:x:0:\nwww-data:x:33:\n")
    write(root + "/etc/nginx/nginx.conf", b"events {}\nhttp {\n" + site + b"}\n")
    os.chmod(root, 0o755)


def usage_tests(root):
    for args in (["--no-such"], ["-f", "sarif"], ["trace"], ["secrets", "--jobs", "0"],
                 ["report", "x"],
                 ["--baseline", "x"], ["--fail-on", "loud"], ["url"], ["explain", "no.such"],
                 ["--client", "nobody"], ["--client", "10.0.0.0/8"], ["checks", "nginx.ssrf"],
                 ["url", "--batch", "-", "--reverse", "/x"],
                 ["--root", root + "/missing"]):
        got = run(*args)
        result(got.returncode == 2 and got.stderr, "refused with status 2: " + " ".join(args[:1]),
               got)
    for command in ([], ["url"], ["checks"], ["explain"]):
        got = run(*command, "--help")
        result(got.returncode == 0 and b"usage: srvaudit" in got.stdout,
               "help of " + (command[0] if command else "audit"))
    result(run("--version").stdout.startswith(b"srvaudit "), "version")


def empty_host(root):
    os.makedirs(root + "/etc")
    got = run("--root", root)
    result(got.returncode == 0 and got.stdout.count(b"\n") == 3, "no web server: three lines",
           got.stdout)


def validate(report):
    import jsonschema
    with open(os.path.join(TOP, "doc/srvaudit-report-1.schema.json"), encoding="utf-8") as f:
        schema = json.load(f)
    try:
        jsonschema.validate(report, schema)
        return ""
    except jsonschema.ValidationError as error:
        return str(error)


def leaking_host(root):
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    secret = SECRET
    write(root + "/srv/app/.env", b"DB_PASSWORD=" + secret + b"\n")
    write(os.fsencode(root) + b"/srv/app/a\n\x1b[31m\xff.php.bak", b"<?php 1;\n")
    os.mkfifo(root + "/srv/app/.env.local")
    with open(root + "/srv/app/huge.sql", "wb") as f:
        f.truncate(4 << 30)
    os.symlink("loop", root + "/srv/app/loop.env")
    got = run("--root", root)
    result(got.returncode == 1, "a leak gives status 1", got)
    result(secret not in got.stdout, "the secret is not printed")
    result(b"\x1b" not in got.stdout and b"\\x1b" in got.stdout, "escape sequences are shown, not sent",
           got.stdout)
    got = run("--root", root, "--fail-on", "never")
    result(got.returncode == 0, "--fail-on never")
    got = run("--root", root, "-f", "json")
    report = json.loads(got.stdout.decode("utf-8"))
    notes = validate(report)
    result(not notes, "the report matches its schema", notes)
    result(secret not in got.stdout, "the secret is not in the JSON report")
    result(any("file_hex" in f for f in report["findings"]), "names that are not UTF-8 come in hex")
    result(report["summary"]["critical"] == 1, "one critical finding", report["summary"])
    again = json.loads(run("--root", root, "-f", "json").stdout)
    result([f["fingerprint"] for f in again["findings"]] ==
           [f["fingerprint"] for f in report["findings"]], "fingerprints are stable")
    out = root + "/report.json"
    got = run("--root", root, "-f", "json", "-o", out)
    result(stat.S_IMODE(os.stat(out).st_mode) == 0o600 and not got.stdout, "-o writes mode 0600")
    got = run("--root", root, "--only", "nginx.*")
    result(got.returncode == 0, "--only leaves the others out", got.stdout)
    got = run("url", "--root", root, "http://a.test/.env")
    result(got.stdout.startswith(b"file, status 200"), "url", got.stdout)
    got = run("url", "--root", root, "--reverse", "/srv/app/.env")
    result(got.stdout == b"http://a.test/.env\n", "url --reverse", got.stdout)
    got = run("url", "--root", root, "--batch", "-", text=b"http://a.test/%2e%65nv\nnonsense\n")
    lines = [json.loads(x) for x in got.stdout.splitlines()]
    result(lines[0]["file"] == "/srv/app/.env" and lines[1]["status"] == 400, "url --batch",
           got.stdout)


def devices(root):
    """What is no file is written to, and stays what it is."""
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    master, slave = os.openpty()
    name = os.ttyname(slave)
    got = run("--root", root, "-o", name)
    result(os.read(master, 20).startswith(b"Looked at") and stat.S_ISCHR(os.stat(name).st_mode),
           "-o to a terminal", got)
    os.close(master)
    os.close(slave)
    pipe = root + "/report-pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    got = run("--root", root, "-o", pipe)
    result(os.read(reader, 9) == b"Looked at" and stat.S_ISFIFO(os.lstat(pipe).st_mode),
           "-o to a pipe", got)
    os.close(reader)
    got = run("--root", root, "-o", "/dev/stdout")
    result(got.stdout.startswith(b"Looked at") and os.path.islink("/dev/stdout"),
           "-o /dev/stdout", got)
    try:
        os.mknod(root + "/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    except OSError:
        result(True, "-o to a device # SKIP needs the right to make one")
        return
    os.mknod(root + "/disk", stat.S_IFBLK | 0o600, os.makedev(7, 99))
    got = run("--root", root, "-o", root + "/disk")
    result(got.returncode == 2 and stat.S_ISBLK(os.lstat(root + "/disk").st_mode),
           "-o to a disk is refused", got)
    got = run("--root", root, "-o", pipe)
    result(got.returncode == 2 and stat.S_ISFIFO(os.lstat(pipe).st_mode),
           "-o to a pipe that nobody reads is an error", got)
    os.chown(pipe, 1, 1)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    got = run("--root", root, "-o", pipe)
    result(got.returncode == 2 and not os.read(reader, 100), "-o to a pipe of another", got)
    os.close(reader)
    got = run("--root", root, "-o", root + "/null")
    result(stat.S_ISCHR(os.lstat(root + "/null").st_mode), "-o to a device", got)
    aim, link = ("/dev/shm/srvaudit-%s-%d" % (what, os.getpid()) for what in ("aim", "link"))
    with open(aim, "w", encoding="utf-8") as f:
        f.write("as it was")
    os.symlink(aim, link)
    try:
        got = run("--root", root, "-o", link)
        with open(aim, encoding="utf-8") as f:
            result(f.read() == "as it was", "-o follows no link that anybody can make", got)
    finally:
        os.unlink(link)
        os.unlink(aim)


def redirects(root):
    """A key that the configuration puts into a redirect is not shown, what the URL brought is."""
    key = planted(b"Vb7w" + b"Ty29KqLz0RmX")
    make_root(root, b"server { listen 80; server_name a.test;\n"
              b"location /k { return 302 https://x.test/cb?token=" + key + b"; }\n"
              b"location /u { return 301 https://b.test$request_uri; } }\n")
    for url, shown in (("/k", "location  https://x.test/cb?token=(secret)\n"),
                       ("/u?token=abcd1234", "location  https://b.test/u?token=abcd1234\n")):
        got = run("url", "--root", root, "http://a.test" + url)
        result(shown in got.stdout.decode() and key not in got.stdout, "a redirect, " + url, got)
    hook = planted(b"uQ7w" + b"Ty29KqLz0RmXb8Nd3VcH")
    make_root(root, b"server { listen 80; server_name a.test; location /h {\nreturn 302 "
              b"https://hooks.slack.com/services/T0Q1B7C3D/B0A1X2C3D/" + hook + b"; } }\n")
    for args in (("url", "http://a.test/h"), (), ("-v", "-f", "json")):
        got = run(*args[:1], "--root", root, *args[1:])
        result(b"(secret)" in got.stdout and hook not in got.stdout,
               "a webhook of a redirect, %s" % " ".join(args), got)
    make_root(root, b"server { listen 80; server_name a.test;\n"
              b"location /k { return 302 https://x.test/cb?token=" + key + b"; } }\n")
    got = run("url", "--root", root, "--batch", "-", text=b"http://a.test/k\n")
    result(b'"location":"https://x.test/cb?token=(secret)"' in got.stdout
           and key not in got.stdout, "a redirect of a batch", got)


def containers(root):
    """Each kind of configuration that the schema names, and no other, is told of."""
    make_root(root, b"server { listen 80; root /srv/app; }\n")
    one = root + "/var/lib/docker/containers/" + "a" * 64
    write(root + "/opt/a/compose.yaml", b"services:\n  a:\n    build: .\n    ports: ['80:80']\n")
    write(root + "/opt/a/Dockerfile", b"FROM nginx\nCOPY . /srv\n")
    write(one + "/config.v2.json", b'{"ID":"%s","Name":"/a","Config":{"Image":"nginx"},'
          b'"State":{"Running":true}}' % (b"a" * 64))
    write(one + "/hostconfig.json", b'{"Privileged":true,"NetworkMode":"host"}')
    two = root + "/var/lib/containers/storage/overlay-containers/"
    write(two + "containers.json", b'[{"id":"%s","names":["b"],"layer":"l"}]' % (b"b" * 64))
    write(two + "b" * 64 + "/userdata/config.json",
          b'{"process":{"env":["A=1"],"args":["x"]},"mounts":[]}')
    write(root + "/etc/containers/systemd/c.container", b"[Container]\nImage=nginx\n")
    write(root + "/etc/systemd/system/d.service", b"[Service]\nExecStart=/bin/true\n")
    write(root + "/etc/php/8.2/fpm/php-fpm.conf", b"[www]\nuser = www-data\nlisten = 9000\n")
    write(root + "/etc/supervisor/supervisord.conf", b"[program:a]\ncommand = /bin/true\n")
    report = json.loads(run("--root", root, "-f", "json").stdout)
    notes = validate(report)
    result(not notes, "a report about containers matches its schema", notes[:500])
    kinds = {c["kind"] for c in report["coverage"]["configs"]}
    schema = json.load(open(os.path.join(TOP, "doc/srvaudit-report-1.schema.json"), encoding="utf-8"))
    named = set(schema["properties"]["coverage"]["properties"]["configs"]["items"]["properties"]
                ["kind"]["enum"])
    result(kinds == named - {"apache"}, "and every kind of the schema is in it", kinds ^ named)


def broken_host(root):
    make_root(root, b"server {\n listen 80\n root /srv/app;\n location / { index x; }\n}\n")
    got = run("--root", root)
    result(got.returncode == 3 and b"nginx.conf:4:9: \";\" was expected" in got.stdout,
           "a missing semicolon is one diagnostic with its place", got.stdout)
    for args in (["http://a.test/"], ["--batch", "-"]):
        got = run("url", "--root", root, *args, text=b"")
        result(b"nginx.conf:4:9: \";\" was expected" in got.stderr, "url tells it too: " + args[0],
               got)


RULE = b"""rules:
  - id: site.long-timeout
    title: t
    why: w
    fix: f
    bad: b
    good: g
    cases:
      - directive: client_body_timeout
        match: '^[0-9]{3,}s?$'
        message: 'one body may take {value} in {scope}'
"""

BAD_RULES = (  # what is written, and where and what the refusal says
    (RULE.replace(b"match: '^", b"match: '("), b"10:9: not a regular expression"),
    (RULE.replace(b"why", b"wyh"), b"4:5: a rule has no key \"wyh\""),
    (RULE.replace(b"    why: w\n", b""), b"2:5: the rule lacks \"why\""),
    (RULE.replace(b"site.long", b"Site long"), b"is no check name"),
    (RULE.replace(b"site.long-timeout", b"nginx.alias-traversal"), b"there is a check"),
    (RULE + b"    title: again\n", b"12:5: this key stands twice"),
    (b"rules: &a [*a]\n", b"1:12: aliases are not accepted"),
    (b"rules: [\n", b"not YAML"),
    (b"- x\n", b"a rule file holds one list"),
    (b"[" * 5000, b"nested too deeply"),
    (b"\xff\xfe\x00", b"not YAML"),
    (b"", b"a rule file holds one list"),
)


def rule_files(root):
    make_root(root, b"server { listen 80; root /srv/app; client_body_timeout 600s; }\n")
    path = root + "/own.yaml"
    write(path, RULE)
    got = run("--root", root, "--rules", path)
    result(got.returncode == 1 and b"one body may take 600s in server" in got.stdout and
           b"[site.long-timeout]" in got.stdout, "--rules adds a check", got.stdout)
    got = run("checks", "--rules", path, "--format", "json")
    result(any(c["origin"] == path for c in json.loads(got.stdout)), "checks tells the rule file")
    got = run("explain", "--rules", root, "site.long-timeout")
    result(got.returncode == 0, "explain knows the rules of a folder", got.stderr)
    for text, words in BAD_RULES:
        write(path, text)
        got = run("--root", root, "--rules", path)
        result(got.returncode == 2 and words in got.stderr, "refused: " + words.decode(),
               got.stderr)
    got = run("--root", root, "--rules", root + "/nothing-here")
    result(got.returncode == 2 and b"nothing-here" in got.stderr, "a missing rule file", got.stderr)


def on_terminal(root, columns, *args):
    """What the program writes on a terminal of that width; standard error goes there too."""
    import fcntl
    import pty
    import struct
    import termios
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    child = subprocess.Popen([SRVAUDIT, "--root", root, *args], stdin=slave, stdout=slave,
                             stderr=slave, close_fds=True)
    os.close(slave)
    text = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:
            break
        if not block:
            break
        text += block
    os.close(master)
    child.wait(timeout=60)
    return kept(text)


def terminal(root):
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    write(root + "/srv/app/.git/HEAD", b"ref: refs/heads/main\n")
    write(os.fsencode(root) + b"/srv/app/\x1b]0;x\x07/a", b"")
    try:
        text = on_terminal(root, 60)
    except OSError as error:
        skipped("what a terminal gets", "no pseudo terminal here: %s" % error)
        return
    plain = re.sub(rb"\x1b\[[0-9;]*m", b"", text)
    headline = plain.split(b"    at ")[0].split(b"\r\n")
    result(b"\x1b[1;31m" in text, "a terminal gets colour", text)
    result(len(headline) > 2 and all(len(x) <= 60 for x in headline),
           "sentences keep to the width", headline)
    result(b"Looking at" not in text, "a quick run shows no progress", text)
    got = run("--root", root)
    result(b"\x1b" not in got.stdout and not got.stderr, "a pipe gets neither colour nor progress", got)
    got = run("--root", root, "--no-progress", "-q")
    result(not got.stdout and not got.stderr and got.returncode == 1, "-q prints nothing", got)


def secrets_in_configuration(root):
    """Lines that are shown as evidence, fixes and answers hold no secret of the configuration."""
    secret = planted(b"zQ9f" + b"K3mPw81LxTd")
    make_root(root, b"""
    map $http_x_api_key $ok { default 0; "@" 1; }
    log_format x "$http_authorization"; access_log /a x;
    server { listen 80; server_name a.test; root /srv/app;
      set $api_key "@";
      if ($http_x_token = "@") { return 403; }
      location /b { return 301 "https://u:@@h/$uri"; }
      location /c { proxy_pass http://u:@@up/v1/; }
      location /c2/ { proxy_pass http://u:@@up/v1; proxy_set_header X-Secret "@"; }
      location /d { add_header Content-Type "password=@\n b"; }
      location /e { deny all; return 200 "api_key=@"; }
    }
""".replace(b"@@", secret + b"@").replace(b'"@"', b'"' + secret + b'"').replace(
    b"=@", b"=" + secret))
    shown = b""
    for args in (["-v"], ["-f", "json"], ["url", "http://a.test/c"], ["url", "http://a.test/e"]):
        shown += run(*args[:1 if args[0] == "url" else 0], "--root", root,
                     *args[1 if args[0] == "url" else 0:]).stdout
    result(shown.count(b"nginx.secret-in-config") > 3 and secret not in shown,
           "no secret of the configuration is shown",
           [line for line in shown.split(b"\n") if secret in line])


def hostile_tree(root):
    make_root(root, b"include conf.d/*; include fifo; include nginx.conf;\n"
              b"server { listen 80; server_name a.test; root /srv/app; }\n")
    os.mkfifo(root + "/etc/nginx/fifo")
    write(root + "/etc/nginx/conf.d/a", b"location " * 3000)
    write(root + "/etc/nginx/conf.d/b", b"server { " * 5000)
    write(root + "/etc/nginx/conf.d/c", bytes(range(1, 256)) * 400)
    write(root + "/etc/nginx/conf.d/d", b"\0" * 1000)
    os.makedirs(root + "/srv/app")
    os.mkfifo(root + "/srv/app/.env")
    os.symlink("/proc/self/environ", root + "/srv/app/backup.sql")
    os.symlink(".", root + "/srv/app/again")
    os.symlink("a", root + "/srv/app/b")
    os.symlink("b", root + "/srv/app/a")
    write(root + "/srv/app/sitemanager.xml", b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb">'
          + b"".join(b'<!ENTITY c%d "%s">' % (i, b"&c%d;" % (i - 1) * 9) for i in range(1, 20))
          + b"]><FileZilla3>&c19;</FileZilla3>")
    write(root + "/srv/app/config.json", b'{"a":' * 30000)
    here = os.open(root + "/srv/app", os.O_RDONLY)
    for _ in range(3000):
        os.mkdir("d", dir_fd=here)
        deeper = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    os.close(here)
    got = run("--root", root, "-f", "json")
    report = json.loads(got.stdout)
    skipped = {s["path"]: s["reason"] for s in report["coverage"]["skipped"]}
    result(got.returncode == 3, "a hostile tree: nothing found, part not understood", report)
    result(any("nested too deeply" in r for r in skipped.values()), "folders that nest too deeply",
           skipped)
    for name in ("nginx.conf", "conf.d/a", "conf.d/b", "conf.d/d"):
        result(any(name in path for path in skipped), "not understood is told: " + name, skipped)
    # shutil cannot remove what nests so deeply
    subprocess.run(["rm", "-rf", root + "/srv/app"], check=True)


def selected(root):
    """Each check is there under its name alone, those that are YAML among them."""
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    listed = json.loads(run("checks", "--format", "json").stdout)
    refused = [c["id"] for c in listed if run("--root", root, "--only", c["id"]).returncode == 2]
    result(len(listed) > 100 and not refused, "--only with the name of each check", refused)
    write(root + "/etc/passwd", b"root:x:0:0::/root:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n")
    write(root + "/home/bob/.psql_history", b"CREATE USER app PASSWORD '%s';\n" % SECRET)
    got = run("--root", root, "--only", "host.secret-in-shell-history")
    result(got.returncode == 1, "--only with a check that needs the search for secrets", got.stdout)


def mistakes(root):
    """A typing error is refused; it never ends in a reassuring answer."""
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    for args in (["--only", "nope.*"], ["--skip", "*"], ["/nonexistent"], ["/etc", "expalin"],
                 ["url", "--reverse", "/srv/nope"], ["-o", root + "/no/such/report"]):
        first = args[:1] if args[0] == "url" else []
        got = run(*first, "--root", root, *args[len(first):])
        result(got.returncode == 2 and got.stderr and not got.stdout, "refused: " + " ".join(args),
               got)
    for args, hint in ((["--root", root, "url", "http://a.test/"], b"srvaudit url ..."),
                       (["--reverse", "/srv/app/a"], b"srvaudit url --reverse FILE")):
        got = run(*args)
        result(got.returncode == 2 and hint in got.stderr and not got.stdout,
               "refused with a hint: " + " ".join(args).replace(root, "R"), got)
    got = run("--root", root, "--min-severity", "critical", "-v")
    result(b"Nothing was found from critical on; 1 below" in got.stdout, "what --min-severity hides",
           got.stdout)
    report = json.loads(run("--root", root, "-f", "json", "/").stdout)
    result([c["path"] for c in report["coverage"]["configs"]] == ["/etc/nginx/nginx.conf"],
           "the top of the system means its /etc", report["coverage"])
    got = run(root)
    result(got.returncode == 3 and b"give it with --root" in got.stdout,
           "another system's top without --root", got)
    write(root + "/etc/nginx/params", b"add_header X-A 1;\n")
    write(root + "/etc/nginx/sites-enabled/a", b"server { listen 80; include params; }\n")
    got = run("--root", root, "/etc/nginx/sites-enabled/a")
    result(got.returncode == 0, "a site's own file includes as nginx does", got)
    copy = root + "/copy"
    write(copy + "/nginx/nginx.conf", b"events {}\nhttp { include /etc/nginx/sites/*; }\n")
    write(root + "/etc/nginx/sites/a", b"server { listen 80; }\n")
    got = run("--root", root, "/copy/nginx")
    result(got.returncode == 3 and b"an include leads out of this folder" in got.stdout,
           "a copy whose includes name the original", got.stdout)


def reverse_answers(root):
    """A file without a URL: what is answered instead, once for each URL."""
    make_root(root, b"server { listen 80; listen [::]:80; server_name a.test; root /srv/app;\n"
                    b"location = /a { deny all; }\nlocation ~ php$ { fastcgi_pass unix:/p; }\n"
                    b"location = /c { auth_request /may; } }\n")
    for name in ("a", "b.php", "c"):
        write(root + "/srv/app/" + name, b"x\n")
    for name, outcome in (("a", b"denied, status 403"), ("b.php", b"handler"),
                          ("c", b"auth_request decides")):
        got = run("url", "--root", root, "--reverse", "/srv/app/" + name).stdout
        result(got.count(b"http://a.test/") == 1 and outcome in got, "no URL: " + name, got)


def source_as_text(root):
    """What a script's source gives away stands in its finding, with who has it and what to do."""
    secret = planted(b"zT4w" + b"Nn81RqvXy3c")
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    write(root + "/srv/app/lib.php", b"<?php\n$db_password = '" + secret + b"';\n")
    got = run("-v", "--root", root).stdout
    result(b"in it the secret behind db_password" in got and b"/lib.php:2  db_password" in got and
           b"reads anyone on the network" in got and b"Change the secret" in got and
           secret not in got, "a script's secret is named", got)


def leftovers(root):
    """Names and contents that leak on real servers."""
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app; }\n")
    php = b"<?php $db_password = 'k9" + b"Zq81mmPqX2';\n"
    gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"x" * 60
    files = {"wp-config.php.bak": php, "wp-config.php.swp": php, "wp-config.php~": php,
             "a/app.php.2025": php, "b/settings.php-20260101": php, "dump.sql.gz": gzip,
             "users.csv": b"name,mail\na,a@example.com\n", "prod.dump": b"INSERT INTO a VALUES (1);\n",
             "backup/site-2026.tar.gz": gzip, "my dump.sql": b"INSERT INTO a VALUES (1);\n"}
    for name, text in files.items():
        write(root + "/srv/app/" + name, text)
    report = json.loads(run("--root", root, "-f", "json").stdout)
    found = {f["file"]: f for f in report["findings"] if f["severity"] != "info"}
    for name in files:
        result("/srv/app/" + name in found, "left over: " + name, sorted(found))
    result('location = "/my dump.sql" {' in found.get("/srv/app/my dump.sql", {}).get("fix", ""),
           "the fix compares the decoded path", found.get("/srv/app/my dump.sql"))


def many_alike(root):
    make_root(root, b"server { listen 80; server_name a.test; root /srv/app;\n"
                    b"location = /status { stub_status; } }\n")
    for i in range(30):
        write(root + "/srv/app/%d.sql" % i, b"INSERT INTO a VALUES (1);\n")
    got = run("--root", root)
    result(got.stdout.count(b"[web.served-dump]") == 10 and
           b"20 more of web.served-dump (-v shows them)" in got.stdout,
           "many findings alike", got.stdout)
    titles = got.stdout.replace(b"\n          ", b" ")
    result(all(b" is downloadable at http://a.test/%d.sql" % i in titles for i in range(30)),
           "the URL of each critical one", got.stdout)
    many = got.stdout.find(b"20 more of web.served-dump")
    result(0 < many < got.stdout.find(b"\nlow "), "they stand with their severity", got.stdout)
    write(root + "/opt/app/compose.yaml", b"services:\n" + b"".join(
        b"  s%d: {image: db, ports: ['%d:5432']}\n" % (i, 5500 + i) for i in range(30)))
    lines = run("--root", root, "--only", "docker.port-on-all-interfaces").stdout
    result(lines.count(b"/opt/app/compose.yaml:") == 20 and b"          and 10 more\n" in lines,
           "where those are that are not shown", lines)
    got = run("--root", root, "-v")
    result(got.stdout.count(b"[web.served-dump]") == 30, "-v shows them all", got.stdout)


def undecided(root):
    """What the program cannot decide within its bounds is told, and is not status 0."""
    os.makedirs(root + "/srv/app")
    make_root(root, b"server { listen 80; root /srv/app; server_tokens off;\n"
              b" location ~ \"^(([a-z/.])+.)+[A-Z]([a-z])+$\" { return 403; }\n"
              b" location /lua { access_by_lua_block { return 1 } } }\n")
    deep = "/srv/app/" + "a" * 100 + "/.env"
    write(root + deep, b"A=1\n")
    write(root + "/srv/app/lua/.env", b"DB_PASSWORD=" + SECRET + b"\n")
    got = run("--root", root, "-v")
    result(got.returncode == 3 and deep.encode() in got.stdout and b"match limit" in got.stdout,
           "a regular expression beyond the limit is no clean result", got.stdout)
    result(b"lua/.env: whether it is served is not known: what access_by_lua_block decides"
           in got.stdout, "nor is a file with secrets behind a program's decision", got.stdout)


def multiplying_includes(root):
    """Files that include one another several times: 3^31 includes, or no end at all."""
    make_root(root, b"include c0; include /etc/nginx/d*;\n")
    for i in range(31):
        write(root + "/etc/nginx/c%d" % i, b"include c%d;\n" % (i + 1) * 3)
    for i in range(40):
        write(root + "/etc/nginx/d%d" % i, b"include d*;\n")
    write(root + "/etc/nginx/c31", b"server { listen 80; }\n")
    got = run("--root", root, "-v")
    result(got.returncode == 3 and b"more than 20000 includes" in got.stdout,
           "includes that multiply come to an end", got.stdout[-2000:])


def names_with_newlines(root):
    make_root(root, b"server { listen 80; root /srv/app; }\n")
    write(root + "/srv/app/x\ncritical  forged/.env", b"DB_PASSWORD=" + SECRET + b"\n")
    got = run("--root", root)
    result(b"\ncritical  forged" not in got.stdout.replace(b" " * 10, b"") and
           b'"/x\\ncritical  forged/.env"' in got.stdout,
           "a newline in a file's name begins no line of the report", got.stdout)


def words_for_httpd(root):
    """Sections look like httpd's, what is unset has a file, only written hosts are counted."""
    make_root(root, b"server { listen 81; root /srv/app; }\n")
    write(root + "/etc/apache2/apache2.conf", b"Listen 80\nDocumentRoot /srv/app\n"
          b"<VirtualHost *:80>\nServerName a.test\n<Directory /srv/app/x>\nRequire all denied\n"
          b"</Directory>\n<Location />\nRequire all granted\n</Location>\n</VirtualHost>\n")
    write(root + "/srv/app/app/data/.htaccess", b"Require all denied\n")
    write(root + "/srv/app/app/data/in/list.txt", b"x\n")
    write(root + "/srv/app/x/list.txt", b"x\n")
    got = run("--root", root, "-v").stdout
    result(b"/apache2.conf:5  <Directory /srv/app/x>\n" in got, "a section without a brace", got)
    result(b"at    /etc/apache2/apache2.conf\n    fix   TraceEnable Off\n" in got,
           "what is unset is told at the configuration", got)
    result(b"apache2.conf: 2 virtual hosts." in got, "httpd's main server is not counted", got)
    write(root + "/etc/apache2/apache2.conf", b"Listen 80\nServerName b.test\n"
          b"LoadModule rewrite_module x.so\n"
          b"DocumentRoot /srv/app\nRewriteEngine On\n"
          b"RewriteRule .* - [E=HTTP_AUTHORIZATION:%{HTTP:Authorization}]\n")
    url = run("url", "--root", root, "http://b.test/x/list.txt").stdout
    result(b"file, status 200" in url and b"  if  " not in url and b"RewriteRule" not in url,
           "what a rule keeps for later decides nothing", url)
    result(b"location ^~ /app/data/ { return 404; }" in got, "the whole path of a folder", got)


def documents(_):
    got = subprocess.run(["sh", TOP + "/build-aux/gen-check-list.sh", SRVAUDIT],
                         stdout=subprocess.PIPE, check=False)
    with open(TOP + "/doc/checks.md", "rb") as f:
        result(f.read() == got.stdout, "doc/checks.md lists the checks of this program",
               "run build-aux/gen-check-list.sh")
    options = set()
    for args in (["--help"], ["url", "--help"], ["checks", "--help"], ["explain", "--help"]):
        options |= set(re.findall(rb"--[a-z][a-z-]+", run(*args).stdout))
    with open(TOP + "/doc/srvaudit.1", "rb") as f:
        manual = f.read().replace(b"\\-", b"-")
    missing = sorted(x.decode() for x in options if x not in manual)
    result(not missing, "the manual names every option", missing)


def main():
    for test in (secrets_in_configuration, redirects, devices, hostile_tree, selected, mistakes,
                 source_as_text, reverse_answers,
                 leftovers, many_alike, undecided, multiplying_includes, names_with_newlines,
                 words_for_httpd, documents, terminal, usage_tests,
                 empty_host, leaking_host, containers, broken_host,
                 rule_files):
        in_folder(test)
    return finish()


sys.exit(main())
