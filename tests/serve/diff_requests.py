# SPDX-License-Identifier: Apache-2.0
"""Raw request targets: the paths that exist, the paths that the configuration names, disguised."""
from urllib.parse import quote

from diff_config import EXACTS, PREFIXES

DIRS = ["/", "/dir", "/dir/", "/private", "/private/", "/empty/", "/empty", "/img", "/app/",
        "/linkdir", "/outdir/", "/closed/", "/closed", "/noread/", "/noread", "/badidx/", "/dir/sub/",
        "/dir/sub", "/static/", "/docs/", "/uploads/", "/loop", "/loop/", "/dangling", "/e/f/g"]
ODD = [b"/%00", b"/a.txt%00.jpg", b"/..", b"/../", b"/../a.txt", b"/%2e%2e/a.txt", b"/.", b"/./",
       b"/dir/..", b"/dir/../", b"/dir/.../x", b"//", b"///a.txt", b"/%2f", b"/dir%2ffile.txt",
       b"/a.txt/", b"/a.txt/x.php", b"/.env/x.php", b"/x.php/info", b"/..;/a.txt", b"/dir/..;/a.txt",
       b"/%", b"/%zz", b"/%2", b"/a%2", b"/a.txt%20", b"/a.txt%0a", b"/%0d%0aX:y", b"/a.txt?", b"/?",
       b"/?x=1", b"/a.txt?x=../..", b"/a.txt#frag", b"/a.txt?q#frag", b"/#", b"/%2e", b"/%2e/",
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
       b"/a.txt?debug", b"/exactly", b"/exact/", b"/dir/up/dir/up/a.txt", b"/a.txt/..", b"/a.txt/../b.html",
       b"/nope/../a.txt", b"/int/s.txt", b"/" + b"n" * 300, b"/dir/" + b"a/" * 40, b"/dir/sub/page",
       b"/index", b"/home", b"/a", b"/dir/file"]


def encode_some(rng, path, share):
    """Percent-encode characters at random, in either case."""
    out = bytearray()
    for byte in path:
        if rng.random() < share and byte not in b"?#":
            out += (b"%%%02x" if rng.random() < 0.5 else b"%%%02X") % byte
        else:
            out.append(byte)
    return bytes(out)


def disguise(rng, path):
    """Another way to write a path, or one that differs in a telling detail."""
    pick = rng.randrange(13)
    if pick == 0:
        return encode_some(rng, path, 0.3)
    if pick == 1:
        return path.replace(b"/", b"//", 1)
    if pick == 2:
        return b"/x/.." + path
    if pick == 3:
        return path.replace(b"/.", b"/%2e")
    if pick == 4:
        head, _, tail = path.rpartition(b"/")
        return head + b"%2f" + tail if head else b"/" + path
    if pick == 5:
        head, _, tail = path.rpartition(b"/")
        return head + b"/./" + tail
    if pick == 6:
        return path + b"?" + rng.choice([b"x=1", b"x=2", b"y=5", b"debug=1", b"x=up", b"", b"x=%2e&y=1"])
    if pick == 7:
        return path + rng.choice([b"/", b"/x", b"/x.php", b".bak", b"~", b"x", b"%20", b"."])
    if pick == 8:
        return path.swapcase()
    if pick == 9:
        head, _, tail = path.rpartition(b"/")
        return head + b"../" + tail
    if pick == 10:
        head, _, tail = path.rpartition(b"/")
        return head + b"/nope/../" + tail
    if pick == 11:
        return path + b"#f"
    return path.rstrip(b"/") or b"/"


def raw(path):
    """A file's path as an ordinary client writes it."""
    return quote(path).encode("ascii")


def targets(rng, vhost, tree, count):
    """`count` request targets (bytes) for one virtual host."""
    files = ["/" + f for f in tree.files[vhost.root]]
    out = []
    while len(out) < count:
        pick = rng.random()
        if pick < 0.42:
            path = raw(rng.choice(files))
        elif pick < 0.52:
            path = raw(rng.choice(DIRS))
        elif pick < 0.62:
            out.append(rng.choice(ODD))
            continue
        elif pick < 0.9 and vhost.uris:
            path = raw(rng.choice(vhost.uris))
            if rng.random() < 0.65:
                name = rng.choice(files).rsplit("/", rng.choice((1, 1, 2)))[-1]
                path += raw(name)
        else:
            path = raw(rng.choice(EXACTS if rng.random() < 0.6 else PREFIXES))
        if rng.random() < 0.3:
            path = disguise(rng, path)
        if path.startswith(b"/") and b" " not in path:
            out.append(path)
    return out
