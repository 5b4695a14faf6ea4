#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The differential test of the Apache model for `make check`: some seeds against the real apache2."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from apache_oracle import ApacheSubject  # noqa: E402
from diff_run import tap  # noqa: E402

if __name__ == "__main__":
    sys.exit(tap(ApacheSubject, range(201, 209), 60, 50))
