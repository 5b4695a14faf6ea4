#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts runs of four bytes, or of two, in a machine's own texts.

Run by hand: build-aux/gen-fours.py four /usr/share /usr/include LOGS ... > src/secrets/fours.c
and the same with "two" > src/secrets/twos.c. The commonest fours are kept, folded as the gate's
hash folds them, with their share of a million; of twos all are, by six bits of each byte."""
import collections
import os
import random
import sys
import textwrap

KEPT = 2900
LIMIT = 24 << 20  # bytes of each folder
FOLD = bytes(b | 0x20 for b in range(256))


def texts(top):
    paths = [os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names]
    paths.sort()
    random.Random(4).shuffle(paths)
    left = LIMIT
    for path in paths:
        try:
            with open(path, "rb") as f:
                data = f.read(200000)
        except OSError:
            continue
        if b"\0" not in data and left > 0:
            left -= len(data)
            yield data.translate(FOLD)


def twos(tops):
    counts = collections.Counter()
    for top in tops:
        for data in texts(top):
            counts.update(zip(data, data[1:]))
    total, shares = sum(counts.values()), [0] * 4096
    for two, n in counts.items():
        first, second = [c & 31 | c >> 1 & 32 for c in two]
        shares[first + 64 * second] += n
    print("""// SPDX-License-Identifier: Apache-2.0
// How common each pair of bytes is in source and text; written by build-aux/gen-fours.py.
#include "secrets/pairs.h"

const uint32_t sv_two_share[64 * 64] = {""")
    for i in range(0, 4096, 16):
        print("    " + " ".join("%d," % round(1e6 * n / total) for n in shares[i:i + 16]))
    print("};")


def fours(tops):
    counts = collections.Counter()
    for top in tops:
        for data in texts(top):
            counts.update(zip(data, data[1:], data[2:], data[3:]))
    total = sum(counts.values())
    rows = sorted((int.from_bytes(bytes(four), "little"), round(1e6 * n / total))
                  for four, n in counts.most_common(KEPT))
    print("""// SPDX-License-Identifier: Apache-2.0
// The commonest runs of four bytes in source and text; written by build-aux/gen-fours.py.
#include "secrets/pairs.h"

const struct sv_four sv_fours[SV_N_FOURS] = {""")
    print(textwrap.fill(" ".join("{0x%08x,\0%d}," % row for row in rows), 100,
                        initial_indent="    ", subsequent_indent="    ").replace("\0", " "))
    print("};")


sys.exit({"two": twos, "four": fours}[sys.argv[1]](sys.argv[2:]))
