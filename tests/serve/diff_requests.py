# SPDX-License-Identifier: Apache-2.0
"""Raw request targets: the paths that exist, the paths that the configuration names, disguised."""
from urllib.parse import quote


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
        return path + b"?" + rng.choice([b"x=1", b"x=2", b"y=5", b"debug=1", b"x=up", b"",
                                         b"x=%2e&y=1"])
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


def targets(rng, vhost, tree, count, pools):
    """`count` request targets (bytes) for one virtual host.

    pools: folders, odd targets, lists of named paths, and how often a path that the configuration
    names is followed by the rest of a file that lies below it."""
    dirs, odd, named, near = pools
    files = ["/" + f for f in tree.files[vhost.root]]
    out = []
    while len(out) < count:
        pick = rng.random()
        if pick < 0.42:
            path = raw(rng.choice(files))
        elif pick < 0.52:
            path = raw(rng.choice(dirs))
        elif pick < 0.62:
            out.append(rng.choice(odd))
            continue
        elif pick < 0.9 and vhost.uris:
            uri = rng.choice(vhost.uris)
            below = [f for f in files if f.startswith(uri)] if near else []
            if below and rng.random() < near:
                uri = rng.choice(below)
            path = raw(uri)
            if uri not in below and rng.random() < 0.65:
                name = rng.choice(files).rsplit("/", rng.choice((1, 1, 2)))[-1]
                path += raw(name)
        else:
            path = raw(rng.choice(rng.choice(named)))
        if rng.random() < 0.3:
            path = disguise(rng, path)
        if path.startswith(b"/") and b" " not in path:
            out.append(path)
    return out
