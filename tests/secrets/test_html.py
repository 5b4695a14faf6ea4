#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages of random markup: what an HTML parser reads as a secret's value is found on its line."""
import html
import json
import os
import random
import subprocess
import sys
from html.parser import HTMLParser

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import templates  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEED = 20261127
PAGES = 400
LABELS = ["api_token", "client_secret", "db_password", "secretKey", "auth-token", "smtp-password"]
HARMLESS = ["csrf_token", "authenticity_token", "google-site-verification", "viewport", "title"]


class Oracle(HTMLParser):
    """Every text that a parser sees, and the pairs of a label and a value in one tag."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen += [value or "" for _, value in attrs]

    def handle_data(self, data):
        self.seen.append(data)

    def handle_comment(self, data):
        self.seen.append(data)


def token(rng):
    return "ghp" + "_" + templates.crc_github(rng, "", 0)


def spell(rng, name):
    return rng.choice([name, name.upper(), name.title()])


def attribute(rng, name, value, entities=False):
    """As pages write it: either quotes or none, blanks around "=", characters as entities."""
    if entities and rng.random() < 0.3:
        at = rng.randrange(len(value))
        entity = rng.choice(["&#%d;", "&#x%x;", "&#0%d;"]) % ord(value[at])
        value = value[:at] + entity + value[at + 1:]
    quote = rng.choice(['"', "'", ""])
    blank = rng.choice(["", "", " ", "\n  "])
    return spell(rng, name) + blank + "=" + blank + quote + value + quote


def tag(rng, value):
    """A label and its value, with others before, between and behind them."""
    label, holder, element = rng.choice([("name", "value", "input"), ("name", "content", "meta"),
                                         ("property", "content", "meta"), ("id", "value", "input"),
                                         ("data-key", None, "div")])
    others = ['type="hidden"', "disabled", "class='a b'", 'title="1 > 0"', "data-x=''",
              'style="a:b"', "tabindex=1"]
    if holder is None:
        parts = [attribute(rng, "data-" + rng.choice(LABELS).replace("_", "-").lower(), value,
                           True)]
    else:
        parts = [attribute(rng, label, rng.choice(LABELS)), attribute(rng, holder, value, True)]
    parts += rng.sample(others, rng.randrange(4))
    rng.shuffle(parts)
    return "<" + spell(rng, element) + rng.choice([" ", "\n", "\t"]) + \
        rng.choice([" ", "\n  "]).join(parts) + rng.choice([">", " >", " />"])


def place(rng, value):
    """The same value where pages keep such things."""
    return rng.choice([
        "<script>var cfg = {\"apiToken\": \"%s\"};</script>",
        "<script type='application/json'>{\"client_secret\":\"%s\"}</script>",
        "<!-- api_token: %s -->", "<!--[if IE]> token=%s <![endif]-->",
        "<p>password: %s</p>", "<textarea>DB_PASSWORD=%s\n</textarea>",
        "<a href=\"/x?a=1&amp;access_token=%s&amp;b=2\">x</a>",
        "<button onclick=\"login({token: '%s'})\">x</button>",
    ]) % value


def page(rng):
    """The text and its secrets, each with the line that its value begins in."""
    text = "<!DOCTYPE html>\n<html><head>\n"
    secrets = []
    for _ in range(rng.randrange(1, 5)):
        text += rng.choice(["", "<p>some words\n", "<br>\n", "<div class=a><b>x</b></div>\n"])
        opaque = rng.random() < 0.5
        value = templates.pick(rng, templates.CLASSES["a"], 28) if opaque else token(rng)
        text += tag(rng, value) if opaque or rng.random() < 0.5 else place(rng, value)
        text += "\n"
        secrets.append(planted(value))
    for label in rng.sample(HARMLESS, 2):
        text += '<meta name="%s" content="%s">\n' % (
            label, templates.pick(rng, templates.CLASSES["a"], 40))
    return text + "</html>\n", secrets


def line_of(text, value):
    """Where it begins, entities or not: the first line whose rest of the text reads so."""
    for number, _ in enumerate(text.split("\n"), 1):
        if value not in html.unescape("\n".join(text.split("\n")[number:])):
            return number
    return 0


def main():
    in_folder(pages)
    return finish()


def pages(folder):
    rng = random.Random(SEED)
    wanted, missed, lines, seen = {}, [], [], 0
    for i in range(PAGES):
        text, secrets = page(rng)
        with open(os.path.join(folder, "%03d.html" % i), "w", encoding="utf-8") as f:
            f.write(text)
        oracle = Oracle()
        oracle.feed(text)
        for value in secrets:
            assert any(value in s for s in oracle.seen), text
            wanted[(i, value[-4:])] = (line_of(text, value), text)
    got = subprocess.run([SRVAUDIT, "secrets", "--root", folder, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=300, check=False)
    found, strange = {}, []
    for finding in json.loads(got.stdout.decode())["findings"]:
        tail = finding["secrets"][0]["redacted"][-4:]
        for at in finding["evidence"]:
            key = (int(at["file"][1:4]), tail)
            found[key] = at["line"]
            if key not in wanted:
                strange.append((at["file"], at["line"], finding["check"]))
    for key, (line, text) in sorted(wanted.items()):
        seen += key in found
        if key not in found:
            missed.append((key[0], [x for x in text.split("\n") if x][line - 3:line + 2]))
        elif found[key] != line:
            lines.append((key, found[key], line))
    result(not missed, "each of %d values is found (%d)" % (len(wanted), seen),
           "\n".join(map(str, missed[:12])))
    result(not lines, "on the line where it begins", "\n".join(map(str, lines[:12])))
    result(not strange, "and nothing else", "\n".join(map(str, strange[:12])))


sys.exit(main())
