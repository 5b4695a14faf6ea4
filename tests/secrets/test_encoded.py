#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets in other words: each encoder, encoders in encoders, every rule in some; noise is quiet."""
import base64
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import encoders  # noqa: E402
import noise  # noqa: E402
import rulefiles  # noqa: E402
import templates  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEED = 20261126
PIECE, OVERLAP = 1 << 20, 64 << 10
DELIMITERS = ['"', "'", "`", '\\"', "\\n", "&", "<", ">", ",", ";", ")", "}", "]", "\0", ""]


def token(rng):
    return planted("ghp" + "_" + templates.crc_github(rng, "", 0))


def write(folder, name, text):
    with open(os.path.join(folder, name), "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())


def search(folder):
    """By file: the places (rule, line, text) in it; and the files that were left out."""
    got = subprocess.run([SRVAUDIT, "secrets", "--root", folder, "-f", "json", "/"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
    report = json.loads(got.stdout.decode())
    found = {}
    for finding in report["findings"]:
        for place in finding["evidence"]:
            found.setdefault(place["file"][1:], []).append(
                (finding["check"], place["line"], place["text"], finding["secrets"][0]["redacted"]))
    return found, report["coverage"]["skipped"]


def check_each(folder):
    """One encoder: one place, on the right line, and the report says how."""
    rng = random.Random(SEED)
    tokens = {}
    for i, (name, encode) in enumerate(sorted(encoders.ALL.items())):
        tokens[i] = token(rng)
        write(folder, str(i), "one\ntwo\n" + encode(tokens[i]) + "\nmore\n")
    found, _ = search(folder)
    for i, (name, encode) in enumerate(sorted(encoders.ALL.items())):
        places = found.get(str(i), [])
        result(len(places) == 1 and places[0][0] == "secrets.github-token" and
               places[0][3].endswith(tokens[i][-4:]), "found once: " + name, places)
        lines = encode(tokens[i]).count("\n") + 1
        good = places and 3 <= places[0][1] < 3 + lines
        good = good and (name != "mime" or places[0][1] in (6, 7))
        result(good, "its line: " + name, places)
        plain = name in ("json", "php", "html", "form")
        result(bool(places) and (plain or ", " in places[0][2]), "the way is told: " + name, places)


def check_lines(folder):
    """A hit in decoded lines stands on the line of the file where it begins."""
    rng = random.Random(SEED + 1)
    lines = ["filler number %d of this text\n" % n for n in range(90)]
    lines[70] = "key: %s\n" % token(rng)
    text = "".join(lines)
    body = base64.encodebytes(text.encode()).decode()
    at = text.index("ghp" + "_") * 4 // 3
    write(folder, "mime", "head\n" + body)
    want = 2 + at // 76
    write(folder, "u", "".join("\\u%04x" % ord(c) if c != "\n" else c for c in text))
    found, _ = search(folder)
    result([p[1] for p in found.get("mime", [])] == [want], "line in base64", (want, found))
    result([p[1] for p in found.get("u", [])] == [71], "line among escapes", found)


def check_nested(folder):
    """Random encoders in each other."""
    rng = random.Random(SEED + 2)
    inner = [n for n in encoders.ALL if n not in ("powershell", "mail", "folded")]
    want = {}
    for i in range(150):
        text, chain = token(rng), []
        for _ in range(rng.choice((2, 2, 3))):
            chain.append(rng.choice(inner))
            text = encoders.ALL[chain[-1]](text)
        if len(text) < 40000:
            want[str(i)] = chain
            write(folder, str(i), "x\n" + text + "\n")
    found, skipped = search(folder)
    missed = [chain for name, chain in want.items() if not any(
        p[0] == "secrets.github-token" for p in found.get(name, []))]
    result(len(missed) <= len(want) // 50 and len(want) > 100, "nested: %d of %d" % (
        len(want) - len(missed), len(want)), missed)
    result(not skipped, "nothing is left out", skipped)


def check_rules(folder):
    """Positives of every rule in base64, JSON in JSON, UTF-16 and percent codes."""
    rng = random.Random(SEED + 3)
    ways = {"base64": encoders.b64, "json": lambda t: json.dumps(json.loads(json.dumps(
        json.dumps({"content": "x\n" + t + "\ny"})))), "percent": encoders.percent}
    want = {}
    for rule in rulefiles.all_rules():
        if "public" in rule["flags"] or rule["file"] == "keys.yaml":
            continue
        for template in rule["positives"]:
            text, secret = templates.expand(rng, template)
            planted(secret)
            for way in ways:
                if len(text) >= 24:
                    want["%d" % len(want)] = (rule["id"], way)
                    write(folder, "%d" % (len(want) - 1), "a\n" + ways[way](text + "\n") + "\nb\n")
    found, _ = search(folder)
    for way in ways:
        names = [n for n in want if want[n][1] == way]
        missed = sorted({want[n][0] for n in names if n not in found})
        lost = sum(n not in found for n in names)
        print("# %s: %d of %d found" % (way, len(names) - lost, len(names)))
        result(lost <= 0.05 * len(names), "rules in " + way, " ".join(missed))


def check_delimiters(folder):
    """A token between any two delimiters is the token."""
    rng = random.Random(SEED + 4)
    want = {}
    for rule in rulefiles.all_rules():
        bare = [t for t in rule["positives"] if "[[" not in t and "\n" not in t]
        for template in bare[:1] if "public" not in rule["flags"] else []:
            text, secret = templates.expand(rng, template)
            planted(secret)
            if text != secret or " " in text or "{nl}" in template:
                continue
            for before in rng.sample(DELIMITERS, 5):
                for after in rng.sample(DELIMITERS, 3):
                    want[str(len(want))] = (rule["id"], before, after, secret)
                    write(folder, str(len(want) - 1), "k" + before + text + after)
    found, _ = search(folder)
    missed = [w[:3] for n, w in want.items() if w[1] and not any(
        len(w[3]) < 16 or p[3].endswith(w[3][-4:]) for p in found.get(n, []))]
    result(len(want) > 1000 and not missed, "tokens between delimiters (%d)" % len(want), missed)


def check_edges(folder):
    """Encoded text across the edge of two pieces is found once, wherever it is cut."""
    rng = random.Random(SEED + 5)
    want = {}
    for name in ("base64", "mime", "percent", "hex", "u"):
        for edge in (PIECE, PIECE + OVERLAP):
            for back in (0, 1, 2, 3, 5, 17, 33, 34, 35, 36, 90, 1023, 1024, 1025):
                secret = token(rng)
                body = encoders.ALL[name]("before it stands " + secret + " and behind")
                want[name, edge, back] = secret
                write(folder, "%s-%d-%d" % (name, edge, back),
                      (". " * (PIECE // 2 + OVERLAP))[:edge - back] + "\n" + body + "\n" +
                      ". " * 9000)
    found, _ = search(folder)
    bad = [(key, found.get("%s-%d-%d" % key)) for key, secret in want.items() if [
        p[3][-4:] for p in found.get("%s-%d-%d" % key, [])] != [secret[-4:]]]
    result(not bad, "across the edges of pieces", bad)


def check_long_runs(folder):
    """A stretch far longer than a piece, whose beginning the second piece never sees."""
    rng = random.Random(SEED + 6)
    text = "".join("line %d of a dump\n" % n for n in range(120000))
    at = [len(text) // 9 * n for n in range(1, 9)]
    secrets = [token(rng) for _ in at]
    for place, secret in reversed(list(zip(at, secrets))):
        text = text[:place] + "\n" + secret + "\n" + text[place:]
    write(folder, "one-line", encoders.b64(text))
    write(folder, "lines", base64.encodebytes(text.encode()))
    write(folder, "hex", encoders.hexed(text))
    found, _ = search(folder)
    for name in ("one-line", "lines", "hex"):
        ends = sorted(p[3][-4:] for p in found.get(name, []))
        result(ends == sorted(s[-4:] for s in secrets), "long stretch: " + name, ends)


def check_one_place(folder):
    """What is seen twice is one place; what a rule of its own reads stays that."""
    rng = random.Random(SEED + 7)
    pair = templates.basic(rng, "", 0)
    write(folder, "basic", "Authorization: Basic %s\n" % pair)
    write(folder, "jwt", "x = %s\n" % templates.jwt_user(rng, "", 0))
    write(folder, "json", "GITHUB_CONFIG_KEY=%s\n" % encoders.b64(
        json.dumps({"user": "bot", "token": token(rng), "n": 1})))
    write(folder, "both", '{"a": "%s"}\n' % token(rng).replace("ghp" + "_", "ghp" + "\\u005f"))
    found, _ = search(folder)
    rules = {name: [p[0] for p in places] for name, places in found.items()}
    result(rules.get("basic") == ["secrets.basic-auth-header"], "basic stays basic", rules)
    result(rules.get("jwt") == ["secrets.jwt"], "a JWT is one", rules)
    result(rules.get("json") == ["secrets.github-token"], "a JSON in base64 is one", rules)
    result(rules.get("both") == ["secrets.github-token"], "once", rules)


def check_quiet(folder):
    """Random bytes in every encoding, and the corpus' near misses in base64, say nothing."""
    rng = random.Random(SEED + 8)
    for i in range(30):
        data = bytes(rng.randrange(256) for _ in range(20000))
        text = data.decode("latin-1")
        write(folder, "b64-%d" % i, base64.encodebytes(data))
        write(folder, "hex-%d" % i, data.hex())
        write(folder, "pct-%d" % i, encoders.percent(text))
        write(folder, "raw-%d" % i, data)
        write(folder, "u-%d" % i, "".join("\\u%04x" % ord(c) for c in text))
    for maker in noise.NOISE:
        text = maker(rng)
        write(folder, "n-%s-b" % maker.__name__, encoders.b64(text))
        write(folder, "n-%s-j" % maker.__name__, encoders.json_text(encoders.json_text(text)))
        write(folder, "n-%s-p" % maker.__name__, encoders.percent(text))
    found, _ = search(folder)
    loud = {name: places for name, places in found.items() if any(
        "example" not in p[2] for p in places)}
    result(len(loud) <= 3, "noise", "\n".join("%s %s" % x for x in sorted(loud.items())))


def check_hostile(folder):
    """Bounded, and what is left out is told."""
    rng = random.Random(SEED + 9)
    write(folder, "percent", b"%41" * (8 << 20))
    write(folder, "backslashes", b"\\" * (4 << 20))
    write(folder, "r", b"A" * 50 + b"\\r" * (2 << 20))
    write(folder, "entities", b"password &" * (1 << 19))
    write(folder, "deep", b'password=\\\\"a' * (1 << 18))
    write(folder, "breaks", (b"A1" * 20 + b"\n") * (1 << 16))
    text = token(rng)
    for _ in range(14):
        text = encoders.b64(text)
    write(folder, "nested", text)
    found, _ = search(folder)
    result(not found, "hostile texts", found)


def main():
    for check in (check_each, check_lines, check_nested, check_rules, check_delimiters, check_edges,
                  check_long_runs, check_one_place, check_quiet, check_hostile):
        in_folder(check)
    return finish()


sys.exit(main())
