# SPDX-License-Identifier: Apache-2.0
"""Files of servers and of source code around one secret: the path, the text, the secret's line.

Every place is a function of a random source, the name of the variable and the value. PLACES are for
any variable.
"""
import json

from blind_values import (
    DIGIT, of, WORDS,
)


def low(name):
    """The variable as programs spell it."""
    return name.lower()


def camel(name):
    """The variable as Java and JavaScript spell it."""
    first, *rest = name.lower().split("_")
    return first + "".join(part.title() for part in rest)


def host(rng):
    """A host name."""
    return "%s-%s.%s.net" % (
        rng.choice(("db", "mq", "api", "mail", "cache")),
        rng.choice(WORDS),
        rng.choice(WORDS),
    )


PLACES = [
    (kind, path, text)
    for kind, rows in (
        (
            "server",
            (
                (
                    "srv/{w}/.env",
                    "APP_ENV=production\nAPP_URL=https://{h}\n{N}={v}\nLOG_LEVEL=info\n",
                ),
                ("srv/{w}/.env.production", "PORT=3000\nexport {N}='{v}'\nTZ=UTC\n"),
                (
                    "etc/systemd/system/{w}.service",
                    "[Unit]\nDescription={w}\n[Service]\nExecStart=/usr/bin/{w}\n"
                    "Environment={N}={v}\nUser={w}\n",
                ),
                (
                    "etc/systemd/system/{w}.service.d/override.conf",
                    '[Service]\nEnvironment="TZ=UTC" "{N}={v}" "LANG=C"\n',
                ),
                ("var/dump/{w}/environ", "PATH=/usr/bin\0HOME=/srv\0{N}={v}\0LANG=C.UTF-8\0"),
                ("etc/default/{w}", '# Defaults for {w}\nDAEMON_ARGS="--port 8080"\n{N}="{v}"\n'),
                (
                    "etc/nginx/fastcgi_{w}.conf",
                    'fastcgi_param SCRIPT_NAME $fastcgi_script_name;\nfastcgi_param {N} "{v}";\n',
                ),
                (
                    "etc/apache2/conf-available/{w}.conf",
                    "<IfModule mod_env.c>\n    SetEnv {N} {v}\n</IfModule>\n",
                ),
                (
                    "etc/php/8.2/fpm/pool.d/{w}.conf",
                    "[{w}]\nuser = www-data\nenv[{N}] = {v}\npm = dynamic\n",
                ),
                (
                    "srv/{w}/docker-compose.yml",
                    (
                        "services:\n  {w}:\n    image: {w}:3\n    environment:\n      - TZ=UTC\n   "
                        "   - {N}={v}\n"
                    ),
                ),
                (
                    "srv/{w}/compose.yaml",
                    (
                        "services:\n  {w}:\n    image: {w}:3\n    environment:\n      TZ: UTC\n    "
                        '  {N}: "{v}"\n'
                    ),
                ),
                (
                    "srv/{w}/k8s/secret.yaml",
                    (
                        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {w}\nstringData:\n  {l}:"
                        ' "{v}"\n'
                    ),
                ),
                ("srv/{w}/group_vars/all.yml", '---\nntp_server: {h}\n{l}: "{v}"\nswap: 2G\n'),
                (
                    "srv/{w}/application.properties",
                    "server.port=8443\n{w}.{d}={v}\nlogging.level.root=INFO\n",
                ),
                ("etc/{w}/{w}.ini", "[main]\nworkers = 4\n{l} = {v}\n"),
                ("etc/{w}/{w}.toml", '[server]\nlisten = "0.0.0.0:80"\n{l} = "{v}"\n'),
                (
                    "etc/{w}/config.json",
                    '{{\n  "listen": ":8080",\n  "{c}": "{v}",\n  "workers": 4\n}}\n',
                ),
                (
                    "etc/{w}/web.config",
                    (
                        '<configuration>\n  <appSettings>\n    <add key="{N}" value="{x}"/>\n '
                        " </appSettings>\n</configuration>\n"
                    ),
                ),
                (
                    "etc/{w}/settings.xml",
                    "<settings>\n  <host>{h}</host>\n  <{c}>{x}</{c}>\n</settings>\n",
                ),
                (
                    "usr/local/bin/deploy-{w}.sh",
                    '#!/bin/sh\nset -e\nexport {N}="{v}"\nexec /usr/bin/{w} run\n',
                ),
                (
                    "root/.bash_history",
                    "ls -la\ncd /srv/{w}\nexport {N}={v}\nsystemctl restart {w}\n",
                ),
                ("etc/cron.d/{w}", "MAILTO=root\n{N}={v}\n17 4 * * * root /usr/local/bin/{w}\n"),
                (
                    "etc/supervisor/conf.d/{w}.conf",
                    '[program:{w}]\ncommand=/usr/bin/{w}\nenvironment=TZ="UTC",{N}="{v}"\n',
                ),
                ("srv/{w}/terraform.tfvars", 'region = "eu-west-1"\n{l} = "{v}"\n'),
                (
                    "srv/{w}/.gitlab-ci.yml",
                    'stages: [deploy]\nvariables:\n  {N}: "{v}"\ndeploy:\n  script: make deploy\n',
                ),
                (
                    "srv/{w}/.github/workflows/deploy.yml",
                    (
                        "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    env:\n     "
                        " {N}: {v}\n    steps: []\n"
                    ),
                ),
                ("srv/{w}/Dockerfile", 'FROM debian:12\nENV {N}={v}\nCMD ["{w}"]\n'),
                (
                    "srv/{w}/Jenkinsfile",
                    "pipeline {{\n  agent any\n  environment {{\n    {N} = '{v}'\n  }}\n}}\n",
                ),
                (
                    "srv/{w}/ecosystem.config.js",
                    (
                        "module.exports = {{ apps: [{{\n  name: '{w}',\n  env: {{\n    {N}:"
                        " '{v}',\n  }},\n}}] }};\n"
                    ),
                ),
                (
                    "var/backups/{w}.sql",
                    (
                        "SET NAMES utf8mb4;\nINSERT INTO `settings` VALUES"
                        " (12,'{l}','{v}','2024-03-02 10:11:12');\n"
                    ),
                ),
                (
                    "var/log/{w}/app.log",
                    (
                        "2026-03-02T10:11:12Z INFO start\n2026-03-02T10:11:13Z DEBUG config {l}={v}"
                        " workers=4\n"
                    ),
                ),
                (
                    "var/log/{w}/debug.json.log",
                    '{{"level":"debug","msg":"env","{N}":"{v}","pid":412}}\n',
                ),
            ),
        ),
        (
            "code",
            (
                ("srv/{w}/app/settings.py", 'import os\n\nDEBUG = False\n{N} = "{v}"\n'),
                (
                    "srv/{w}/src/client.js",
                    "'use strict';\nconst {c} = '{v}';\nmodule.exports = {{ {c} }};\n",
                ),
                (
                    "srv/{w}/src/client.ts",
                    'export const config = {{\n  {c}: "{v}",\n  retries: 3,\n}};\n',
                ),
                (
                    "srv/{w}/cmd/main.go",
                    'package main\n\nconst {c} = "{v}"\n\nfunc main() {{ run({c}) }}\n',
                ),
                (
                    "srv/{w}/config/initializers/{w}.rb",
                    "Rails.application.configure do\n  config.{l} = '{v}'\nend\n",
                ),
                (
                    "srv/{w}/public/config.php",
                    "<?php\n$cfg['host'] = '{h}';\n$cfg['{l}'] = '{v}';\n",
                ),
                ("srv/{w}/public/inc/defines.php", "<?php\ndefine('{N}', '{v}');\n"),
                (
                    "srv/{w}/src/main/java/App.java",
                    'class App {{\n    private static final String {N} = "{v}";\n}}\n',
                ),
                ("srv/{w}/Startup.cs", 'class Startup {{\n    const string {C} = "{v}";\n}}\n'),
                ("srv/{w}/src/main.rs", 'const {N}: &str = "{v}";\n\nfn main() {{ run({N}) }}\n'),
                ("srv/{w}/App.kt", 'object Config {{\n    const val {N} = "{v}"\n}}\n'),
                ("srv/{w}/bin/poll.pl", "use strict;\nmy ${l} = '{v}';\n"),
                ("srv/{w}/Config.swift", 'enum Config {{\n    static let {c} = "{v}"\n}}\n'),
                ("srv/{w}/config/prod.exs", 'import Config\nconfig :{w},\n  {l}: "{v}"\n'),
                ("srv/{w}/init.lua", 'local M = {{}}\nM.{l} = "{v}"\nreturn M\n'),
            ),
        ),
        (
            "alone",
            (
                (
                    "var/log/nginx/{w}.access.log",
                    (
                        '203.0.113.9 - - [02/Mar/2026:10:11:12 +0000] "GET'
                        ' /v1/items?page=2&token={v}&sort=asc HTTP/1.1" 200 512 "-" "curl/8"\n'
                    ),
                ),
                (
                    "root/.zsh_history",
                    ": 1709370672:0;curl -H 'Authorization: Bearer {v}' https://{h}/v1/me\n",
                ),
                (
                    "var/log/{w}/error.log",
                    (
                        "[error] upstream said 401 for request headers {{'authorization': 'Bearer"
                        " {v}', 'accept': '*/*'}}\n"
                    ),
                ),
                ("srv/{w}/notes.md", "# Runbook\n\nlog in with {v} and rotate it in May\n"),
                (
                    "srv/{w}/public/bundle.min.js",
                    '!function(e){{var t="{v}";e.k=t,e.n=function(){{return 1}}}}(window);\n',
                ),
            ),
        ),
    )
    for path, text in rows
]


def fill(place, rng, name, value):
    """The path and text of a place with a secret in it, and its line."""
    kind, path, text = place
    word = rng.choice(WORDS) + of(rng, DIGIT, 4)
    escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    parts = dict(
        w=word,
        h=host(rng),
        N=name,
        l=low(name),
        c=camel(name),
        d=low(name).replace("_", "."),
        C=camel(name)[0].upper() + camel(name)[1:],
        v=value,
        x=escaped,
    )
    text = text.format(**parts)
    at = text.index(escaped if "{x}" in place[2] else value)
    return path.format(**parts), text, text.count("\n", 0, at) + 1
