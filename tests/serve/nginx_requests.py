# SPDX-License-Identifier: Apache-2.0
"""The request targets that are worth sending to an nginx."""
from nginx_config import EXACTS, PREFIXES

DIRS = ["/", "/dir", "/dir/", "/private", "/private/", "/empty/", "/empty", "/img", "/app/",
        "/linkdir", "/outdir/", "/closed/", "/closed", "/noread/", "/noread", "/badidx/",
        "/dir/sub/", "/dir/sub", "/static/", "/docs/", "/uploads/", "/loop", "/loop/", "/dangling",
        "/e/f/g"]
ODD = [b"/%00", b"/a.txt%00.jpg", b"/..", b"/../", b"/../a.txt", b"/%2e%2e/a.txt", b"/.", b"/./",
       b"/dir/..", b"/dir/../", b"/dir/.../x", b"//", b"///a.txt", b"/%2f", b"/dir%2ffile.txt",
       b"/a.txt/", b"/a.txt/x.php", b"/.env/x.php", b"/x.php/info", b"/..;/a.txt",
       b"/dir/..;/a.txt", b"/%", b"/%zz", b"/%2", b"/a%2", b"/a.txt%20", b"/a.txt%0a",
       b"/%0d%0aX:y", b"/a.txt?", b"/?", b"/?x=1", b"/a.txt?x=../..", b"/a.txt#frag",
       b"/a.txt?q#frag", b"/#", b"/%2e", b"/%2e/",
       b"/%252e%252e/", b"/a%2520b.txt", b"/a%20b.txt", b"/a+b.txt", b"/100%25.txt", b"/%c3%bc.txt",
       b"/\xc3\xbc.txt", b"/%C3%BC.txt", b"/%ff", b"/..hid/x.txt", b"/back%5cslash.txt",
       b"/back\\slash.txt", b"/semi;colon.txt", b"/q%3fmark.txt", b"/h%23ash.txt", b"/x.txt~",
       b"/st../secret.txt", b"/st../site1/a.txt", b"/static../.env", b"/static../a.txt",
       b"/img../.env", b"/dir../a.txt", b"/static-backup/dump.sql", b"/staticx/leak.txt",
       b"/app..", b"/app../", b"/st7../a.txt", b"/re/../a.txt", b"/go/a.txt", b"/go/.env",
       b"/go/..%2fa.txt", b"/old/file.txt", b"/old?y=2", b"/?x=1&y=22", b"/go?x=up", b"/a.txt?x=2b",
       b"/DIR/file.txt", b"/X.PHP", b"/x.PHP", b"/a.TXT", b"/docs/a%2bb.txt", b"/status",
       b"//private/secret.txt", b"/private//secret.txt", b"/x/../private/secret.txt",
       b"/private/./secret.txt", b"/private/%2e/secret.txt", b"/private/x/..//secret.txt",
       b"/unread.txt", b"/dir/unread.html", b"/closed/file.txt", b"/noread/file.txt",
       b"/a.txt?debug", b"/exactly", b"/exact/", b"/dir/up/dir/up/a.txt", b"/a.txt/..",
       b"/a.txt/../b.html", b"/nope/../a.txt", b"/int/s.txt", b"/" + b"n" * 300,
       b"/dir/" + b"a/" * 40, b"/dir/sub/page", b"/index", b"/home", b"/a", b"/dir/file"]
POOLS = (DIRS, ODD, (EXACTS, EXACTS, EXACTS, PREFIXES, PREFIXES), 0)
