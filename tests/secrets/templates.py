# SPDX-License-Identifier: Apache-2.0
"""Makes tokens of the templates in checks/rules/secrets/*.yaml; checksums are valid.

{a:36} is 36 letters and digits, {h:32} hex, and so on: the tables below name them all. [[...]]
marks the secret where a template holds more than it. Nothing here is a key of anybody's: all is
drawn from a seeded generator.
"""
import base64
import hashlib
import json
import os
import re
import string
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from planted import planted  # noqa: E402

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
CLASSES = {
    "a": LOWER + UPPER + DIGITS, "L": LOWER + UPPER, "l": LOWER, "u": UPPER, "d": DIGITS,
    "an": LOWER + DIGITS, "AN": UPPER + DIGITS, "w": LOWER + UPPER + DIGITS + "_-",
    "h": DIGITS + "abcdef", "H": DIGITS + "ABCDEF", "b32": UPPER + "234567",
    "b64": LOWER + UPPER + DIGITS + "+/", "p": LOWER + UPPER + DIGITS + "!%^*_+.~",
    "base58": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
}
BASE62 = DIGITS + UPPER + LOWER
LITERALS = {"nl": "\n", "tab": "\t", "nul": "\0", "lb": "{", "rb": "}", "nop": "", "cr": "\r"}
WORDS = ("account invoice server gateway worker backup mailer billing search report portal "
         "queue widget orders profile uploads archive session metrics monitor").split()
PHRASE = ("abandon ability bamboo cabin damage eager fabric galaxy habit icon jacket kangaroo label "
          "machine naive oak paddle quality rabbit saddle tackle umbrella vacant wagon").split()


def pick(rng, alphabet, count):
    return "".join(rng.choice(alphabet) for _ in range(count))


def octets(rng, count):
    return bytes(rng.randrange(256) for _ in range(count))


def b64(data):
    return base64.b64encode(data).decode()


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def password(rng, count):
    """Random, with at least a letter of each case and a digit."""
    while True:
        text = pick(rng, CLASSES["a"], count)
        if re.search(r"[a-z]", text) and re.search(r"[A-Z]", text) and re.search(r"\d", text):
            return planted(text)


