#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What packages ship, documentation, code and prose: no alarm; the same values in settings: one.

Each class was met in the files of real packages. All values are drawn from a seed.
"""
import base64
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import templates  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS = 5
PACKAGED = "/usr/lib/python3/dist-packages/p/"
BADGE = "![c](https://c.example/badge.svg?{}={})\n"
EXAMPLES = "x = 1\n\nEXAMPLES = r'''\n- user:\n    password: \"{}\"\n'''\n\ndef f():\n    return 0\n"
DOCSTRING = 'def f(a):\n    """Logs in.\n\n    password = "{}"\n    """\n    return a\n'


class Cases:
    """Texts with values that count and with values that do not."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.texts, self.alarms, self.quiet = [], [], []

    def value(self, n=24):
        return templates.password(self.rng, n)

    def add(self, path, text, alarm, value=None):
        value = value or self.value()
        self.texts.append((path, text.replace("{}", value)))
        (self.alarms if alarm else self.quiet).append(path)


def documentation(c):
    c.add(PACKAGED + "a.py", EXAMPLES, False)
    c.add("/srv/library/a.py", EXAMPLES, False)
    c.add("/srv/library/b.py", DOCSTRING, False)
    c.add("/srv/library/c.py", 'import x\nx.write(\n    """\npassword = "{}"\n""")\n', True)
    c.add("/srv/library/d.py", 'SETTINGS = """\npassword = "{}"\n"""\n', True)
    c.add("/srv/library/e.py", DOCSTRING + 'password = "%s"\n' % c.value(), True)
    c.add("/srv/library/f.py", "a = '\"\"\"'  # \"\"\"\npassword = \"{}\"\n", True)
    c.add("/srv/l/A.pm", "=head1 NAME\n\n  password = \"{}\"\n\n=cut\n\n1;\n", False)
    c.add("/srv/l/B.pm", "=head1 NAME\n\n=cut\n\n$password = \"{}\";\n", True)
    c.add("/srv/l/doc.go", "/*\nOpens:\n\n  password := \"{}\"\n*/\npackage l\n", False)
    c.add("/srv/l/b.go", "/* one */\npassword := \"{}\"\n/* two */\n", True)
    c.add("/srv/l/c.js", "/* never closed\npassword = \"{}\"\n", True)
    c.add("/srv/l/a.rb", "=begin\npassword = \"{}\"\n=end\n", False)
    c.add("/srv/node_modules/m/README.md", "    password: \"{}\"\n", False)
    c.add(PACKAGED + "testsuite/archiver.py", 'BORG_PASSPHRASE = "{}"\n', False)
    c.add(PACKAGED + "roles/r/molecule/default/prepare.yml", 'password: "{}"\n', False)
    c.add(PACKAGED + "playbooks/all.yml", 'password: "{}"\n', False)
    c.add("/srv/app/playbooks/all.yml", 'password: "{}"\n', True)
    c.add("/usr/share/p/CHANGES", "    password: \"{}\"\n", False)
    c.add("/srv/layers/1/usr/share/doc/p/setup.txt", "    password: \"{}\"\n", False)
    c.add("/srv/layers/1/usr/local/share/doc/p/setup.txt", "    password: \"{}\"\n", True)
    c.add("/srv/layers/1/usr/share/p/setup.txt", "    password: \"{}\"\n", True)
    c.add("/srv/project/README.md", "    password: \"{}\"\n", True)
    c.add("/srv/node_modules/m/index.js", "password = \"{}\";\n", True)
    c.add("/srv/api.yaml", "  token:\n    example: \"{}\"\n", False, c.value(36))


def code(c):
    h = "%032x" % c.rng.getrandbits(128)
    for i, text in enumerate((
            "System.Guid, Culture=neutral, PublicKeyToken=%s\n" % h[:16],
            "/etc/passwd: %s\n" % h,
            "ENV GPG_KEY=%s\n" % (h + h[:8]).upper(),
            "$dummyPassword = '_form_%s';\n" % h[:13],
            "pwd_cntrl = ^_wdcntrl;\n",
            "FtpPwd:=FtpPwd(_Host, _UserId, _Passwd, _Acct, @_Buf)\n",
            "psA(\"SecretKeyFactory\",\n   \"PBEWithSHA1AndRC2_40\");\n",
            "psA(\"SecretKeyFactory\", \"PBEWithHmacSHA512/224\");\n",
            "d.state=\"passwordwillexpire\",d.cn=e.cn,d.url=e.url\n",
            "f(deviceType, \"bgp_neighbor_password\", bgpNeighborArg2)\n",
            "'/user-password' => 'PhpMyAdmin\\\\Controllers\\\\UserPasswordController',\n",
            "JobSecretsTypeHeavy JobSecretsTypeEnum = \"DataBoxHeavy\"\n",
            "self.kerberos_password = kwargs.get('kerberos_password', None)\n",
            "self.bind_password = bind_password\nos_password=CONF.ironic.admin_password,\n",
            "connect(user=login_user, password=login_password, host=h)\n",
            "{\"auth_key\", \"enc_key\", \"ipsec_keys\", \"key_rollover_interval\"}\n",
            "alter table feeds change auth_pass auth_pass varchar(250) not null;\n",
            "token\trowcommunity\ninfo\ta read-only access community name\n",
            "olcRootPW: @PASSWORD@\n")):
        c.add("/srv/code/%d" % i, text, False)


