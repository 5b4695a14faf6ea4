# SPDX-License-Identifier: Apache-2.0
"""The real Apache of the differential test, and what a seed's configuration is made of."""
import os
import re

import apache_words as words
from apache_config import Maker, make_vhost
from apache_requests import POOLS
from apache_tree import ApacheTree
from diff_oracle import Listener, Server, answer_http, find_program
from diff_run import Subject

# Always there: everything that the generator uses without asking.
ALWAYS = ["mpm_event", "authz_core", "authz_host", "authz_user", "authz_groupfile", "authn_core",
          "authn_file", "auth_basic", "alias", "rewrite", "mime", "dir", "negotiation", "setenvif",
          "env", "status", "info", "headers"]
SOMETIMES = ["access_compat", "autoindex", "include", "userdir", "vhost_alias", "macro", "proxy"]
MODULE_DIRS = ["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/usr/libexec/apache2"]


class Apache(Server):
    """The apache2 that the test starts."""

    def check_command(self):
        return [self.binary, "-t", "-f", self.conf]

    def start_command(self):
        return [self.binary, "-f", self.conf, "-DFOREGROUND"]

    def error_line(self, text):
        found = re.search(r"line (\d+) of %s" % re.escape(self.conf), text)
        return int(found.group(1)) if found else None


def module_dir():
    """Where the modules lie, or None."""
    return next((path for path in MODULE_DIRS if os.path.exists(path + "/mod_alias.so")), None)


class ApacheSubject(Subject):
    """Virtual hosts of an Apache (event MPM) with an HTTP service behind it."""

    name, conf_name, pools = "apache", "apache2.conf", POOLS
    absolute = may_crash = True

    @staticmethod
    def find():
        binary = find_program("apache2") or find_program("httpd")
        return binary if binary and module_dir() else None

    def __init__(self, rng, folder, ports):
        super().__init__(rng, folder, ports)
        base = os.path.join(folder, "www")
        os.mkdir(base)
        self.tree = ApacheTree(base, rng, 12)
        self.stock = self.tree.stock
        http = Listener(answer_http)
        self.services = [http]
        modules = [m for m in SOMETIMES if rng.random() < 0.92]
        self.env = {"base": base, "roots": self.tree.roots, "http": http.port, "used": set(),
                    "modules": set(modules) | {"version"}}
        self.modules = ALWAYS + modules + [rng.choice(["cgi", "cgid"])] \
            + (["proxy_http"] if "proxy" in modules else [])
        if rng.random() < 0.7:
            self.modules.sort()  # the order decides between hooks of one rank: Debian's is this
        self.htaccess = {name: {} for name in self.tree.roots}
        self.fixed = []

    def add_htaccess(self):
        """Write .htaccess files into the roots."""
        for name in self.tree.roots:
            maker = Maker(self.rng, self.env)
            maker.root, maker.maps = name, True
            for rel in words.DIRS:
                path = os.path.join(self.env["base"], name, rel)
                top = os.path.realpath(self.env["base"])
                inside = os.path.realpath(path).startswith(top + "/" + name)
                wanted = self.rng.random() <= (0.3 if rel else 0.15)
                if not wanted or not inside or not os.path.isdir(path):
                    continue
                text, path = maker.htaccess(), os.path.join(path, ".htaccess")
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text)
                self.stock.add(text.encode() or b"-")
                self.htaccess[name][path] = text
                self.tree.files[name].append((rel + "/" if rel else "") + ".htaccess")

    def head(self):
        self.add_htaccess()
        rng, folder, base = self.rng, self.folder, self.env["base"]
        lines = ["ServerRoot " + folder, "DefaultRuntimeDir " + folder, "PidFile %s/pid" % folder,
                 "Mutex file:%s default" % folder, "ErrorLog %s/error.log" % folder,
                 "LogLevel crit", "ServerName main.test", "Define ON"]
        lines += ["LoadModule %s_module %s/mod_%s.so" % (name, module_dir(), name)
                  for name in self.modules]
        lines += ["Listen 127.0.0.%d:%d" % (n, port) for port in self.ports
                  for n in ((1, 2, 3) if port == self.ports[-2] else (1,))]
        lines += ["Define PORT%d %d" % pair for pair in enumerate(self.ports)]
        lines += ["StartServers 1", "ServerLimit 1", "ThreadsPerChild 16", "MaxRequestWorkers 16",
                  "MinSpareThreads 1", "MaxSpareThreads 16", "KeepAlive On",
                  "MaxKeepAliveRequests 0", "KeepAliveTimeout 60", "Timeout 20",
                  "TypesConfig %s/mime.types" % base, "ExtendedStatus Off"]
        if "cgid" in self.modules:
            lines.append("ScriptSock %s/cgisock" % folder)
        if os.geteuid() == 0:
            lines += ["User www-data", "Group www-data"]
        self.fixed_lines, self.fixed = len(lines), lines
        main = self.main_server(rng, base)
        self.common = "\n".join(main)
        return lines + main

    def main_server(self, rng, base):
        """What the main server sets for all, now and then something odd."""
        maker = Maker(rng, self.env)
        maker.root, maker.tag = rng.choice(self.tree.roots), "main"
        lines = ["DocumentRoot %s/%s" % (base, maker.root)]
        if rng.random() < 0.6:
            lines += ["<Directory />", "    Options FollowSymLinks", "    AllowOverride None",
                      "    Require all denied", "</Directory>"]
        if rng.random() < 0.93:
            lines += ["<Directory %s>" % base, "    Require all granted",
                      "    AllowOverride " + rng.choice(words.OVERRIDES)]
            if rng.random() < 0.4:
                lines.append("    Options " + rng.choice(words.OPTIONS[6:8]))
            lines.append("</Directory>")
        if rng.random() < 0.6:
            lines += ['<FilesMatch "^\\.ht">', "    Require all denied", "</FilesMatch>"]
        if "autoindex" in self.modules and rng.random() < 0.3:
            lines.append("IndexOptions FancyIndexing")
        lines += self.optional(maker, lines)
        return lines

    def optional(self, maker, before):
        """Features of the main server, as far as the server accepts each."""
        makes = [(0.3, maker.directory), (0.2, maker.location), (0.15,
                                                                 lambda: maker.files("server")),
                 (0.25, maker.aliases), (0.2, maker.errors), (0.2, maker.index), (0.2,
                                                                                  maker.setenv),
                 (0.15, maker.proxies), (0.1, maker.userdir), (0.1,
                                                               lambda: maker.redirect("server")),
                 (0.2, maker.handler), (0.1, maker.condition), (0.1, maker.switches)]
        out = []
        for make in makes:
            lines = maker.some([make])
            if not lines:
                continue
            if any(line.startswith(("ProxyPass / ", "Alias / ", "<Location />")) for line in lines):
                continue  # it would answer for nearly every virtual host
            self.write(self.fixed + before + out + lines, [])
            if self.server().check() is None:
                out += lines
        return out

    def make_vhost(self, number):
        return make_vhost(self.rng, self.env, number, self.ports)

    def server(self):
        return Apache(self.find(), self.conf, self.ports)

    def depth(self, line):
        bare = line.strip()
        if bare.startswith("</"):
            return -1
        return 1 if bare.startswith("<") else 0

    def side_files(self, vhost):
        return self.htaccess.get(vhost.root, {})
