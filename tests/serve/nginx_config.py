# SPDX-License-Identifier: Apache-2.0
"""Random nginx configurations: virtual hosts, locations and the directives that decide an answer."""

PREFIXES = ["/", "/", "/private/", "/private", "/img/", "/img", "/static", "/static/", "/app/",
            "/app", "/dir/", "/dir", "/api/", "/.git", "/.env", "/a%20b.txt", "/a b.txt",
            "/uploads/", "/docs/", "/int/", "/e/f", "/q", "/exact", "/u/", "/st", "/st2/", "/go/",
            "/linkdir/", "/outdir", "/nope/", "/loop/", "/\u00fc.txt", "/app/v1"]
EXACTS = ["/", "/a.txt", "/exact", "/private/secret.txt", "/.env", "/index.html", "/go", "/dir",
          "/dir/", "/x.php", "/secret.txt", "/s/.env", "/status", "/404.html", "/app/", "/b.html"]
REGEXES = [r"~ /\.", r"~ /\.(?!well-known)", r"~ \.php$", r"~ \.php", r"~* \.php$",
           r"~ ^(.+\.php)(/.*)?$", r"~* \.(jpg|png|txt)$", r"~ \.(env|bak|sql|key)$",
           r"~ \.env$", r"~ /\.git", r"~ \.txt$", r"~* ^/PRIVATE/", r"~ ^/private", r"~ /$",
           r"~ \.html$", r"~ [A-Z]", r"~ ^/dir/", r"!x", r"~ ~$", r"~* \.(?:sql|bak)$"]
CAPTURES = [r"~ ^/img/(.*)$", r"~ ^/(?<seg>[a-z]+)/(.+)$", r"~ ^/st([^/]+)/(.*)$",
            r"~ ^/st7(.+)$", r"~ ^/go/(.*)$", r"~ ^/re/(.*)$", r"~ ^/(u|e)/(.*)$",
            r"~ ^/(?<seg>app|dir)(?<rest>/.*)?$", r'~ "^/([a-z]{1,4})/(.*)$"']
TARGETS = ["/a.txt", "/b.html", "/index.html", "/private/secret.txt", "/.env", "/404.html",
           "/x.php", "/nope.html", "/int/s.txt", "/dir/", "/app/index.html", "/dir/file.txt"]
URIS = ["$uri", "$uri", "$uri/", "$uri.html", "$uri/index.html", "/a.txt", "/priv.txt", "/x.php",
        "$request_uri", "/dir$uri", "/app/", "$uri.txt", "/404.html", "/private/secret.txt"]
LASTS = ["=404", "=403", "=204", "/index.html", "/index.php?$args", "@named", "@back", "/404.html",
         "/nope", "/b.html?x=1", "=500", "/x.php$is_args$args", "/a.txt", "$uri/index.html", "/"]
IFS = ["$uri ~ \\.php$", "$uri ~* ^/(IMG|app)/", "$request_uri ~ /\\.", "-f $request_filename",
       "!-f $request_filename", "-d $request_filename", "!-e $request_filename",
       "-e $document_root$uri", "-x $request_filename", "$request_method = POST",
       "$request_method !~ ^(GET|HEAD)$", "$args", "$arg_x", "$arg_x = 1", "$args ~ y=(\\d+)",
       "$host = %(name)s", "$host != %(name)s", "$scheme = http", "$scheme != http",
       "$query_string ~* debug", "$uri !~ txt", "$m_uri", "$m_uri = deny", "$geo_in",
       "$geo_out", "$is_args", "$uri = /a.txt", "$http_host ~ ^v", "$server_port = 80",
       "$remote_addr = 127.0.0.1", "$m_host = yes"]
RETURNS = ["return 200 ok", "return 403", "return 404", "return 204", "return 301 /a.txt",
           "return 302 /dir$uri", "return 301 $scheme://$host$request_uri", "return 444",
           "return 301 https://$host$uri", "return http://example.org/x", "return 410 gone",
           "return 307 /b.html?from=$uri", "return 200 $uri", "return 500", "return 401",
           "return 302 /x$is_args$args", "return 308 /c", "return 418", "return 303 a.txt",
           "return 301 /$arg_x", "return 200 $m_uri", "return 405", "return 302 $m_target",
           "return 301 //other.test/", "return 400", "return 303 \"http://$server_name/\""]
