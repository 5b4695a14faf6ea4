#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints doc/checks.md from what the given program lists.
set -eu
cat <<'END'
# Checks

Written by `build-aux/gen-check-list.sh PROGRAM`; `make check` fails when it is out of date.
`srvaudit explain ID` tells more about each: why it matters, the fix, a bad and a good example.

| check | worst severity | what is wrong |
| --- | --- | --- |
END
"$1" checks | awk '{
    id = $1
    severity = $2
    $1 = $2 = ""
    sub(/^ +/, "")
    printf "| `%s` | %s | %s |\n", id, severity, $0
}'
