#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints {"file", "names of its rules", "text"} rows for the given rule files, as C strings. An id
# is plain and stands as all others do: what is not read here is not loaded when it is asked for.
set -eu
echo '/* Written by build-aux/gen-rules.sh. */'
for f do
    ids=$(sed -n 's/^  - id: *\([a-z0-9.-]\{1,\}\) *$/\1 /p' "$f")
    plain=$(printf '%s' "$ids" | grep -c . || true)
    all=$(grep -cE "^ *(- *)?[{]? *[\"']?id[\"']? *:" "$f" || true)
    if [ "$plain" -ne "$all" ]; then
        echo "$f: $plain of $all ids are written as \"  - id: name\", without quotes" >&2
        exit 1
    fi
    printf '{"%s",\n"%s",\n' "$f" "$(printf '%s' "$ids" | tr -d '\n')"
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' "$f"
    printf '},\n'
done