REWRITES = ["^/go/(.*)$ /$1", "^ /a.txt", "^/img/(.*)$ /static/$1", "^/(.*)\\.htm$ /$1.html",
            "^/old(.*)$ /dir$1?x=1", "^/e/(.*)$ /dir/$1?", "^/private/(.*) /dir/$1",
            "/$ /index.html", "^/st([^/]*)/(.*) /$2?q=$1&a=$args", "^/q /.env",
            "^/x.php$ /info.php", "(?i)^/PRIVATE/(.*)$ /private/$1", "^(.*)$ $1",
            "^/loop/(.*)$ /loop/$1/x", "^/u/(?<rest>.*)$ /$rest", "^/nope/? /dir", "^/app/(.*) /api/$1",
            "^/api/(.*)$ http://api.example.org/$1", "^/docs/(.*) //cdn.example.org/$1",
            "^(/dir/.*)$ /linkdir/../$1", "\\.txt$ /priv.txt", "!"]
NETS = ["127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "all", "192.168.1.0/24", "127.0.0.2", "::1",
        "unix:"]

HTTP = """
map $uri $m_uri {
    default "";
    /a.txt one;
    ~^/private/ deny;
    ~*\\.(PNG|js)$ asset;
    "~^/dir/(?<tail>.*)$" $tail;
}
map $host $m_host {
    hostnames;
    default no;
    *.test yes;
    .shop.example shop;
    one.* one;
}
map $uri $m_target {
    default /index.html;
    ~^/app/ /a.txt;
    /dir/ /dir/file.txt;
    /go /private/secret.txt;
}
map $arg_x $m_root {
    default site0;
    1 site1;
    ~^2 site2;
    up ../outside;
}
geo $geo_in { default 0; 127.0.0.0/8 1; 10.0.0.0/8 2; }
geo $geo_out { default ""; 10.0.0.0/8 1; 127.0.0.2/32 1; }
"""


class Vhost:
    """One server block as lines of text, with the hosts and URIs worth asking it for."""

    named = True  # its first host leads to it and no other

    def __init__(self, lines, hosts, where, root, uris):
        self.lines, self.hosts, self.where = lines, hosts, where
        self.root, self.uris = root, uris


