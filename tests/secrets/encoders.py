# SPDX-License-Identifier: Apache-2.0
"""The ways in which a text is written in other words, each as a function of text to text."""
import base64
import html
import json
import quopri
import textwrap


def b64(text):
    return base64.b64encode(text.encode()).decode()


def b64url(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def filled(text):
    return "# the settings of this machine, as they were on the last day of the year\n" + text


def mime(text):
    return "Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(
        filled(text).encode()).decode()


def crlf64(text):
    return "\r\n".join(textwrap.wrap(b64(filled(text)), 64)) + "\r\n"


def folded(text):
    return "data: |\n" + "\n".join("    " + line for line in textwrap.wrap(b64(filled(text)), 64))


def powershell(text):
    return "powershell -enc " + base64.b64encode(text.encode("utf-16-le")).decode()


def percent(text):
    return "".join("%%%02X" % byte for byte in text.encode())


def form(text):
    """As encodeURIComponent and browsers do: only what has to be."""
    return "".join(c if c.isalnum() or c in "-_.~" else percent(c) for c in text)


def hexed(text):
    return text.encode().hex()


def hex_upper(text):
    return "0x" + text.encode().hex().upper()


def each(pattern):
    return lambda text: '"%s"' % "".join(pattern % ord(c) for c in text)


def underscore_u(text):
    """As a minifier or a careful author writes it: one character is enough."""
    return '"%s"' % text.replace("_", "\\u005f").replace("-", "\\u002d")


def json_text(text):
    return json.dumps({"role": "user", "content": "see:\n" + text + "\nthere"})


def php_json(text):
    return json_text(text).replace("/", "\\/")


def entities_named(text):
    return "<p>%s</p>" % html.escape(text)


def mail(text):
    """Quoted-printable, the text late in a line so that a soft break cuts it."""
    return quopri.encodestring(("x" * 60 + " " + text + " " + "y" * 60).encode()).decode()


# Any one character of the text is hidden by these: a token that stands for itself is found.
ALL = {
    "base64": b64, "base64url": b64url, "mime": mime, "crlf64": crlf64, "folded": folded,
    "powershell": powershell, "percent": percent, "form": form, "hex": hexed, "0x": hex_upper,
    "x": each("\\x%02x"), "u": each("\\u%04x"), "u{}": each("\\u{%x}"), "U": each("\\U%08x"),
    "octal": each("\\%03o"), "one u": underscore_u, "json": json_text, "php": php_json,
    "&#115;": each("&#%d;"), "&#x73;": each("&#x%X;"), "html": entities_named, "mail": mail,
}