def prose(c):
    words = ("Ail-deipiwch y cyfrinair:", "Naszkryflej ausdruk za", "paskayzaeh", "Umukuiriwara",
             "Muvaqqat parol:", "Nekorektna lozinka za viki")
    for i, word in enumerate(words):
        c.add("/srv/i18n/%d.json" % i, "\t\"yourpasswordagain\": \"%s\",\n" % word, False)
    c.add("/srv/i18n/a.yml", "  label_password_char: shkronja e madhe\n", False)
    for i, text in enumerate(("Last Login:", "Cancel", "Passwords must be 8 characters")):
        c.add("/srv/portal/%d.yml" % i, "- key: ui_reset_password_label\n  value: %s\n"
              % base64.b64encode(text.encode()).decode(), False)
    c.add("/srv/badge", BADGE.format("token", c.value(10)), False)
    c.add("/srv/cut", "\"identitytoken\": \"{}...\"\n", False, "%014x" % c.rng.getrandbits(56))
    # Base64 that happens to end in a name, and the next line of the list.
    c.add("/srv/list", "YWJwcm9qZXpwd2Q=\nZGpwd0=\n" + "WXpwd=\n{}\n", False,
          base64.b64encode(c.value(9).encode()).decode())
    rows = [templates.pick(c.rng, templates.CLASSES["a"], 80) + "pwd", c.value(83)]
    c.add("/srv/table.js", "var t = [\"%s\",\n\"%s\"];\n" % tuple(rows), False)
    ca = [base64.b64encode(templates.octets(c.rng, 48)).decode() for _ in range(6)]
    ca[2] = "AQEFAAOCAg8A" + ca[2][12:]
    c.add("/srv/ca.crt", "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
          % "\n".join(ca), False)
    c.add("/srv/list.crlf", "YWJwcm9qZXpwd2Q=\r\nZGpwd0=\r\n" + "WXpwd=\r\n{}\r\n", False,
          base64.b64encode(c.value(9).encode()).decode())


def settings(c):
    """What must go on being found, next to each of the above."""
    c.add("/srv/set/a", "password = {}\n", True)
    c.add("/srv/set/b", "define('SECRET_KEY', '{}');\n", True)
    c.add("/srv/set/c", "EMAIL_PASSWORD={}\n", True, templates.pick(c.rng, templates.CLASSES["l"], 16))
    c.add("/srv/set/d", "curl -u admin:{} https://a.example/\n", True, templates.pick(
        c.rng, templates.CLASSES["a"], 20))
    c.add("/srv/set/e", "export OS_PASSWORD={}\n", True)
    c.add("/srv/set/f", "vrrp_instance a {\n  auth_pass {}  # x\n}\n", True, "k3x9w2qz")


def dpkg(c, root):
    """Files that are as a package ships them, and the same with one byte more."""
    sums, status = [], ["Package: p", "Status: install ok installed", "Conffiles:"]
    for path, conffile, changed in (("/etc/p/a.conf", True, False), ("/etc/p/b.conf", True, True),
                                    ("/usr/lib/p/a.conf", False, False),
                                    ("/usr/lib/p/b.conf", False, True),
                                    ("/usr/lib/merged/a.conf", False, False)):
        c.add(path, "key = 1\nencryption_key = \"{}\";\npassword = \"{}\"\n", changed)
        text = c.texts[-1][1]
        shipped = hashlib.md5(text.encode()).hexdigest()
        if changed:
            c.texts[-1] = (path, text + "#\n")
        if conffile:
            status.append(" %s %s" % (path, shipped))
        else:
            sums.append("%s  %s\n" % (shipped, path[5 if "merged" in path else 1:]))
    c.add("/etc/p/c.conf", "password = \"{}\"\n", True)
    os.makedirs(root + "/var/lib/dpkg/info")
    with open(root + "/var/lib/dpkg/info/p:amd64.md5sums", "w", encoding="utf-8") as f:
        f.write("".join(sums) + "short\n%s\n" % ("0" * 40))
    with open(root + "/var/lib/dpkg/status", "w", encoding="utf-8") as f:
        f.write("\n".join(status) + "\n /etc/p/c.conf newconffile\nVersion: 1\n\nPackage: q\n")


def both_ways(c):
    """Commented out in one file says nothing about the file where it is not."""
    value = c.value()
    c.add("/srv/two/a.conf", "# password = {}\n", False, value)
    c.add("/srv/two/b.conf", "password = {}\n", True, value)


def run(root, seed):
    c = Cases(seed)
    for kind in (documentation, code, prose, settings, both_ways):
        kind(c)
    dpkg(c, root)
    for path, text in c.texts:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="utf-8") as f:
            f.write(text)
    got = subprocess.run([SRVAUDIT, "secrets", "-v", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    findings = json.loads(got.stdout)["findings"]
    found = {f["file"] for f in findings if f["severity"] != "info"}
    missed = sorted(set(c.alarms) - found)
    result(not missed, "seed %d: all of %d secrets" % (seed, len(c.alarms)), "\n".join(missed))
    wrong = sorted(found & set(c.quiet))
    result(not wrong, "and none of %d neighbours" % len(c.quiet), "\n".join(
        "%s %s" % (path, [f["check"] for f in findings if f["file"] == path]) for path in wrong))
    named = {f["file"] for f in findings if "as the package p ships it" in f["message"]}
    result(named == {"/etc/p/a.conf", "/usr/lib/p/a.conf", "/usr/lib/merged/a.conf"},
           "what a package ships is called so", sorted(named))


def main():
    for seed in range(SEEDS):
        in_folder(lambda root: run(root, seed))
    return finish()


sys.exit(main())
