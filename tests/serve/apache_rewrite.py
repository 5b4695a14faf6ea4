# SPDX-License-Identifier: Apache-2.0
"""Random mod_rewrite rules, for servers and for folders, with conditions and flags."""
from apache_expr import expression
from apache_words import PATHS

# (pattern without the leading slash, how many groups it has)
PATTERNS = [(r"go/(.*)$", 1), (r"(.*)\.htm$", 1), (r"old(.*)$", 1), (r"e/(.*)$", 1),
            (r"private/(.*)", 1), (r"img/(.*)$", 1), (r"(.*)$", 1), (r".*", 0), (r"", 0),
            (r"a\.txt$", 0), (r"x\.php$", 0), (r"app/(.*)", 1), (r"api/(.*)$", 1), (r"u/(.*)$", 1),
            (r"([a-z]+)/(.+)$", 2), (r"st([^/]*)/(.*)$", 2), (r"docs/(.*)", 1), (r"secret", 0),
            (r"dir$", 0), (r"dir/(.*)$", 1), (r"([^/.]+)$", 1), (r"(.+)\.txt$", 1), (r"\.", 0),
            (r"nope/?", 0), (r"(.+?)/?$", 1), (r"(.*)/$", 1), (r"px/(.*)", 1), (r"multi/(.*)", 1)]
LOOSE = [(r"/\.", 0), (r"\.(env|sql|bak)$", 1), (r"\.php$", 0), (r"\.txt$", 0), (r"(.*)", 1),
         (r".", 0), (r"!\.(html|txt|js)$", 0), (r"!^/?dir", 0), (r"(?i)PRIVATE", 0), (r"^", 0),
         (r"/$", 0), (r"(^|/)\.(?!well-known)", 1), (r"//", 0), (r"%", 0), (r"[A-Z]", 0),
         (r"([^/]+)/([^/]+)$", 2), (r"^$", 0), (r"^/$", 0), (r"index\.html$", 0), (r"x=1", 0)]
FLAGS = ["L", "L", "L", "L", "END", "R", "R=301", "R=302,L", "R=303", "R=404", "R=403", "R=410",
         "F", "F", "G", "NC", "NC,L", "PT", "PT", "PT,L", "QSA", "QSA,L", "QSD", "QSL", "NE,R",
         "R,NE,L", "B", "B,L", "BNP,B,L", "C", "S=1", "S=2", "E=ok:yes", "E=ok:$1", "E=!ok",
         "E=seg:x,L", "DPI", "NS,L", "T=text/plain", "H=cgi-script", "H=default-handler",
         "H=server-status", "R=200", "R=permanent", "R=temp,L", "R=seeother", "last", "forbidden",
         "gone", "passthrough", "redirect,last", "qsappend", "CO=a:b:x", "UnsafeAllow3F", "R=500",
         "nosubreq", "R=204", "UnsafePrefixStat", "R=307,L", "R=401", "BCTLS,R",]
