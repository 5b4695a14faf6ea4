#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Differential test of the Apache serving model: random configurations against the real one."""
import sys

sys.dont_write_bytecode = True

from apache_oracle import ApacheSubject  # noqa: E402
from diff_run import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(ApacheSubject, __doc__))
