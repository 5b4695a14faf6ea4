# SPDX-License-Identifier: Apache-2.0
"""Configurations written by hand, one for each rule of nginx that the generator does not reach.

@S@ is a root with files, @BASE@ the folder above it, @CONF@ that of nginx.conf, @PORT@ the port."""

MAPPED = [
    '/a.txt', '/dir/x', '/b.html', '/', '/.env', '/a.txt?ip=10.1.2.3', '/a.txt?ip=10.2.2.3',
    '/a.txt?ip=zz', '/a.txt?a=a&b=b', '/a.txt?a=q&b=q', '/?a=x', '/x?x=1&t=9', '/%2e/a.txt',
    '/default', '/~x', '/?A=a&B=b']
PATHS = [
    '/', '/a.txt', '/dir/', '/dir', '/.env', '/nope', '/b.html?x=1', '/x.php', '/a%2520b.txt',
    '/n1', '/rel', '/empty', '/private/secret.txt', '//a.txt', '/dir/../a.txt', '/%61.txt',
    '/app/', '/q/r/', '/x%20y/', '/x%20y', '/linkdir', '/dir/file.txt']
HOSTS = [
    'a.com', 'www.a.com', 'x.y.a.com', 'b.a.com', 'www.b.org', 'a.', 'A.COM', 'foo', 'v1.foo',
    '.a.com', 'a.com.', 'www.', '_', '127.0.0.1', 'a_b.com', 'xn--a', 'vm.test.x', 'www.b.', '-']

# Below the first root, beside what every tree has.
EXTRA = [
    'site0/%2f.txt', 'site0/a.txt.gz', 'site0/b/c/d.txt', 'site0/dir/a.txt', 'site0/inc.shtml',
    'site0/only.html', 'site0/sub/index.html', 'site0/www/index.html', 'site0/x y/index.html']

FILES = {
    'mapinc': '/a.txt inc1;\n~^/dir inc2;\n',
    'geoinc': '127.0.0.0/8 G;\n',
    'locinc': 'location /inc/ { return 418; }\n',
}

HTTP = r"""map $uri $mi { default d; include @CONF@/mapinc; }
geo $gi { default n; include @CONF@/geoinc; }
geo $gr { ranges; default n; 127.0.0.1-127.0.0.3 yes; 10.0.0.0-10.255.255.255 no; }
geo $gd { 127.0.0.1 one; 127.0.0.0/8 eight; default n; }
geo $gdel { default n; 127.0.0.0/8 x; 127.0.0.1 y; delete 127.0.0.1; }
geo $arg_ip $ga { default n; 10.0.0.0/8 ten; 10.1.0.0/16 ten1; ::1 six; }
geo $gp { default n; proxy 127.0.0.0/8; 127.0.0.1 l; 10.0.0.0/8 ten; }
map $arg_a$arg_b $mab { "" empty; ab AB; ~^(?<k>[a-z])\1$ dbl-$k; default -$arg_a-; }
map $uri $mv { volatile; default x; /a.txt A; /b.html B; }
map $uri $mc { default x; /a.txt A; /b.html B; }
map $host $mh { hostnames; default n; *.example.com star; .example.com2 dot; www.* wwwtail;
    example.com exact; }
map $request_uri $mr { default ok; ~*(\.\.|%2e) bad; "~^/(?<n1>[^/?]+)\?x=(?<n2>.*)$" $n1:$n2; }
map $query_string $mq { default 0; ~(^|&)t=(?<tok>[^&]+) $tok; }
map "$scheme:$server_port" $mss { default n; ~^http: h; }
map $uri $esc { default n; \default d; \~x t; ~\.TXT$ cs; ~*\.txt$ ci; }
map $uri $mt { default /b.html; ~^/n /nope; /rel rel.txt; /empty ""; }
"""

# More locations in one level than are read through one by one.
MANY = ("".join("location /n%d/ { return 302 /got-n%d; } location = /e%d "
                "{ return 302 /got-e%d; } "
                "location ~ ^/r%d\\.a$ { return 302 /got-r%d; }\n" % ((n,) * 6)
                for n in range(40)) +
        "location /deep/ { location /deep/n1/ { return 302 /inner; } location ~ jpg$ "
        "{ return 302 /inner-re; } } location ^~ /stop/ { return 302 /stop; } location /n12/sub/ "
        "{ return 302 /sub; } location /p/ { proxy_pass http://@HTTP@; } location = /q/ "
        "{ proxy_pass http://@HTTP@; } location = /slash/ { return 302 /exact; } location /slash/ "
        "{ proxy_pass http://@HTTP@; } location ~ /r9 { return 302 /late; }\n")

