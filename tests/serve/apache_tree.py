# SPDX-License-Identifier: Apache-2.0
"""The file trees of the Apache test: the common ones with scripts, variants and odd owners."""
import os

from diff_tree import CGI_MARK, Tree, link, write

MORE = ["multi/page.html.en", "multi/page.html.de", "multi/doc.txt", "multi/doc.html",
        "multi/x.php.bak", "multi/only.html.fr", "multi/conf.txt", "owned/real.txt",
        "index/index.txt", "page.html"]
SCRIPTS = ["cgi/run.cgi", "cgi/plain.cgi", "cgi/tool", "app/run.cgi", "run.cgi", "cgi-bin/env.pl"]
SSI = ["ssi/page.shtml", "ssi/sub/x.shtml"]
INCLUDES = {
    "grant": "Require all granted\n",
    "deny": "<FilesMatch \"\\.(sql|bak)$\">\n    Require all denied\n</FilesMatch>\n",
    "dot": "<FilesMatch \"^\\.\">\n    Require all denied\n</FilesMatch>\n",
    "index": "DirectoryIndex home.html index.html\n",
    "rewrite": "<IfModule mod_rewrite.c>\n    RewriteEngine on\n    RewriteRule \"/\\.git\" - [F]\n</IfModule>\n",
    "opts": "Options +Indexes\n",
}
MIME = "text/html html htm\ntext/plain txt\ntext/css css\nimage/png png\napplication/javascript js\n" \
       "application/json json\nimage/jpeg jpg\n"


class ApacheTree(Tree):
    """The roots of one seed; `stock` are the bodies that do not begin with the common mark."""

    def __init__(self, base, rng, count):
        super().__init__(base, rng, count)
        self.stock = set()
        for name in self.roots:
            self.files[name] += ["owned/link.txt", "owned/foreign.txt", "owned/dir/file.txt"]
            for rel in MORE:
                if rng.random() < 0.8:
                    write(base, name + "/" + rel)
                    self.files[name].append(rel)
            for rel in SCRIPTS:
                self.add_script(name, rel)
            for rel in SSI:
                self.add_ssi(name, rel)
            self.add_owned(name)
        self.add_shared()

    def put(self, rel, body, mode=0o644):
        """A file whose body is remembered."""
        path = write(self.base, rel)
        with open(path, "wb") as out:
            out.write(body)
        os.chmod(path, mode)
        self.stock.add(body)

    def add_script(self, name, rel):
        body = b"#!/bin/sh\n# %s\nprintf 'Content-Type: text/plain\\n\\n%s'\n" % (
            (name + "/" + rel).encode(), CGI_MARK)
        self.put(name + "/" + rel, body, 0o644 if "plain" in rel else 0o755)
        self.files[name].append(rel)

    def add_ssi(self, name, rel):
        body = b"%s <!--#set var=\"a\" value=\"reached\" -->ssi:<!--#echo var=\"a\" -->\n" % (
            (name + "/" + rel).encode())
        self.put(name + "/" + rel, body)
        self.files[name].append(rel)

    def add_owned(self, name):
        """Links whose owner is not that of their target."""
        base = os.path.join(self.base, name, "owned")
        for rel, goal in (("link.txt", "../a.txt"), ("foreign.txt", "../a.txt"), ("dir", "../dir"),
                          ("fdir", "../dir")):
            link(base, rel, goal)
        if os.geteuid() == 0:
            for rel in ("foreign.txt", "fdir"):
                os.lchown(os.path.join(base, rel), 65534, 65534)

    def add_shared(self):
        """What does not belong to one root: users' folders, maps, included files, scripts."""
        base = self.base
        for user in ("ann", "bob", "www-data"):
            write(base, "users.d/%s/index.html" % user)
            write(base, "users.d/%s/.env" % user)
            write(base, "users.d/%s/pub/a.txt" % user)
        for host in ("v1.test", "test", "v2", "v3.test", "www", "t"):
            write(base, "hosts/%s/index.html" % host)
            write(base, "hosts/%s/a.txt" % host)
        self.put("scripts/run.cgi", b"#!/bin/sh\n# scripts\nprintf 'Content-Type: text/plain\\n\\n%s'\n"
                 % CGI_MARK, 0o755)
        write(base, "scripts/data.txt")
        for name, text in (("map.txt", "a.txt b.html\nfile.txt dir/file.txt # c\n/x /a.txt\nsecret .env\n"
                            "go private/secret.txt\n\n# none\nindex.html a.txt\n"),
                           ("groups", "staff: admin\n"), ("mime.types", MIME)):
            with open(os.path.join(base, name), "w", encoding="ascii") as out:
                out.write(text)
        os.makedirs(os.path.join(base, "inc"))
        for name, text in INCLUDES.items():
            with open(os.path.join(base, "inc", name + ".inc"), "w", encoding="ascii") as out:
                out.write(text)