TESTS = ["%{REQUEST_FILENAME} -f", "%{REQUEST_FILENAME} !-f", "%{REQUEST_FILENAME} -d",
         "%{REQUEST_FILENAME} !-d", "%{REQUEST_FILENAME} -s", "%{REQUEST_FILENAME} -l",
         "%{REQUEST_FILENAME} -h", "%{REQUEST_FILENAME} -x", "%{DOCUMENT_ROOT}%{REQUEST_URI} -f",
         "%{DOCUMENT_ROOT}/$1 -f", "%{DOCUMENT_ROOT}/$1 !-f", "%{REQUEST_URI} ^/private",
         "%{REQUEST_URI} !^/dir", "%{REQUEST_URI} \\.txt$", "%{REQUEST_URI} =/a.txt",
         "%{HTTP_HOST} ^v", "%{HTTP_HOST} !^v", "%{HTTP_HOST} ^www\\.(.*)$",
         "%{QUERY_STRING} x=(\\d+)", "%{QUERY_STRING} ^$", "%{QUERY_STRING} .",
         "%{REQUEST_METHOD} POST", "%{REQUEST_METHOD} ^GET$",
         "%{HTTPS} on", "%{HTTPS} off", "%{HTTPS} !=on", "%{SERVER_PORT} ^80$",
         "%{SERVER_PORT} !=443", "%{REMOTE_ADDR} ^127\\.", "%{REMOTE_ADDR} ^10\\.",
         "%{HTTP_USER_AGENT} curl", "%{HTTP_REFERER} ^$", "%{HTTP_REFERER} .", "%{ENV:ok} yes",
         "%{ENV:ok} ^$", "%{ENV:REDIRECT_STATUS} ^$", "%{ENV:REDIRECT_STATUS} .",
         "%{ENV:REDIRECT_STATUS} 200", "%{THE_REQUEST} \\s/\\.",
         "%{THE_REQUEST} \"GET /[^?]*\\.txt\"", "%{THE_REQUEST} ^GET\\s/a",
         "%{REQUEST_FILENAME}.html -f", "%{REQUEST_FILENAME}.txt -f", "%{REQUEST_URI} -U",
         "%{REQUEST_URI} !-U", "%{DOCUMENT_ROOT}/a.txt -F", "%{IS_SUBREQ} false", "%{PATH_INFO} .",
         "%{SCRIPT_FILENAME} !-f", "%{REQUEST_SCHEME} http", "%{REQUEST_URI} <>/b", "$1 ^(a|sub)",
         "$1 =file.txt", "%{REQUEST_URI} >/c", "%{REQUEST_URI} <=/a.txt", "%{QUERY_STRING} -eq",
         "%{SERVER_PORT} -gt80", "%{SERVER_PORT} -lt80", "%{HTTP:X-Nope} !^$",
         "%{HTTP:Host} ^V [NC]", "%{REQUEST_URI} ^/(PRIVATE|app)/ [NC]",
         "%{REQUEST_FILENAME} \\.env$", "%{REMOTE_USER} ^$",
         "%{LA-U:REQUEST_FILENAME} -f", "%{LA-F:REQUEST_URI} ^/a", "%{TIME_YEAR} >2000",
         "%{CONTEXT_PREFIX} ^$", "%{CONN_REMOTE_ADDR} ^127", "%{SERVER_NAME} \\.test$",
         "%{SERVER_PROTOCOL} HTTP/1.1", "%{API_VERSION} ^2", "%{IPV6} off", "%{HTTP_COOKIE} ^$"]


def flags(maker):
    """The bracket behind a rule, or nothing."""
    if maker.chance(0.2):
        return ""
    found = maker.pick(FLAGS)
    if maker.chance(0.2) and "=" not in found:
        found += "," + maker.pick(["NC", "QSA", "NE", "B", "L", "E=ok:yes", "NS"])
    return " [%s]" % found


def target(maker, groups, folder):
    """The substitution of a rule; `folder`: in a Directory section or a .htaccess file."""
    pick = maker.pick
    refs = ["$0"] + ["$%d" % n for n in range(1, groups + 1)] + ["%1"]
    one = pick(refs)
    kind = maker.rng.random()
    if kind < 0.14:
        return "-"
    if kind < 0.34:
        return pick(PATHS)
    if kind < 0.44 and folder:
        return pick(["a.txt", "index.html", "file.txt", "dir/file.txt", "b.html", "../a.txt",
                     "nope", "private/secret.txt", ".env", "secret.txt", "app", "sub/"])
    if kind < 0.54:
        return "%s/%s/%s" % (maker.env["base"], pick(maker.env["roots"]),
                             pick(["a.txt", "", "private/secret.txt", one, "dir/", ".env", "nope"]))
    if kind < 0.6:
        return pick(["http://%{HTTP_HOST}/a.txt", "http://example.org/" + one,
                     "https://%{HTTP_HOST}/" + one, "http://%{SERVER_NAME}/dir/",
                     "https://example.org%{REQUEST_URI}",
                     "http://%{HTTP_HOST}%{REQUEST_URI}x", "//example.org/x",
                     "https://%{SERVER_NAME}$0"])
    if kind < 0.66 and maker.maps:
        return pick(["/${txt:%s}", "/${txt:%s|a.txt}", "/dir/${low:%s}", "/${up:%s}", "/${esc:%s}",
                     "/${unesc:%s}", "${txt:%s|/b.html}", "/${nomap:%s}"]) % one
    if kind < 0.7:
        return pick(["%{REQUEST_URI}.html", "%{REQUEST_FILENAME}.html", "%{DOCUMENT_ROOT}/a.txt",
                     "%{DOCUMENT_ROOT}/" + one, "%{DOCUMENT_ROOT}%{REQUEST_URI}",
                     "/%{QUERY_STRING}", "%{REQUEST_FILENAME}", "/dir%{REQUEST_URI}",
                     "/%{ENV:seg}/file.txt"])
    tail = pick(["", "", "", "?", "?x=1", "?q=$0", "?%{QUERY_STRING}&a=b", "?x=" + one])
    form = pick(["/%s", "/dir/%s", "/static/%s", "/%s.html", "/private/%s", "/app/%s", "/docs/%s",
                 "/img/../%s", "/px/%s", "/%s/", "/cgi/run.cgi/%s", "/al/%s"])
    if folder and maker.chance(0.4):
        form = form.lstrip("/")
    return form % one + tail


