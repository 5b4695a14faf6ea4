# SPDX-License-Identifier: Apache-2.0
"""The differential test itself, for any server: build a seed, ask both, compare, report."""
import argparse
import os
import random
import shutil
import tempfile

from diff_compare import Tally, predict
from diff_oracle import Client, free_ports
from diff_requests import targets
from diff_shrink import shrink


class Subject:
    """What one seed runs on: the server under comparison and how its configuration is written."""

    name = None     # of the server, in reports
    conf_name = None
    port_count = 7
    fixed_lines = 0  # of the head, which no shrinking may remove
    pools = None    # request targets: see diff_requests.targets
    absolute = False  # a few requests name the host in their first line
    may_crash = False  # no answer at all says nothing
    common = ""     # configuration that decides all virtual hosts' answers
    stock = frozenset()  # bodies of files that the server's package brings

    @staticmethod
    def find():
        """The server's binary, or None."""
        raise NotImplementedError

    def __init__(self, rng, folder, ports):
        """Build the file tree and start the loopback services of one seed."""
        self.rng, self.folder, self.ports = rng, folder, ports
        self.conf = os.path.join(folder, self.conf_name)
        self.tree, self.services = None, []

    def close(self):
        """Stop the services and let the folder be removed without root."""
        for service in self.services:
            service.stop()
        if self.tree:
            self.tree.open_up()

    def head(self):
        """The lines before the virtual hosts."""
        raise NotImplementedError

    def tail(self):
        """The lines behind them."""
        return []

    def make_vhost(self, number):
        """One random virtual host: lines, hosts, where, root, uris."""
        raise NotImplementedError

    def server(self):
        """The diff_oracle.Server for this seed's configuration."""
        raise NotImplementedError

    def depth(self, line):
        """How many blocks this line opens, less those it closes."""
        raise NotImplementedError

    def side_files(self, vhost):
        """{path: text} of further configuration that decides this virtual host's answers."""
        return {}

    def write(self, head, blocks):
        """Write the main file; return the first line of each block."""
        lines, starts = list(head), []
        for block in blocks:
            starts.append(len(lines) + 1)
            lines += block
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write("\n".join(lines + self.tail()) + "\n")
        return starts


def make_valid(subject, head, server, count):
    """Virtual hosts that the server accepts: the one that an error names is made anew."""
    vhosts = [subject.make_vhost(n) for n in range(count)]
    for _ in range(count * 4):
        starts = subject.write(head, [vhost.lines for vhost in vhosts])
        failed = server.check()
        if failed is None:
            return vhosts
        line, text = failed
        if line is None or line < starts[0]:
            raise RuntimeError("%s refuses the configuration: %s" % (subject.name, text))
        index = max(i for i, start in enumerate(starts) if start <= line)
        vhosts[index] = subject.make_vhost(index)
    raise RuntimeError("no valid configuration found")


def scratch():
    """A folder in memory, if there is one where scripts can run: thousands of files come and go."""
    try:
        flags = os.statvfs("/dev/shm").f_flag
    except OSError:
        return None
    usable = os.access("/dev/shm", os.W_OK) and not flags & os.ST_NOEXEC
    return "/dev/shm" if usable and "TMPDIR" not in os.environ else None


def place(vhost, host):
    """The socket address at which a request for this host arrives."""
    if vhost.where:
        return vhost.where
    name, port = host.rsplit(":", 1)
    return name, int(port)


def ask_all(subject, vhosts, requests, client):
    """Send every request: a list of (vhost, url, answer)."""
    asked, rng = [], subject.rng
    for vhost in vhosts:
        text = "".join(vhost.lines) + "".join(subject.side_files(vhost).values()) + subject.common
        text += "THE_REQUEST" if not vhost.named else ""
        for target in targets(rng, vhost, subject.tree, requests, subject.pools):
            host = vhost.hosts[0] if rng.random() < 0.6 else rng.choice(vhost.hosts)
            plain = b"#" not in target and not target.startswith(b"//")
            whole = (subject.absolute and "THE_REQUEST" not in text and plain
                     and host == vhost.hosts[0] and vhost.where and rng.random() < 0.03)
            try:
                answer = client.ask(place(vhost, host), host.encode("ascii"), target, whole)
            except ConnectionRefusedError:
                if vhost.where:
                    raise
                continue  # of 127.0.0.1 to 3, this seed's servers listen on some only
            if answer.status is None and subject.may_crash:
                continue
            asked.append((vhost, b"http://" + host.encode("ascii") + target, answer))
    return asked


