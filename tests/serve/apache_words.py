# SPDX-License-Identifier: Apache-2.0
"""The words that random Apache configurations are made of."""

DIRS = ["", "private", "private/deep", "img", "img/big", "app", "app/v1", "static", "dir",
        "dir/sub", "uploads", "docs", "api", "u", "u/proj", ".git", "q", "e/f", "cgi", "multi",
        "ssi", "linkdir", "outdir", "absout", "int", "s", "closed", "noread", "empty", "owned",
        "nope", "index"]
DIR_GLOBS = ["/*", "/*/deep", "/priv*", "/?pp", "/[di]*", "/i[mn]*", "/.*", "/*/*", "/img/b*",
             "/*dir", "/dir/*", "/app/v?", "/d[^o]r", "/{dir}", "/u/*/.git"]
DIR_REGEXES = [r"/\.", r"/\.git", r"/private", r"/private/$", r"/private$", r"^/.*/img/", r"/dir$",
               r"/(app|api)/", r"/site[0-9]+/dir", r"^/(.*/)?u/", r"/[a-z]{3}/$", r"(?i)/PRIVATE",
               r"/s(tatic|si)?/?$", r"/.*dir.*", r"/(?<seg>private|app|dir)/", r"deep", r"x^"]
FILES = [".ht*", ".*", "*.env", "secret.txt", "*.txt", "*.php", "a.txt", "*.sql", "index.html",
         ".env", "*.bak", "*~", "config", "file.txt", "[ab].*", "????.txt", "*.html", "private",
         "*.cgi", "404.html", "HEAD", "*", "nope*", "deep", "page", "sub"]
FILE_REGEXES = [r"^\.", r"^\.ht", r"\.(env|bak|sql|key|pem)$", r"\.php$", r"\.php", r"^secret",
                r"\.txt$", r"(?i)\.TXT$", r"~$", r"^(config|HEAD)$", r"^[a-c]\.", r"\.html?$",
                r"^index", r"^(?<base>[a-z]+)\.txt$", r"^\.(?!well-known)", r"\.cgi$", r".",
                r"^x\."]
LOCATIONS = ["/", "/private", "/private/", "/img", "/img/", "/dir", "/dir/", "/app", "/app/v1",
             "/.git", "/.env", "/a.txt", "/secret.txt", "/index.html", "/docs", "/api/", "/api",
             "/uploads", "/q", "/u/", "/linkdir", "/px", "/px/", "/st", "/al", "/cgi-bin",
             "/cgi-bin/", "/go", "/status", "/info", "/x.php", "/a b.txt", "/nope", "/old",
             "/multi", "/404.html", "/~www-data", "/ssi", "/cgi", "/dir/sub/", "/e/f",
             "/\u00fc.txt", "/static"]
LOCATION_GLOBS = ["/n*", "/*.txt", "/priv*", "/*/.env", "/?rivate", "/[a-d]*", "/dir/*", "/*",
                  "/*.php*", "/.*", "/d?r/file.txt", "/*/deep/*", "/*/*"]
LOCATION_REGEXES = [r"/\.", r"^/\.", r"/\.git", r"^/private", r"\.(env|sql|bak)$", r"\.php",
                    r"\.php$", r"^/(app|api)/", r"(?i)^/DIR", r"/$", r"^/(?<seg>[a-z]+)/",
                    r"secret", r"//", r"^/px", r"\.txt$", r"^/[^/]+$", r"%", r"^/x", r"^/.*/deep",
                    r"\.html$"]
PATHS = ["/a.txt", "/b.html", "/index.html", "/private/secret.txt", "/.env", "/404.html", "/x.php",
         "/nope.html", "/dir/", "/app/index.html", "/dir/file.txt", "/docs/readme.txt",
         "/img/logo.png", "/cgi/run.cgi", "/static/app.js", "/secret.txt", "/px/x", "/dir",
         "/ssi/page.shtml"]
