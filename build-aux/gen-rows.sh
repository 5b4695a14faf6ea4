#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the table of sensitive file names as C rows; a line that is not understood stops the build.
# Each is SV_ROW(next, last, the row): a path fits only if it ends with the byte `last` (0: any),
# and rows are in chains by what else it must have, each with the number of the next one (from 1;
# 0: the end). Behind them stands where a chain begins, SV_CHAIN(key, first): of patterns that begin
# with a byte, of those that begin with a star by their last byte, of the rest.
set -eu
echo '/* Written by build-aux/gen-rows.sh. */'
awk -F '\t' '
function quoted(c) { return "\047" (c ~ /[\047\\]/ ? "\\" : "") c "\047" }
function literal(c) { return c ~ /^[!-~]$/ && c !~ /[*?\[\\%]/ }
function key(pattern,   c)
{
    c = substr(pattern, 1, 1)
    if (literal(c))
        return "SV_ROW_BEGINS(" quoted(c) ")"
    return c == "*" && last(pattern) != "0" ? "SV_ROW_ENDS(" last(pattern) ")" : "SV_ROW_ANY"
}
function last(pattern,   c)
{
    c = substr(pattern, length(pattern))
    return literal(c) && c != "]" ? quoted(c) : "0"
}
/^#( |$)/ { next }
NF != 5 || $2 !~ /^(env|vcs|backup|dump|key|config|log|history|phpinfo)$/ ||
$3 !~ /^(info|low|medium|high|critical)$/ || $4 !~ /^(root|any)$/ {
    printf "%s:%d: not a row of this table\n", FILENAME, NR > "/dev/stderr"
    exit 1
}
{
    name = $1
    folder = sub(/\/$/, "", name)
    ends[++rows] = last(name)
    keys[rows] = key(name)
    for (i = 1; i <= 5; i++) {
        gsub(/\\/, "\\\\\\\\", $i)
        gsub(/"/, "\\\\\"", $i)
    }
    row[rows] = sprintf("{\"%s\", \"%s\", SV_CAT_%s, SV_%s, %s, %s}", name, $5, toupper($2),
                        toupper($3), $4 == "root" ? "true" : "false", folder ? "true" : "false")
}
END {
    for (i = rows; i > 0; i--) {
        following[i] = first[keys[i]] + 0
        first[keys[i]] = i
    }
    for (i = 1; i <= rows; i++)
        printf "SV_ROW(%d, %s, %s)\n", following[i], ends[i], row[i]
    for (i = 1; i <= rows; i++)
        if (first[keys[i]] == i)
            printf "SV_CHAIN(%s, %d)\n", keys[i], i
}' "$@"
