#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the table of sensitive file names as C rows; a line that is not understood stops the build.
# Each is SV_ROW(key, last, the row): what a path needs at least to fit its pattern. The key is a
# byte that one of its components begins with or that it holds, `last` the last one, 0 any.
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
    c = c == "*" ? substr(pattern, 2, 1) : ""
    return literal(c) ? "SV_ROW_HAS(" quoted(c) ")" : "SV_ROW_ANY"
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
    printf "SV_ROW(%s, %s, ", key(name), last(name)
    for (i = 1; i <= 5; i++) {
        gsub(/\\/, "\\\\\\\\", $i)
        gsub(/"/, "\\\\\"", $i)
    }
    printf "{\"%s\", \"%s\", SV_CAT_%s, SV_%s, %s, %s})\n", name, $5, toupper($2), toupper($3),
           $4 == "root" ? "true" : "false", folder ? "true" : "false"
}' "$@"
