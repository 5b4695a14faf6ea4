# SPDX-License-Identifier: Apache-2.0
"""Random Apache configurations: virtual hosts, sections, .htaccess files and what they hold."""
import apache_access
import apache_rewrite
import apache_words as words
from apache_access import block
from apache_expr import expression


class Vhost:
    """One <VirtualHost> as lines of text, with the hosts and URIs worth asking it for."""

    def __init__(self, lines, hosts, root, uris):
        self.lines, self.hosts, self.root, self.uris = lines, hosts, root, uris
        self.where, self.named = None, True


def quoted(text):
    """One argument of a directive or section."""
    return '"%s"' % text if " " in text or text == "" or "\\" in text or "#" in text else text


class Maker:
    """Writes the configuration of one seed; env: base, roots, http (a port) and modules."""

    def __init__(self, rng, env):
        self.rng, self.env, self.uris, self.maps = rng, env, [], False
        self.root, self.tag = None, ""

    def pick(self, items):
        return self.rng.choice(items)

    def chance(self, share):
        return self.rng.random() < share

    def has(self, module):
        return module in self.env["modules"]

    def some(self, features):
        """The lines of those features whose chance comes up."""
        out = []
        for share, make in features:
            if self.chance(share):
                lines = make()
                out += lines if isinstance(lines, list) else [lines]
        return out

    # Features for any container.

    def options(self):
        return "Options " + self.pick(words.OPTIONS)

    def errors(self):
        code = self.pick(["403", "404", "404", "403", "401", "500", "400"])
        goal = self.pick(words.PATHS + ['"text of the page"', "http://example.org/e", "default",
                                        "/404.html", "/403.html", "/nope", "nothere",
                                        "/cgi/run.cgi", "/404.html", "/403.html", "/private/",
                                        "/b.html?x=%{REQUEST_URI}", '"%{REQUEST_URI} x"',
                                        "http://%{HTTP_HOST}/a.txt"])
        return "ErrorDocument %s %s" % (code, goal)

    def index(self):
        return self.some([(0.75, lambda: "DirectoryIndex " + self.pick(words.INDEXES)),
                          (0.2, lambda: "DirectorySlash " + self.pick(["Off", "Off", "On",
                                                                       "NotFound"][:3])),
                          (0.12, lambda: "DirectoryCheckHandler " + self.pick(["On", "Off"])),
                          (0.1, lambda: "DirectoryIndexRedirect " + self.pick(
                              ["on", "off", "permanent", "temp", "seeother", "303"]))])

    def fallback(self):
        return "FallbackResource " + self.pick(["/index.html", "/a.txt", "disabled", "/nope",
                                                "/index.php", "/dir/", "/cgi/run.cgi", "/b.html",
                                                "index.html"])

    def handler(self):
        pick = self.rng.random()
        if pick < 0.4:
            return "SetHandler " + self.pick(words.HANDLERS)
        if pick < 0.48 and self.has("proxy"):
            return 'SetHandler "proxy:http://127.0.0.1:%d/"' % self.env["http"]
        if pick < 0.8:
            return "AddHandler " + self.pick(["cgi-script .cgi", "cgi-script .cgi .pl",
                                              "cgi-script cgi", "server-parsed .shtml",
                                              "server-status .txt", "x-none .php",
                                              "default-handler .cgi", "cgi-script .php",
                                              "type-map .var", "cgi-script .txt",
                                              "server-info .css"])
        return self.pick(["AddType application/x-httpd-cgi .cgi", "AddType text/html .shtml",
                          "ForceType text/plain", "ForceType application/x-httpd-cgi",
                          "ForceType None", "RemoveHandler .cgi", "RemoveHandler .txt .php",
                          "AddType text/plain .php .env", "DefaultType none",
                          "AddCharset utf-8 .txt", "RemoveType .html", "AddEncoding x-gzip .gz",
                          "AddLanguage en .en"])

    def scripts(self):
        return ["Options +ExecCGI", self.pick(["AddHandler cgi-script .cgi",
                                               "SetHandler cgi-script",
                                               "AddHandler cgi-script .cgi .pl .txt"])]

    def views(self, scope):
        if scope == "location":
            return []
        return "MultiviewsMatch " + self.pick(["Any", "Handlers", "NegotiatedOnly", "Filters"])

    def ssi(self):
        if not self.has("include"):
            return []
        return self.pick([["AddOutputFilter INCLUDES .shtml"], ["AddHandler server-parsed .shtml"],
                          ["AddType text/html .shtml", "AddOutputFilter INCLUDES .shtml",
                           "Options +Includes"],
                          ["SetOutputFilter INCLUDES", "Options +IncludesNOEXEC"]])

    def redirect(self, scope):
        """Redirect and RedirectMatch; scope: server, folder or location."""
        if scope == "location" and self.chance(0.3):
            return self.pick(["Redirect /a.txt", "Redirect 301 http://example.org/",
                              "Redirect 404", "Redirect gone",
                              'Redirect 302 "http://%{HTTP_HOST}/b.html"', "Redirect 403",
                              'Redirect 301 "/x%{REQUEST_URI}"', "Redirect permanent /dir/"])
        goal = self.pick(["/a.txt", "http://example.org/", "/dir/", "https://example.org/x",
                          "/b.html?y=1"])
        status = self.pick(["", "", "301 ", "permanent ", "temp ", "303 ", "seeother ", "307 "])
        path = self.pick(["/old", "/nope", "/st", "/private", "/docs", "/app/v1/", "/q", "/.git",
                          "/e", "/a.txt", "/img/logo.png", "/old/x", "/uploads/"])
        self.uris.append(path)
        if self.chance(0.35):
            return "Redirect " + self.pick(["gone ", "404 ", "410 ", "403 ", "500 "]) + path
        if self.chance(0.5):
            return "Redirect %s%s %s" % (status, path, goal)
        regex = self.pick([r"^/old/(.*)$", r"/\.git", r"\.(env|bak)$", r"^/st(.*)", r"(.*)\.htm$",
                           r"^/(app|api)/(.*)$", r"(?i)^/DIR", r"secret"])
        if self.chance(0.45):
            return 'RedirectMatch %s "%s"' % (self.pick(["404", "403", "gone"]), regex)
        goal = self.pick(["/a.txt", "http://example.org/$1", "/dir/$1", "/b.html", "$1", "/$0",
                          "/x?u=$1"])
        return 'RedirectMatch %s"%s" %s' % (status, regex, goal)

    def setenv(self):
        pick = self.rng.random()
        if pick < 0.6:
            return self.pick(["SetEnvIf ", "SetEnvIf ",
                              "SetEnvIfNoCase "]) + self.pick(words.ENV_TESTS)
        if pick < 0.75:
            return 'SetEnvIfExpr "%s" ok=1' % expression(self.rng, self.env, 1)
        return self.pick(["SetEnv ok 1", "BrowserMatch ^$ ok", "BrowserMatchNoCase CURL ok=yes !no",
                          "UnsetEnv ok", "PassEnv PATH", "SetEnv no 1"])

    def files(self, scope, depth=0):
        self.env["used"].add("files")
        body = self.body("files", depth + 1)
        if self.chance(0.55):
            spelled = self.pick(["Files", "Files", "files"])
            return block(spelled, quoted(self.pick(words.FILES)), body)
        regex = '"%s"' % self.pick(words.FILE_REGEXES)
        return block("FilesMatch", regex, body) if self.chance(0.7) else block("Files",
                                                                               "~ " + regex, body)

    def condition(self, depth=0):
        expr = lambda: '"%s"' % expression(self.rng, self.env)  # noqa: E731
        out = block("If", expr(), self.body("if", depth + 1))
        if self.chance(0.2):
            out += block("ElseIf", expr(), self.body("if", depth + 1))
        if self.chance(0.3):
            out += block("Else", "", self.body("if", depth + 1))
        return out

    def wrapped(self, lines):
        """Lines inside a condition that holds or does not, while the configuration is read."""
        name, argument = self.pick([
            ("IfModule", "mod_alias.c"), ("IfModule", "rewrite_module"), ("IfModule",
                                                                          "!mod_nope.c"),
            ("IfModule", "mod_nope.c"), ("IfDefine", "ON"), ("IfDefine", "!ON"), ("IfDefine",
                                                                                  "OFF"),
            ("IfVersion", ">= 2.4"), ("IfVersion", "< 2.4"), ("IfVersion", "= 2.4.71"),
            ("IfVersion", "~ ^2\\.4"), ("IfFile", self.env["base"] + "/users"), ("IfDirective",
                                                                                 "Alias"),
            ("IfFile", "!" + self.env["base"] + "/nope"), ("IfSection", "Directory"),
            ("IfModule", "mod_userdir.c"), ("IfModule", "!autoindex_module"), ("IfDirective",
                                                                               "Nope")])
        if name == "IfVersion" and not self.has("version"):
            return lines
        return block(name, argument, lines)

    # Bodies of sections.

    def body(self, scope, depth=0):
        """The directives inside one section; scope: directory, location, files, if or htaccess."""
        top = scope in ("directory", "htaccess")
        features = [
            (0.45, lambda: apache_access.requires(self)),
            (0.12, lambda: apache_access.legacy(self)),
            (0.08, lambda: apache_access.auth(self)),
            (0.04, self.scripts), (0.3 if top else 0.08, self.options),
            (0.06, lambda: apache_access.limits(self)),
            (0.1, self.errors), (0.14, self.index), (0.05, self.fallback), (0.08, self.handler),
            (0.03, self.ssi), (0.07, lambda: self.redirect("location" if scope in ("location", "if")
                                                             else "folder")),
            (0.08, self.setenv),
            (0.16 if top else 0.06, lambda: apache_rewrite.rules(self, True)),
            (0.05, lambda: "AcceptPathInfo " + self.pick(["On", "Off", "Default"])),
            (0.02, lambda: "CGIPassAuth On"), (0.02, lambda: 'Header set X-A "b"'),
            (0.02, lambda: "UseCanonicalName " + self.pick(["On", "Off"])),
            (0.02, lambda: self.views(scope)),
            (0.02, lambda: "LanguagePriority en de"),
            (0.01, lambda: "XBitHack on" if self.has("include") else []),
            (0.03, lambda: "IndexIgnore *.bak"), (0.02,
                                                  lambda: "IndexOptions FancyIndexing HTMLTable"),
        ]
        out = self.some(features)
        if scope == "location" and self.chance(0.08):
            out.append("ProxyPass " + self.backend(self.pick(["", "/", "/base"]))
                       if self.has("proxy") and self.chance(0.7) else
                       'Alias "%s/%s/static"' % (self.env["base"], self.root))
        if depth < 2 and scope != "location" and self.chance(0.16 if top else 0.07):
            out += self.files(scope, depth + 1)
        if depth < 2 and self.chance(0.1 if depth == 0 else 0.05):
            out += self.condition(depth + 1)
        if out and self.chance(0.08):
            out = self.wrapped(out)
        return out

    def backend(self, tail):
        return "http://127.0.0.1:%d%s" % (self.env["http"], tail)

    def directory(self, root=None):
        """A <Directory> section of one of its forms."""
        base = self.env["base"]
        top = "%s/%s" % (base, root or self.root)
        body = self.body("directory")
        if self.chance(0.45):
            body.append("AllowOverride " + self.pick(words.OVERRIDES))
        if self.chance(0.04):
            body.append("AllowOverrideList " + self.pick(words.OVERRIDE_LISTS))
        pick = self.rng.random()
        if pick < 0.62:
            rel = self.pick(words.DIRS + ["", "", "private", "app", "dir"])
            path = top + ("/" + rel if rel else "") + self.pick(["", "", "/"])
            path = path if self.chance(0.9) else self.pick(["/", base, base + "/outside",
                                                            base + "/scripts"])
            return block("Directory", quoted(path), body)
        if pick < 0.76:
            path = self.pick([top, top, base + "/*", base + "/site?", base + "/s*"]) \
                + self.pick(words.DIR_GLOBS)
            return block("Directory", quoted(path), body)
        regex = self.pick(words.DIR_REGEXES)
        if self.chance(0.2):
            regex = "^" + top + self.pick(["/private", "/.*", "/[a-z]+/$", "/(img|dir)", "/?$"])
        if pick < 0.88:
            return block("DirectoryMatch", '"%s"' % regex, body)
        return block("Directory", '~ "%s"' % regex, body)

    def location(self):
        """A <Location> section of one of its forms."""
        body = self.body("location")
        pick = self.rng.random()
        if pick < 0.6:
            path = self.pick(words.LOCATIONS)
            self.uris.append(path)
            if path in ("/status", "/info") and self.chance(0.8):
                body.append("SetHandler server-" + path[1:])
            return block("Location", quoted(path), body)
        if pick < 0.72:
            return block("Location", quoted(self.pick(words.LOCATION_GLOBS)), body)
        regex = '"%s"' % self.pick(words.LOCATION_REGEXES)
        return block("LocationMatch", regex,
                     [b for b in body if "ProxyPass " not in b or "$" in b]) \
            if pick < 0.88 else block("Location", "~ " + regex, body)

    # Features of a server.

    def aliases(self):
        base, pick = self.env["base"], self.pick
        root = base + "/" + pick(self.env["roots"])
        kind = self.rng.random()
        if kind < 0.5:
            path = pick(["/al", "/al/", "/st", "/static", "/img/", "/q", "/al/deep", "/", "/a.txt",
                         "/docs"])
            self.uris.append(path)
            goal = pick([root + "/static", root + "/dir", root, base + "/outside", root + "/a.txt",
                         root + "/nope", root + "/linkdir", root + "/private"])
            if path.endswith("/") != goal.endswith("/") and self.chance(0.8):
                goal += "/" if path.endswith("/") else ""
            return "Alias %s %s" % (path, quoted(goal))
        if kind < 0.75:
            regex, goals = pick([(r"^/am(.*)$", ["/$1", "/dir$1", "$1"]), (r"^/am/(.*)",
                                                                           ["/dir/$1", "/$1"]),
                                 (r"^/(img|docs)/(.*)$", ["/static/$2", "/$1/$2", "/$2"]),
                                 (r"^/st([^/]*)/(.*)$", ["/$1/$2", "/static/$2"]), (r"\.htm$",
                                                                                    ["/b.html"]),
                                 (r"^/q", ["/dir", "/a.txt", "/dir/"]), (r"(?i)^/AL/(.*)",
                                                                         ["/$1"])])
            return 'AliasMatch "%s" "%s%s"' % (regex, root, pick(goals))
        path = pick(["/cgi-bin/", "/cgi-bin", "/cgi-bin/", "/run"])
        self.uris.append(path)
        goal = pick([base + "/scripts", root + "/cgi", root + "/cgi-bin"])
        if self.chance(0.1):
            return 'ScriptAliasMatch "^/cgi-bin/(.*)" "%s/$1"' % goal
        return "ScriptAlias %s %s" % (path, goal + ("/" if path.endswith("/") else ""))

    def proxies(self):
        if not self.has("proxy"):
            return []
        pick, out = self.pick, []
        if self.chance(0.4):
            out.append(pick(["ProxyPass /px/no !", "ProxyPass /px !",
                             "ProxyPassMatch ^/px/.*\\.txt$ !", "ProxyPass / !",
                             "ProxyPass /app/v1 !", "ProxyPassMatch \"/\\.\" !"]))
        path = pick(["/px", "/px/", "/px", "/app", "/api/", "/", "/dir", "/px/deep", "/.git"])
        self.uris.append(path)
        tail = pick(["", "/", "/base/"]) if not path.endswith("/") else pick(["/", "/", "/base/"])
        if self.chance(0.25):
            out.append('ProxyPassMatch "%s" "%s"' % pick([
                ("^/px/(.*)$", self.backend("/$1")), ("^(/app/.*)$", self.backend("$1")),
                ("\\.php$", self.backend("/")), ("^/go/(.*)", self.backend("/x?y=$1")),
                ("^/(api|px)", self.backend(""))]))
        else:
            extra = pick(["", "", "", " nocanon", " mapping=encoded"])
            out.append("ProxyPass %s %s%s" % (path, self.backend(tail), extra))
        if self.chance(0.15):
            out += block("Proxy", pick(["*", self.backend("/*"), "http://127.0.0.1*"]),
                         apache_access.requires(self))
        if self.chance(0.3):
            out.append("ProxyPassReverse %s %s" % (path, self.backend("/")))
        return out

    def userdir(self):
        if not self.has("userdir"):
            return []
        users = self.env["base"] + "/users.d"
        return [self.pick(["UserDir " + users, "UserDir " + users, "UserDir %s/*/pub" % users,
                           "UserDir public_html", "UserDir http://example.org/*/x",
                           "UserDir http://example.org/u", "UserDir html"])
                ] + self.some([(0.3, lambda: "UserDir " + self.pick(
                    ["disabled", "disabled bob", "enabled ann", "disabled ann www-data"]))])

    def switches(self):
        return self.some([
            (0.12, lambda: "MergeSlashes " + self.pick(["Off", "Off", "On"])),
            (0.2, lambda: "AllowEncodedSlashes " + self.pick(["On", "NoDecode", "NoDecode",
                                                              "Off"])),
            (0.12, lambda: "UseCanonicalName " + self.pick(["On", "Off"])),
            (0.06, lambda: "UseCanonicalPhysicalPort " + self.pick(["On", "Off"])),
            (0.06, lambda: "ServerSignature " + self.pick(["On", "Off"])),
            (0.05, lambda: "AccessFileName " + self.pick([".htaccess", ".acl .htaccess", ".htnone",
                                                          "a.txt"])),
            (0.04, lambda: "HttpProtocolOptions " + self.pick(["Unsafe", "Strict"])),
            (0.04, lambda: "AllowEncodedSlashes On"), (0.03, lambda: "TraceEnable off"),
            (0.04, lambda: "QualifyRedirectURL " + self.pick(["On", "Off"])),
            (0.05, lambda: "RedirectRelative " + self.pick(["On", "Off"]))])

    def document_root(self):
        base, root = self.env["base"], "%s/%s" % (self.env["base"], self.root)
        if self.has("vhost_alias") and self.chance(0.05):
            form = self.pick(["%0", "%1", "%-1", "%2", "%1.1", "%0/", "%-2.0.%-1.0"])
            return ["VirtualDocumentRoot %s/hosts/%s" % (base, form)]
        odd = [root + "/", '"%s"' % root, "www/" + self.root, root + "/linkdir", base + "/nope",
               root + "/app", base]
        return ["DocumentRoot " + self.pick([root] * 12 + odd)]

    def macro(self):
        name = "M" + self.tag
        if not self.has("macro"):
            return []
        if self.chance(0.5):
            inner = ["<Location $what>", "    Require all $how", "</Location>"]
            return block("Macro", name + " $what $how", inner) + [
                "Use %s %s %s" % (name, self.pick(words.LOCATIONS[:8]),
                                  self.pick(["denied", "granted"]))]
        inner = ["<Directory %s/%s/%%dir>" % (self.env["base"], self.root),
                 "    Require all denied", "    Options +Indexes", "</Directory>"]
        return block("Macro", name + " %dir", inner) + [
            "Use %s %s" % (name, self.pick(["private", "app", "dir"])), "UndefMacro " + name]

    def defined(self):
        name = "D" + self.tag
        return ["Define %s %s" % (name, self.pick(["denied", "granted"]))] + block(
            "Location", self.pick(["/docs", "/img", "/.git", "/nope"]),
            ["Require all ${%s}" % name])

    def include(self, names):
        return "Include %s/inc/%s.inc" % (self.env["base"], self.pick(names))

    def vhost_body(self):
        """The directives of one virtual host."""
        self.maps = self.chance(0.3)
        out = self.document_root()
        out += apache_rewrite.maps(self) if self.maps else []
        out += self.some([
            (0.25, self.switches), (0.3, lambda: apache_rewrite.rules(self, False)),
            (0.4, self.aliases), (0.25, self.aliases), (0.14, self.proxies), (0.12, self.userdir),
            (0.2, lambda: self.redirect("server")), (0.15, lambda: self.redirect("server")),
            (0.2, self.index), (0.25, self.errors), (0.1, self.fallback), (0.15, self.handler),
            (0.1, self.ssi), (0.25, self.setenv), (0.1, self.condition), (0.05, self.macro),
            (0.05, self.defined),
            (0.06, lambda: self.include(["dot", "deny", "index"])),
            (0.02, lambda: "IncludeOptional inc/nope*.conf"),
            (0.03, lambda: self.wrapped(["Alias /al %s/outside" % self.env["base"]]))])
        if self.chance(0.6):
            out += block("Directory", "%s/%s" % (self.env["base"], self.root), self.some([
                (0.8, lambda: "Require all granted"), (0.4, self.options), (0.1, self.scripts),
                (0.15, lambda: "Options Indexes FollowSymLinks"),
                (0.7, lambda: "AllowOverride " + self.pick(words.OVERRIDES)),
                (0.1, lambda: self.include(words.INCLUDES))]))
        for _ in range(self.pick([0, 0, 1, 1, 2, 3])):
            out += self.directory()
        for _ in range(self.pick([0, 0, 0, 1, 1, 2])):
            out += self.files("server")
        for _ in range(self.pick([0, 0, 0, 1, 1, 2, 3])):
            out += self.location()
        return out

    def htaccess(self):
        """The text of a .htaccess file."""
        if self.chance(0.03):
            return self.pick(words.BROKEN)
        lines = self.body("htaccess")
        if self.chance(0.15):
            lines.append(self.pick(["Require all granted", "Require all denied",
                                    "Options +Indexes"]))
        if self.chance(0.04):
            lines.insert(0, "IncludeOptional inc/nope*.conf")
        return "\n".join(lines) + "\n"


