#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The differential test of the nginx model for `make check`: some seeds against the real nginx."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from diff_run import tap  # noqa: E402
from nginx_oracle import NginxSubject  # noqa: E402

if __name__ == "__main__":
    sys.exit(tap(NginxSubject, range(101, 113), 75, 50))