CASES = [
    (r"""
     location / { return 302 /x?$mi; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$gi; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$gr; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$gd; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$gdel; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$ga; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$gp; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$mab-$k; }
     """,
     MAPPED),
    (r"""
     set $z $mv; rewrite ^/a.txt /b.html; location / { return 302 /x?$z-$mv; }
     """,
     MAPPED),
    (r"""
     set $z $mc; rewrite ^/a.txt /b.html; location / { return 302 /x?$z-$mc; }
     """,
     MAPPED),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name _; return 302 /x?$mh; }
     """,
     [('www.example.com', '/'), ('a.b.example.com', '/'), ('example.com', '/'),
      ('example.com2', '/'), ('z.example.com2', '/'), ('www.foo', '/'), ('www', '/'),
      ('WWW.Example.COM', '/'), ('.example.com', '/')]),
    (r"""
     location / { return 302 /x?$mr-$n1-$n2; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$mq-$tok; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$mss; }
     """,
     MAPPED),
    (r"""
     location / { return 302 /x?$esc; }
     """,
     MAPPED),
    (r"""
     set $args y=1; location / { return 302 /x?$args-$arg_y-$is_args; }
     """,
     MAPPED),
    (r"""
     set $arg_x 5; location / { return 302 /x?$arg_x; }
     """,
     MAPPED),
    (r"""
     location / { set $args ""; try_files $uri /b.html?$args; }
     """,
     MAPPED),
    (r"""
     location / { set $args q=2; rewrite ^ /zz; } location /zz { return 302 /y?$args; }
     """,
     MAPPED),
    (r"""
     valid_referers blocked server_names; if ($invalid_referer) { return 403; }
     """,
     MAPPED),
    (r"""
     location / { valid_referers *.google.com; if ($invalid_referer = "1") { return 418; } }
     """,
     MAPPED),
    (r"""
     location / { return 302 /y?$request; }
     """,
     MAPPED),
    (r"""
     location / { return 302
     /y?$server_addr-$request_method-$server_protocol-$document_uri-$fastcgi_script_name; }
     """,
     MAPPED),
    (r"""
     gzip_static always;
     """,
     ['/a.txt', '/b.html']),
    (r"""
     gzip_static on;
     """,
     ['/a.txt', '/b.html']),
    (r"""
     ssi on;
     """,
     ['/b.html', '/a.txt']),
    (r"""
     location / { rewrite ^/(a.txt)$ $1 last; } location /a.txt { return 418; }
     """,
     MAPPED),
    (r"""
     location / { rewrite ^/(a.txt)$ $1 break; }
     """,
     MAPPED),
    (r"""
     location / { rewrite ^/(.*)$ ../$1 break; }
     """,
     MAPPED),
    (r"""
     location / { error_page 404 /../outside/secret.txt; return 404; }
     """,
     MAPPED),
    (r"""
     location / { try_files /nope /../outside/secret.txt; }
     """,
     MAPPED),
    (r"""
     location / { try_files /../outside/secret.txt =404; }
     """,
     MAPPED),
    (r"""
     include @CONF@/locinc; location / { return 404; }
     """,
     ['/inc/', '/inc/a', '/']),
    (r"""
     location / { index index.html; } location = / { index b.html; }
     """,
     ['/', '/dir/', '/app/']),
    (r"""
     location ~ ^/(?<d>dir|app)/ { root @S@; index nope.txt /$d/x.html http://x/; autoindex on; }
     """,
     ['/dir/', '/app/', '/dir/x']),
    (r"""
     location /a { index //x b.html; } index /a.txt;
     """,
     ['/a', '/', '/dir/']),
    (r"""
     index http://example.org/;
     """,
     ['/', '/dir/']),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name .a.com; root @S@; return 302 /dot; } server {
     listen 127.0.0.1:@PORT@; server_name *.a.com; root @S@; return 302 /star; } server { listen
     127.0.0.1:@PORT@; server_name www.*; root @S@; return 302 /tail; } server { listen
     127.0.0.1:@PORT@; server_name www.b.*; root @S@; return 302 /tailb; } server { listen
     127.0.0.1:@PORT@; server_name ~^v(\d)\.; root @S@; return 302 /re; } server { listen
     127.0.0.1:@PORT@; server_name ~o; root @S@; return 302 /re2; } server { listen
     127.0.0.1:@PORT@; server_name "" _; root @S@; return 302 /empty; } server { listen
     127.0.0.1:@PORT@; server_name $hostname; root @S@; return 302 /hn; }
     """,
     [(host, "/") for host in HOSTS]),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name zz; root @S@; return 302 /first; } server {
     listen 127.0.0.1:@PORT@; server_name www.a.com www.*; root @S@; return 302 /t; } server {
     listen 127.0.0.1:@PORT@; server_name *.y.a.com; root @S@; return 302 /y; } server { listen
     127.0.0.1:@PORT@; server_name *.com; root @S@; return 302 /com; } server { listen
     127.0.0.1:@PORT@; server_name ~^(?<sub>.+)\.a\.com$; root @S@; return 302 /$sub; }
     """,
     [(host, "/") for host in HOSTS]),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name zz; root @S@; return 302 /first; } server {
     listen 127.0.0.1:@PORT@; server_name *.a.com; root @S@; return 302 /star; } server { listen
     127.0.0.1:@PORT@; server_name .a.com; root @S@; return 302 /dot; } server { listen
     127.0.0.1:@PORT@; server_name b.com; root @S@; return 302 /b; } server { listen
     127.0.0.1:@PORT@; server_name .b.com; root @S@; return 302 /dotb; } server { listen
     127.0.0.1:@PORT@; server_name .c.com; root @S@; return 302 /dotc; } server { listen
     127.0.0.1:@PORT@; server_name c.com *.c.com a.com; root @S@; return 302 /c; }
     """,
     [(host, "/") for host in ('a.com', 'x.a.com', 'b.com', 'x.b.com', 'c.com', 'x.c.com',
                               '.a.com', '.c.com', 'c.com.', '')]),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name ~.?; root @S@; return 302 /any; }
     """,
     [('', '/'), ('x', '/')]),
    (MANY,
     ['/n3/', '/n3', '/n39/x', '/n391/', '/e7', '/e7/', '/deep/n1/q/x.jpg', '/deep/n1/q/', '/p/',
      '/p', '/pp', '/r9.a', '/n9/r9.a', '/', '/none', '/q', '/n12/sub/', '/stop/r9.a', '/slash',
      '/slash/x']),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name ~^(www\.)?(?<d>.+)$; root @S@/$d; location / {
     return 302 /$1-$2-$d-$server_name; } }
     """,
     [(host, "/") for host in HOSTS]),
    (r"""
     server { listen 127.0.0.1:@PORT@; server_name "~^(?<sub>\w{1,3})\.x$" z.x;
     server_name_in_redirect on; root @S@; location / { return 302
     /$sub-$server_name-$host-$http_host; } }
     """,
     [('ab.x', '/'), ('ABC.x', '/'), ('z.x', '/'), ('abcd.x', '/')]),
    (r"""
     error_page 404 =200 @n; error_page 403 = /b.html; location / { } location @n { try_files
     /nope.html @m; } location @m { rewrite ^ /a.txt break; } location ~ /\. { deny all; }
     """,
     PATHS),
    (r"""
     error_page 404 = @n; recursive_error_pages on; location / { } location @n { error_page 404
     =202 /b.html; return 404; }
     """,
     PATHS),
    (r"""
     error_page 404 /$mt; location / { }
     """,
     PATHS),
    (r"""
     error_page 404 $mt; location / { }
     """,
     PATHS),
    (r"""
     error_page 404 =301 http://$host$mt?$args;
     """,
     PATHS),
    (r"""
     error_page 301 =200 /b.html; error_page 302 @n; location @n { return 200 x; } location /x {
     return 302 /q; }
     """,
     PATHS + ['/x']),
    (r"""
     error_page 404 403 500 502 = @n; location / { try_files $uri $mt =404; } location @n { root
     @S@/dir; try_files $uri /a.txt =410; }
     """,
     PATHS),
    (r"""
     location / { error_page 404 =  /err/$uri; } location /err/ { internal; alias @S@/; }
     """,
     PATHS + ['/err/a.txt', '/err//nope']),
    (r"""
     error_page 400 /b.html; error_page 414 /a.txt;
     """,
     ['/%', '/%00', '/..', '/' + 'a' * 9000, '/a?' + 'b' * 9000, '/' + 'a' * 8150,
      '/' + 'a' * 8170, '/a.txt?' + 'b' * 8150, '/a.txt?' + 'b' * 8168, '/a.txt?' + 'b' * 8169,
      '/a.txt?' + 'b' * 8170, '/a.txt?' + 'b' * 8171, '/a.txt?' + 'b' * 8175]),
    (r"""
     large_client_header_buffers 4 2k; client_header_buffer_size 512;
     """,
     ['/a.txt?' + 'b' * 2000, '/a.txt?' + 'b' * 2030, '/a.txt?' + 'b' * 2050]),
    (r"""
     error_page 497 https://$host$request_uri; location / { }
     """,
     PATHS),
    (r"""
     server { listen 127.0.0.1:@PORT@ ssl; server_name h; root @S@; ssl_certificate @CONF@/c.pem;
     ssl_certificate_key @CONF@/k.pem; error_page 497 https://$host$request_uri; location / { } }
     """,
     PATHS + ['/%00']),
    (r"""
     server { listen 127.0.0.1:@PORT@ ssl; server_name h; root @S@; ssl_certificate @CONF@/c.pem;
     ssl_certificate_key @CONF@/k.pem; error_page 400 /b.html; location / { } }
     """,
     PATHS),
    (r"""
     server { listen 127.0.0.1:@PORT@ ssl; server_name h; root @S@; ssl_certificate @CONF@/c.pem;
     ssl_certificate_key @CONF@/k.pem; error_page 497 /b.html; location / { } }
     """,
     PATHS),
    (r"""
     server { listen 127.0.0.1:@PORT@ ssl; server_name h; root @S@; ssl_certificate @CONF@/c.pem;
     ssl_certificate_key @CONF@/k.pem; error_page 497 =301 https://$host$request_uri; location /
     { } }
     """,
     PATHS),
    (r"""
     set $t ""; if ($uri ~ ^/a) { set $t "${t}A"; } if ($args) { set $t "${t}B"; } if ($t = AB) {
     return 418; } if ($t = A) { rewrite ^ /b.html last; } location / { if ($t = B) { return 409;
     } if (-f $request_filename) { break; } return 404; }
     """,
     PATHS + ['/a.txt?x']),
    (r"""
     location / { set $a 1; if ($uri ~* (\.txt)$) { set $a $1; root @S@/dir; } if ($a = .txt) {
     add_header X y; } try_files $uri =404; }
     """,
     PATHS),
    (r"""
     location / { if ($uri ~ txt) { root @S@/dir; break; } if ($uri ~ a) { return 404; } }
     """,
     PATHS),
    (r"""
     location /dir/ { alias @S@/; if ($uri ~ txt) { } } location / { if (-d $request_filename) {
     rewrite ^(.*[^/])$ $1/ permanent; } if (!-e $request_filename) { rewrite ^/(.+)$
     /index.php?p=$1 last; } } location ~ \.php$ { return 302 /$uri?$args; }
     """,
     PATHS + ['/dir/a.txt', '/nope%20x?y=1&z', '/a+b', '/n%2bm', '/n%26m%3f']),
    (r"""
     location / { limit_except POST { deny all; } } location /a { limit_except GET { allow
     127.0.0.1; deny all; } } location /dir { limit_except PUT DELETE { auth_basic x;
     auth_basic_user_file @BASE@/users; } }
     """,
     PATHS),
    (r"""
     satisfy any; deny 127.0.0.2; auth_basic x; auth_basic_user_file @BASE@/users; location /a {
     allow all; } location /b { auth_basic off; } location /dir { deny all; } location /x {
     satisfy all; } location /. { satisfy any; allow 10.0.0.1; }
     """,
     PATHS),
    (r"""
     set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For; deny 127.0.0.1; location /a {
     allow 127.0.0.0/8; deny all; }
     """,
     PATHS),
    (r"""
     set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP; location / { return 302
     /$remote_addr-$realip_remote_addr-$http_x_forwarded_for-$proxy_add_x_forwarded_for; }
     """,
     ['/', '/a.txt', '/dir/']),
    (r"""
     rewrite ^/dir/(.*)$ /$1 last; rewrite ^/(x)\.php$ /a.txt?$1=$args? last; rewrite
     "^/(.{4,5}).txt$" /b.html?q=$1 redirect; location /a.txt { }
     """,
     PATHS + ['/dir/a.txt', '/dir/%61.txt', '/x.php?b', '/ab%3fcd.txt', '/%25%25aa.txt',
      '/aa%2baa.txt', '/aa+aa.txt?x']),
    (r"""
     location / { rewrite ^/(.*)$ /z/$1?a=$1&b=$uri&c=$request_uri redirect; }
     """,
     ['/a b', '/a%20b', '/a%2fb?x=%20', '/a+b', '/a%2Bb', '/ü', '/%c3%bc', '/a;b', '/a&b=c',
      '/%26%3f%23', '/a%0ab', '/"\'<>', '/%22%3c', '/%7e~%7E']),
    (r"""
     location / { rewrite ^/(.*)$ http://x.org/$1 permanent; }
     """,
     ['/a%20b', '/a%2fb?x=%20', '/a+b', '/%c3%bc', '/a&b=c', '/%26%3f%23', '/a%0ab', '/%22%3c',
      '/%7e~%7E', '/a?b?c']),
    (r"""
     location / { return 301 http://x.org$uri$is_args$args; } location /r { return 301
     $request_uri; } location /e { return 302 ""; } location /s { return "https://a$uri"; }
     location /v { return 302 $mt; }
     """,
     PATHS + ['/r%20x', '/r?x', '/e', '/s%20q', '/v', '/vn']),
    (r"""
     location ~ ^/(?<a>[^/]*)/(?<b>.*)$ { alias @S@/$a/$b; index index.html; } location ~ ^/z(.*)
     { alias @S@$1; }
     """,
     PATHS + ['/z/a.txt', '/z', '/za', '/z/dir/']),
    (r"""
     merge_slashes off; location //a { return 418; } location /dir { return 419; } location ~ //
     { return 420; }
     """,
     PATHS + ['//', '///', '/dir//file.txt', '//dir/../a.txt', '/dir//../a.txt']),
    (r"""
     autoindex on; location /dir { autoindex off; } location /app/ { index nope; } location
     /private/ { alias @S@/dir/; index nope; } location /q { index nope; autoindex off;
     random_index off; } location ~ ^/img/ { alias @S@/; index nope; }
     """,
     PATHS + ['/empty/', '/private/', '/q/', '/img/', '/img/big/', '/static/', '/e/', '/e/f']),
    (r"""
     location / { internal; } location /a { error_page 404 /b.html; internal; } location =
     /b.html { } error_page 404 /a.txt;
     """,
     PATHS),
    (r"""
     location / { dav_methods PUT; mp4; } location /dir { flv; } location = /gif { empty_gif; }
     location /st { stub_status; }
     """,
     PATHS + ['/gif', '/st']),
    (r"""
     try_files $uri.txt $uri $uri/index.html /$arg_f @n; location @n { return 302 /n?$args; }
     location /dir { try_files $uri/ /a.txt =404; } location /app { try_files $uri/index.html
     $uri/ /b.html?z=$args; } location /l { alias @S@/; try_files $uri /la.txt =404; } location
     /al/ { alias @S@/; try_files $uri $uri/ /al/a.txt; }
     """,
     PATHS + ['/?f=a.txt', '/zz?f=../outside/secret.txt', '/la.txt', '/lnope', '/al/a.txt',
      '/al/dir/', '/al/nope', '/al/dir', '/app/', '/app?q', '/dir', '/dir/sub', '/a']),
    (r"""
     location / { proxy_pass http://@HTTP@; location /a { } location ~ txt { } } location /dir/ {
     proxy_pass http://@HTTP@/; } location = /app/ { proxy_pass http://@HTTP@; } location ^~
     /private { if ($uri) { proxy_pass http://@HTTP@; } location ~ \.txt { } }
     """,
     PATHS),
    (r"""
     location ~ \.php(/|$) { fastcgi_split_path_info ^(.+\.php)(/.*)$; try_files
     $fastcgi_script_name =404; fastcgi_pass @FAST@; }
     """,
     PATHS + ['/x.php/a', '/nope.php', '/x.php/../a.txt']),
    (r"""
     error_page 405 =200 $uri; location / { limit_except GET { deny all; } if ($request_method =
     POST) { return 405; } post_action /a.txt; }
     """,
     PATHS),
]
