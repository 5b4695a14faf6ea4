#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The differential test for `make check`: one TAP line a seed, and one for all of them together."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from diff_compare import Tally  # noqa: E402
from diff_oracle import find_nginx  # noqa: E402
from gen_nginx import run_seed  # noqa: E402

SEEDS = range(101, 113)
VHOSTS = 75
REQUESTS = 50


def main():
    binary = os.environ.get("SRVAUDIT")
    if not find_nginx():
        print("1..0 # SKIP no nginx binary found")
        return 0
    if not binary:
        print("Bail out! SRVAUDIT does not name the program under test")
        return 1
    print("1..%d" % (len(SEEDS) + 1), flush=True)
    total, failed = Tally(), False
    for number, seed in enumerate(SEEDS, 1):
        before = total.wrong, total.misses, total.unknown
        try:
            run_seed(seed, VHOSTS, REQUESTS, binary, total)
        except (RuntimeError, OSError, ValueError) as error:
            print("not ok %d - seed %d: %s" % (number, seed, str(error).replace("\n", " ")))
            failed = True
            continue
        wrong, misses, unknown = (now - then for now, then in zip(
            (total.wrong, total.misses, total.unknown), before))
        asked = VHOSTS * REQUESTS
        good = misses == 0 and wrong * 1000 <= asked and unknown * 50 < asked
        failed |= not good
        print("%s %d - seed %d: %d requests, %d differ, %d missed files, %d unknown"
              % ("ok" if good else "not ok", number, seed, asked, wrong, misses, unknown),
              flush=True)
    good = total.passed() and not failed
    print("%s %d - %s" % ("ok" if good else "not ok", len(SEEDS) + 1, total.summary()))
    if not good:
        for line in total.report().splitlines()[:400]:
            print("# " + line)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
