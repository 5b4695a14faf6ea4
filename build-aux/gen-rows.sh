#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the table of sensitive file names as C rows; a line that is not understood stops the build.
set -eu
echo '/* Written by build-aux/gen-rows.sh. */'
awk -F '\t' '
/^#( |$)/ { next }
NF != 5 || $2 !~ /^(env|vcs|backup|dump|key|config|log|history|phpinfo)$/ ||
$3 !~ /^(info|low|medium|high|critical)$/ || $4 !~ /^(root|any)$/ {
    printf "%s:%d: not a row of this table\n", FILENAME, NR > "/dev/stderr"
    exit 1
}
{
    name = $1
    folder = sub(/\/$/, "", name)
    for (i = 1; i <= 5; i++) {
        gsub(/\\/, "\\\\\\\\", $i)
        gsub(/"/, "\\\\\"", $i)
    }
    printf "{\"%s\", \"%s\", SV_CAT_%s, SV_%s, %s, %s},\n", name, $5, toupper($2), toupper($3),
           $4 == "root" ? "true" : "false", folder ? "true" : "false"
}' "$@"
