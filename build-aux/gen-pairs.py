#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts character pairs and bytes of a machine's own texts and writes src/secrets/pairs.c.

Run by hand: build-aux/gen-pairs.py /usr/include /usr/lib/python3 ... > src/secrets/pairs.c
Only the counts' logarithms are kept. Runs that hold long hexadecimal numbers are left out."""
import math
import os
import re
import sys

CLASSES = 26 + 26 + 1 + 1  # lower case, upper case, digits, everything else
LIMIT = 6 << 20  # bytes of each folder
HEX = re.compile(rb"[0-9a-fA-F]{16,}|[A-Za-z0-9+/]{60,}")


def class_of(byte):
    if 97 <= byte <= 122:
        return byte - 97
    if 65 <= byte <= 90:
        return 26 + byte - 65
    return 52 if 48 <= byte <= 57 else 53


def texts(folders):
    for top in folders:
        left = LIMIT
        for folder, dirs, names in os.walk(top):
            dirs.sort()
            for name in sorted(names):
                if name.endswith((".so", ".pyc", ".gz", ".o", ".a", ".png")):
                    continue
                try:
                    with open(os.path.join(folder, name), "rb") as f:
                        data = f.read(1 << 20)
                except OSError:
                    continue
                if b"\0" not in data and left > 0:
                    left -= len(data)
                    yield HEX.sub(b" ", data)


def main():
    pairs = [[0] * CLASSES for _ in range(CLASSES)]
    singles = [0] * 256
    table = [class_of(b) for b in range(256)]
    counts = {}
    for data in texts(sys.argv[1:]):
        for a, b in zip(data, data[1:]):
            counts[a << 8 | b] = counts.get(a << 8 | b, 0) + 1
    for pair, n in counts.items():
        pairs[table[pair >> 8]][table[pair & 255]] += n
        singles[pair & 255] += n
    total = sum(singles)
    print("""// SPDX-License-Identifier: Apache-2.0
// How often characters follow each other in source and text; written by build-aux/gen-pairs.py.
#include "secrets/pairs.h"

const uint8_t sv_pair_cost[SV_PAIR_CLASSES][SV_PAIR_CLASSES] = {""")
    for a in range(CLASSES):
        row = sum(pairs[a]) + CLASSES
        costs = []
        for b in range(CLASSES):
            p = (pairs[a][b] + 1) / row / (10 if b == 52 else 1)
            costs.append("%d" % min(255, round(-10 * math.log2(p))))
        for start, mark in ((0, "    {"), (18, "     "), (36, "     ")):
            end = "}," if start == 36 else ","
            print(mark + ", ".join(costs[start:start + 18]) + end)
    print("""};

const uint32_t sv_byte_share[256] = {""")
    shares = ["%d" % max(1, round(1e6 * n / total)) for n in singles]
    for i in range(0, 256, 12):
        print("    " + ", ".join(shares[i:i + 12]) + ",")
    print("};")


sys.exit(main())
