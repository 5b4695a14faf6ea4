#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the rows of sv_secret_rules from the given files; a malformed rule stops the build.
#
# The files are YAML of the plainest kind, so that this and the tests read them alike: a list of
# maps, a key a line, scalars plain or in single quotes, lists as ['a', 'b'] on the key's line or as
# "    - 'a'" below it. A pattern is written without its surroundings: the left and the right
# boundary are put around it here (left: none and right: none leave them out). In it <<is>> is what
# lies between a name and its value in the languages that servers hold, <<set>> is the same without
# the bare blank (between a keyword and it nothing stands but name characters, [A-Za-z0-9_.-]),
# <<key>> is what makes a name out of a provider and "key", "token" or the like, and <<literal>>
# refuses what is code or a placeholder instead of a value, <<value>> names made of words too,
# <<drawn>> what nobody drew by lot and what is code (names['key']). <<url-password>> is
# a URL from behind its scheme to its password, group 1; it and the validator of that name go
# together. {} in a placeholder is nothing at all: it keeps a published example from standing in the
# tree as one word. A rule with "reader" in place of keywords and pattern names what one of
# src/secrets/ finds by the structure of a whole file.
set -eu
echo '/* Written by build-aux/gen-secrets.sh. */'
exec "${AWK:-awk}" -v q="'" '
function stop(text) {
    printf "%s:%d: %s\n", file, line, text > "/dev/stderr"
    failed = 1
    exit 1
}

