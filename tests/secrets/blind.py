# SPDX-License-Identifier: Apache-2.0
"""The blind corpus: secrets and near misses in files as servers hold them, laid out and scored.

Written from what vendors and manuals document, without the scanner's rules at hand, so that it
measures them rather than repeats them.
"""
import collections
import json
import os
import random
import subprocess

import blind_noise
import blind_grammars
import blind_places
import blind_values
from planted import planted

Label = collections.namedtuple("Label", "file line kind row group value")
QUIET = "info"


class Corpus:
    """Files below a folder, with a label for each secret and a list of those that hold none."""

    def __init__(self, folder, seed, rounds=10):
        self.folder, self.rng = folder, random.Random(seed)
        self.labels, self.clean = [], []
        by_group = {
            g: [p for p in blind_places.PLACES if p[0] == g] for g in ("server", "code", "alone")
        }
        self._each_place = {g: self._cycle(p) for g, p in by_group.items()}
        for kind in blind_values.KINDS:
            self._kind(kind, rounds)
        for row, name, make in blind_grammars.GRAMMARS:
            for _ in range(6):
                path, text, line = make(self.rng)
                self._secret(path, text, Label(None, line, name, row, "server", None))
        for path, text in blind_noise.near_misses(self.rng, 6):
            self.clean.append(self._write("clean", path, text))

    def _cycle(self, places):
        while True:
            yield from self.rng.sample(places, len(places))

    def _kind(self, kind, rounds):
        groups = (
            ["server"] * rounds
            + ["code"] * (rounds // 2 + 1)
            + (["alone"] * 2 if kind.alone else [])
        )
        for group in groups:
            place = next(self._each_place[group])
            value = planted(kind.make(self.rng))
            made = blind_places.fill(place, self.rng, self.rng.choice(kind.variables), value)
            self._secret(made[0], made[1], Label(None, made[2], kind.name, kind.row, group, value))

    def _write(self, part, path, text):
        name = os.path.join(self.folder, part, "%04d" % (len(self.labels) + len(self.clean)), path)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="utf-8") as out:
            out.write(text)
        os.chmod(name, 0o644)
        return name

    def _secret(self, path, text, label):
        self.labels.append(label._replace(file=self._write("held", path, text)))


def reported(srvaudit, folder):
    """The places of what the scanner says above info: (file, line) to the rules that fired there."""
    ran = subprocess.run(
        [srvaudit, "secrets", "-f", "json", folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=300,
        check=False,
    )
    report, places, quiet = (
        json.loads(ran.stdout),
        collections.defaultdict(set),
        collections.defaultdict(set),
    )
    for found in report["findings"]:
        into = quiet if found["severity"] == QUIET else places
        for at in found.get("evidence", []) + [found]:
            into[os.path.realpath(at["file"]), at.get("line", 1)].add(found["check"])
    return places, quiet, report


def score(corpus, srvaudit):
    """What was missed, and what was said of files without a secret."""
    places, quiet, report = reported(srvaudit, corpus.folder)
    missed = [
        (label, sorted(quiet.get((label.file, label.line), ())))
        for label in corpus.labels
        if (label.file, label.line) not in places
    ]
    clean = set(corpus.clean)
    alarms = sorted(
        (file, line, sorted(rules)) for (file, line), rules in places.items() if file in clean
    )
    return missed, alarms, report
