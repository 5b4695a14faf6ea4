#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Differential test of the nginx serving model: random configurations, the real nginx, srvaudit."""
import argparse
import os
import random
import shutil
import sys
import tempfile

from diff_compare import Tally, predict
from diff_config import HTTP, make_vhost
from diff_oracle import (Client, Listener, Nginx, answer_fastcgi, answer_http, find_nginx,
                         free_ports)
from diff_requests import targets
from diff_tree import Tree

PORTS = 7


def head(folder):
    """The part of nginx.conf before the virtual hosts."""
    user = "user www-data;\n" if os.geteuid() == 0 else ""
    temp = "".join("%s_temp_path %s/tmp;\n" % (kind, folder) for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return (user + "worker_processes 1;\npid %s/pid;\nerror_log /dev/null crit;\n"
            "events { worker_connections 512; }\nhttp {\naccess_log off;\nkeepalive_requests 100000;\n"
            "server_names_hash_bucket_size 128;\nserver_names_hash_max_size 4096;\n"
            "variables_hash_max_size 4096;\n%s%s" % (folder, temp, HTTP))


def write_conf(folder, vhosts):
    """Write nginx.conf; return the first line of each virtual host."""
    text, starts = head(folder), []
    line = text.count("\n") + 1
    for vhost in vhosts:
        starts.append(line)
        text += "\n".join(vhost.lines) + "\n"
        line += len(vhost.lines)
    with open(os.path.join(folder, "nginx.conf"), "w", encoding="utf-8") as out:
        out.write(text + "}\n")
    return starts


def make_valid(rng, env, folder, nginx, count):
    """Virtual hosts that nginx accepts: the one that an error names is made anew."""
    ports = nginx.ports
    vhosts = [make_vhost(rng, env, n, ports) for n in range(count)]
    for _ in range(count * 4):
        starts = write_conf(folder, vhosts)
        failed = nginx.check()
        if failed is None:
            return vhosts
        line, text = failed
        if line is None or line < starts[0]:
            raise RuntimeError("nginx refuses the configuration: " + text)
        index = max(i for i, start in enumerate(starts) if start <= line)
        vhosts[index] = make_vhost(rng, env, index, ports)
    raise RuntimeError("no valid configuration found")


def place(vhost, host):
    """The socket address at which a request for this host arrives."""
    if vhost.where:
        return vhost.where
    name, port = host.rsplit(":", 1)
    return name, int(port)


def ask_all(rng, vhosts, tree, requests, client):
    """Send every request: a list of (vhost, url, answer)."""
    asked = []
    for vhost in vhosts:
        for target in targets(rng, vhost, tree, requests):
            host = vhost.hosts[0] if rng.random() < 0.6 else rng.choice(vhost.hosts)
            try:
                answer = client.ask(place(vhost, host), host.encode("ascii"), target)
            except ConnectionRefusedError:
                if vhost.where:
                    raise
                continue  # of 127.0.0.1 to 3, this seed's servers listen on some only
            asked.append((vhost, b"http://" + host.encode("ascii") + target, answer))
    return asked


def stock_bodies():
    """The bodies of the pages that the package brings, which a missing root leads to."""
    found = set()
    for path in ("/usr/share/nginx/html/index.html", "/usr/share/nginx/html/50x.html"):
        if os.path.exists(path):
            with open(path, "rb") as handle:
                found.add(handle.read())
    return found


def run_seed(seed, count, requests, binary, tally, keep=None):
    """One seed: build, ask nginx, ask srvaudit (if given), compare into the tally."""
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="srvaudit-nginx-")
    os.chmod(folder, 0o755)
    base = os.path.join(folder, "www")
    os.mkdir(base)
    os.mkdir(os.path.join(folder, "tmp"))
    http, fastcgi = Listener(answer_http), Listener(answer_fastcgi)
    client, tree = Client(), Tree(base, rng)
    env = {"base": base, "roots": tree.roots, "http": "127.0.0.1:%d" % http.port,
           "fastcgi": "127.0.0.1:%d" % fastcgi.port}
    conf = os.path.join(folder, "nginx.conf")
    try:
        nginx = Nginx(find_nginx(), conf, free_ports(PORTS))
        vhosts = make_valid(rng, env, folder, nginx, count)
        with nginx:
            asked = ask_all(rng, vhosts, tree, requests, client)
        said = [None] * len(asked)
        if binary:
            said = predict(binary, conf, [url for _, url, _ in asked], folder)
        tally.vhosts += len(vhosts)
        stock = stock_bodies()
        for (vhost, url, answer), prediction in zip(asked, said):
            case = {"size": sum(map(len, vhost.lines)) + len(url), "config": "\n".join(vhost.lines),
                    "url": url.decode("utf-8", "backslashreplace"), "seed": seed}
            tally.add(case, answer, prediction, stock)
    finally:
        client.close()
        http.stop()
        fastcgi.stop()
        if keep:
            shutil.rmtree(keep, ignore_errors=True)
            shutil.move(folder, keep)
        else:
            tree.open_up()
            shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--vhosts", type=int, default=100, help="virtual hosts a seed")
    parser.add_argument("--requests", type=int, default=60, help="requests a virtual host")
    parser.add_argument("--results", help="folder for the report of disagreements")
    parser.add_argument("--keep", help="folder to leave the last seed's files in")
    options = parser.parse_args()
    if not find_nginx():
        print("no nginx found")
        return 77
    tally = Tally()
    for seed in range(options.seed, options.seed + options.seeds):
        run_seed(seed, options.vhosts, options.requests, os.environ.get("SRVAUDIT"), tally,
                 options.keep)
    report = tally.report()
    if options.results:
        os.makedirs(options.results, exist_ok=True)
        with open(os.path.join(options.results, "SUMMARY.md"), "w", encoding="utf-8") as out:
            out.write(report)
    print(report if not options.results else tally.summary())
    return 0 if tally.passed() else 1


if __name__ == "__main__":
    sys.exit(main())
