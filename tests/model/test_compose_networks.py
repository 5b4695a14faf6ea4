#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Networks that compose projects share: whom a proxy of one project reaches by a name in another."""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from files import write  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

PROXY = """services:
  proxy:
    image: nginx
    ports: ["80:80"]
    networks: [edge]
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro"]
%s
networks:
  edge: %s
"""
SHOP = """%s
services:
  web:
    image: nginx
    %s
    volumes: ["./site.conf:/etc/nginx/conf.d/default.conf:ro", "./public:/srv/www:ro"]
%s
"""
EXTERNAL = "{external: true, name: web-edge}"
OTHER = "  web: {image: alpine}"


def answer(root, name, edge, service, networks, top="", env="", other=""):
    """The outcome of a request to the proxy, which hands it on to `name`."""
    os.chmod(root, 0o755)
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    write(root, "/etc/group", "root:x:0:\n")
    write(root, "/srv/proxy/compose.yaml", PROXY % (other, edge))
    write(root, "/srv/proxy/site.conf", "server {\n  listen 80;\n  location / {\n"
          "    proxy_pass http://%s:8000;\n  }\n}\n" % name)
    write(root, "/srv/My.Shop/compose.yaml", SHOP % (top, service, networks))
    write(root, "/srv/My.Shop/.env", env)
    write(root, "/srv/My.Shop/site.conf", "server {\n  listen 8000;\n  root /srv/www;\n}\n")
    write(root, "/srv/My.Shop/public/a.txt", "x")
    got = subprocess.run([os.environ["SRVAUDIT"], "url", "--root", root, "--batch", "-", "/etc"],
                         input=b"http://localhost/a.txt\n", stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=60, check=False)
    try:
        return json.loads(got.stdout)
    except ValueError:
        return {"outcome": "none", "error": got.stderr.decode()}


CASES = (
    # title, reached, arguments
    ("one external network", True, ("web", EXTERNAL, "networks: [edge]",
                                    "networks: {edge: %s}" % EXTERNAL)),
    ("under another key", True, ("web", EXTERNAL, "networks: [x]",
                                 "networks: {x: {external: {name: web-edge}}}")),
    ("external by its key", True, ("web", "{external: true}", "networks: [edge]",
                                   "networks: {edge: {external: true}}")),
    ("one makes it, one uses it", True, ("web", EXTERNAL, "networks: [x]",
                                         "networks: {x: {name: web-edge}}")),
    ("by an alias", True, ("shop", EXTERNAL, "networks: {x: {aliases: [shop]}}",
                           "networks: {x: %s}" % EXTERNAL)),
    ("by container_name", True, ("shop-1", EXTERNAL, "container_name: shop-1\n    networks: [x]",
                                 "networks: {x: %s}" % EXTERNAL)),
    ("the other's default network", True, ("web", "{external: true, name: myshop_default}",
                                           "restart: always", "")),
    ("a network of the other's", True, ("web", "{external: true, name: myshop_x}",
                                        "networks: [x]", "networks: {x: {}}")),
    ("the project's name at the top", True, ("web", "{external: true, name: store_default}",
                                             "restart: always", "", "name: store")),
    ("the project's name in .env", True, ("web", "{external: true, name: store_default}",
                                          "restart: always", "", "",
                                          "COMPOSE_PROJECT_NAME=store\n")),
    ("networks of the same key", False, ("web", "{}", "networks: [edge]",
                                         "networks: {edge: {}}")),
    ("another external network", False, ("web", EXTERNAL, "networks: [edge]",
                                         "networks: {edge: {external: true}}")),
    ("not in the network", False, ("web", EXTERNAL, "restart: always",
                                   "networks: {edge: %s}" % EXTERNAL)),
    ("another name", False, ("shop", EXTERNAL, "networks: [edge]",
                             "networks: {edge: %s}" % EXTERNAL)),
    ("a service of its own of that name", False, (
        "web", EXTERNAL, "networks: [edge]", "networks: {edge: %s}" % EXTERNAL, "", "", OTHER)),
)

for title, reached, args in CASES:
    def test(root, title=title, reached=reached, args=args):
        ans = answer(root, *args)
        good = (ans.get("file") == "/srv/My.Shop/public/a.txt") if reached \
            else ans["outcome"] == "proxied"
        result(good, title, ans)
    in_folder(test)
sys.exit(finish())
