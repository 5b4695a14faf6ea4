#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Differential test of the nginx serving model: random configurations, the real nginx, srvaudit."""
import sys

sys.dont_write_bytecode = True

from diff_run import main  # noqa: E402
from nginx_oracle import NginxSubject  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(NginxSubject, __doc__))
