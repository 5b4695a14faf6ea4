#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hand-written configurations: the real nginx and `srvaudit url --batch` give the same answers."""
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True

from diff_compare import differs, predict  # noqa: E402
from diff_oracle import (Client, Listener, answer_fastcgi, answer_http, find_program,  # noqa: E402
                         free_ports)
from diff_tree import Tree, write  # noqa: E402
from nginx_oracle import Nginx, stock_bodies  # noqa: E402
from hand_cases import CASES, EXTRA, FILES, HTTP  # noqa: E402


def head(folder):
    """The part of nginx.conf before the maps and servers of the cases."""
    user = "user www-data;\n" if os.geteuid() == 0 else ""
    temp = "".join("%s_temp_path %s/tmp;\n" % (kind, folder) for kind in
                   ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return ("%sworker_processes 1;\npid %s/pid;\nerror_log /dev/null crit;\n"
            "events { worker_connections 512; }\nhttp {\naccess_log off;\n%s"
            % (user, folder, temp))


def make_certificate(folder):
    """True if openssl made a key pair for the cases with TLS."""
    if not shutil.which("openssl"):
        return False
    done = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=h",
         "-keyout", folder + "/k.pem", "-out", folder + "/c.pem"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=60, check=False)
    return done.returncode == 0


def own_name():
    try:
        with open("/etc/hostname", encoding="ascii") as handle:
            return handle.readline().strip()
    except OSError:
        return ""


def fill(text, places):
    for name, value in places.items():
        text = text.replace("@%s@" % name, str(value))
    return text


def server(body, places):
    """A case is server blocks, or what stands in one."""
    text = fill(body, places)
    if "server {" in text:
        return text
    return fill("server { listen 127.0.0.1:@PORT@; server_name h; root @S@;\n", places) + text + "}\n"


def ask(client, port, request):
    host, target = request if isinstance(request, tuple) else ("h", request)
    host, target = host.encode() + b":%d" % port, target.encode()
    return client.ask(("127.0.0.1", port), host, target), b"http://" + host + target


def compare(binary, folder, places, stock):
    """For each case: (its text, what differs)."""
    ports = free_ports(len(CASES))
    tls = make_certificate(folder)
    cases = [(case, port) for case, port in zip(CASES, ports) if tls or " ssl;" not in case[0]]
    conf = folder + "/nginx.conf"
    with open(conf, "w", encoding="utf-8") as out:
        out.write(head(folder) + fill(HTTP, places))
        out.writelines(server(body, dict(places, PORT=port)) for (body, _), port in cases)
        out.write("}\n")
    nginx, client, asked = Nginx(find_program("nginx"), conf, ports), Client(), []
    refused = nginx.check()
    if refused:
        raise RuntimeError("nginx refuses the configuration: " + refused[1])
    with nginx:
        for (body, requests), port in cases:
            if "$hostname" in body and socket.gethostname() == own_name():
                requests = requests + [(socket.gethostname(), "/")]
            asked.append((body, [ask(client, port, request) for request in requests]))
    client.close()
    said = iter(predict(binary, conf, [url for _, pairs in asked for _, url in pairs], folder))
    for body, pairs in asked:
        notes = []
        for answer, url in pairs:
            mine = next(said)
            wrong = "unknown" if mine["outcome"] == "unknown" else differs(answer, mine, stock)
            if wrong:
                notes.append("%r: %s, location %r, %r" % (url, wrong, answer.location, mine))
        yield body, notes


def main():
    binary = os.environ.get("SRVAUDIT")
    if not find_program("nginx"):
        print("1..0 # SKIP no nginx binary found")
        return 0
    folder = tempfile.mkdtemp(prefix="srvaudit-cases-")
    os.chmod(folder, 0o755)
    base, failed, count = folder + "/www", 0, 0
    os.mkdir(base)
    os.mkdir(folder + "/tmp")
    http, fastcgi = Listener(answer_http), Listener(answer_fastcgi)
    tree = Tree(base, random.Random(5), 2)
    for rel in EXTRA:
        write(base, rel)
    places = {"S": base + "/site0", "BASE": base, "CONF": folder,
              "HTTP": "127.0.0.1:%d" % http.port, "FAST": "127.0.0.1:%d" % fastcgi.port}
    try:
        for name, text in FILES.items():
            with open(os.path.join(folder, name), "w", encoding="ascii") as out:
                out.write(text)
        for body, notes in compare(binary, folder, places, stock_bodies()):
            count += 1
            failed += bool(notes)
            print("%s %d - %s" % ("not ok" if notes else "ok", count, " ".join(body.split())[:70]))
            for line in notes[:4]:
                print("# " + line)
    finally:
        http.stop()
        fastcgi.stop()
        tree.open_up()
        shutil.rmtree(folder, ignore_errors=True)
    print("1..%d" % count)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
