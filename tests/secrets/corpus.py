#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A labelled corpus from a seed: secrets of every rule in realistic files, and near misses.

corpus.py FOLDER [SEED] writes one file an item and labels.tsv: file, kind, rule or kind of noise,
surroundings, offset and length of the secret (0 0 for a near miss).
"""
import json
import os
import random
import sys

import noise
import rulefiles
import surroundings
import templates

SEED = 4
SERVER_FAMILIES = {"files.yaml", "databases.yaml", "frameworks.yaml"}


class Item:
    """One file of the corpus."""

    def __init__(self, kind, rule, place, text, secret="", server=False):
        self.kind, self.rule, self.place, self.text = kind, rule, place, text
        self.secret, self.server = secret, server
        self.offset = len(text[:text.index(secret)].encode()) if secret else 0

    def label(self):
        return (self.kind, self.rule, self.place, str(self.offset), str(len(self.secret.encode())))


def places(rule, template, text, secret):
    """The surroundings that leave this positive what it is."""
    if text == secret and "\n" not in text and "{" not in text:
        return surroundings.BARE + (surroundings.journal,)
    if "\n" in text or "\0" in text:
        return (lambda rng, line: line,)
    if json.dumps(text) != '"%s"' % text:
        return surroundings.PLAIN_LINES
    blank = set(text) & set(" \t\"'")
    return surroundings.LINES + (() if blank or "=" not in text else (surroundings.environ,))


def positives(seed):
    for rule in rulefiles.all_rules():
        if "public" in rule["flags"]:
            continue
        rng = random.Random("%s %s" % (seed, rule["id"]))
        for template in rule["positives"]:
            text, secret = templates.expand(rng, template)
            fit = places(rule, template, text, secret)
            for place in rng.sample(fit, min(len(fit), 3 if text == secret else 1)):
                whole = place(rng, text)
                name = getattr(place, "__name__", "").replace("<lambda>", "whole")
                if whole.count(secret) == 1:
                    yield Item("positive", rule["id"], name, whole, secret,
                               name in surroundings.SERVER or rule["file"] in SERVER_FAMILIES)


def near_misses(seed):
    for maker in noise.NOISE:
        rng = random.Random("%s %s" % (seed, maker.__name__))
        seen = set()
        for _ in range(noise.OFTEN.get(maker, 12)):
            text = maker(rng)
            if text not in seen:
                yield Item("near", maker.__name__, "whole", text)
            seen.add(text)


def corpus(seed=SEED):
    return list(positives(seed)) + list(near_misses(seed))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder, items = sys.argv[1], corpus(sys.argv[2] if len(sys.argv) > 2 else SEED)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "labels.tsv"), "w", encoding="utf-8") as labels:
        for number, item in enumerate(items):
            name = "%s-%05d.txt" % (item.kind, number)
            with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as f:
                f.write(item.text)
            labels.write("\t".join((name,) + item.label()) + "\n")


if __name__ == "__main__":
    main()
