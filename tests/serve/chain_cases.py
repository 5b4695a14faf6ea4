# SPDX-License-Identifier: Apache-2.0
"""Two servers of one host, one in front of the other: (title, nginx, httpd, requests) of each case.

@F@ is the front's port and @B@ the backend's, @SOCK@ a socket, @BACK@ and @FRONT@ folders. A case
is asked for at the front as the host "a.test", unless the request begins with another one; a
request with "client|" in front comes from that address."""

FILES = ["index.html", "a.txt", "dir/index.html", "dir/b.txt", "sp ace.txt", "api/x.txt",
         "err.html", "apix.txt", "secret/s.txt", "private/p.txt", "x/a.txt", "a%2fb.txt", "old/o.txt", "50.html"]

PATHS = ["/", "/a.txt", "/a.txt?x=1", "/dir", "/dir?q=1", "/dir/", "/dir/b.txt", "/nope",
         "/sp%20ace.txt", "/%61.txt", "/dir/../a.txt", "/dir%2fb.txt", "//a.txt", "/a%252fb.txt",
         "/./a.txt", "/dir/%2e%2e/a.txt", "/go", "/go/x", "/a.txt%3fx", "/x/a.txt"]
API = ["/api/", "/api", "/api?x", "/api/a.txt", "/api/dir", "/api/dir/", "/api/dir/b.txt?y=2",
       "/api/go", "/api/sp%20ace.txt", "/api/../a.txt", "/api/dir%2fb.txt", "/api/%2e%2e/a.txt",
       "/api//a.txt", "/api/x.txt", "/apix.txt", "/api/a%252fb.txt"]

HTTPD = """<VirtualHost 127.0.0.1:@B@>
ServerName one.test
DocumentRoot @BACK@
Redirect /go /dir/
Redirect 301 /far http://far.test/x
</VirtualHost>
"""
HTTPD_TWO = HTTPD + """<VirtualHost 127.0.0.1:@B@>
ServerName a.test
DocumentRoot @FRONT@
Redirect /go /dir/
</VirtualHost>
"""
NGINX = """server { listen 127.0.0.1:@B@; server_name one.test; root @BACK@;
location = /go { return 302 /dir/; } location = /far { return 301 http://far.test/x; } }
"""
NGINX_TWO = NGINX + """server { listen 127.0.0.1:@B@; server_name a.test; root @FRONT@;
location = /go { return 302 /dir/; } }
"""


def before(text):
    """An nginx in front."""
    return "server { listen 127.0.0.1:@F@; server_name a.test; root @FRONT@;\n%s\n}\n" % text


def ahead(text):
    """An httpd in front."""
    return ("<VirtualHost 127.0.0.1:@F@>\nServerName a.test\nDocumentRoot @FRONT@\n%s\n"
            "</VirtualHost>\n" % text)