def base62_crc(text):
    value, out = zlib.crc32(text.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        out = BASE62[digit] + out
    return out


def crc_github(rng, _before, _count):
    body = pick(rng, CLASSES["a"], 30)
    return body + base62_crc(body)


def crc_atlassian(rng, before, count):
    body = pick(rng, CLASSES["w"], (count or 186) - 9) + "="
    return body + "%08X" % zlib.crc32((before + body).encode())


def crc_grafana(rng, before, _count):
    body = pick(rng, CLASSES["a"], 32)
    return body + "_" + zlib.crc32((before + body).encode()).to_bytes(4, "little").hex()


def crc_cloudflare(rng, _before, _count):
    body = pick(rng, CLASSES["a"], 40)
    return body + "%08x" % zlib.crc32(body.encode())


def bech32(hrp, data):
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    values, bits, left = [], 0, 0
    for byte in data:
        bits, left = (bits << 8) | byte, left + 8
        while left >= 5:
            left -= 5
            values.append((bits >> left) & 31)
    if left:
        values.append((bits << (5 - left)) & 31)

    def polymod(items):
        check = 1
        for item in items:
            top, check = check >> 25, (check & 0x1ffffff) << 5 ^ item
            for i, g in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
                check ^= g if (top >> i) & 1 else 0
        return check

    spread = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    value = polymod(spread + values + [0] * 6) ^ 1
    sums = [(value >> 5 * (5 - i)) & 31 for i in range(6)]
    return hrp + "1" + "".join(alphabet[v] for v in values + sums)


def base58check(data):
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, out = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        out = CLASSES["base58"][digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def aws_id(rng, _before, _count):
    """16 characters of base32 that hold an account's number."""
    account = rng.randrange(10 ** 11, 10 ** 12)
    raw = ((account << 7) | (1 << 47) | rng.randrange(128)).to_bytes(6, "big") + octets(rng, 4)
    return base64.b32encode(raw).decode()


def jwt(rng, claims):
    head = {"alg": "HS256", "typ": "JWT"}
    parts = [b64url(json.dumps(part, separators=(",", ":")).encode()) for part in (head, claims)]
    return ".".join(parts + [b64url(octets(rng, 32))])


def jwt_user(rng, _before, _count):
    return jwt(rng, {"sub": str(rng.randrange(10 ** 9)), "iat": 1760000000, "exp": 4102444800})


def jwt_role(role):
    return lambda rng, _before, _count: jwt(
        rng, {"iss": "supabase", "ref": pick(rng, LOWER, 20), "role": role, "iat": 1760000000,
              "exp": 4102444800})


def lines(text, width=64):
    return "\n".join(text[i:i + width] for i in range(0, len(text), width))


def der(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + size + body


def whole(rng, count):
    """A positive INTEGER of so many bytes."""
    return der(2, b"\0" + bytes([128 + rng.randrange(128)]) + octets(rng, count - 1))


def small(value):
    return der(2, bytes([value]))


def rsa(rng):
    return der(0x30, small(0), whole(rng, 256), der(2, b"\1\0\1"), whole(rng, 256),
               *[whole(rng, 128) for _ in range(5)])


def mpi(rng, bits):
    return bits.to_bytes(2, "big") + octets(rng, (bits + 7) // 8)


def pgp(rng, usage):
    """A version 4 RSA secret key packet; `usage` 0: not encrypted, 254: by a passphrase."""
    body = b"\4" + octets(rng, 4) + b"\1" + mpi(rng, 2048) + mpi(rng, 17)
    body += bytes([usage]) + (b"\x09\x03\x08" + octets(rng, 9) if usage else b"") + octets(rng, 660)
    return b"\x95" + len(body).to_bytes(2, "big") + body


def ssh_string(data):
    return len(data).to_bytes(4, "big") + data


def openssh(rng, cipher, kdf):
    public = ssh_string(b"ssh-ed25519") + ssh_string(octets(rng, 32))
    options = ssh_string(octets(rng, 16)) + b"\0\0\0\x18" if kdf != b"none" else b""
    return b"openssh-key-v1\0" + b"".join(ssh_string(s) for s in (cipher, kdf, options)) + \
        b"\0\0\0\1" + ssh_string(public) + ssh_string(octets(rng, 144))


RSA_OID = bytes.fromhex("06092a864886f70d010101")
PBES2_OID = bytes.fromhex("06092a864886f70d01050d")
CURVE = bytes.fromhex("a00a06082a8648ce3d030107")
BODIES = {
    "RSA": rsa,
    "EC": lambda rng: der(0x30, small(1), der(4, octets(rng, 32)), CURVE,
                          der(0xa1, der(3, b"\0" + octets(rng, 65)))),
    "DSA": lambda rng: der(0x30, small(0), whole(rng, 128), whole(rng, 20), whole(rng, 128),
                           whole(rng, 128), whole(rng, 19)),
    "": lambda rng: der(0x30, small(0), der(0x30, RSA_OID, b"\5\0"), der(4, rsa(rng))),
    "ENCRYPTED": lambda rng: der(0x30, der(0x30, PBES2_OID, der(0x30, octets(rng, 60))),
                                 der(4, octets(rng, 1216))),
    "OPENSSH": lambda rng: openssh(rng, b"none", b"none"),
    "PGP": lambda rng: pgp(rng, 0),
}


def armoured(label, data):
    text = "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, lines(b64(data)), label)
    return planted(text) if "PRIVATE" in label else text


def pem(rng, kind, newline):
    """What stands between the BEGIN and the END line."""
    return lines(b64(BODIES[kind](rng))).replace("\n", newline)


def discord(rng, _before, _count):
    head = b64url(str(rng.randrange(10 ** 17, 10 ** 18)).encode())
    return "%s.%s.%s" % (head, pick(rng, CLASSES["w"], 6), pick(rng, CLASSES["w"], 38))


def basic(rng, _before, _count):
    return b64(("%s:%s" % (rng.choice(WORDS), password(rng, 14))).encode())


def pypi(site):
    return lambda rng, _before, count: b64url(
        b"\x02\x01\x08" + site.encode() + b"\x02\x24" + octets(rng, count or 120))


def crypt(prefix, length):
    return lambda rng, _before, _count: prefix + pick(rng, CLASSES["a"] + "./", length)


SPECIAL = {
    "uuid": lambda rng, _b, _n: "-".join(pick(rng, CLASSES["h"], n) for n in (8, 4, 4, 4, 12)),
    "crc-github": crc_github, "crc-atlassian": crc_atlassian, "crc-grafana": crc_grafana,
    "crc-cloudflare": crc_cloudflare, "aws-id": aws_id, "discord": discord, "basic": basic,
    "age": lambda rng, _b, _n: bech32("age-secret-key-", octets(rng, 32)).upper(),
    "nsec": lambda rng, _b, _n: bech32("nsec", octets(rng, 32)),
    "bip39": lambda rng, _b, _n: " ".join(rng.choice(PHRASE) for _ in range(12)),
    "wif": lambda rng, _b, _n: base58check(b"\x80" + octets(rng, 32) + b"\x01"),
    "xprv": lambda rng, _b, _n: base58check(bytes.fromhex("0488ade4") + b"\0" * 9 +
                                            octets(rng, 32) + b"\0" + octets(rng, 32)),
    "jwt": jwt_user, "jwt-anon": jwt_role("anon"), "jwt-service": jwt_role("service_role"),
    "pypi": pypi("pypi.org"), "testpypi": pypi("test.pypi.org"),
    "pass": lambda rng, _b, n: password(rng, n or 14),
    "bytes": lambda rng, _b, n: b64(octets(rng, n)),
    "user": lambda rng, _b, _n: rng.choice(WORDS),
    "word": lambda rng, _b, _n: rng.choice(WORDS),
    "host": lambda rng, _b, _n: rng.choice(WORDS) + ".internal.example",
    "apr1": crypt("$apr1$abcdefgh$", 22), "bcrypt": crypt("$2y$10$", 53),
    "sha512crypt": crypt("$6$saltsalt12$", 86), "sha256crypt": crypt("$5$saltsalt12$", 43),
    "yescrypt": crypt("$y$j9T$abcdefghijklmnop$", 43), "md5crypt": crypt("$1$abcdefgh$", 22),
    "ssha": lambda rng, _b, _n: "{SSHA}" + b64(octets(rng, 24)),
    "sha": lambda rng, _b, _n: "{SHA}" + b64(octets(rng, 20)),
}
for _kind in BODIES:
    for _name, _newline in (("pem-", "\n"), ("pem1-", "\\n"), ("pem2-", '\\n" +\n  "'),
                            ("pem3-", "\n# ")):
        SPECIAL[_name + (_kind.lower() or "pkcs8")] = \
            lambda rng, _b, _n, kind=_kind, newline=_newline: pem(rng, kind, newline)
ITEM = re.compile(r"\{([A-Za-z0-9-]+)(?::(\d+))?\}")


def expand(rng, template):
    """The text of a template and the secret in it."""
    out, position, start, end = "", 0, 0, None
    for m in re.finditer(r"\[\[|\]\]|\{rep-(.):(\d+)\}|" + ITEM.pattern, template):
        out += template[position:m.start()]
        position = m.end()
        name, count = m.group(3), int(m.group(4) or 0)
        if m.group() == "[[":
            start = len(out)
        elif m.group() == "]]":
            end = len(out)
        elif m.group(1):
            out += m.group(1) * int(m.group(2))
        elif name in LITERALS:
            out += LITERALS[name]
        elif name == "p":
            out += pick(rng, CLASSES["a"], 1) + pick(rng, CLASSES["p"], count - 1)
        elif name in CLASSES and count:
            out += pick(rng, CLASSES[name], count)
        elif name in SPECIAL:
            out += SPECIAL[name](rng, out[start:], count)
        else:
            out += m.group()
    out += template[position:]
    secret = out[start:end]
    return out, secret if end is None else planted(secret)