OPTIONS = ["None", "All", "Indexes", "FollowSymLinks", "SymLinksIfOwnerMatch", "MultiViews",
           "ExecCGI", "Indexes FollowSymLinks", "+Indexes", "-Indexes", "+FollowSymLinks",
           "-FollowSymLinks", "+SymLinksIfOwnerMatch", "-FollowSymLinks +SymLinksIfOwnerMatch",
           "+MultiViews", "+ExecCGI", "-ExecCGI", "+Includes", "Includes", "IncludesNOEXEC",
           "+IncludesNoExec", "Indexes MultiViews FollowSymLinks", "-Indexes +MultiViews",
           "FollowSymLinks ExecCGI", "Indexes FollowSymLinks ExecCGI Includes MultiViews",
           "+Indexes +ExecCGI -MultiViews", "All -Indexes", "all", "FOLLOWSYMLINKS indexes",
           "-SymLinksIfOwnerMatch", "FollowSymLinks SymLinksIfOwnerMatch",
           "+FollowSymLinks +Indexes"]
OVERRIDES = ["None", "None", "All", "All", "All", "All", "All", "All", "All", "All", "All", "All",
             "All", "All", "Nonfatal=All", "Nonfatal=Override All",
             "AuthConfig FileInfo Options Indexes Limit", "AuthConfig", "Limit", "FileInfo",
             "Indexes", "AuthConfig Limit", "FileInfo Indexes", "Options",
             "Options=Indexes,FollowSymLinks", "AuthConfig FileInfo Indexes Limit",
             "Options=MultiViews FileInfo", "Nonfatal=All",
             "AuthConfig Nonfatal=Override", "Nonfatal=Unknown All", "FileInfo Options=ExecCGI",
             "all", "Limit Indexes"]
OVERRIDE_LISTS = ["None", "Redirect RedirectMatch", "Require", "Options DirectoryIndex",
                  "RewriteEngine RewriteRule RewriteCond", "Order Allow Deny Satisfy",
                  "ErrorDocument"]
NETS = ["127.0.0.1", "127", "127.0", "10.0.0.0/8", "127.0.0.0/8", "127.0.0.0/255.0.0.0",
        "192.168.1", "10.1.2.3", "::1", "127.0.0.2", "2001:db8::/32", "127.0.0.1/32", "0.0.0.0/1"]
INDEXES = ["index.html", "index.php index.html", "home.html", "nope.html /a.txt", "/index.html",
           "file.txt index.html", "secret.txt", "nope", "disabled", "sub/index.html", "page.htm",
           "index.html /x.php", "run.cgi index.html", "index.cgi", ".hidden", "../a.txt index.html",
           "page", "link.txt a.txt", "dangling index.html", "unread.html file.txt", "sub",
           "index.html.en", "deep/../index.html", "/nope.html", "index.txt?x=1"]
HANDLERS = ["cgi-script", "server-status", "server-info", "default-handler", "None", "none",
            "server-parsed", "x-unknown", "application/x-httpd-php", "type-map", "cgi-script"]
ENV_TESTS = ["Request_URI ^/private ok", "Request_URI \\.txt$ ok",
             "Request_URI \"^/(a|b)\" ok=yes !no", "Request_Method GET ok",
             "Request_Method POST ok", "Remote_Addr ^127\\. ok",
             "Remote_Addr ^10\\. ok", "Host ^v ok", "User-Agent curl ok", "User-Agent ^$ ok",
             "Request_URI (?i)/DIR ok=1", "Request_URI ^ no ok=$0", "Referer ^$ ok",
             "Request_Protocol HTTP/1\\.1 ok", "ok ^yes$ no=1", "Request_URI secret !ok",
             "Server_Addr ^127 ok", "X-Nope . ok", "^X-N.* ^$ ok", "Request_URI /(..)/ ok=$1"]
INCLUDES = ["grant", "deny", "dot", "index", "rewrite", "opts"]
# What a .htaccess file cannot hold, or hardly.
BROKEN = ["<Files a.txt>\nRequire all denied\n", "Nonsense on\n", "Options Indexes +FollowSymLinks\n",
          "<Directory />\n</Directory>\n", "RewriteRule (\n", "Require\n", "# nothing\n", "",
          "</Files>\n", "DocumentRoot /x\n", "<IfModule mod_nope.c>\nNonsense\n</IfModule>\n",
          "Options \\\n  +Indexes\n", "<If \"bad &&\">\n</If>\n", "ErrorDocument 404\n"]
