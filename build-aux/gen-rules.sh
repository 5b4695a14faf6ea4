#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints {"file", "names of its rules", "text"} rows for the given rule files, as C strings.
set -eu
echo '/* Written by build-aux/gen-rules.sh. */'
for f do
    printf '{"%s",\n"' "$f"
    sed -n 's/^  - id: *\([a-z0-9.-]*\) *$/\1 /p' "$f" | tr -d '\n'
    printf '",\n'
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$f"
    printf '},\n'
done
