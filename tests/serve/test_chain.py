#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""nginx before httpd and httpd before nginx: `srvaudit url` says what the real front answers."""
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

from apache_oracle import Apache, ApacheSubject, module_dir  # noqa: E402
from chain_cases import FILES, HTTPD_FRONTS, LOOP, NGINX_FRONTS, OPEN_RULES  # noqa: E402
from diff_compare import differs, predict  # noqa: E402
from diff_oracle import Client, find_program, free_ports  # noqa: E402
from diff_tree import write  # noqa: E402
from nginx_oracle import Nginx  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ.get("SRVAUDIT", "srvaudit")
MODULES = ["mpm_event", "authz_core", "authz_host", "authz_user", "authn_core", "authn_file",
           "auth_basic", "alias", "rewrite", "mime", "dir", "remoteip", "proxy", "proxy_http",
           "slotmem_shm", "proxy_balancer", "lbmethod_byrequests"]


class Case:
    """One pair of servers, its ports filled in, and what it is asked for."""

    def __init__(self, case, number, ports, folder):
        self.title, nginx, httpd, requests = case
        self.port, self.open_rule = ports[0], self.title in OPEN_RULES
        places = {"F": ports[0], "B": ports[1], "SOCK": "%s/sock%d" % (folder, number),
                  "NAME": "group%d" % number, "BACK": folder + "/back", "FRONT": folder + "/front"}
        for name, value in places.items():
            nginx = nginx.replace("@%s@" % name, str(value))
            httpd = httpd.replace("@%s@" % name, str(value))
        self.nginx, self.httpd = nginx, httpd
        self.requests = [(client or "127.0.0.1", target) for client, _, target in
                         (request.rpartition("|") for request in requests)]