class Maker:
    """Writes the virtual hosts of one seed; `env` has base, roots, http and fastcgi addresses."""

    def __init__(self, rng, env):
        self.rng, self.env, self.uris = rng, env, []
        self.root, self.name, self.named = None, None, []

    def pick(self, items):
        return self.rng.choice(items)

    def chance(self, share):
        return self.rng.random() < share

    # Each of the following returns the lines of one feature for a location or server body.

    def access(self):
        rng = self.rng
        if self.chance(0.35):
            return ["deny all;"]
        return ["%s %s;" % (self.pick(("allow", "deny", "deny")), self.pick(NETS))
                for _ in range(rng.randint(1, 3))] + (["deny all;"] if self.chance(0.4) else [])

    def auth(self):
        if self.chance(0.2):
            return ["auth_basic off;"]
        lines = ['auth_basic "x";', "auth_basic_user_file %s/users;" % self.env["base"]]
        if self.chance(0.4):
            lines.append("satisfy %s;" % self.pick(("any", "any", "all")))
            lines += self.access() if self.chance(0.7) else []
        return lines

    def roots(self):
        base, root = self.env["base"], self.pick(self.env["roots"])
        pick = self.rng.random()
        if pick < 0.6:
            return ["root %s/%s;" % (base, root)]
        if pick < 0.7:
            return ["root %s/%s/;" % (base, root)]
        return ["root " + self.pick([
            base + "/hosts/$host", base + "/$m_root", base + "/" + root + "/app", base + "/absent",
            base, base + "/" + root + "/$arg_x", base + "/" + root + "/outdir",
            base + "/" + root + "/./dir", '"%s/%s"' % (base, root), "html"]) + ";"]

    def alias(self, path, kind):
        base = self.env["base"] + "/" + self.pick(self.env["roots"])
        if kind == "regex":
            forms = ["/$1", "/static$1", "/$seg/$rest", "/$1/$2", "/a.txt", "/dir/", "/dir", "$uri",
                     "/static/$1", "/app/$2"]
            if "seg" not in path or "rest" not in path:
                forms.remove("/$seg/$rest")
            if "(" not in path:
                forms = ["/a.txt", "/dir/", "/dir", "$uri"]
            elif "(.*)$" not in path and "/$1/$2" in forms:
                forms.remove("/$1/$2")
            return ["alias %s%s;" % (base, self.pick(forms))]
        if kind == "exact":
            forms = ["/a.txt", "/dir/", "/dir", "/.env", "/nope.txt"]
        elif path.endswith("/"):
            forms = ["/static/", "/dir/", "/", "/private/", "/static", "/img/", "/app/", "/a.txt"]
        else:
            forms = ["/static/", "/static", "/dir/", "/dir", "/", "/app", "/img/", "", "/a.txt"]
        if self.chance(0.1):
            return ["alias %s/$m_root/;" % self.env["base"]]
        return ["alias %s%s;" % (base, self.pick(forms))]

    def index(self):
        return ["index %s;" % self.pick([
            "index.html", "index.php index.html", "home.html", "nope.html /a.txt", "/index.html",
            "file.txt index.html", "secret.txt", "$m_uri index.html", "nope", "index.html /x.php",
            "index.php", "page.htm", "sub/index.html"])]

    def errors(self):
        code = self.pick(["403", "404", "404", "403 404", "401", "500 502 504", "405", "400", "301",
                          "404 403 401"])
        goal = self.pick(TARGETS + ["@named", "http://example.org/e", "/404.html", "/403.html",
                                    "/status", "/50x.html", "$uri.html", "/private/"])
        if goal == "@named" and not self.named:
            goal = "/404.html"
        return ["error_page %s %s%s;" % (code, self.pick(["", "", "", "= ", "=200 ", "=403 ",
                                                          "=404 ", "=204 "]), goal)]

    def tries(self):
        args = [self.pick(URIS) for _ in range(self.rng.randint(1, 3))]
        last = self.pick(LASTS)
        if last.startswith("@") and last[1:] not in self.named:
            last = "=404"
        return ["try_files %s %s;" % (" ".join(args), last)]

    def rewrite(self, server=False):
        rule = self.pick(REWRITES)
        if rule == "!":
            return ["set $v %s;" % self.pick(["1", "$uri", "a$arg_x", "/dir/file.txt", '""']),
                    "rewrite ^/%s %s %s;" % (self.pick(["go", "e", "private/", "docs"]),
                                             self.pick(["/a.txt?v=$v", "$v"]),
                                             self.pick(["last", "break"]))]
        flag = self.pick(["", " last", " last", " break", " redirect", " permanent"])
        if server and rule.startswith(("^ ", "(.*)", "^(.*)")):
            rule = "^/go/(.*)$ /$1"
        return ["rewrite %s%s;" % (rule, flag)]

    def condition(self, server=False):
        test = self.pick(IFS).replace("%(name)s", self.name)
        then = [self.pick(RETURNS) + ";"]
        if self.chance(0.4):
            then = self.rewrite(server)
        elif self.chance(0.25):
            then = [self.pick(["break;", "set $v 1;", "set $v $uri;"])]
        elif not server and self.chance(0.2):
            then = self.pick([self.roots(), ["error_page 404 /a.txt;"], ["autoindex on;"],
                              ["proxy_pass http://%s;" % self.env["http"]], ["auth_basic off;"],
                              ["expires 1d;"]][:6])
            if then == ["auth_basic off;"]:
                then = ["add_header X-If 1;"]
        tail = []
        if any("$v" in line or "set" in line for line in then) and self.chance(0.6):
            tail = ["if ($v %s) { return 403; }" % self.pick(["", "= 1", "~ ^/dir", "!= 1"])]
            then = then if any("set $v" in line for line in then) else ["set $v 1;"] + then
            then = [line for line in then if line]
        return ["if (%s) { %s }" % (test, " ".join(then))] + tail

    def limit(self):
        return ["limit_except %s { %s }" % (self.pick(["GET", "POST", "GET POST", "HEAD", "PUT"]),
                                            self.pick(["deny all;", "allow 127.0.0.1; deny all;",
                                                       "deny 10.0.0.0/8;"]))]

    def links(self):
        return ["disable_symlinks %s;" % self.pick(
            ["on", "on", "off", "if_not_owner", "on from=$document_root",
             "on from=%s" % self.env["base"]])]

    def handler(self, path, kind):
        http = "proxy_pass http://%s%s;" % (self.env["http"], "" if kind in ("regex", "named")
                                            else self.pick(["", "", "/", "/base/"]))
        fast = "fastcgi_pass %s;" % self.env["fastcgi"]
        status = "stub_status;"
        if "php" in path:
            return [fast]
        return [self.pick([http, http, fast, status])]

    def flags(self):
        return [self.pick(["absolute_redirect off;", "port_in_redirect off;",
                           "server_name_in_redirect on;", "recursive_error_pages on;",
                           "autoindex on;", "autoindex on;", "internal_", "autoindex off;",
                           "log_not_found off;", "if_modified_since off;", "etag off;"])]

    def body(self, path, kind, depth):
        """The directives inside one location."""
        out, chance = [], self.chance
        if kind in ("regex", "prefix", "exact") and chance(0.3 if kind != "regex" else 0.25):
            out += self.alias(path, kind)
        elif chance(0.25):
            out += self.roots()
        if chance(0.22):
            out += self.access()
        if chance(0.07):
            out += self.auth()
        if chance(0.12):
            out += self.index()
        if chance(0.12):
            out += self.errors()
        if chance(0.15):
            out += self.tries()
        if chance(0.12):
            out += self.rewrite()
        if chance(0.12):
            out += self.condition()
        if chance(0.07):
            out.append(self.pick(RETURNS) + ";")
        if chance(0.05):
            out += self.limit()
        if chance(0.05):
            out += self.links()
        if chance(0.25):
            out += self.flags()
        if chance(0.3 if "php" in path else 0.08) and kind != "named" or \
                kind == "named" and chance(0.3):
            out += self.handler(path, kind)
        if chance(0.04):
            out += ["internal;"]
        out = ["internal;" if line == "internal_" else line for line in out]
        out = dedupe(out)
        self.rng.shuffle(out) if chance(0.5) else None
        if depth < 2 and kind in ("prefix", "regex") and chance(0.25):
            out += self.nested(path, kind, depth + 1)
        return out

    def nested(self, path, kind, depth):
        out = []
        for _ in range(self.rng.randint(1, 2)):
            if kind == "regex" or self.chance(0.5):
                out += self.location(self.pick(REGEXES[:-4] + CAPTURES[:2]), depth)
                continue
            tail = self.pick(["", "/", "x", "sub/", "secret.txt", ".env", "deep/", "app.js"])
            sub = path + (tail.lstrip("/") if path.endswith("/") else tail)
            out += self.location(self.pick(["", "", "^~ ", "= "]) + quote(sub), depth)
        return out

    def location(self, spec, depth=0):
        """A whole location block, or nothing for the filler entry of a list."""
        if spec.startswith("!"):
            return []
        if spec.startswith("@"):
            kind, path = "named", spec
        elif spec.startswith("~"):
            kind, path = "regex", spec
        else:
            kind = "exact" if spec.startswith("=") else "prefix"
            path = spec.split(" ", 1)[1] if spec.startswith(("=", "^~")) else spec
            path = path.strip('"')
            self.uris.append(path)
        inner = self.body(path, kind, depth)
        return ["location %s {" % spec] + ["    " + line for line in inner] + ["}"]

    def spec(self):
        pick = self.rng.random()
        if pick < 0.42:
            return quote(self.pick(PREFIXES))
        if pick < 0.54:
            return "^~ " + quote(self.pick(PREFIXES))
        if pick < 0.68:
            return "= " + self.pick(EXACTS)
        return self.pick(REGEXES) if pick < 0.88 else self.pick(CAPTURES)

    def server(self, number, listens, names, hosts, default):
        """One server block."""
        rng, chance = self.rng, self.chance
        self.uris, self.name = [], hosts[0]
        self.named = [n for n in ("named", "back") if chance(0.4)]
        self.root = self.pick(self.env["roots"])
        out = ["listen %s%s;" % (addr, " default_server" if default else "") for addr in listens]
        if names:
            out.append("server_name %s;" % " ".join(names))
        if chance(0.96):
            out.append("root %s/%s;" % (self.env["base"], self.root))
        for share, make in ((0.25, self.index), (0.1, self.access), (0.05, self.auth),
                            (0.3, self.errors), (0.1, self.tries), (0.03, self.links)):
            out += make() if chance(share) else []
        out += self.rewrite(True) if chance(0.1) else []
        out += self.condition(True) if chance(0.1) else []
        out += [self.pick(RETURNS) + ";"] if chance(0.02) else []
        for share, flag in ((0.12, "autoindex on"), (0.08, "merge_slashes off"),
                            (0.08, "absolute_redirect off"), (0.08, "port_in_redirect off"),
                            (0.05, "server_name_in_redirect on"), (0.1, "recursive_error_pages on")):
            out += [flag + ";"] if chance(share) else []
        seen = set()
        specs = [self.spec() for _ in range(rng.randint(1, 7))] + ["@" + n for n in self.named]
        if chance(0.35):
            specs.append("/")
        if chance(0.08):
            specs.append("= /status")
        for spec in specs:
            key = spec.replace("^~ ", "")
            if key not in seen:
                seen.add(key)
                out += self.location(spec)
        lines = ["server {"] + ["    " + line for line in dedupe(out)] + ["}"]
        return Vhost(lines, hosts, None, self.root, list(self.uris))


