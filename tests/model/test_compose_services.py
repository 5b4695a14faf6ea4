#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every finding in compose files as people write them for some sixty services, and no other."""
import json
import os
import random
import re
import string
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "checks")]
sys.dont_write_bytecode = True

from tap import finish, in_folder, result  # noqa: E402
from test_fixtures import token  # noqa: E402


def projects():
    """Name, text and expected (line, check, severity) of each block."""
    with open(os.path.join(HERE, "compose-services.txt"), encoding="utf-8") as f:
        blocks = re.split(r"(?m)^== (\S+)\n", f.read())[1:]
    for name, body in zip(blocks[::2], blocks[1::2]):
        pick, lines, want = random.Random(name), [], []
        password = "".join(pick.choice(string.ascii_letters + string.digits) for _ in range(20))
        for number, line in enumerate(body.splitlines(), 1):
            line, *told = line.split(" #! ")
            want += [(number, *t.split()) for t in told]
            line = re.sub(r"@K:([a-z]+)@", lambda m: token(m.group(1), name, "1"), line)
            lines.append(line.replace("@T@", password))
        yield name, "\n".join(lines) + "\n", sorted(want)


def write(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def check(folder):
    made = list(projects())
    write(folder + "/etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644)
    for name, text, _ in made:
        write("%s/opt/%s/compose.yaml" % (folder, name), text)
    done = subprocess.run([os.environ["SRVAUDIT"], "--root", folder, "--format", "json"],
                          stdout=subprocess.PIPE, check=False, encoding="utf-8")
    report = json.loads(done.stdout)
    result(len(made) >= 60, "there are sixty projects", str(len(made)))
    result(not report["coverage"].get("skipped"), "all was read and understood",
           json.dumps(report["coverage"].get("skipped"), indent=1))
    found = {name: [] for name, _, _ in made}
    for f in report["findings"]:
        name = f["file"].split("/")[2]
        found[name].append((f["line"], f["check"].replace("docker.", "", 1), f["severity"]))
    for name, _, want in made:
        result(sorted(found[name]) == want, name, "expected %s\ngot      %s"
               % (want, sorted(found[name])))


in_folder(check)
sys.exit(finish())
