#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the tree of Apache configurations with what the real httpd dumps of the same files."""
import glob
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("top_srcdir", ".")
READER = os.path.join(os.environ.get("top_builddir", "."), "tests/unit/test_syntax")
HTTPD = shutil.which("apache2") or shutil.which("httpd") or \
    next((p for p in ("/usr/sbin/apache2", "/usr/sbin/httpd") if os.path.exists(p)), None)
FOLDERS = ("/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/etc/httpd/modules",
           "/usr/lib/httpd/modules", "/usr/lib/apache2")
ON_READ = {"include", "includeoptional", "define", "undefine", "loadmodule", "serverroot", "use",
           "undefmacro", "loadfile", "defaultruntimedir", "macro", "macroignoreemptyargs",
           "macroignorebadnesting", "ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective",
           "ifsection"}
RANDOM = int(os.environ.get("APACHE_DUMPS", "60"))


def modules():
    """The LoadModule lines that every configuration here begins with."""
    folder = next((d for d in FOLDERS if glob.glob(d + "/mod_info.so")), None)
    if not folder:
        return None
    names = ("mpm_event", "info", "macro", "alias", "env", "authz_core", "unixd", "log_config",
             "version", "rewrite")
    return "".join("LoadModule %s_module %s/mod_%s.so\n" % (n, folder, n) for n in names
                   if os.path.exists("%s/mod_%s.so" % (folder, n)))


def write(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "logs"))
    main = "apache2.conf" if "apache2" in HTTPD else "httpd.conf"
    for name, text in files.items():
        path = os.path.join(folder, name or main)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
    return os.path.join(folder, main)


def ask_httpd(folder, main):
    """(True, nodes) or (False, what it said). A node: depth, file, line, name, rest."""
    env = {"LC_ALL": "C"}
    run = subprocess.run([HTTPD, "-d", folder, "-f", main, "-t", "-D", "DUMP_CONFIG"], env=env,
                         capture_output=True, timeout=60)
    out = run.stdout.decode("latin-1")
    if run.returncode:
        return False, run.stderr.decode("latin-1")
    nodes, path, line = [], "", 0
    for text in out.split("\n"):
        head = re.match(r"# In file: (.*)$", text)
        mark = re.match(r" *# +(\d+):$", text)
        if head:
            path = head.group(1)
        elif mark:
            line = int(mark.group(1))
        elif text.strip() and not text.strip().startswith("</"):
            depth = (len(text) - len(text.lstrip(" "))) // 2
            name, _, rest = text.strip().partition(" ")
            if name.startswith("<"):
                name, rest = name.rstrip(">"), rest[:max(rest.rfind(">"), 0)]
            nodes.append((depth, path, line, name.lower(), " ".join(rest.split())))
    return True, nodes


def ask_reader(main):
    out = subprocess.run([READER, "--print-apache", main], capture_output=True, timeout=60,
                         check=True).stdout.decode("latin-1")
    nodes, errors, inactive = [], [], None
    for text in out.split("\n")[:-1]:
        part = text.split("\t", 5)
        if part[0] in ("note", "warning", "error"):
            if part[0] == "error":
                errors.append((part[1], int(part[2]), part[3]))
            continue
        kind, depth, path, line, name, rest = part
        depth = int(depth)
        if inactive is not None and depth > inactive:
            continue
        inactive = depth if kind == "inactive" else None
        if name in ON_READ:
            continue
        name = "<" + name if kind == "section" else name
        nodes.append((depth, path, line, name, " ".join(rest.split())))
    return nodes, errors


def difference(folder, main):
    """None, or in what the two do not agree."""
    fine, theirs = ask_httpd(folder, main)
    ours, errors = ask_reader(main)
    if fine != (not errors):
        return "httpd: %s; here: %s" % ("accepted" if fine else theirs.strip(), errors[:3])
    if not fine:
        return None
    for i in range(max(len(ours), len(theirs))):
        a = theirs[i] if i < len(theirs) else None
        b = ours[i] if i < len(ours) else None
        same = a and b and a[0] == b[0] and a[3:] == b[3:]
        if same and not b[2].startswith("+"):
            same = a[1] == b[1] and 0 <= a[2] - int(b[2]) <= 1  # empty lines may have been joined
        if not same:
            return "httpd has %s; here is %s" % (a, b)
    return None


# ---- what is compared: name, files ("" is the main one) ----

def cases():
    with open(os.path.join(TOP, "tests/syntax/apache-cases.txt"), encoding="utf-8") as f:
        for block in re.split(r"^==== ", f.read(), flags=re.M)[1:]:
            name, _, text = block.partition("\n")
            files = re.split(r"^---- (.*)\n", text, flags=re.M)
            yield name, {"": files[0], **dict(zip(files[1::2], files[2::2]))}
    yield "carriage returns", {"": b"ServerName a\r\n<Files x>\r\nSetEnv a \\\r\n  b\r\n</Files>\r\n"}
    yield "a backslash at the end of the file", {"": b"ServerName a\nSetEnv a b\\"}
    yield "joined at the end of the file", {"": b"ServerName a\nSetEnv a b \\\n"}
    yield "NUL bytes", {"": b"ServerName a\nSetEnv a b\0 c \\\nSetEnv c d\n"}
    yield "a byte order mark", {"": b"\xef\xbb\xbfServerName a\n"}
    yield "bytes above 127", {"": b"SetEnv a \xff\xfe\xe4\n"}
    yield "other blanks", {"": b"SetEnv\ta\x0b\x0cb\n\x0b<Files\x0cx>\n</Files>\n"}
    yield "long line", {"": "SetEnv a " + "x" * 100000 + "\n"}


