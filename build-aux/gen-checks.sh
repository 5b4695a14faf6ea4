#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints SV_CHECK(symbol) for every check descriptor that the given sources define, sorted.
set -eu
echo '/* Written by build-aux/gen-checks.sh. */'
[ $# -gt 0 ] || exit 0
sed -n 's/^const struct sv_check \(sv_check_[a-z0-9_]*\) *=.*/SV_CHECK(\1)/p' "$@" | LC_ALL=C sort