def quote(path):
    """A location path as one argument of the configuration language."""
    return '"%s"' % path if " " in path else path


SINGLE = ("root", "alias", "autoindex", "satisfy", "auth_basic", "auth_basic_user_file", "internal",
          "proxy_pass", "fastcgi_pass", "stub_status", "absolute_redirect", "port_in_redirect",
          "server_name_in_redirect", "recursive_error_pages", "try_files", "disable_symlinks",
          "merge_slashes", "log_not_found", "etag", "if_modified_since")


def dedupe(lines):
    """Drop second copies of directives that may stand only once at a level (not in blocks)."""
    out, seen, depth = [], set(), 0
    for line in lines:
        word = line.split()[0].rstrip(";") if line.strip() else ""
        word = "root" if word == "alias" else word
        if depth == 0 and word in SINGLE:
            if word in seen:
                continue
            seen.add(word)
        depth += line.count("{") - line.count("}")
        out.append(line)
    return out


def make_vhost(rng, env, number, ports):
    """One random virtual host on one of the listening sockets."""
    maker, tag = Maker(rng, env), "v%d" % number
    slot = number % len(ports) if number < len(ports) else rng.randrange(len(ports))
    port, first = ports[slot], number < len(ports)
    if slot == len(ports) - 1:
        addr = ("127.0.0.1", "127.0.0.2", "*")[rng.randrange(3)]
        hosts = ["127.0.0.%d:%d" % (n, port) for n in (1, 2, 3)]
        names = [rng.choice(["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.*", "", "_"])]
        vhost = maker.server(number, ["%s:%d" % (addr, port)], names, hosts, False)
        vhost.where = None
        vhost.hosts = hosts
        return vhost
    addr = "*" if slot == len(ports) - 2 else "127.0.0.1"
    names, hosts = [tag + ".test"], [tag + ".test"]
    style = rng.random()
    if style < 0.12:
        names, hosts = ["." + tag + ".test"], [tag + ".test", "a.b." + tag + ".test"]
    elif style < 0.24:
        names.append("*." + tag + ".test")
        hosts += ["www." + tag + ".test", "a.b." + tag + ".test"]
    elif style < 0.34:
        names.append("www." + tag + ".*")
        hosts += ["www." + tag + ".org", "www." + tag + ".test", "WWW." + tag + ".co.uk"]
    elif style < 0.46:
        names.append(r'"~^(?<sub>[a-z]+)\.%s\.(test|org)$"' % tag)
        hosts += ["www." + tag + ".test", "www." + tag + ".org", "1." + tag + ".test"]
    elif style < 0.5:
        names = ["one", "shop", tag + ".test"]
        hosts += ["one", "shop"]
    elif style < 0.54:
        names, hosts = [], ["nobody.test", "localhost"]
    elif style < 0.6:
        hosts += [tag.upper() + ".TEST", tag + ".test.", "other." + tag + ".test"]
    vhost = maker.server(number, ["%s:%d" % (addr, port)], names, hosts, first and slot != 1)
    vhost.hosts = ["%s:%d" % (host, port) for host in vhost.hosts]
    vhost.where = ("127.0.0.1", port)
    return vhost