def nginx_text(folder, cases):
    user = "user www-data;\n" if os.geteuid() == 0 else ""
    temp = "".join("%s_temp_path %s/tmp;\n" % (kind, folder) for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return ("%sworker_processes 1;\npid %s/nginx.pid;\nerror_log %s/nginx.log;\n"
            "events { worker_connections 256; }\nhttp {\naccess_log off;\nproxy_read_timeout 9;\n"
            "%s%s}\n" % (user, folder, folder, temp, "".join(case.nginx for case in cases)))


def httpd_text(folder, cases, ports):
    lines = ["ServerRoot " + folder, "DefaultRuntimeDir " + folder, "PidFile %s/httpd.pid" % folder,
             "Mutex file:%s default" % folder, "ErrorLog %s/httpd.log" % folder,
             "ServerName main.test", "StartServers 1", "ServerLimit 1", "ThreadsPerChild 32",
             "MaxRequestWorkers 32", "MinSpareThreads 1", "MaxSpareThreads 32", "Timeout 9",
             "TypesConfig /dev/null"]
    lines += ["LoadModule %s_module %s/mod_%s.so" % (name, module_dir(), name) for name in MODULES]
    lines += ["Listen 127.0.0.1:%d" % port for port in ports]
    if os.geteuid() == 0:
        lines += ["User www-data", "Group www-data"]
    lines += ["<Directory />", "Require all denied", "</Directory>"]
    for name in ("back", "front"):
        lines += ["<Directory %s/%s>" % (folder, name), "Require all granted", "</Directory>"]
    return "\n".join(lines) + "\n" + "".join(case.httpd for case in cases)


def start(folder, cases, httpd_ports):
    """The two servers, checked but not started."""
    for name, text in (("nginx.conf", nginx_text(folder, cases)),
                       ("httpd.conf", httpd_text(folder, cases, httpd_ports))):
        with open("%s/%s" % (folder, name), "w", encoding="ascii") as out:
            out.write(text)
    nginx = Nginx(find_program("nginx"), folder + "/nginx.conf", [])
    httpd = Apache(ApacheSubject.find(), folder + "/httpd.conf", httpd_ports)
    for server in (nginx, httpd):
        refused = server.check()
        if refused:
            raise RuntimeError(refused[1])
    return nginx, httpd


def wrong(case, answer, said):
    """What differs, or None; the end of a loop has no answer of a server behind it."""
    if case.title == LOOP[0]:
        return None if answer.status >= 400 and said["outcome"] == "proxied" else \
            "%s in a loop" % answer.status
    if said["outcome"] == "unknown":
        return "unknown"
    return differs(answer, said, (), "the front")


def exposed(folder, cases):
    """web.local-only-behind-proxy names the rules of those cases that a stranger passes."""
    wanted, found, confs = set(), set(), []
    for name in ("nginx.conf", "httpd.conf"):
        with open("%s/%s" % (folder, name), encoding="ascii") as conf:
            text = conf.read()
        for case in cases:  # where strangers come in
            text = text.replace("127.0.0.1:%d;" % case.port, "%d;" % case.port)
            text = text.replace("Listen 127.0.0.1:%d\n" % case.port, "Listen %d\n" % case.port)
            text = text.replace("<VirtualHost 127.0.0.1:%d>" % case.port,
                                "<VirtualHost *:%d>" % case.port)
        confs.append("%s/open-%s" % (folder, name))
        with open(confs[-1], "w", encoding="ascii") as out:
            out.write(text)
    got = subprocess.run([SRVAUDIT, "-f", "json"] + confs,
                         capture_output=True, timeout=60, check=False)
    said = [f for f in json.loads(got.stdout)["findings"]
            if f["check"] == "web.local-only-behind-proxy"]
    for case in cases:
        if case.open_rule:
            wanted.add((case.title, case.port))
        if any(":%d/" % case.port in json.dumps(f) for f in said):
            found.add((case.title, case.port))
    result(wanted == found, "the rules for this machine alone that a front voids",
           "missing %s, too many %s" % (sorted(wanted - found), sorted(found - wanted)))


def test_chain(folder):
    for name in FILES:
        write(folder, "back/" + name)
        write(folder, "front/" + name)
    os.mkdir(folder + "/tmp")
    if os.geteuid() == 0:
        os.chmod(folder + "/tmp", 0o777)
    plans = [(case, True) for case in NGINX_FRONTS + [LOOP]] + [(case, False) for case
                                                               in HTTPD_FRONTS]
    ports = free_ports(2 * len(plans))
    pairs = list(zip(ports[::2], ports[1::2]))
    cases = [Case(case, n, pairs[n], folder) for n, (case, _) in enumerate(plans)]
    httpd_ports = [pair[first] for pair, (_, first) in zip(pairs, plans)]
    nginx, httpd = start(folder, cases, httpd_ports)
    nginx.ports = [pairs[0][0]]
    clients, asked = {}, []
    with nginx, httpd:
        for case in cases:
            for source, target in case.requests:
                client = clients.setdefault(source, Client(source))
                host = b"a.test:%d" % case.port
                answer = client.ask(("127.0.0.1", case.port), host, target.encode())
                asked.append((source, case, b"http://" + host + target.encode(), answer))
    for client in clients.values():
        client.close()
    notes = {case.title + str(case.port): [] for case in cases}
    for source in clients:
        mine = [one for one in asked if one[0] == source]
        said = predict(SRVAUDIT, [folder + "/nginx.conf", folder + "/httpd.conf"],
                       [url for _, _, url, _ in mine], folder, source)
        for (_, case, url, answer), mean in zip(mine, said):
            text = wrong(case, answer, mean)
            if text:
                notes[case.title + str(case.port)].append(
                    "%s %s: %s, location %r, %r, %r" % (source, url.decode(), text, answer.location,
                                                       answer.body[:60], mean))
    for case, (_, before) in zip(cases, plans):
        result(not notes[case.title + str(case.port)],
               "%s: %s" % ("nginx before httpd" if before else "httpd before nginx", case.title),
               "\n".join(notes[case.title + str(case.port)]))
    exposed(folder, cases)
    print("# %d requests, %d differ" % (len(asked), sum(map(len, notes.values()))))


def main():
    if not find_program("nginx") or not ApacheSubject.find():
        skipped("two servers", "nginx or httpd is missing")
    else:
        in_folder(test_chain)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
