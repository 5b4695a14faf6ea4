# SPDX-License-Identifier: Apache-2.0
"""Build the file trees that the differential test serves: every file's bytes name the file."""
import os

MARK = b"@@file:"
CGI_MARK = b"cgi-reached"
SSI_DONE = b"ssi:reached"

FILES = [
    "index.html", "index.php", "home.html", "a.txt", "b.html", "secret.txt", "priv.txt", ".env",
    ".env.bak", ".env.local", ".htpasswd", ".git/config", ".git/HEAD", ".gitignore",
    "private/secret.txt", "private/index.html", "private/.env", "private/deep/key.pem",
    "img/logo.png", "img/.env", "img/big/photo.JPG", "app/app.js", "app/index.html",
    "app/v1/data.json", "static/app.js", "static/css/site.css", "staticx/leak.txt",
    "static-backup/dump.sql", "x.php", "x.PHP", "info.php", "dir/file.txt", "dir/.hidden",
    "dir/sub/index.html", "dir/sub/page.htm", "a b.txt", "a%20b.txt", "\u00fc.txt", "100%.txt",
    "50x.html", "404.html", "403.html", "backup.sql", "site.conf.bak", "uploads/pic.jpg",
    "uploads/shell.php", "uploads/index.php", "api/data.json", "docs/index.html",
    "docs/readme.txt", "docs/a+b.txt", "int/s.txt", "u/.gitignore", "u/proj/.git/config",
    "q/.env", "q/r/index.html", "s/.env", "exact", "exactly", "index/only.txt", "e/f/g/h.txt",
    "semi;colon.txt", "x.txt~", "..hid/x.txt", "back\\slash.txt", "q?mark.txt", "h#ash.txt",
]
EMPTY_DIRS = ["empty", "app/empty", "e/none"]
# Kept in every tree, so that most configurations have something to serve.
ALWAYS = {"index.html", "a.txt", "b.html", ".env", "private/secret.txt", "x.php", "dir/file.txt",
          "static/app.js", "404.html", "403.html", "img/logo.png", "secret.txt"}


def write(base, rel, size=None):
    """Create one file below base whose content is its own name."""
    path = os.path.join(base, rel)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(MARK + rel.encode("utf-8", "surrogateescape") + b"\n")
    return path


def link(base, rel, target):
    """Create a symbolic link, leaving whatever is there already."""
    path = os.path.join(base, rel)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if not os.path.lexists(path):
        os.symlink(target, path)


def add_links(base, name):
    """Links inside the root, out of it, to a folder, in a loop and to nothing."""
    link(base, name + "/link.txt", "a.txt")
    link(base, name + "/linkdir", "dir")
    link(base, name + "/out.txt", "../outside/secret.txt")
    link(base, name + "/outdir", "../outside")
    link(base, name + "/absout", os.path.join(base, "outside"))
    link(base, name + "/dangling", "nowhere")
    link(base, name + "/loop", "loop")
    link(base, name + "/dir/up", "..")


def add_refused(base, name):
    """What the worker may not open: mode 000 files, folders without search permission."""
    os.chmod(write(base, name + "/unread.txt"), 0)
    os.chmod(write(base, name + "/dir/unread.html"), 0)
    write(base, name + "/closed/index.html")
    write(base, name + "/closed/file.txt")
    os.chmod(os.path.join(base, name, "closed"), 0)
    write(base, name + "/noread/index.html")
    write(base, name + "/noread/file.txt")
    os.chmod(os.path.join(base, name, "noread"), 0o711)
    os.chmod(write(base, name + "/badidx/index.html"), 0)


class Tree:
    """All roots of one seed below one folder; `roots` are folder names below base."""

    def __init__(self, base, rng, count=6):
        self.base = base
        self.roots = []
        self.files = {}
        for rel in ("outside/secret.txt", "outside/.env", "outside/index.html"):
            write(base, rel)
        for number in range(count):
            name = "site%d" % number
            kept = [f for f in FILES if f in ALWAYS or rng.random() < 0.7]
            for rel in kept:
                write(base, name + "/" + rel)
            for rel in EMPTY_DIRS:
                os.makedirs(os.path.join(base, name, rel), exist_ok=True)
            add_links(base, name)
            add_refused(base, name)
            extra = ["link.txt", "linkdir/file.txt", "out.txt", "outdir/secret.txt", "absout/.env",
                     "unread.txt", "closed/file.txt", "noread/file.txt", "dir/up/a.txt"]
            self.roots.append(name)
            self.files[name] = kept + extra
        os.makedirs(os.path.join(base, "hosts"), exist_ok=True)
        for host in ("one", "two", "www", "shop"):
            write(base, "hosts/%s/index.html" % host)
            write(base, "hosts/%s/.env" % host)
        with open(os.path.join(base, "users"), "w", encoding="ascii") as out:
            out.write("user:$1$abcdefgh$IJKLMNOPQRSTUVWXYZabc.\n")

    def open_up(self):
        """Restore permissions, so that the folder can be removed without root."""
        for name in self.roots:
            for rel in ("closed", "noread"):
                os.chmod(os.path.join(self.base, name, rel), 0o755)