class Generator:
    """Random configurations of what httpd takes, and a little of what it does not."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.files = {}
        self.macros = []

    def word(self):
        r = self.r
        plain = "".join(r.choice("abcXY19/._-") for _ in range(r.randint(1, 6)))
        return r.choice([plain, plain, '"%s %s"' % (plain, plain), "'%s'" % plain,
                         "${V%d}" % r.randint(0, 3), "a${V%d}b" % r.randint(0, 3),
                         '"\\"%s\\\\"' % plain, plain + "\\\\", "$x", "%x", "#" + plain])

    def condition(self):
        r = self.r
        name, arg = r.choice([
            ("IfDefine", "V%d" % r.randint(0, 4)), ("IfModule", "mod_env.c"),
            ("IfModule", "env_module"), ("IfModule", "mod_nope.c"), ("IfFile", "a.conf"),
            ("IfFile", "none"), ("IfDirective", "SetEnv"), ("IfDirective", "Nope"),
            ("IfSection", "Files"), ("IfSection", "SetEnv")])
        if r.random() < 0.2:
            op = r.choice(["=", "==", ">", ">=", "<", "<=", "!=", "!>", "!<="])
            return "IfVersion", "%s 2.%d.%d" % (op, r.randint(3, 5), r.randint(0, 90))
        return name, r.choice(["", "", "!"]) + arg

    def line(self, depth, level):
        r, pad = self.r, "  " * depth
        what = r.random()
        if what < 0.35 or level > 3:
            joint = " \\\n  " if r.random() < 0.2 else " "
            return "%sUnsetEnv K%d%s%s\n" % (pad, r.randint(0, 99), joint, self.word())
        if what < 0.5:
            name, arg = self.condition()
            return "%s<%s %s>\n%s%s</%s>\n" % (pad, name, arg, self.body(depth + 1, level + 1), pad,
                                              r.choice([name, name.lower()]))
        if what < 0.6 and depth == 0:
            name = r.choice(["Directory", "Location", "VirtualHost"])
            arg = "*:80" if name == "VirtualHost" else "/%s" % "".join(r.choice("abc")
                                                                     for _ in range(3))
            return "<%s %s>\n%s</%s>\n" % (name, arg, self.body(1, level + 1), name)
        if what < 0.7:
            return "%sDefine V%d %s\n" % (pad, r.randint(0, 3), self.word()) if depth == 0 else ""
        if what < 0.75:
            return "UnDefine V%d\n" % r.randint(0, 3) if depth == 0 else ""
        if what < 0.85 and len(self.files) < 8:
            name = "d%d/%s.conf" % (r.randint(0, 2), r.choice("abc") * r.randint(1, 2))
            if name not in self.files:
                self.files[name] = ""
                self.files[name] = self.body(depth, level + 1)
            how = r.choice([name, "d?/*.conf", os.path.dirname(name), "d*/a*.conf",
                            "d[0-1]/*.conf", "none/*.conf"])
            return "%s%s %s\n" % (pad, r.choice(["Include", "IncludeOptional"]), how)
        if what < 0.93 and depth == 0:
            name = "M%d" % len(self.macros)
            self.macros.append(name)
            use = "Use %s $a x\n" % r.choice(self.macros[:-1]) if len(self.macros) > 1 else ""
            return ("<Macro %s $a @ab>\nUnsetEnv M$a @ab\n%sUnsetEnv $ab $a\n</Macro>\n" %
                    (name, use))
        if self.macros:
            return "%sUse %s %s %s\n" % (pad, r.choice(self.macros), self.word(), self.word())
        return "%s# a comment %s\n" % (pad, r.choice(["", "\\\n  SetEnv not this"]))

    def body(self, depth, level):
        return "".join(self.line(depth, level) for _ in range(self.r.randint(1, 6)))

    def make(self):
        main = "".join(self.line(0, 0) for _ in range(self.r.randint(3, 14)))
        return {**self.files, "": main}


def main():
    begin = modules() if HTTPD else None
    if not begin or not os.path.exists(READER):
        print("1..0 # SKIP no httpd with mod_info here, or no cmocka")
        return 0
    everything = list(cases()) + [("random %d" % seed, Generator(seed).make())
                                  for seed in range(RANDOM)]
    bad = 0
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(os.path.realpath(top), "d")
        print("1..%d" % len(everything))
        for i, (name, files) in enumerate(everything, 1):
            bom = files[""][:3] == b"\xef\xbb\xbf"
            text = files[""] if isinstance(files[""], bytes) else files[""].encode()
            files[""] = text + begin.encode() if bom else begin.encode() + text
            wrong = difference(folder, write(folder, files))
            print("%sok %d - %s" % ("not " if wrong else "", i, name))
            if wrong:
                print("#", wrong.replace("\n", "\n# "))
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
