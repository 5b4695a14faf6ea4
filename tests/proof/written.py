# SPDX-License-Identifier: Apache-2.0
"""Looks for values, in clear and encoded, in files; no value is ever part of what it says."""
import base64
import collections
import hashlib
import html
import json
import math
import re
import urllib.parse

SHORT = 12     # bytes of a value that may be a word and a number
LEAST = 8      # bytes of a needle; shorter ones stand in texts by chance
SHOWN = 4      # the last characters of a value may be shown
DIGEST = re.compile(rb'"[0-9a-f]{32}"')  # ids and fingerprints of findings
RANDOM = 2.75  # bits a character from which eight in a row stand nowhere by chance


def entropy(data):
    counts = collections.Counter(data).values()
    return -sum(n / len(data) * math.log2(n / len(data)) for n in counts)


def base64_forms(data):
    """As it looks in base64, wherever in the encoded text it begins."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data)
        cut = (0, 2, 3)[before]  # what the bytes before and behind have a part in is cut off
        text = text[cut:(before + len(data)) * 4 // 3]
        yield text
        yield text.translate(bytes.maketrans(b"+/", b"-_"))


def escaped(data, form):
    return b"".join(form % byte for byte in data)


def forms(data):
    """The value and the encodings in which it could be written."""
    yield data
    yield from base64_forms(data)
    yield from (data.hex().encode(), data.hex().upper().encode())
    for form in (b"%%%02X", b"%%%02x", b"\\x%02x", b"\\u%04x", b"\\%03o", b"&#%d;", b"&#x%x;"):
        yield escaped(data, form)
    text = data.decode("utf-8", "replace")
    if "\ufffd" not in text:
        yield urllib.parse.quote(text, safe="").encode()
        yield urllib.parse.quote(text, safe="/:@").encode()
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
        yield html.escape(text).encode()
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")


def needles(value):
    """What must not stand in any output: the value, each line of a long one, and of a random value
    already the eight characters before the last four: so many are never shown."""
    lines = [line.strip() for line in value.split(b"\n")]
    parts = lines if len(lines) == 1 else [line for line in lines if len(line) >= 16 and
                                           not line.startswith(b"-----")]
    for part in parts:
        if len(part) < LEAST:
            continue
        for form in forms(part):
            if len(form) >= LEAST and b"\n" not in form:
                yield form
        inner = part[-LEAST - SHOWN:-SHOWN]
        if len(part) >= 16 and entropy(inner) >= RANDOM:
            yield inner


def index_of(values):
    """By their first bytes, the needles of all values: {bytes: [(needle, value)]}."""
    out = {}
    for value in values:
        for needle in set(needles(value)):
            out.setdefault(needle[:LEAST], []).append((needle, value))
    return out


def lines_of(files):
    """Each different line of the files, with one of the files that hold it: most lines are alike."""
    out = {}
    for path in files:
        with open(path, "rb") as f:
            for line in f.read().split(b"\n"):
                out.setdefault(line, path)
    return out


def in_a_word(line, at, needle, value):
    """A short value that people choose, a word and two digits, can be part of a longer name."""
    end = at + len(needle)
    return needle == value and len(value) < SHORT and \
        (line[end:end + 1].isalnum() or line[max(at - 1, 0):at].isalnum())


def in_a_digest(line, at, needle):
    """Eight hex digits stand in some of thousands of digests by chance; all of one never do."""
    end = at + len(needle)
    return len(needle) < 32 and any(m.start() < at and end < m.end() for m in DIGEST.finditer(line))


def search(values, files):
    """(file, value) of each needle that stands in a file."""
    index = index_of(values)
    for line, path in lines_of(files).items():
        for at in range(len(line) - LEAST + 1):
            for needle, value in index.get(line[at:at + LEAST], ()):
                if line.startswith(needle, at) and not in_a_word(line, at, needle, value) and \
                        not in_a_digest(line, at, needle):
                    yield path, value


def secret_id(value):
    return hashlib.sha256(value).hexdigest()[:32]


def reported_ids(path):
    """{id: redacted form} of the secrets of a report in JSON; nothing of any other text."""
    with open(path, "rb") as f:
        data = f.read()
    if b'"schema":"srvaudit-report/1"' not in re.sub(rb"\s", b"", data[:400]):
        return {}
    try:
        report = json.loads(data)
    except ValueError:
        return {}  # a run that was ended
    return {s["id"]: (s["rule"], s["redacted"], f["check"], f["file"])
            for f in report["findings"] for s in f.get("secrets", [])}
