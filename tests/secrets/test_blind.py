#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Recall and false alarms of the scanner on a corpus written without sight of its rules.

usage: test_blind.py [--show] [SEED]...
"""
import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import blind  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS = [int(a) for a in sys.argv[1:] if a.isdigit()] or [41, 42]
RECALL, RECALL_SERVER, FALSE_ALARMS = 0.95, 0.98, 0.005


def share(missed, labels, group=None):
    """The part of the labels of a group that was found."""
    count = sum(1 for label in labels if group in (None, label.group))
    return 1 - sum(1 for label, _ in missed if group in (None, label.group)) / count


def describe(missed, alarms):
    """Which kinds are missed where, for whom looks into a failure."""
    lines = collections.Counter(
        (
            "%-22s %s" % (label.kind, label.file.split("/", 4)[-1].split("/", 2)[-1][:60]),
            tuple(quiet),
        )
        for label, quiet in missed
    )
    rows = [
        "missed %s %s" % (where, " ".join(quiet)) for (where, quiet), _ in sorted(lines.items())
    ]
    return "\n".join(rows + ["alarm %s:%d %s" % (f, n, " ".join(rules)) for f, n, rules in alarms])


def measure(folder):
    """One corpus a seed."""
    for seed in SEEDS:
        corpus = blind.Corpus(os.path.join(folder, str(seed)), seed)
        missed, alarms, _ = blind.score(corpus, SRVAUDIT)
        notes = describe(missed, alarms)
        if "--show" in sys.argv:
            print(notes)
        labels, wrong = corpus.labels, len({file for file, _, _ in alarms}) / len(corpus.clean)
        result(
            len(labels) >= 1500 and len(corpus.clean) >= 600 and len({l.row for l in labels}) >= 70,
            "seed %d: %d secrets of %d families, %d near misses"
            % (seed, len(labels), len({l.row for l in labels}), len(corpus.clean)),
        )
        result(
            share(missed, labels) >= RECALL,
            "seed %d: recall %.4f" % (seed, share(missed, labels)),
            notes,
        )
        result(
            share(missed, labels, "server") >= RECALL_SERVER,
            "seed %d: recall in server files %.4f" % (seed, share(missed, labels, "server")),
            notes,
        )
        result(wrong <= FALSE_ALARMS, "seed %d: false alarms %.4f" % (seed, wrong), notes)


def main():
    """All seeds."""
    in_folder(measure)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
