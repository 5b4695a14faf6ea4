#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a machine can check: layers, sizes, first lines, forbidden calls."""
import os
import re
import subprocess
import sys

TOP = os.environ.get("top_srcdir") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")

# Each folder may include from those before it and from itself.
LAYERS = ["base", "syntax", "model", "serve", "secrets", "scan", "engine", "checks", "report", "cmd"]
ABOVE = {"checks_list.h": "engine", "rules_data.h": "engine",
         "rows_data.h": "scan"}  # generated
# The worst offender a rule may have; every number here may only go down.
MAX_FILE, MAX_HEADER, MAX_FUNCTION, MAX_COLUMNS = 600, 200, 100, 120
FORBIDDEN = re.compile(r"\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|atol|strtok|system|popen)\s*\(")

results = []


def result(name, bad):
    results.append(not bad)
    print("%sok %d - %s" % ("not " if bad else "", len(results), name))
    for line in bad:
        print("#", line)


def sources():
    for base in ("src", "checks", "tests"):
        for folder, _, names in os.walk(os.path.join(TOP, base)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    path = os.path.join(folder, name)
                    with open(path, encoding="utf-8") as f:
                        yield os.path.relpath(path, TOP), f.read()


def layer_of(path):
    parts = path.split("/")
    if parts[0] == "checks":
        return "checks"
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def check_layers(files):
    bad = []
    for path, text in files:
        own = layer_of(path)
        if own is None or path.startswith("tests"):
            continue
        for header in re.findall(r'^#include "([^"]+)"', text, re.M):
            other = ABOVE.get(header, header.split("/")[0])
            if own == "cmd" and header in ("run.h", "options.h"):
                continue
            if other not in LAYERS or LAYERS.index(other) > LAYERS.index(own):
                bad.append("%s includes %s" % (path, header))
    result("no folder includes from one above it", bad)


def check_first_lines(files):
    bad = []
    for path, text in files:
        lines = text.split("\n")
        if lines[0] != "// SPDX-License-Identifier: Apache-2.0":
            bad.append(path + ": no SPDX line")
        elif not re.match(r"// .{10,}", lines[1]):
            bad.append(path + ": the second line says what the file does")
    result("first lines", bad)


def check_sizes(files):
    bad = []
    for path, text in files:
        lines = text.split("\n")
        limit = MAX_HEADER if path.endswith(".h") else MAX_FILE
        if len(lines) - 1 > limit:
            bad.append("%s: %d lines" % (path, len(lines) - 1))
        start = 0
        for i, line in enumerate(lines, 1):
            if line == "{":
                start = i
            elif line == "}" and start:
                if i - start > MAX_FUNCTION:
                    bad.append("%s:%d: a function of %d lines" % (path, start, i - start))
                start = 0
            if len(line.expandtabs(8)) > MAX_COLUMNS:
                bad.append("%s:%d: %d columns" % (path, i, len(line)))
            if line != line.rstrip() or "\t" in line:
                bad.append("%s:%d: a tab or blanks at the end" % (path, i))
    result("sizes of files, functions and lines", bad)


def check_forbidden(files):
    bad = ["%s: %s" % (path, m.group(1)) for path, text in files if not path.startswith("tests")
           for m in FORBIDDEN.finditer(re.sub(r'"(\\.|[^"\\])*"|/\*.*?\*/|//[^\n]*', "", text, flags=re.S))]
    result("no forbidden function", bad)


def check_state():
    """Nothing in the library can be written at run time; .data.rel.ro is const after relocation."""
    archive = os.path.join(os.environ.get("top_builddir", "."), "libsrvaudit.a")
    got = subprocess.run(["nm", "-A", "-f", "sysv", archive], capture_output=True, text=True,
                         check=False)
    instrumented = re.search(r"asan|sancov|gcov|profc", got.stdout)
    bad = []
    for line in got.stdout.split("\n"):
        fields = [field.strip() for field in line.split("|")]
        if len(fields) == 7 and re.match(r"\.(bss|data|tbss|tdata)(?!\.rel\.ro)|\*COM\*", fields[6]):
            bad.append(fields[0])
    result("no mutable file-scope state", [] if instrumented else bad)


def check_words():
    bad = []
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|/home/[a-z]+/(src|work)|/wo" + r"rk/")
    for base in ("src", "checks", "build-aux", "contrib", "doc"):
        for folder, _, names in os.walk(os.path.join(TOP, base)):
            for name in names:
                path = os.path.join(folder, name)
                if name == "tap-driver.sh" or not name.endswith((".c", ".h", ".sh", ".yaml", ".1", ".5",
                                                                   ".json", ".md", ".bash")):
                    continue
                with open(path, encoding="utf-8") as f:
                    for i, line in enumerate(f, 1):
                        if words.search(line):
                            bad.append("%s:%d: %s" % (os.path.relpath(path, TOP), i, line.strip()))
    result("nothing left to do, no machine's paths", bad)


def main():
    files = list(sources())
    check_layers(files)
    check_first_lines(files)
    check_sizes(files)
    check_forbidden(files)
    check_state()
    check_words()
    print("1..%d" % len(results))
    return 0 if all(results) else 1


sys.exit(main())
