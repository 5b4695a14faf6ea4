#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Private keys through the command line: what is one, is it encrypted, how is it graded.

Keys are built from a seed, and made by openssl, ssh-keygen, keytool and gpg where these are
installed; none stands in the tree.
"""
import json
import os
import random
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import templates  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
WORD = "passphrase-of-a-test"
PLAIN, LOCKED, NOTHING = "high", "medium", None  # readable by every local user


def write(root, path, data):
    full = root + path
    os.makedirs(os.path.dirname(full), exist_ok=True)
    with open(full, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def report(root, *args):
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", *args],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    return got, json.loads(got.stdout)["findings"]


def severities(findings):
    """The worst of each file."""
    order = ["info", "low", "medium", "high", "critical"]
    worst = {}
    for f in findings:
        for e in f["evidence"]:
            worst[e["file"]] = max(worst.get(e["file"], "info"), f["severity"], key=order.index)
    return worst


def label(kind):
    return (kind + " " if kind else "") + "PRIVATE " + "KEY" + (" BLOCK" if kind == "PGP" else "")


def built(rng):
    """Path: (text, grade)."""
    def armour(kind, data):
        return templates.armoured(label(kind), data)
    made = {"/k/%s.pem" % (kind or "pkcs8"): (armour(kind, body(rng)),
                                              LOCKED if kind == "ENCRYPTED" else PLAIN)
            for kind, body in templates.BODIES.items()}
    rsa = armour("RSA", templates.rsa(rng))
    head, rest = rsa.split("\n", 1)
    made["/k/legacy.pem"] = ("%s\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,%s\n\n%s" %
                             (head, "0A" * 16, rest), LOCKED)
    made["/k/ssh-locked"] = (armour("OPENSSH", templates.openssh(rng, b"aes256-ctr", b"bcrypt")),
                             LOCKED)
    made["/k/pgp-locked.asc"] = (armour("PGP", templates.pgp(rng, 254)), LOCKED)
    made["/k/escaped.json"] = (json.dumps({"key": armour("RSA", templates.rsa(rng))}), PLAIN)
    data = templates.octets(rng, 1000)
    made["/k/certificate.pem"] = (templates.armoured("CERTIFICATE", data), NOTHING)
    made["/k/public.pem"] = (templates.armoured("PUBLIC " + "KEY", data[:294]), NOTHING)
    made["/k/manual.txt"] = ("-----BEGIN %s-----\n...\n-----END %s-----\n" % ((label("RSA"),) * 2),
                             NOTHING)
    made["/k/invented.txt"] = (armour("RSA", b"\x30\x82\x04\xa4" + data), "info")
    for place in ("/usr/lib/python3/dist-packages/x/tests/key.pem", "/usr/share/doc/x/examples/key.pem",
                  "/srv/app/node_modules/x/test/server.key", "/usr/share/gocode/src/x/jws_test.go",
                  "/usr/lib/python3/dist-packages/x_vectors/a.pem"):
        made[place] = (armour("EC", templates.BODIES["EC"](rng)), "info")
    for place in ("/srv/app/tests/key.pem", "/usr/local/share/x/tests/key.pem",
                  "/srv/node_modules/x/lib/latest.key", "/usr/share/contest/doc.key"):
        made[place] = (armour("EC", templates.BODIES["EC"](rng)), PLAIN)
    for how, grade in (("none", PLAIN), ("aes256-cbc", LOCKED)):
        lines = [templates.b64(templates.octets(rng, 48)) for _ in range(3)]
        made["/k/%s.ppk" % how] = (
            "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: %s\nComment: x\nPublic-Lines: 2\n%s\n%s\n"
            "Private-Lines: 1\n%s\nPrivate-MAC: %s\n" % (how, *lines, "0a" * 32), grade)
    for name, head, rest, grade in (("mini", b"EdScB2", 152, LOCKED),
                                    ("mini-plain", b"Ed\0\0B2", 152, PLAIN),
                                    ("sig", b"EdBK\0\0\0\x2a", 96, LOCKED),
                                    ("sig-plain", b"EdBK\0\0\0\0", 96, PLAIN)):
        made["/k/" + name] = ("untrusted comment: signify secret key\n%s\n" %
                              templates.b64(head + templates.octets(rng, rest)), grade)
    return made


def by_structure(root):
    made = built(random.Random(20261126))
    for path, (text, _) in made.items():
        write(root, path, text)
    got, findings = report(root, "/k", "/usr", "/srv")
    worst = severities(findings)
    for path, (_, grade) in sorted(made.items()):
        result(worst.get(path) == grade, "%s: %s" % (path, grade), str(worst.get(path)))
    said = {f["file"]: f["message"] for f in findings}
    result("encrypted" in said.get("/k/ssh-locked", ""), "the message says that it is encrypted")
    result("encrypted" not in said.get("/k/OPENSSH.pem", "encrypted"), "or does not")
    result(got.stdout.count(b"PRIVATE " + b"KEY") == 0, "no key is printed")


def written_in_many_ways(root):
    key = templates.armoured(label("RSA"), templates.rsa(random.Random(7)))
    lines = key.strip().split("\n")
    write(root, "/k/a.pem", key)
    write(root, "/k/b.env", "KEY='%s'\n" % key.strip().replace("\n", "\\n"))
    write(root, "/k/c.js", "const k = '%s\\n';\n" % "\\n' +\n  '".join(lines))
    write(root, "/k/d.py", "K = ('%s')\n" % "\\n'\n     '".join(lines))
    write(root, "/k/e.yaml", "tls:\n  key: |\n    %s\n" % "\n    ".join(lines))
    write(root, "/k/f.json", json.dumps(json.dumps({"k": key})))
    write(root, "/k/g.eml", "\r\n".join("> " + line for line in lines))
    write(root, "/k/h.kubeconfig", "client-key-data: %s\n" % templates.b64(key.encode()))
    findings = report(root, "/k")[1]
    places = sorted(os.path.basename(e["file"])[0] for f in findings for e in f["evidence"])
    result(len(findings) == 1 and places == list("abcdefgh"), "one key, however it is written",
           "%d %s" % (len(findings), places))


MAKERS = (
    ("openssl", "openssl genrsa -out rsa.pem 2048", {}),
    ("openssl", "openssl genrsa -traditional -out a.pem 2048", {"a.pem": PLAIN}),
    ("openssl", "openssl rsa -in rsa.pem -aes128 -traditional -passout pass:W -out b.pem",
     {"b.pem": LOCKED}),
    ("openssl", "openssl pkcs8 -topk8 -in rsa.pem -passout pass:W -out c.pem", {"c.pem": LOCKED}),
    ("openssl", "openssl ecparam -name prime256v1 -genkey -out d.pem", {"d.pem": PLAIN}),
    ("openssl", "openssl genpkey -algorithm ed25519 -out e.pem", {"e.pem": PLAIN}),
    ("openssl", "openssl req -new -x509 -key rsa.pem -subj /CN=x -out cert.pem",
     {"cert.pem": NOTHING}),
    ("ssh-keygen", "ssh-keygen -q -t ed25519 -N '' -f s1", {"s1": PLAIN, "s1.pub": NOTHING}),
    ("ssh-keygen", "ssh-keygen -q -t rsa -N W -f s2", {"s2": LOCKED, "s2.pub": NOTHING}),
    ("gpg", "mkdir -m 700 g && "
     "gpg --homedir g -q --batch --passphrase '' --quick-gen-key a@x ed25519 && "
     "gpg --homedir g -q --batch --armor --export-secret-keys > p1.asc && "
     "gpg --homedir g -q --armor --export > p2.asc; gpgconf --homedir g --kill all; rm -rf g",
     {"p1.asc": PLAIN, "p2.asc": NOTHING}),
)


def by_tools(root):
    folder = root + "/k"
    os.mkdir(folder)
    wanted = {}
    for tool, command, grades in MAKERS:
        if not shutil.which(tool):
            skipped(command.split(" -")[0], "no " + tool)
            continue
        subprocess.run(["sh", "-c", command.replace("W", WORD)], cwd=folder, timeout=120,
                       check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        wanted.update(grades)
    for name in os.listdir(folder):
        os.chmod(os.path.join(folder, name), 0o644)
    worst = severities(report(root, "/k")[1])
    for name, grade in sorted(wanted.items()):
        path = "/k/" + name
        result(os.path.exists(root + path) and worst.get(path) == grade, "%s: %s" % (name, grade),
               str(worst.get(path)))


def main():
    in_folder(by_structure)
    in_folder(by_tools)
    in_folder(written_in_many_ways)
    return finish()


sys.exit(main())
