#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints doc/checks.md from what the given program lists as its own checks.
set -eu
list=$("$1" checks --format json)
cat <<'END'
# Checks

Written by `build-aux/gen-check-list.sh PROGRAM`; `make check` fails when it is out of date.
`srvaudit explain ID` tells more about each: why it matters, the fix, a bad and a good example.

| check | worst severity | what is wrong |
| --- | --- | --- |
END
# One check a line. What is no such line is left out and so is seen as a difference.
printf '%s\n' "$list" | LC_ALL=C sed -n 's/^[[ ]{"id":"\([^"]*\)",'\
'"severity":"\([^"]*\)","origin":"built-in","title":"\(.*\)"}[],]$/\1 \2 \3/p' |
    sed -e 's/\\\(["\\]\)/\1/g' -e 's/|/\\|/g' \
        -e 's/^\([^ ]*\) \([^ ]*\) \(.*\)$/| `\1` | \2 | \3 |/'
