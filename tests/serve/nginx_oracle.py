# SPDX-License-Identifier: Apache-2.0
"""The real nginx of the differential test, and what a seed's configuration is made of."""
import os
import re

from diff_oracle import Listener, Server, answer_fastcgi, answer_http, find_program
from diff_run import Subject
from diff_tree import Tree
from nginx_config import HTTP, make_vhost
from nginx_requests import POOLS


class Nginx(Server):
    """The nginx that the test starts."""

    def check_command(self):
        return [self.binary, "-t", "-q", "-c", self.conf]

    def start_command(self):
        return [self.binary, "-c", self.conf, "-g", "daemon off;"]

    def error_line(self, text):
        found = re.search(r"\[emerg\].* in %s:(\d+)" % re.escape(self.conf), text)
        return int(found.group(1)) if found else None


def stock_bodies():
    """The bodies of the pages that the package brings, which a missing root leads to."""
    found = set()
    for path in ("/usr/share/nginx/html/index.html", "/usr/share/nginx/html/50x.html"):
        if os.path.exists(path):
            with open(path, "rb") as handle:
                found.add(handle.read())
    return found


class NginxSubject(Subject):
    """Virtual hosts of an nginx with a FastCGI and an HTTP service behind it."""

    name, conf_name, pools = "nginx", "nginx.conf", POOLS

    @staticmethod
    def find():
        return find_program("nginx")

    def __init__(self, rng, folder, ports):
        super().__init__(rng, folder, ports)
        self.stock = stock_bodies()
        base = os.path.join(folder, "www")
        os.mkdir(base)
        os.mkdir(os.path.join(folder, "tmp"))
        self.tree = Tree(base, rng)
        http, fastcgi = Listener(answer_http), Listener(answer_fastcgi)
        self.services = [http, fastcgi]
        self.env = {"base": base, "roots": self.tree.roots, "http": "127.0.0.1:%d" % http.port,
                    "fastcgi": "127.0.0.1:%d" % fastcgi.port}

    def head(self):
        user = "user www-data;\n" if os.geteuid() == 0 else ""
        temp = "".join("%s_temp_path %s/tmp;\n" % (kind, self.folder) for kind in
                       ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        text = (user + "worker_processes 1;\npid %s/pid;\nerror_log /dev/null crit;\n"
                "events { worker_connections 512; }\nhttp {\naccess_log off;\n"
                "keepalive_requests 100000;\nserver_names_hash_bucket_size 128;\n"
                "server_names_hash_max_size 4096;\nvariables_hash_max_size 4096;\n%s%s"
                % (self.folder, temp, HTTP))
        lines = text.rstrip("\n").split("\n")
        self.fixed_lines = len(lines)
        return lines

    def tail(self):
        return ["}"]

    def make_vhost(self, number):
        return make_vhost(self.rng, self.env, number, self.ports)

    def server(self):
        return Nginx(self.find(), self.conf, self.ports)

    def depth(self, line):
        bare = re.sub(r'"[^"]*"', "", line)
        return len(re.findall(r"\{(?=\s|$)", bare)) - len(re.findall(r"(?<!\S)\}", bare))
