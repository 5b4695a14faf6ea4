# SPDX-License-Identifier: Apache-2.0
"""The files in which the corpus hides a secret: what servers, bundles and repositories hold."""
import json

from templates import CLASSES, WORDS, octets, b64, pick

# Each takes the generator and a line of text; "bare" ones take a token that stands for itself.


def env(rng, line):
    return ("# settings of %s\nAPP_ENV=production\nLOG_LEVEL=info\n%s\nPORT=%d\n"
            % (rng.choice(WORDS), line, rng.randrange(1024, 9999)))


def environ(rng, line):
    return "PATH=/usr/bin:/bin\0HOME=/srv/%s\0LANG=C.UTF-8\0%s\0SHLVL=1\0" % (
        rng.choice(WORDS), line)


def history(rng, line):
    return "cd /srv/%s\nls -la\n%s\nsystemctl restart %s\n" % (
        rng.choice(WORDS), line, rng.choice(WORDS))


def script(rng, line):
    return "#!/bin/sh\nset -eu\n# nightly job of %s\n%s\nexit 0\n" % (rng.choice(WORDS), line)


def json_in_json(rng, line):
    return json.dumps({"version": 3, "file": rng.choice(WORDS) + ".js", "sources": ["a.ts"],
                       "sourcesContent": ["import x from 'y';\n%s\nexport default x;\n" % line]})


def journal(rng, line):
    return ("Mar 03 10:11:12 web1 %s[%d]: started\nMar 03 10:11:13 web1 app[1]: %s\n"
            "Mar 03 10:11:14 web1 app[1]: done\n" % (rng.choice(WORDS), rng.randrange(9999), line))


def transcript(rng, line):
    return json.dumps({"role": "user", "n": rng.randrange(99), "content": "run this:\n" + line})


def notebook(rng, line):
    return json.dumps({"cells": [{"cell_type": "code", "outputs": [{"text": [line + "\n"]}],
                                  "source": ["print(%d)" % rng.randrange(9)]}]}, indent=1)


def crlf(rng, line):
    return "; %s\r\n%s\r\n; end\r\n" % (rng.choice(WORDS), line)


def markdown(rng, line):
    return "# %s\n\nThen set this:\n\n```\n%s\n```\n" % (rng.choice(WORDS), line)


LINES = (env, history, script, journal, json_in_json, transcript, notebook, crlf, markdown)
# The same without a change of the text by quoting: for lines that hold quotes or several lines.
PLAIN_LINES = (env, history, script, crlf, markdown)


def unit(rng, token):
    return ("[Unit]\nDescription=%s\n\n[Service]\nUser=app\nEnvironment=APP_TOKEN=%s\n"
            "ExecStart=/usr/bin/app\n" % (rng.choice(WORDS), token))


def access_log(rng, token):
    return ('10.0.0.%d - - [03/Mar/2026:10:11:12 +0000] "GET /v1/%s?id=7&token=%s&page=2 HTTP/1.1" '
            '200 512 "-" "curl/8.5"\n' % (rng.randrange(255), rng.choice(WORDS), token))


def header_log(rng, token):
    return ("> GET /%s HTTP/1.1\n> Host: api.example\n> Authorization: Bearer %s\n> Accept: */*\n"
            % (rng.choice(WORDS), token))


def percent(rng, token):
    return "GET /cb?next=%%2F%s%%3Fkey%%3D%s%%26x%%3D1 HTTP/1.1\n" % (rng.choice(WORDS), token)


def minified(rng, token):
    noise = ";".join("function %s(e,t){return e.%s(t)}" % (pick(rng, CLASSES["l"], 2),
                                                        rng.choice(WORDS)) for _ in range(40))
    return "!function(){%s;var c={k:\"%s\",n:1};%s}();" % (noise, token, noise)


def yaml(rng, token):
    return "service:\n  name: %s\n  credentials:\n    value: %s\n  replicas: 2\n" % (
        rng.choice(WORDS), token)


def quoted_json(rng, token):
    return json.dumps({"name": rng.choice(WORDS), "auth": {"value": token}, "n": 3})


def xml(rng, token):
    return "<config><name>%s</name><value>%s</value></config>" % (rng.choice(WORDS), token)


def html(rng, token):
    return '<div id="%s" data-key="%s"></div><!-- %s -->' % (rng.choice(WORDS), token,
                                                          rng.choice(WORDS))


def image(rng, token):
    return "<img src='data:image/png;base64,%s'>\n<p>%s</p>" % (b64(octets(rng, 300)), token)


def bare_environ(rng, token):
    return environ(rng, "X_VALUE=" + token)


def no_newline(_rng, token):
    return token


CODE = [
    'client = Client("%s")\n', "const c = new Client('%s');\n", "let c = Client::new(\"%s\");\n",
    'c := client.New("%s")\n', "$c = new Client('%s');\n", 'Client c = new Client("%s");\n',
    "c = Client.new '%s'\n", 'var c = new Client { Id = "%s" };\n', "my $c = Client->new(q{%s});\n",
    'static const char k[] = "%s";\n', "val c = Client(\"\"\"%s\"\"\")\n", "local c = client.new[[%s]]\n",
]


def code(rng, token):
    return "%s%s" % (rng.choice(("", "# " + rng.choice(WORDS) + "\n")), rng.choice(CODE) % token)


BARE = (unit, access_log, header_log, percent, minified, yaml, quoted_json, xml, html, image,
        bare_environ, no_newline, code, code)
# The kinds that only servers hold: their recall is counted by itself too.
SERVER = {"env", "environ", "history", "script", "journal", "unit", "access_log", "header_log",
          "bare_environ", "crlf"}