def case_of(subject, head, vhost, url, seed):
    """What a report tells about one request."""
    lines = list(vhost.lines)
    for path, text in sorted(subject.side_files(vhost).items()):
        lines += ["# " + path] + ["    " + line for line in text.splitlines()]
    return {"size": sum(map(len, lines)) + len(url), "config": "\n".join(lines), "seed": seed,
            "url": url.decode("utf-8", "backslashreplace"), "raw": url, "vhost": vhost}


def run_seed(*args, **more):
    """One seed. A machine under load may take a port away or start a server late: once more then."""
    try:
        once(*args, **more)
    except (ConnectionError, RuntimeError) as error:
        print("# %s; the seed is run again" % error)
        once(*args, **more)


def once(kind, seed, count, requests, binary, tally, keep=None, small=0):
    """Build, ask the server, ask srvaudit (if there is a binary), compare into the tally."""
    rng = random.Random(seed)
    folder = tempfile.mkdtemp(prefix="srvaudit-%s-" % kind.name, dir=scratch())
    os.chmod(folder, 0o755)
    client, subject = Client(), None
    try:
        subject = kind(rng, folder, free_ports(kind.port_count))
        head, server = subject.head(), subject.server()
        vhosts = make_valid(subject, head, server, count)
        with server:
            asked = ask_all(subject, vhosts, requests, client)
        said = [None] * len(asked)
        if binary:
            said = predict(binary, subject.conf, [url for _, url, _ in asked], folder)
        tally.vhosts += len(vhosts)
        known = set(tally.examples)
        for (vhost, url, answer), prediction in zip(asked, said):
            tally.add(case_of(subject, head, vhost, url, seed), answer, prediction, subject.stock)
        client.close()
        new = [key for key in tally.examples if key not in known]
        for key in new[:small]:
            shrink(subject, head, binary, tally.examples[key][0])
    finally:
        client.close()
        if keep:
            shutil.rmtree(keep, ignore_errors=True)
            shutil.copytree(folder, keep, symlinks=True)
        if subject:
            subject.close()
        shutil.rmtree(folder, ignore_errors=True)


def main(kind, description):
    """The command line: any number of seeds, and a report of every disagreement."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--vhosts", type=int, default=100, help="virtual hosts a seed")
    parser.add_argument("--requests", type=int, default=60, help="requests a virtual host")
    parser.add_argument("--results", help="folder for the report of disagreements")
    parser.add_argument("--keep", help="folder to leave the last seed's files in")
    parser.add_argument("--shrink", type=int, default=0, metavar="N",
                        help="cut the configurations of N new disagreements a seed down")
    options = parser.parse_args()
    if not kind.find():
        print("no %s found" % kind.name)
        return 77
    tally = Tally(kind.name)
    for seed in range(options.seed, options.seed + options.seeds):
        run_seed(kind, seed, options.vhosts, options.requests, os.environ.get("SRVAUDIT"), tally,
                 options.keep, options.shrink)
    report = tally.report()
    if options.results:
        os.makedirs(options.results, exist_ok=True)
        with open(os.path.join(options.results, "SUMMARY.md"), "w", encoding="utf-8") as out:
            out.write(report)
    print(report if not options.results else tally.summary())
    return 0 if tally.passed() else 1


def tap(kind, seeds, vhosts, requests):
    """For `make check`: one TAP line a seed, and one for all of them together."""
    binary = os.environ.get("SRVAUDIT")
    if not kind.find():
        print("1..0 # SKIP no %s binary found" % kind.name)
        return 0
    if not binary:
        print("Bail out! SRVAUDIT does not name the program under test")
        return 1
    print("1..%d" % (len(seeds) + 1), flush=True)
    total, failed = Tally(kind.name), False
    for number, seed in enumerate(seeds, 1):
        before = total.requests, total.wrong, total.misses, total.unknown
        try:
            run_seed(kind, seed, vhosts, requests, binary, total)
        except (RuntimeError, OSError, ValueError) as error:
            print("not ok %d - seed %d: %s" % (number, seed, str(error).replace("\n", " ")))
            failed = True
            continue
        asked, wrong, misses, unknown = (now - then for now, then in zip(
            (total.requests, total.wrong, total.misses, total.unknown), before))
        good = misses == 0 and wrong * 1000 <= asked and unknown * 50 < asked
        failed |= not good
        print("%s %d - seed %d: %d requests, %d differ, %d missed files, %d unknown"
              % ("ok" if good else "not ok", number, seed, asked, wrong, misses, unknown),
              flush=True)
    good = total.passed() and not failed
    print("%s %d - %s" % ("ok" if good else "not ok", len(seeds) + 1, total.summary()))
    if not good:
        for line in total.report().splitlines()[:400]:
            print("# " + line)
    return 0 if good else 1
