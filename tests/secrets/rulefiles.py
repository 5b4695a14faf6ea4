# SPDX-License-Identifier: Apache-2.0
"""Reads checks/rules/secrets/*.yaml as build-aux/gen-secrets.sh does; nothing but the library."""
import glob
import os
import re

TOP = os.path.abspath(os.environ.get("top_srcdir") or
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))


def scalar(text):
    """The value of a plain or single-quoted scalar."""
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def flow(text):
    """The items of ['a', 'b', c]."""
    return [scalar(item) for item in re.findall(r"'(?:''|[^'])*'|[^\s,\[\]']+", text[1:-1])]


def rules_of(path):
    """The rules of one file, each a dict with its position."""
    rules, current = [], None
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if line.startswith("- id: "):
                rules.append({"file": os.path.basename(path), "line": number,
                              "positives": [], "near": [], "flags": [], "placeholders": []})
                line = "  " + line[2:]
            if line.startswith("    - "):
                current.append(scalar(line[6:]))
                continue
            key, _, value = line.strip().partition(":")
            value = value.strip()
            if not value:
                current = rules[-1][key] = []
            else:
                rules[-1][key] = flow(value) if value.startswith("[") else scalar(value)
    return rules


def all_rules():
    """Every rule, in the order of the files."""
    return [rule for path in sorted(glob.glob(os.path.join(TOP, "checks/rules/secrets/*.yaml")))
            for rule in rules_of(path)]
