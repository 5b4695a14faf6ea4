# SPDX-License-Identifier: Apache-2.0
"""Random boolean expressions (ap_expr) for <If>, Require expr and RewriteCond expr."""

STRINGS = ["%{REQUEST_URI}", "%{REQUEST_URI}", "%{HTTP_HOST}", "%{QUERY_STRING}",
           "%{REQUEST_METHOD}", "%{SERVER_NAME}", "%{SERVER_PORT}", "%{REMOTE_ADDR}",
           "%{REQUEST_SCHEME}", "%{HTTPS}", "%{DOCUMENT_ROOT}", "%{REQUEST_FILENAME}",
           "%{PATH_INFO}", "%{HANDLER}", "%{REMOTE_USER}", "%{SERVER_PROTOCOL}",
           "%{SCRIPT_FILENAME}", "%{THE_REQUEST}", "%{HTTP_USER_AGENT}", "%{HTTP:X-Nope}",
           "%{REQUEST_STATUS}", "%{IPV6}", "%{AUTH_TYPE}",
           "%{CONTEXT_PREFIX}", "%{CONTEXT_DOCUMENT_ROOT}", "%{CONTENT_TYPE}", "%{IS_SUBREQ}",
           "%{ENV:ok}", "%{reqenv:ok}", "%{tolower:%{REQUEST_URI}}", "%{HTTP_COOKIE}",
           "%{API_VERSION}", "req('Host')", "reqenv('ok')", "env('ok')", "note('x')",
           "http('X-Nope')", "osenv('NOPE')", "tolower(%{REQUEST_URI})",
           "toupper(%{REQUEST_METHOD})", "escape(%{REQUEST_URI})",
           "unescape('%%2e')", "md5('a')", "sha1('a')", "base64(%{SERVER_PORT})",
           "unbase64('L2EudHh0')", "%{REQUEST_URI} . %{QUERY_STRING}",
           "'/private/' . %{SERVER_PORT}", "%{SERVER_SOFTWARE}"]
VALUES = ["'/a.txt'", "'/private/secret.txt'", "'GET'", "'get'", "'127.0.0.1'", "'http'", "'off'",
          "''", "'x=1'", "'80'", "'/'", "'/dir/file.txt'", "'/.env'", "'default-handler'", "'on'",
          "'HTTP/1.1'", "'Apache'", "'yes'", "'m'", "'/DIR/FILE.TXT'", "'200'", "'1'",
          "\"/b.html\""]
REGEXES = ["m#^/private#", "/\\.env/", "m#\\.txt$#", "/^GET$/", "/x=(\\d)/", "m#^/(dir|app)/#",
           "/^v/i", "m#/\\.#", "/^127\\./", "/^$/", "m#PRIVATE#i", "/php$/", "m#^/[^/]+$#",
           "/secret/", "m#/$#", "m|site[0-9]+|", "/./"]
COMPARE = ["==", "!=", "==", "=", "<", ">=", "-strmatch", "-strcmatch", "-fnmatch", "-eq", "-lt",
           "-ge", "eq", "ne", "-ne"]
GLOBS = ["'/private/*'", "'*.txt'", "'/d*'", "'/DIR*'", "'*'", "'/?.txt'", "'v*.test'"]
NUMBERS = ["'0'", "'80'", "'1024'", "%{SERVER_PORT}", "'127'", "%{TIME_YEAR}", "5"]
FLAT = ["true", "false", "%{TIME_YEAR} -gt 2000", "-R '127.0.0.0/8'", "-R '10.0.0.0/8'",
        "-T %{HTTPS}", "%{REMOTE_ADDR} -ipmatch '127.0.0.1'",
        "%{REMOTE_ADDR} -ipmatch '10.0.0.0/8'", "-n req('X-Nope')", "-z req('X-Nope')",
        "-n %{QUERY_STRING}", "-z %{PATH_INFO}", "-f %{REQUEST_FILENAME}",
        "-d %{REQUEST_FILENAME}", "-e %{REQUEST_FILENAME}", "-s %{REQUEST_FILENAME}",
        "-L %{REQUEST_FILENAME}", "-h %{REQUEST_FILENAME}",
        "%{REQUEST_METHOD} in { 'GET', 'HEAD' }", "%{REQUEST_URI} in { '/a.txt', '/b.html' }",
        "%{REQUEST_METHOD} in { 'POST' }", "-T 'off'", "-T '1'", "-n '0'", "-T reqenv('ok')",
        "-n reqenv('ok')", "'a' -lt 'b'", "10 -gt 9", "'10' > '9'", "%{REQUEST_URI} !~ m#^/dir#"]


def atom(rng, env):
    """One comparison or test."""
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(FLAT)
    if pick < 0.4:
        path = "%s/%s/%s" % (env["base"], rng.choice(env["roots"]),
                             rng.choice(["a.txt", "nope", ".env", "dir", "link.txt", "empty"]))
        return rng.choice(["-f '%s'", "-d '%s'", "-e '%s'", "-s '%s'", "-L '%s'",
                           "filesize('%s') -gt 0", "file('%s') =~ /file/"]) % path
    left = rng.choice(STRINGS)
    if pick < 0.7:
        return "%s %s %s" % (left, rng.choice(["=~", "=~", "=~", "!~"]), rng.choice(REGEXES))
    op = rng.choice(COMPARE)
    if "match" in op:
        return "%s %s %s" % (left, op, rng.choice(GLOBS))
    if op in ("-eq", "-lt", "-ge", "-ne", "eq", "ne"):
        return "%s %s %s" % (rng.choice(NUMBERS), op, rng.choice(NUMBERS))
    return "%s %s %s" % (left, op, rng.choice(VALUES))


def expression(rng, env, depth=0):
    """A whole condition; without double quotes, so that it can stand inside them."""
    pick = rng.random()
    if depth > 1 or pick < 0.6:
        text = atom(rng, env)
    elif pick < 0.72:
        text = "%s && %s" % (expression(rng, env, depth + 1), expression(rng, env, depth + 1))
    elif pick < 0.82:
        text = "%s || %s" % (expression(rng, env, depth + 1), expression(rng, env, depth + 1))
    elif pick < 0.94:
        text = "!(%s)" % expression(rng, env, depth + 1)
    else:
        text = "(%s) && %s" % (expression(rng, env, depth + 1), atom(rng, env))
    return text.replace('"', "'")