def make_vhost(rng, env, number, ports):
    """One random virtual host at one of the listening sockets."""
    maker, tag = Maker(rng, env), "v%d" % number
    maker.tag, maker.root = str(number), rng.choice(env["roots"])
    last = len(ports) - 1  # nobody's virtual host: the main server answers there
    slot = number % last if number < last else rng.randrange(last)
    port = ports[slot]
    where = None
    if slot == last - 1:
        address = rng.choice(["127.0.0.1", "127.0.0.2", "*", "_default_", "127.0.0.1"])
        hosts = ["127.0.0.%d:%d" % (n, port) for n in (1, 2, 3)]
        names = [rng.choice(["127.0.0.1", "127.0.0.2", "127.0.0.*", "other.test", tag + ".test"])]
        # What 127.0.0.2 is called is not to be found anywhere.
        named = rng.random() < 0.8 or address == "127.0.0.2"
        out = ["ServerName " + names[0].replace("*", "9")] if named else []
        out += ["ServerAlias " + names[0]] if "*" in names[0] else []
    else:
        address, where = "*" if slot % 2 else "127.0.0.1", ("127.0.0.1", port)
        out, hosts = names_of(rng, tag, port)
    address = "%s:%s" % (address, rng.choice([port, port, port, "${PORT%d}" % slot]))
    lines = ["<VirtualHost %s>" % address] + ["    " + line for line in out + maker.vhost_body()] \
        + ["</VirtualHost>"]
    vhost = Vhost(lines, hosts, maker.root, list(maker.uris))
    vhost.where, vhost.named = where, where is not None and bool(out)
    return vhost


def names_of(rng, tag, port):
    """ServerName and ServerAlias lines, and the hosts to ask for."""
    name, style = tag + ".test", rng.random()
    out, hosts = ["ServerName " + name], [name]
    if style < 0.1:
        out.append("ServerAlias *.%s.test" % tag)
        hosts += ["www.%s.test" % tag, "a.b.%s.test" % tag]
    elif style < 0.2:
        out.append("ServerAlias www.%s.* ?.%s.test" % (tag, tag))
        hosts += ["www.%s.org" % tag, "x.%s.test" % tag, "WWW.%s.co.uk" % tag]
    elif style < 0.28:
        out = ["ServerName http://%s:8080" % name]
    elif style < 0.34:
        out = ["ServerName %s:81" % name, "ServerAlias www." + name]
        hosts += ["www." + name]
    elif style < 0.4:
        hosts += [name.upper(), name + ".", "other." + name]
    elif style < 0.45:
        out, hosts = [], ["nobody.test", "localhost", name]
    elif style < 0.5:
        out.append("ServerAlias one shop")
        hosts += ["one", "shop"]
    return out, ["%s:%d" % (host, port) for host in hosts]
