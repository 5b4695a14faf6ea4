#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The search over the labelled corpus: how much of it is found, and what is a false alarm."""
import collections
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import corpus  # noqa: E402
import rulefiles  # noqa: E402
import templates  # noqa: E402
from tap import finish, result  # noqa: E402

BUILD = os.environ.get("top_builddir", ".")
RECALL, SERVER_RECALL, ALARMS = 0.95, 0.98, 0.005
# Of a value that is found, this much of the secret must be in it, and not this much more.
COVERED, LONGER = 0.8, 1.6


def search(texts):
    """The hits in each text: (rule, value, marks)."""
    raw = [text.encode() for text in texts]
    got = subprocess.run([os.path.join(BUILD, "tests/secrets/helper_search")],
                         input=b"".join(b"%d\n%s\n" % (len(text), text) for text in raw),
                         stdout=subprocess.PIPE, timeout=600, check=True)
    answers = []
    for text, line in zip(raw, got.stdout.decode().splitlines()):
        hits = []
        for word in line.split()[:-1]:
            rule, offset, length, marks = word.split(":")
            value = text[int(offset):int(offset) + int(length)]
            hits.append((rule, value.decode(errors="replace"), marks))
        answers.append(hits)
    assert len(answers) == len(texts), "the helper gave up at text %d" % len(answers)
    return answers


def found(secret, hits):
    for _, value, marks in hits:
        if "u" in marks:
            continue
        if (secret in value and len(value) <= LONGER * len(secret) + 8) or \
           (value in secret and len(value) >= COVERED * len(secret)):
            return True
    return False


def check_recall(items):
    answers = search([item.text for item in items])
    missed = [(item, hits) for item, hits in zip(items, answers) if not found(item.secret, hits)]
    server = [item for item in items if item.server]
    missed_server = [item for item, _ in missed if item.server]
    recall, of_server = (1 - len(missed) / len(items), 1 - len(missed_server) / len(server))
    print("# %d of %d positives found: recall %.4f; on servers' files %d of %d: %.4f" % (
        len(items) - len(missed), len(items), recall, len(server) - len(missed_server), len(server),
        of_server))
    notes = "\n".join("%s in %s: %s" % (item.rule, item.place, [hit[0::2] for hit in hits])
                      for item, hits in missed)
    result(len(items) >= 1500, "1500 positives", len(items))
    result(recall >= RECALL, "recall %.2f" % RECALL, notes)
    result(of_server >= SERVER_RECALL, "recall %.2f on servers' files" % SERVER_RECALL, notes)
    if os.environ.get("VERBOSE_CORPUS"):
        print("\n".join("# missed " + line for line in notes.splitlines()))
    wrong = collections.Counter()
    for item, hits in zip(items, answers):
        names = [rule for rule, value, _ in hits if item.secret in value or value in item.secret]
        if names and item.rule not in names:
            wrong["%s taken for %s" % (item.rule, names[0])] += 1
    print("# %d of other rules" % sum(wrong.values()))
    if os.environ.get("VERBOSE_CORPUS"):
        print("\n".join("# %d %s" % (n, what) for what, n in wrong.most_common()))


def check_alarms(items):
    answers = search([item.text for item in items])
    alarms = []
    for item, hits in zip(items, answers):
        for rule, value, marks in hits:
            if not set(marks) & set("put"):
                alarms.append((item.rule, rule, value[:40]))
    share = len({id(item) for item, hits in zip(items, answers)
                 if any(not set(marks) & set("put") for _, _, marks in hits)}) / len(items)
    print("# %d near misses, %.4f with a false alarm" % (len(items), share))
    result(len(items) >= 600, "600 near misses", len(items))
    result(share <= ALARMS, "false alarms at most %.3f" % ALARMS,
           "\n".join("%s: %s %s" % alarm for alarm in alarms))


def check_templates():
    """No rule finds its own near misses, validation included."""
    import random
    rules = rulefiles.all_rules()
    items = [(rule, template, templates.expand(random.Random("%s%s" % (rule["id"], template)),
                                               template)[0])
             for rule in rules for template in rule["near"]]
    bad = ["%s: %s" % (rule["id"], template)
           for (rule, template, _), hits in zip(items, search([text for _, _, text in items]))
           if any(name == rule["id"] and "p" not in marks for name, _, marks in hits)]
    result(not bad, "near misses of the rules", "\n".join(bad))


def main():
    items = corpus.corpus()
    check_recall([item for item in items if item.kind == "positive"])
    check_alarms([item for item in items if item.kind == "near"])
    check_templates()
    return finish()


sys.exit(main())
