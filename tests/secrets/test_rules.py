#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every secret rule against its own templates: each positive gives the secret, no near miss does."""
import glob
import os
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import rulefiles  # noqa: E402
import templates  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

BUILD = os.environ.get("top_builddir", ".")
TOP = rulefiles.TOP
SEED, ROUNDS = 20261126, 5
# Tests beyond the pattern that the helper does not make: near misses may be left to them.
STRUCTURES = ("jwt", "supabase", "discord", "pypi", "key", "basic", "url-password", "random",
              "hash", "age", "base58check", "aws-id")


def ask(queries):
    """The values that the rules take from the texts: [(id, text)...] to [[value...]...]."""
    data = b"".join(b"%s %d\n%s\n" % (rule.encode(), len(text.encode()), text.encode())
                    for rule, text in queries)
    got = subprocess.run([os.path.join(BUILD, "tests/secrets/helper_match")], input=data,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if got.returncode:
        return None, got.stderr.decode()
    return [[bytes.fromhex(word).decode() for word in line.split()[:-1]]
            for line in got.stdout.decode().splitlines()], ""


def expanded(rules, kind):
    """Rule, template, text and secret of every template, some rounds of each."""
    for rule in rules:
        rng = random.Random("%d %s %s" % (SEED, rule["id"], kind))
        for template in rule[kind]:
            for _ in range(ROUNDS):
                yield (rule, template) + templates.expand(rng, template)


def check_templates(rules):
    positives = list(expanded(rules, "positives"))
    got, error = ask([(rule["id"], text) for rule, _, text, _ in positives])
    result(got is not None and len(got) == len(positives), "patterns compile", error)
    bad = ["%s:%d %s: %s gave %d values" % (rule["file"], rule["line"], rule["id"], template,
                                            len(values))
           for (rule, template, _, secret), values in zip(positives, got or [])
           if values != [secret]]
    result(not bad, "positives give their secret", "\n".join(sorted(set(bad))))
    near = list(expanded(rules, "near"))
    got, error = ask([(rule["id"], text) for rule, _, text, _ in near])
    bad = ["%s:%d %s: %s" % (rule["file"], rule["line"], rule["id"], template)
           for (rule, template, _, _), values in zip(near, got or [])
           if values and rule.get("validator") not in STRUCTURES]
    result(got is not None and not bad, "near misses give none",
           error + "\n".join(sorted(set(bad))))


def check_keywords(rules):
    bad = []
    for rule, template, text, _ in expanded(rules, "positives"):
        low = "nocase" in rule["flags"]
        if not any((word.lower() in text.lower()) if low else (word in text)
                   for word in rule["keywords"]):
            bad.append("%s: no keyword in %s" % (rule["id"], template))
    result(not bad, "a keyword in every positive", "\n".join(sorted(set(bad))))
    ids = [rule["id"] for rule in rules]
    result(len(ids) == len(set(ids)), "ids are unique")
    result(len(ids) >= MINIMUM, "%d rules" % MINIMUM, len(ids))
    bad = [rule["id"] for rule in rules if "reader" not in rule and
           (len(set(rule["positives"])) < 2 or len(set(rule["near"])) < 2)]
    result(not bad, "two positives and two near misses each", "\n".join(bad))


def check_malformed(folder):
    """A rule that is wrong stops the build and is named by file and line."""
    good = ("# c\n- id: x-key\n  title: X\n  keywords: ['xk_']\n  pattern: 'xk_[a-z]{9}'\n"
            "  positives: ['xk_{l:9}', 'a=xk_{l:9}']\n  near: ['xk_1', 'xk_2']\n")
    cases = [("good", good, 0), ("key", good.replace("title", "titel"), 3),
             ("keyword", good.replace("'xk_'", "'xk'"), 2),
             ("validator", good + "  validator: crc\n", 2),
             ("flag", good + "  flags: [nocsae]\n", 2),
             ("url-password", good + "  validator: url-password\n", 2),
             ("quote", good.replace("'xk_[a-z]{9}'", "'xk_[a-z]{9}"), 5),
             ("twice", good + "  title: Y\n", 8), ("near", good.replace(", 'xk_2'", ""), 2),
             ("part", good.replace("'xk_[", "'<<wrong>>xk_["), 2),
             ("same", good + good.replace("x-key", "y-key"), 9),
             ("id", good + good.replace("[a-z]", "[0-9]"), 9),
             ("blank", good + "   title: Y\n", 8), ("number", good + "  group: eleven\n", 2)]
    for name, text, line in cases:
        path = os.path.join(folder, name + ".yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        got = subprocess.run(["sh", os.path.join(TOP, "build-aux/gen-secrets.sh"), path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             universal_newlines=True)
        if line:
            result(got.returncode and got.stderr.startswith("%s:%d: " % (path, line)),
                   "generator refuses: " + name, got.stderr)
        else:
            result(got.returncode == 0 and '"x-key"' in got.stdout, "generator takes a rule",
                   got.stderr)


def check_rule_ids(folder):
    """A rule whose id the build does not read would be left out where others are asked for."""
    good = "rules:\n  - id: a.b\n    title: X\n  - id: a.c\n    title: Y\n"
    cases = [("plain", good, True), ("quoted", good.replace("a.b", "'a.b'"), False),
             ("indented", good.replace("  - id: a.c", "    - id: a.c"), False),
             ("last", good.replace("- id: a.b\n    title: X", "- title: X\n    id: a.b"), False),
             ("flow", good + "  - {id: a.d, title: Z}\n", False)]
    for name, text, want in cases:
        path = os.path.join(folder, "rule-" + name + ".yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        got = subprocess.run(["sh", os.path.join(TOP, "build-aux/gen-rules.sh"), path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             universal_newlines=True)
        result(got.returncode == 0 and '"a.b a.c "' in got.stdout if want
               else got.returncode and path in got.stderr, "ids of rules: " + name, got.stderr)


def check_awks():
    """Every awk of this machine makes the same rows; quotes and backslashes are C's."""
    files = sorted(glob.glob(os.path.join(TOP, "checks/rules/secrets/*.yaml")))
    rows = {}
    for awk in ("mawk", "gawk", "original-awk", "awk"):
        if shutil.which(awk):
            rows[awk] = subprocess.run(
                ["sh", os.path.join(TOP, "build-aux/gen-secrets.sh")] + files, check=True,
                stdout=subprocess.PIPE, env=dict(os.environ, AWK=awk)).stdout
    result(len(set(rows.values())) == 1, "all awks agree", " ".join(sorted(rows)))
    text = next(iter(rows.values())).decode()
    rest = re.sub(r'"(?:\\.|[^"\\\n])*"', "", text)
    result('"' not in rest and "\\" not in rest, "strings are C's")


def check_explained(rules):
    """Each rule is explained, with what it looks like; those without keywords, too."""
    program, wrong = os.environ["SRVAUDIT"], []
    for rule in sorted({r["id"] for r in rules}):
        got = subprocess.run([program, "explain", "secrets." + rule], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, universal_newlines=True)
        if got.returncode or "It is known by " not in got.stdout:
            wrong.append("%s: exit status %d" % (rule, got.returncode))
    result(not wrong, "every rule is explained", "\n".join(wrong))


def check_readers(rules):
    """What only a reader finds, some reader names."""
    sources = ""
    for path in glob.glob(os.path.join(TOP, "src/secrets/*.c")):
        with open(path, encoding="utf-8") as f:
            sources += f.read()
    left = [r["id"] for r in rules if "reader" in r and '"%s"' % r["id"] not in sources]
    result(not left, "every rule of a reader has one", " ".join(left))


MINIMUM = 200


def main():
    rules = rulefiles.all_rules()
    check_templates(rules)
    check_keywords(rules)
    in_folder(check_malformed)
    in_folder(check_rule_ids)
    check_awks()
    check_explained(rules)
    check_readers(rules)
    return finish()


sys.exit(main())