function unquote(s) {
    if (substr(s, 1, 1) != q) {
        if (s == "" || index("[]{}&*!|>%@`#,?-\"", substr(s, 1, 1)) || s ~ /: / || s ~ / #/)
            stop("this value needs single quotes")
        return s
    }
    if (length(s) < 2 || substr(s, length(s)) != q)
        stop("a quote is not closed")
    s = substr(s, 2, length(s) - 2)
    gsub(q q, "\001", s)
    if (index(s, q))
        stop("a quote inside quotes must be doubled")
    gsub("\001", q, s)
    return s
}

# Appends the items of a flow list to list[key, 1...].
function flow(key, s,    n, i, c, item, quoted) {
    if (s !~ /^\[.*\]$/)
        stop("not a list: " key)
    s = substr(s, 2, length(s) - 2) ","
    item = ""
    for (i = 1; i <= length(s); i++) {
        c = substr(s, i, 1)
        if (c == q)
            quoted = !quoted
        if (c == "," && !quoted) {
            sub(/^ +/, "", item)
            sub(/ +$/, "", item)
            list[key, ++count[key]] = unquote(item)
            item = ""
        } else
            item = item c
    }
    if (quoted)
        stop("a quote is not closed")
}

# Awks do not agree on backslashes in the replacement of gsub().
function replace(s, from, to,    at, out) {
    out = ""
    while (at = index(s, from)) {
        out = out substr(s, 1, at - 1) to
        s = substr(s, at + length(from))
    }
    return out s
}

function c_string(s) {
    s = replace(replace(s, "\\", "\\\\"), "\"", "\\\"")
    return "\"" replace(s, "??", "?\\?") "\""
}

function c_list(key,    i, s) {
    s = ""
    for (i = 1; i <= count[key]; i++)
        s = s c_string(list[key, i]) ", "
    return "(const char *const[]){" s "NULL}"
}

# index() and substr(), since a pattern as the replacement of sub() would lose its backslashes.
function whole_pattern(s,    at, name) {
    for (name in part)
        while (at = index(s, "<<" name ">>"))
            s = substr(s, 1, at - 1) part[name] substr(s, at + length(name) + 4)
    if (s ~ /<<[a-z-]+>>/)
        stop("unknown part in the pattern")
    return (field["left"] == "none" ? "" : left) s (field["right"] == "none" ? "" : right)
}

function number(key, low, high, otherwise) {
    if (!(key in field))
        return otherwise
    if (field[key] !~ /^[0-9]+(\.[0-9]+)?$/ || field[key] + 0 < low || field[key] + 0 > high)
        stop(key " must be a number between " low " and " high)
    return field[key]
}

function flags(    i, s) {
    s = ""
    for (i = 1; i <= count["flags"]; i++) {
        if (!(list["flags", i] in flag_name))
            stop("unknown flag " list["flags", i])
        s = s (s == "" ? "" : " | ") flag_name[list["flags", i]]
        if (list["flags", i] == "generic")
            generic = 1
    }
    if (index(field["pattern"], "<<set>>"))
        s = s (s == "" ? "" : " | ") "SV_RULE_ASSIGNS"
    return s == "" ? "0" : s
}

# The position of a rule is its first line: later messages about it as a whole point there.
function finish(    i, row, pattern, name) {
    if (!open)
        return
    open = 0
    last = line
    line = first
    if (field["id"] !~ /^[a-z0-9]+(-[a-z0-9]+)*$/)
        stop("an id is words of small letters and digits with hyphens between them")
    if (field["id"] in seen)
        stop("the id " field["id"] " is taken by " seen[field["id"]])
    seen[field["id"]] = file ":" line
    if (("reader" in field) && ("title" in field) && !("pattern" in field) && !count["keywords"]) {
        print "{.id = " c_string(field["id"]) ", .title = " c_string(field["title"]) \
            ",\n .keywords = " c_list("keywords") ", .pattern = \"\", .flags = " flags() "},"
        line = last
        return
    }
    if (!("title" in field) || !("pattern" in field) || !count["keywords"])
        stop(field["id"] ": title, keywords and pattern are needed")
    for (i = 1; i <= count["keywords"]; i++)
        if (length(list["keywords", i]) < 3)
            stop("keyword of fewer than three bytes: " list["keywords", i])
    if (count["positives"] < 2 || count["near"] < 2)
        stop(field["id"] ": two positives and two near misses are needed")
    pattern = whole_pattern(field["pattern"])
    if (pattern in seen_pattern)
        stop("the pattern of " seen_pattern[pattern] " once more")
    seen_pattern[pattern] = field["id"]
    name = ("validator" in field) ? field["validator"] : "none"
    if (!(name in validator))
        stop("unknown validator " name)
    if ((index(field["pattern"], "<<url-password>>") > 0) != (name == "url-password"))
        stop("validator url-password and <<url-password>> go together")
    for (i = 1; i <= count["placeholders"]; i++)
        list["placeholders", i] = replace(list["placeholders", i], "{}", "")
    generic = 0
    row = "{.id = " c_string(field["id"]) ", .title = " c_string(field["title"]) \
        ",\n .keywords = " c_list("keywords") ",\n .pattern = " c_string(pattern) \
        ",\n .group = " number("group", 0, 9, 0) ", .flags = " flags() \
        ", .validator = SV_VALID_" validator[name] ", .prefix = " number("prefix", 0, 24, 0) \
        ", .min_entropy = " number("entropy", 0, 6, 0) \
        ("revoke" in field ? ",\n .revoke = " c_string(field["revoke"]) : "") \
        (count["placeholders"] ? ",\n .placeholders = " c_list("placeholders") : "") "},"
    if (generic)
        tail[++n_tail] = row
    else
        print row
    line = last
}

BEGIN {
    left = "(?:(?<![A-Za-z0-9_-])|(?<=\\\\[nrt])|(?<=\\\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2}))"
    right = "(?=[\"" q "`\\\\&<>,;:)}\\]\\s\\x00/@|#?!*\\x1b\\x80-\\xff]|" \
            "\\.(?![A-Za-z0-9])|%[0-9A-Fa-f]{2}|\\z)"
    # Quotes stand behind backslashes, one in a string of JSON, three in JSON in JSON, and so on.
    # The rest of the name, then an operator with blanks, or what XML and lists of name and value
    # have instead, then a quote.
    tail_of_name = "[\\w.-]{0,40}?(?<!file|path|name|type|_dir|_ttl|_url|[_-]id|length|field|count|algorithm|header)" \
                   "(?:\\\\{0,7}[\"" q "`])?\\]?"
    operator = "\\s{0,4}(?::[ ]?(?:&(?:" q "static )?)?[A-Za-z]{3,10}[ ]?)?" \
               "(?:=>|:=|:-|=|>(?![\\w.#*-]{0,40}\\{)|:(?!:)|(?<=[\"" q "`]),)" \
               "\\s{0,4}"
    pair = "%3[Dd]|(?:</[\\w.-]{1,40}>)?,?\\s{0,40}<?\\\\?[\"" q "]?value\\\\?[\"" q ">]?" \
           "\\s{0,4}[:=]?\\s{0,4}"
    quote = "(?:\\\\{0,7}[\"" q "`])?"
    # may_assign() in src/secrets/confirm.c knows by what all of these begin.
    part["is"] = tail_of_name "(?:" operator "|[ \\t]{1,8}|" pair ")" quote
    part["set"] = tail_of_name "(?:" operator "|" pair ")" quote
    stop_at = "(?=[\\s\"" q "`<>;,&|)\\]\\\\]|\\z)"
    part["literal"] = "(?![-$<{*%\\[(#?]|AgB[A-Za-z0-9+/]{40}|(?i:os\\.|env|process\\.|getenv|config" \
                      "|settings|self\\.|this\\.|none\\b|null\\b|nil\\b|true\\b|false\\b|undefined" \
                      "|your|change|example|x{4}|[*]{3}|\\.{3}|redacted|vault:" \
                      "|string\\b|boolean\\b|pass(?:word)?" stop_at ")|[\\w.]{1,60}[(\\[]" \
                      "|(?-i:[A-Z\\x80-\\xff_]{3,30}" stop_at ")" \
                      "|[\\w/.-]{1,80}\\.(?:json|txt|pem|key|crt|ya?ml|gpg|conf|html?)" stop_at ")"
    # One in 64 of the keys that are 40 characters of base64 begins with a slash, as paths do.
    path = "\\.{0,2}/(?:(?![A-Za-z0-9+/]{39}" stop_at ")|(?-i:[A-Z]?[a-z]+)/)"
    part["value"] = part["literal"] "(?!" path "|(?i:0?1234|abcdef|x{4}|0{6})" \
                    "|[\\w.:-]{0,60}(?i:passw|secret|token|_key|credential))" \
                    "(?!_{0,2}(?-i:[A-Z]{2,20}\\d?(?:_[A-Z0-9]{2,20})+|[a-z]{2,20}(?:_[a-z]{2,20})+)" \
                    stop_at ")"
    part["drawn"] = "(?!(?i:0?1234|abcdef|x{4}|0{6})|[A-Za-z_][\\w.]{0,60}\\[[A-Za-z]{0,2}[\"" q "])"
    # is_plain_url() in src/secrets/confirm.c knows the bytes and lengths of this one.
    part["url-password"] = "://[^\\x00-\\x20:@/\\\"" q "<>\\\\]{0,64}:((?![$<{*\\[]|%[sd(])" \
                           "[^\\x00-\\x20@/\\\"" q "<>\\\\`]{3,128})(?=@[A-Za-z0-9\\[_.-])"
    part["key"] = "[\\w\\s.:{\"" q "\\\\/\\[\\]-]{0,30}?" \
                  "(?:key|token|secret|passw|pat|auth|credential|bearer)"
    n = split("nocase line public generic browser", words, " ")
    for (i = 1; i <= n; i++)
        flag_name[words[i]] = "SV_RULE_" toupper(words[i])
    flag_name["test-key"] = "SV_RULE_TEST_KEY"
    n = split("none crc-github crc-atlassian crc-grafana crc-cloudflare age base58check aws-id " \
              "jwt supabase discord pypi key basic url-password random hash", words, " ")
    for (i = 1; i <= n; i++) {
        validator[words[i]] = toupper(words[i])
        gsub(/-/, "_", validator[words[i]])
    }
    n = split("id title pattern group entropy validator prefix revoke left right reader", words, " ")
    for (i = 1; i <= n; i++)
        is_scalar[words[i]] = 1
    n = split("keywords flags placeholders positives near", words, " ")
    for (i = 1; i <= n; i++)
        is_list[words[i]] = 1
}

FNR == 1 {
    finish()
    file = FILENAME
}
{
    line = FNR
    sub(/\r$/, "")
}
/^#/ || /^$/ { next }
/^- id: / {
    finish()
    open = 1
    first = FNR
    split("", field)
    split("", list)
    split("", count)
    current = ""
    sub(/^- /, "  ")
}
!open { stop("a rule begins with \"- id: \"") }
/^    - / {
    if (!(current in is_list))
        stop("an item of no list")
    list[current, ++count[current]] = unquote(substr($0, 7))
    next
}
/^  [a-z]+:( |$)/ {
    key = substr($0, 3, index($0, ":") - 3)
    value = substr($0, length(key) + 5)
    if ((key in field) || (key in count))
        stop("key given twice: " key)
    current = ""
    if (key in is_scalar) {
        if ((key == "left" || key == "right") && value != "none")
            stop(key " is none or absent")
        field[key] = unquote(value)
    } else if (key in is_list) {
        count[key] = 0
        current = key
        if (value != "") {
            flow(key, value)
            current = ""
        }
    } else
        stop("unknown key " key)
    next
}
{ stop("not a line of a rule") }

END {
    if (failed)
        exit 1
    finish()
    for (i = 1; i <= n_tail; i++)
        print tail[i]
}' "$@"