NGINX_FRONTS = [
    ("proxy_pass without a URI",
     before("location / { proxy_pass http://127.0.0.1:@B@; }"), HTTPD, PATHS + ["/far"]),
    ("proxy_pass with a URI",
     before("location / { proxy_pass http://127.0.0.1:@B@/; }"), HTTPD, PATHS),
    ("a prefix replaced",
     before("location /api/ { proxy_pass http://127.0.0.1:@B@/; }"), HTTPD, API),
    ("a prefix without a slash",
     before("location /api { proxy_pass http://127.0.0.1:@B@/dir; }"), HTTPD, API),
    ("a regex location",
     before(r"location ~ \.txt$ { proxy_pass http://127.0.0.1:@B@; } "
            r"location ~ ^/v/(.*)$ { proxy_pass http://127.0.0.1:@B@/$1$is_args$args; }"), HTTPD,
     PATHS + ["/v/a.txt", "/v/dir", "/v/go", "/v/nope", "/v/a.txt?z=1"]),
    ("the client's host passed on",
     before("location / { proxy_set_header Host $host; proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD_TWO, PATHS),
    ("the client's host and port passed on",
     before("location / { proxy_set_header Host $http_host; proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD_TWO, PATHS),
    ("a host and the front's port passed on",
     before("location / { proxy_set_header Host one.test:$server_port; "
            "proxy_pass http://127.0.0.1:@B@/; }"), HTTPD_TWO, PATHS),
    ("an upstream block",
     "upstream @NAME@ { server 127.0.0.1:@B@; keepalive 2; }\n"
     + before("location /api/ { proxy_pass http://@NAME@/; } "
              "location / { proxy_pass http://@NAME@; }"),
     HTTPD.replace("one.test", "one.test\nUseCanonicalName On"), API + PATHS),
    ("proxy_redirect off and with words of its own",
     before("location /api/ { proxy_redirect off; proxy_pass http://127.0.0.1:@B@/; } "
            "location /two/ { proxy_redirect http://127.0.0.1:@B@/dir/ /moved/; "
            "proxy_pass http://127.0.0.1:@B@/; proxy_redirect default; } "
            "location /three/ { proxy_redirect ~^http://[^/]+(/.*)$ https://new.test$1; "
            "proxy_pass http://127.0.0.1:@B@/; }"),
     HTTPD, API + ["/two/dir", "/two/x", "/two/go", "/two/far", "/three/dir", "/three/go"]),
    ("error_page and proxy_intercept_errors",
     before("error_page 404 /err.html; error_page 403 =200 /a.txt; error_page 401 @local; "
            "location / { proxy_pass http://127.0.0.1:@B@; proxy_intercept_errors on; } "
            "location @local { return 302 /login; } "
            "location = /err.html { } location = /a.txt { } "
            "location /x/ { proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD.replace("Redirect /go", "<Location /secret>\nRequire all denied\n</Location>\n"
                   "<Location /private>\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\n"
                   "Require valid-user\n</Location>\nRedirect /go"),
     PATHS + ["/secret/s.txt", "/private/p.txt", "/x/nope"]),
    ("denied and asked for a password, at the front or behind it",
     before("location / { proxy_pass http://127.0.0.1:@B@; } "
            "location /private/ { auth_basic x; auth_basic_user_file /dev/null; "
            "proxy_pass http://127.0.0.1:@B@; } "
            "location /dir/ { deny all; proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD.replace("Redirect /go", "<Location /secret>\nRequire all denied\n</Location>\n"
                   "<Location /old>\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\n"
                   "Require valid-user\n</Location>\nRedirect /go"),
     PATHS + ["/secret/s.txt", "/private/p.txt", "/secret%2fs.txt", "/old/o.txt", "/old",
              "/secret/../a.txt", "/SECRET/s.txt", "//secret/s.txt", "/dir/../secret/s.txt"]),
    ("only this machine, without the client's address",
     before("location / { proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD.replace("Redirect /go", "<Location /secret>\nRequire ip 127.0.0.1\n</Location>\n"
                   "Redirect /go"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt", "127.0.0.2|/a.txt"]),
    ("only this machine, with mod_remoteip",
     before("location / { proxy_set_header X-Forwarded-For $remote_addr; "
            "proxy_pass http://127.0.0.1:@B@; } "
            "location /old/ { proxy_set_header X-Forwarded-For $remote_addr; "
            "proxy_pass http://127.0.0.1:@B@/secret/; } "
            "location /x/ { proxy_pass http://127.0.0.1:@B@/secret/; }"),
     HTTPD.replace("Redirect /go", "RemoteIPHeader X-Forwarded-For\n"
                   "RemoteIPInternalProxy 127.0.0.1\n"
                   "<Location /secret>\nRequire ip 127.0.0.1\n</Location>\nRedirect /go"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt", "127.0.0.2|/a.txt", "127.0.0.2|/old/s.txt",
      "127.0.0.2|/x/s.txt"]),
    ("mod_remoteip that trusts another proxy",
     before("location / { proxy_set_header X-Forwarded-For $remote_addr; "
            "proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD.replace("Redirect /go", "RemoteIPHeader X-Forwarded-For\n"
                   "RemoteIPInternalProxy 127.0.0.9\n"
                   "<Location /secret>\nRequire ip 127.0.0.1\n</Location>\nRedirect /go"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt"]),
    ("rewrites before proxy_pass",
     before("location /r/ { rewrite ^/r/(.*)$ /$1 break; proxy_pass http://127.0.0.1:@B@; } "
            "location /q/ { rewrite ^/q/(.*)$ /dir/$1?k=v break; "
            "proxy_pass http://127.0.0.1:@B@/ignored/; } "
            "location / { try_files $uri @back; } "
            "location @back { proxy_pass http://127.0.0.1:@B@; }"),
     HTTPD, PATHS + ["/r/a.txt", "/r/dir", "/r/sp%20ace.txt", "/q/b.txt", "/q/", "/r/go"]),
    ("variables in proxy_pass",
     before("set $to 127.0.0.1:@B@; location / { proxy_pass http://$to; } "
            "location /api/ { proxy_pass http://$to/dir/; } "
            "location /x/ { proxy_pass http://127.0.0.1:@B@$request_uri; }"), HTTPD, PATHS + API),
    ("error_page that leads to the backend",
     before("location / { error_page 404 @back; error_page 403 = @back; } "
            "location /old/ { deny all; error_page 403 =200 /go; } "
            "location /nofile/ { error_page 404 =202 /dir/index.html; } "
            "location = /go { proxy_pass http://127.0.0.1:@B@; } "
            "location /dir/ { proxy_pass http://127.0.0.1:@B@/; } "
            "location @back { proxy_pass http://127.0.0.1:@B@; }").replace("@FRONT@", "@FRONT@/dir"),
     HTTPD, PATHS + ["/old/o.txt", "/private/", "/nofile/x", "/apix.txt"]),
    ("redirects without host, or without port",
     before("absolute_redirect off; location / { proxy_pass http://localhost:@B@; } "
            "location /api/ { absolute_redirect on; port_in_redirect off; "
            "proxy_pass http://localhost:@B@/; }"), HTTPD, PATHS + API),
]

REVERSE = "ProxyPassReverse / http://127.0.0.1:@B@/"
LOCAL = "location /secret/ { allow 127.0.0.1; deny all; } location /old/ { deny all; } "
HTTPD_FRONTS = [
    ("ProxyPass of everything, with ProxyPassReverse", NGINX,
     ahead("ProxyPass / http://127.0.0.1:@B@/\n" + REVERSE), PATHS + ["/far"]),
    ("ProxyPass without ProxyPassReverse", NGINX,
     ahead("ProxyPass / http://127.0.0.1:@B@/"), PATHS),
    ("ProxyPass of a prefix", NGINX,
     ahead("ProxyPass /api/ http://127.0.0.1:@B@/\n"
           "ProxyPassReverse /api/ http://127.0.0.1:@B@/"), API),
    ("ProxyPass without a slash", NGINX,
     ahead("ProxyPass /api http://127.0.0.1:@B@/dir\n"
           "ProxyPassReverse /api http://127.0.0.1:@B@"), API),
    ("ProxyPass exclusions", NGINX,
     ahead("ProxyPass /dir/ !\nProxyPass /secret !\nProxyPass / http://127.0.0.1:@B@/\n"
           + REVERSE), PATHS + ["/secret/s.txt", "/secretx"]),
    ("several ProxyPassReverse, of which a later one fits", NGINX,
     ahead("ProxyPass / http://127.0.0.1:@B@/\n"
           "ProxyPassReverse /api/ http://127.0.0.1:@B@/dir/\n"
           "ProxyPassReverse /v/ http://127.0.0.1:@B@/x/\n" + REVERSE),
     PATHS + ["/x", "/api"]),
    ("ProxyPreserveHost", NGINX_TWO,
     ahead("ProxyPreserveHost On\nProxyPass / http://127.0.0.1:@B@/\n" + REVERSE), PATHS),
    ("ProxyPass in a Location", NGINX,
     ahead("<Location /api/>\nProxyPass http://127.0.0.1:@B@/\nProxyPassReverse /\n</Location>\n"
           "<Location /two/>\nProxyPass http://127.0.0.1:@B@/\n"
           "ProxyPassReverse http://127.0.0.1:@B@/\n</Location>"),
     API + ["/two/dir", "/two/go", "/two/x"]),
    ("ProxyPassMatch", NGINX,
     ahead("ProxyPassMatch ^/api/(.*)$ http://127.0.0.1:@B@/$1\n"
           "ProxyPassMatch \"\\.txt$\" http://127.0.0.1:@B@"), API + PATHS),
    ("RewriteRule [P]", NGINX,
     ahead("RewriteEngine On\nRewriteRule ^/api/(.*)$ http://127.0.0.1:@B@/$1 [P]\n"
           "RewriteRule ^/q/(.*)$ http://127.0.0.1:@B@/dir/$1?k=v [P,QSA]\n"
           "ProxyPassReverse /api/ http://127.0.0.1:@B@/"),
     API + ["/q/b.txt", "/q/b.txt?z", "/q/"]),
    ("SetHandler proxy", NGINX,
     ahead("<Location /dir>\nSetHandler \"proxy:http://127.0.0.1:@B@\"\n</Location>\n"
           "<FilesMatch \"\\.txt$\">\nSetHandler \"proxy:http://127.0.0.1:@B@/\"\n</FilesMatch>"),
     ["/dir/b.txt", "/dir", "/dir/", "/a.txt", "/nope.txt", "/index.html", "/a.txt?x=1"]),
    ("a socket of the backend's", NGINX.replace("127.0.0.1:@B@", "unix:@SOCK@"),
     ahead("ProxyPass / unix:@SOCK@|http://one.test/\nProxyPassReverse / http://one.test/"),
     PATHS),
    ("a balancer", NGINX,
     ahead("<Proxy balancer://b@B@>\nBalancerMember http://127.0.0.1:@B@\n</Proxy>\n"
           "ProxyPass / balancer://b@B@/\nProxyPassReverse / balancer://b@B@/"), PATHS),
    ("denied and asked for a password", NGINX.replace("location = /go", LOCAL + "location = /go"),
     ahead("ProxyPass / http://127.0.0.1:@B@/\n"
           "<Location /dir>\nRequire all denied\n</Location>\n"
           "<Location /private>\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\n"
           "Require valid-user\n</Location>"),
     PATHS + ["/old/o.txt", "/old/../a.txt", "/private/p.txt", "//old/o.txt", "//dir/b.txt"]),
    ("only this machine, without the client's address",
     NGINX.replace("location = /go", LOCAL + "location = /go"),
     ahead("ProxyPass / http://127.0.0.1:@B@/"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt", "127.0.0.2|/a.txt"]),
    ("only this machine, with real_ip",
     NGINX.replace("location = /go", "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; "
                   + LOCAL + "location = /go"),
     ahead("ProxyPass / http://127.0.0.1:@B@/"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt", "127.0.0.2|/a.txt"]),
    ("real_ip from another header",
     NGINX.replace("location = /go", "set_real_ip_from 127.0.0.1; "
                   + LOCAL + "location = /go"),
     ahead("ProxyPass / http://127.0.0.1:@B@/"),
     ["/secret/s.txt", "127.0.0.2|/secret/s.txt"]),
    ("rules for sockets behind a socket",
     NGINX.replace("127.0.0.1:@B@", "unix:@SOCK@").replace(
         "location = /go", "location /secret/ { allow unix:; deny all; } "
         "location /old/ { allow 127.0.0.1; deny all; } location = /go"),
     ahead("ProxyPass / unix:@SOCK@|http://a.test/"), ["/secret/s.txt", "/old/o.txt", "/a.txt"]),
    ("ProxyPass with nocanon, and encoded slashes", NGINX,
     ahead("AllowEncodedSlashes NoDecode\nProxyPass /api/ http://127.0.0.1:@B@/ nocanon\n"
           "ProxyPass / http://127.0.0.1:@B@/"), PATHS + API + ["/api/a.txt?x=%2f"]),
    ("mapping=encoded", NGINX,
     ahead("AllowEncodedSlashes On\nProxyPass / http://127.0.0.1:@B@/ mapping=encoded\n"),
     PATHS + API),
    ("an ErrorDocument from the backend", NGINX,
     ahead("ProxyPass /api/ http://127.0.0.1:@B@/\nErrorDocument 404 /api/err.html\n"
           "ErrorDocument 403 /api/nope\n<Location /old>\nRequire all denied\n</Location>"),
     PATHS + ["/old/o.txt", "/api/nope"]),
    ("UseCanonicalName", NGINX_TWO,
     ahead("UseCanonicalName On\nServerName b.test:8080\nServerAlias a.test\n"
           "ProxyPass / http://127.0.0.1:@B@/\n" + REVERSE), PATHS),
    ("a ProxyPassReverse with another host, in capitals", NGINX_TWO,
     ahead("ProxyPreserveHost On\nProxyPass / http://127.0.0.1:@B@/\n"
           "ProxyPassReverse /v/ HTTP://A.test:@B@/dir\nProxyPassReverse / http://a.test:@B@/"),
     PATHS),
    ("ProxyErrorOverride for some", NGINX.replace("location = /go", LOCAL + "location = /go"),
     ahead("ProxyPass / http://127.0.0.1:@B@/\nProxyErrorOverride On 403\n"
           "ErrorDocument 404 /err.html\nErrorDocument 403 /50.html"),
     PATHS + ["/old/o.txt"]),
    ("ProxyErrorOverride", NGINX.replace("location = /go", LOCAL + "location = /go"),
     ahead("ProxyPass /err.html !\nProxyPass / http://127.0.0.1:@B@/\nProxyErrorOverride On\n"
           "ErrorDocument 404 /err.html\nErrorDocument 403 /50.html"),
     PATHS + ["/old/o.txt"]),
]

# Both hand everything to the other one; Max-Forwards ends it.
LOOP = ("two proxies in a loop",
        before("location / { proxy_pass http://127.0.0.1:@B@; }"),
        "<VirtualHost 127.0.0.1:@B@>\nServerName one.test\nProxyMaxForwards 3\n"
        "ProxyPass / http://127.0.0.1:@F@/\n</VirtualHost>\n", ["/", "/a.txt"])

# Those with a rule for this machine alone that everyone passes through the front.
OPEN_RULES = {"only this machine, without the client's address",
              "only this machine, with mod_remoteip",  # one location does not pass the address
              "mod_remoteip that trusts another proxy", "real_ip from another header",
              "denied and asked for a password", "rules for sockets behind a socket",
              "ProxyErrorOverride", "ProxyErrorOverride for some"}