def rule(maker, folder):
    """Conditions and one rule."""
    out = []
    for _ in range(maker.pick([0, 0, 0, 1, 1, 2])):
        if maker.chance(0.1):
            out.append('RewriteCond expr "%s"%s' % (expression(maker.rng, maker.env, 1),
                                                    maker.pick(["", "", " [OR]"])))
            continue
        text = maker.pick(TESTS)
        if "[NC]" not in text:
            text += maker.pick(["", "", "", "", " [OR]", " [NC]", " [NC,OR]"])
        out.append("RewriteCond " + text)
    if out and maker.chance(0.9):  # an [OR] with nothing behind it is httpd's undefined behaviour
        out[-1] = out[-1].replace(" [OR]", "").replace(",OR]", "]")
    if maker.chance(0.5):
        text, groups = maker.pick(LOOSE)
    else:
        text, groups = maker.pick(PATTERNS)
        slash = "" if folder else "/"
        if maker.chance(0.1):
            slash = maker.pick(["/", "", "/?"])
        text = "^" + slash + text
    goal, tail = target(maker, groups, folder), flags(maker)
    if "]" in tail and maker.chance(0.06) and "proxy" in maker.env["modules"]:
        goal, tail = "http://127.0.0.1:%d/p/%s" % (maker.env["http"], maker.pick(["",
                                                                                  "$0"])), " [P]"
    if any(word in text for word in (" ",)):
        text = '"%s"' % text
    if maker.chance(0.02) and groups == 1 and not tail:
        text, goal, tail = "^(.*)_(.*)$", "$1-$2", " [N]"
    return out + ["RewriteRule %s %s%s" % (text, goal, tail)]


def rules(maker, folder, engine=True):
    """RewriteEngine and what follows it."""
    out = []
    if engine and maker.chance(0.95):
        out.append("RewriteEngine " + maker.pick(["on", "on", "on", "On",
                                                  "off"] if maker.chance(0.3)
                                                 else ["on"]))
    if folder and maker.chance(0.2):
        out.append("RewriteBase " + maker.pick(["/", "/dir", "/dir/", "/private/", "/app",
                                                "/nope/"]))
    if maker.chance(0.14):
        out.append("RewriteOptions " + maker.pick(
            ["Inherit", "InheritBefore", "InheritDown", "InheritDownBefore", "IgnoreInherit",
             "AllowNoSlash", "MergeBase", "LegacyPrefixDocRoot", "IgnoreContextInfo", "Inherit",
             "AllowAnyURI"]))
    for _ in range(maker.rng.choice([1, 1, 1, 2, 2, 3])):
        out += rule(maker, folder)
    return out


def maps(maker):
    """RewriteMap lines of a server."""
    base = maker.env["base"]
    return ["RewriteMap txt txt:%s/map.txt" % base, "RewriteMap low int:tolower",
            "RewriteMap up int:toupper", "RewriteMap esc int:escape",
            "RewriteMap unesc int:unescape"]
