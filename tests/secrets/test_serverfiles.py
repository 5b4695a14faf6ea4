#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Servers' files of all kinds: which passwords are found, whole and on their line, and what else."""
import collections
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import serverfiles  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS, RECALL, ALARMS = 4, 0.98, 0.005


def fingerprint(value):
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def run(root, seed):
    """Expected and found secrets: (path, line, fingerprint); lines without a secret."""
    expected, lines = {}, 0
    for number, (_, path, text) in enumerate(serverfiles.FILES):
        rng = random.Random("%d %d" % (seed, number))
        whole, secrets = serverfiles.expand(rng, text)
        for line, value in secrets:
            expected[path, line, fingerprint(value)] = value
        lines += whole.count("\n") - len({line for line, _ in secrets})
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="utf-8") as f:
            f.write(whole)
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    found = {(e["file"], e["line"], f["secrets"][0]["id"]): f["check"]
             for f in json.loads(got.stdout)["findings"] if f["severity"] != "info"
             for e in f["evidence"]}
    return expected, found, lines


def check_many(root):
    """A list of 12,000 passwords: so many as are listed, and coverage says that there are more."""
    os.makedirs(root + "/etc")
    values = planted(["hunter%dx" % (i * 7919) for i in range(12000)])
    with open(root + "/etc/users.acl", "w", encoding="utf-8") as f:
        f.write("".join("user u%d on >%s\n" % pair for pair in enumerate(values)))
    got = json.loads(subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                                    stdout=subprocess.PIPE, timeout=120, check=False).stdout)
    reasons = [s["reason"] for s in got["coverage"]["skipped"]]
    result(len(got["findings"]) == 10000, "10,000 are listed", len(got["findings"]))
    result(reasons == ["more secrets than are listed"], "and others are said to be", reasons)


def main():
    in_folder(check_many)
    formats = {path: name for name, path, _ in serverfiles.FILES}
    total, missed, wrong, lines = collections.Counter(), [], [], 0
    for seed in range(SEEDS):
        runs = []
        in_folder(lambda root: runs.append(run(root, seed)))
        expected, found, free = runs[0]
        lines += free
        total.update(formats[path] for path, _, _ in expected)
        missed += [key[:2] + (value,) for key, value in expected.items() if key not in found]
        wrong += [key[:2] + (check,) for key, check in found.items() if key not in expected]
    n = sum(total.values())
    misses = collections.Counter(formats[m[0]] for m in missed)
    alarms = collections.Counter(formats[w[0]] for w in wrong)
    print("# %d passwords, %d missed; %d other lines, %d false alarms" % (
        n, len(missed), lines, len(wrong)))
    for name in sorted(set(misses) | set(alarms)):
        print("# %s: %d of %d missed, %d false" % (name, misses[name], total[name], alarms[name]))
    result(n >= 500, "500 passwords", n)
    result(1 - len(missed) / n >= RECALL, "recall %.2f of whole values" % RECALL,
           "\n".join("%s:%d %s" % m for m in sorted(missed)))
    result(len(wrong) <= ALARMS * lines, "false alarms in at most %.3f of the lines" % ALARMS,
           "\n".join("%s:%d %s" % w for w in sorted(wrong)))
    return finish()


sys.exit(main())
