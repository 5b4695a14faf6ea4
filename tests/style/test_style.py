#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can check: layers, sizes, first lines, forbidden calls."""
import os
import re
import subprocess
import sys

TOP = os.path.abspath(os.environ.get("top_srcdir") or
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))

GENERATED = {"checks_list.h": "src/engine", "rules_data.h": "src/engine",
             "rows_data.h": "src/scan", "secret_rules_data.h": "src/secrets",
             "gate_data.h": "src/secrets", "pattern_data.h": "src/secrets"}
# The worst offender a rule may have; every number here may only go down.
MAX_FILE, MAX_HEADER, MAX_FUNCTION, MAX_COLUMNS, MAX_COLUMNS_OF_TEXT = 600, 200, 100, 100, 120
FORBIDDEN = re.compile(
    r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|system|popen)\s*\(")
WRITABLE = re.compile(r"\.(bss|data|tbss|tdata)(?!\.rel\.ro)|\*COM\*")
SENTENCE = re.compile(r"\w+ .*\w+.*[.?](\s|$)")
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
SCRIPTS = (".py", ".sh", ".am", ".ac", ".bash", ".fish", ".yaml")
MANUALS = (".1", ".5", ".7")

results = []


def result(name, bad, skip=""):
    results.append(not bad)
    print("%sok %d - %s%s" % ("not " if bad else "", len(results), name,
                             skip and " # SKIP " + skip))
    for line in bad:
        print("#", line)


def own_files():
    """Path and text of what people wrote here; fixtures are data and not asked."""
    for folder, dirs, names in os.walk(TOP):
        rel = os.path.relpath(folder, TOP)
        if rel == ".":
            dirs[:] = ["src", "checks", "tests", "build-aux", "contrib", "doc"]
        elif rel.startswith("tests/") and rel.count("/") > 1:
            continue
        for name in sorted(names):
            path = os.path.normpath(os.path.join(rel, name))
            if (rel == "." and not name.endswith((".md", ".ac", ".am")) and name != "autogen.sh") or \
               (rel == "build-aux" and not name.startswith("gen-")) or \
               name.endswith((".pyc", ".o", ".a")):
                continue
            try:
                with open(os.path.join(TOP, path), encoding="utf-8") as f:
                    yield path, f.read()
            except UnicodeDecodeError:
                pass


def is_c(path):
    return path.endswith((".c", ".h"))


def is_code(path):
    return is_c(path) or path.endswith(SCRIPTS) or os.path.basename(path).startswith("_")


def layers():
    """The folders in the order of ARCHITECTURE.md's table."""
    with open(os.path.join(TOP, "ARCHITECTURE.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| (`[^|]*`) \|", f.read(), re.M)
    return [folder for row in rows for folder in re.findall(r"`([^`]+)`", row)]


def check_layers(files):
    order, bad = layers(), []
    for path, text in files:
        own = os.path.dirname(path)
        if not is_c(path) or path.startswith(("tests/", "build-aux/")) or path == "src/main.c":
            continue
        if own not in order:
            bad.append("%s: ARCHITECTURE.md has no row for this folder" % path)
            continue
        for header in re.findall(r'^ *# *include +"([^"]+)"', text, re.M):
            other = GENERATED.get(header, os.path.dirname("src/" + header))
            if header not in GENERATED and not os.path.exists(os.path.join(TOP, "src", header)):
                bad.append("%s includes %s: headers are named from src/" % (path, header))
            elif other not in order or order.index(other) > order.index(own):
                bad.append("%s includes %s" % (path, header))
    result("no folder includes from one below it in ARCHITECTURE.md", bad)


def first_sentence(path, lines):
    """What the comment after the SPDX line says, "" if there is none."""
    if path.endswith(".py"):
        found = re.match(r'"""(.*?)"""', "\n".join(lines), re.S)
        return found.group(1).strip() if found else ""
    mark = "//" if is_c(path) else "#"
    said = []
    for line in lines:
        if not line.startswith(mark) or line in (mark, mark + " ---"):
            break
        said.append(line[len(mark):].strip())
    return " ".join(said)


def check_first_lines(files):
    bad = []
    for path, text in files:
        lines = text.split("\n")
        if not is_code(path) and not path.endswith(MANUALS):
            continue
        while lines[0].startswith(("#!", "#compdef")):
            lines.pop(0)
        if not re.match(r'(//|#|\.\\") SPDX-License-Identifier: Apache-2\.0$', lines[0]):
            bad.append(path + ": the first line is no SPDX line")
        elif is_code(path) and not SENTENCE.search(first_sentence(path, lines[1:])):
            bad.append(path + ": the second line is no sentence that says what the file does")
    result("first lines", bad)


def too_wide(line):
    if len(line) <= MAX_COLUMNS:
        return False
    text = any(m.start() < MAX_COLUMNS < m.end() + 5 for m in STRING.finditer(line))
    return not text or len(line) > MAX_COLUMNS_OF_TEXT


def check_sizes(files):
    bad = []
    for path, text in files:
        lines = text.split("\n")
        if not is_code(path) or path.endswith(".yaml"):
            continue
        limit = MAX_HEADER if path.endswith(".h") else MAX_FILE
        if len(lines) - 1 > limit:
            bad.append("%s: %d lines" % (path, len(lines) - 1))
        start = 0
        for i, line in enumerate(lines, 1):
            if line == "{":
                start = i
            elif line.startswith("}") and start:
                if i - start > MAX_FUNCTION:
                    bad.append("%s:%d: a function of %d lines" % (path, start, i - start))
                start = 0
            if too_wide(line):
                bad.append("%s:%d: %d columns" % (path, i, len(line)))
            if line != line.rstrip() or ("\t" in line and not path.endswith(".am")):
                bad.append("%s:%d: a tab or blanks at the end" % (path, i))
    result("sizes of files, functions and lines", bad)


def check_forbidden(files):
    quiet = re.compile(STRING.pattern + r"|/\*.*?\*/|//[^\n]*", re.S)
    bad = ["%s: %s" % (path, m.group(1)) for path, text in files
           if is_c(path) and not path.startswith("tests/")
           for m in FORBIDDEN.finditer(quiet.sub("", text))]
    result("no forbidden function", bad)


def check_state():
    """Nothing in the library can be written at run time; .data.rel.ro is const after relocation."""
    name = "no mutable file-scope state"
    archive = os.path.join(os.environ.get("top_builddir", "."), "libsrvaudit.a")
    try:
        got = subprocess.run(["nm", "-A", "-f", "sysv", archive], stdout=subprocess.PIPE,
                             universal_newlines=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        return result(name, [], "nm: %s" % error)
    if re.search(r"__(asan|ubsan|sanitizer|sancov|gcov|llvm_prof)", got):
        return result(name, [], "the compiler added data of its own")
    bad, seen = [], 0
    for line in got.split("\n"):
        fields = [field.strip() for field in line.split("|")]
        seen += len(fields) == 7
        if len(fields) == 7 and WRITABLE.match(fields[6]):
            bad.append(fields[0])
    return result(name, bad if seen else ["nm named no symbol"])


def check_words(files):
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|/(home|Users)/[a-z]+/(src|work|git|code)\b|"
                       r"/tmp/w/|/wo" r"rk/")
    bad = ["%s:%d: %s" % (path, i, line.strip()) for path, text in files
           for i, line in enumerate(text.split("\n"), 1)
           if words.search(line) and path != "tests/style/test_style.py"]
    result("nothing left to do, no machine's paths", bad)


def main():
    files = list(own_files())
    check_layers(files)
    check_first_lines(files)
    check_sizes(files)
    check_forbidden(files)
    check_state()
    check_words(files)
    print("1..%d" % len(results))
    return 0 if all(results) else 1


sys.exit(main())
