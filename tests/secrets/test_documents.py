#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Values that only their place in a JSON or YAML file makes secrets: found, their neighbours not.

The files have the shapes that AI tools, Kubernetes and Terraform write; all values are drawn from
a seed.
"""
import base64
import hashlib
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import templates  # noqa: E402
from tap import finish, in_folder, result  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
SEEDS = 6


class Cases:
    """Files with the values that must be found in them and those that must not."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.files, self.secrets, self.others = {}, [], []

    def secret(self, count=0):
        return templates.password(self.rng, count or self.rng.choice((18, 20, 24, 32, 40)))

    def add(self, path, text, secrets, others=()):
        self.files[path] = text if isinstance(text, str) else json.dumps(text, indent=2)
        self.secrets += [(path, s) for s in secrets]
        self.others += [(path, s) for s in others]


def b64(text):
    return base64.b64encode(text.encode()).decode()


def certificate(rng):
    return templates.armoured("CERTIFICATE", templates.octets(rng, 600))


def mcp(c):
    s = [c.secret() for _ in range(12)]
    public = ["created_at", "640000000", "API_KEY_HERE", "secret-key", "C:\\x\\key.json",
              "bot@acme.example", "https://jira.acme.example", "eu-central-1",
              "0a1b2c3d-4e5f-6789-abcd-ef0123456789", "/home/alice/documents/Projects2026",
              "@modelcontextprotocol/server-filesystem"]
    c.add("/a/.cursor/mcp.json", {"mcpServers": {
        "env": {"command": "npx", "args": ["-y", public[10], public[9]],
                "env": {"SORT_KEY": "created_at", "MAX_TOKENS": "640000000", "A_KEY": "API_KEY_HERE",
                        "B_KEY": "secret-key", "GOOGLE_APPLICATION_CREDENTIALS": "C:\\x\\key.json",
                        "JIRA_PAT": s[0], "FOO": s[1], "JIRA_URL": public[6], "MAIL": public[5],
                        "REGION": public[7], "PROJECT_ID": public[8], "DEBUG": "true"}},
        "args": {"command": "uvx", "args": [
            "x", "--api-key", s[2], "--token=" + s[3], "-e", "ACME_KEY=" + s[4], "--header",
            "Authorization: Bearer " + s[5], "--region", public[7]]},
        "url": {"url": "https://mcp.acme.example/sse?key=%s&mode=fast" % s[6],
                "headers": {"X-Acme-Auth": s[7], "Authorization": "Bearer " + s[8],
                            "Content-Type": "application/json"}},
        "postgres": {"command": "npx", "args": ["postgresql://app:%s@db.acme.example/app" % s[9]]},
        "nested": {"httpUrl": "https://a.example/", "requestInit": {"headers": {"X-Token": s[10]}}},
    }}, s[:11], public)
    references = ["${input:key}", "${env:ACME}", "${BKEY}", "<your-secret-goes-here>",
                  "YOUR_API_KEY_HERE", "os.environ/THE_TOKEN", "op://vault/item/field"]
    text = """// servers of this project
{ "inputs": [{"type": "promptString", "id": "key", "password": true}],
  /* two of them */
  "servers": {
    "a": {"type": "http", "url": "https://a.example/mcp?key=%s",
          "headers": {"Authorization": "Bearer %s", "X-Api-Key": "%s"}},
    "b": {"command": "npx", "args": ["--api-key", "%s"], "env": {"B_KEY": "%s", "T": "%s", "O": "%s",
          "REAL_KEY": "%s"},},
  },
}
""" % (*references, s[11])
    c.add("/b/.vscode/mcp.json", text, s[11:], references)
    c.add("/b/settings.json", {"servers": {"web": {"host": "a.example", "note": c.secret(20)}}}, [],
          ["a.example"])


def other_tools(c):
    s = [c.secret() for _ in range(13)]
    c.add("/d/.codex/config.toml", """model = "x"
[mcp_servers.crm]
args = ["-y", "crm", "--api-key", "%s"]
command = "npx"
env = { "CRM" = "%s", "REGION" = "eu-central-1" }
[mcp_servers.web]
url = "https://a.example/mcp"
bearer_token_env_var = "WEB_TOKEN_OF_MINE"
bearer_token = "%s"
""" % tuple(s[:3]), s[:3], ["eu-central-1", "WEB_TOKEN_OF_MINE"])
    c.add("/d/goose.yaml", "extensions:\n  crm:\n    cmd: npx\n    envs:\n      CRM: %s\n" % s[3],
          s[3:4])
    c.add("/d/.continue/config.yaml", "mcpServers:\n  - name: crm\n    command: npx\n    args:\n"
          "      - --api-key\n      - %s\n    env:\n      CRM: %s\n" % (s[4], s[5]), s[4:6])
    c.add("/d/librechat.yaml", "mcpServers:\n  crm:\n    url: https://a.example/mcp?k=%s\n"
          "    headers:\n      X-CRM: \"%s\"\n" % (s[6], s[7]), s[6:8])
    c.add("/d/zed.json", "\ufeff" + json.dumps({"context_servers": {"a": {"command": {
        "path": "x", "args": ["--token", s[8]], "env": {"CRM": s[9]}}}}}), s[8:10])
    c.add("/d/opencode.json", {"mcp": {
        "a": {"type": "local", "command": ["npx", "--key", s[10]], "environment": {"CRM": s[11]}},
        "b": {"type": "remote", "url": "https://a.example", "headers": {"X-A": s[12]}}}}, s[10:])


def providers(c):
    s = [c.secret() for _ in range(7)]
    c.add("/c/.local/share/opencode/auth.json",
          {"x": {"type": "api", "key": s[0]},
           "y": {"type": "oauth", "refresh": s[1], "access": s[2], "expires": 0},
           "z": {"type": "api", "key": "your-api-key-goes-here"}}, s[:3], ["your-api-key-goes-here"])
    c.add("/c/.aider.conf.yml", "model: sonnet\nopenai-api-key: %s\napi-key:\n  - gemini=%s\n"
          "  - openrouter=%s\n#  - deepseek=xxx\n" % tuple(s[3:6]), s[3:6])
    c.add("/c/openapi.json", {"components": {"auth": {"type": "oauth", "key": "the name of a header"}}},
          [], ["the name of a header"])
    c.add("/c/s.jsonl", json.dumps({"input": json.dumps({
        "command": "export ACME_SECRET_KEY=\"%s\" && make" % s[6]})}) + "\n", s[6:])


def kubernetes(c):
    s = [c.secret() for _ in range(8)]
    sealed, crt = c.secret(200), certificate(c.rng)
    key = templates.armoured("EC PRIVATE " + "KEY", templates.BODIES["EC"](c.rng))
    body = "".join(key.split("\n")[1:-2]).rstrip("=")  # the same secret as in a PEM file
    c.add("/k/secret.yaml", """apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  username: %s
  settings: "%s"   # not named after anything
  tls.crt: %s
stringData:
  other: '%s'
  host: db.acme.example
  template: "{{ .Values.password }}"
---
kind: SealedSecret
spec:
  encryptedData:
    password: AgB%s
---
data:
  kind-comes-last: %s
kind: Secret
""" % (b64("administrator"), b64(s[0]), b64(crt), s[1], sealed, b64(s[2])), s[:3],
          ["administrator", "db.acme.example", sealed, "AgB" + sealed, crt, b64(crt)])
    locked = "ENC[AES256_GCM,data:%s,iv:%s,tag:x]" % (sealed, sealed[:40])
    c.add("/k/sops.yaml", "kind: Secret\nstringData:\n  password: %s\n  token-id: abcdef\n"
          "  expiration: '2026-12-01T00:00:00Z'\nsops:\n  version: 3.9\n" % locked, [],
          [locked, "abcdef", "2026-12-01T00:00:00Z"])
    c.add("/k/list.yml", "kind: List\nitems:\n- kind: Secret\n  data:\n    k: %s\n"
          "- kind: ConfigMap\n  data:\n    k: %s\n" % (b64(s[3]), b64("plain settings")), s[3:4],
          [b64("plain settings"), "plain settings"])
    c.add("/k/secret.json", {"kind": "Secret", "data": {"x": b64(s[4]), "ca.crt": b64(crt)}},
          s[4:5], [b64(crt)])
    auth = b64("bob:" + s[5])
    auths = b64(json.dumps({"auths": {"r.example": {"auth": auth}}}))
    c.add("/k/pull.yaml", "kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n"
          "  .dockerconfigjson: %s\n" % auths, [auth])
    c.add("/k/.kube/config", "kind: Config\nusers:\n- name: a\n  user:\n    token: %s\n- name: b\n"
          "  user:\n    password: %s\n    client-key-data: %s\n    client-certificate-data: %s\n- name: c\n"
          "  user:\n    exec:\n      command: aws\n" % (s[6], s[7], b64(key), b64(crt)),
          s[6:] + [body], [b64(crt)])


def terraform(c):
    s = [c.secret() for _ in range(4)]
    s.append(templates.planted("*" + c.secret()))
    path = [[{"type": "get_attr", "value": "settings"}, {"type": "get_attr", "value": "deep"}]]
    settings = {"deep": s[2], "open": "shown-text"}
    c.add("/t/terraform.tfstate", {
        "version": 4, "terraform_version": "1.9.0",
        "outputs": {"a": {"value": s[0], "sensitive": True}, "b": {"value": "address-of-it"}},
        "resources": [
            {"type": "random_password", "instances": [{"attributes": {"result": s[1]}}]},
            {"type": "x_y", "instances": [{"attributes": {"settings": settings},
                                           "sensitive_attributes": path}]},
            {"type": "aws_db_instance", "instances": [{"attributes": {"password": s[3]}}]},
            {"type": "x_z", "instances": [{"attributes": {"password": s[4], "secret_name": "*.x"}}]}]},
          s, ["address-of-it", "shown-text", "*.x"])


def fingerprint(value):
    return hashlib.sha256(value.encode()).hexdigest()[:32]


def run(root, seed):
    c = Cases(seed)
    for kind in (mcp, other_tools, providers, kubernetes, terraform):
        kind(c)
    for path, text in c.files.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        with open(root + path, "w", encoding="utf-8") as f:
            f.write(text)
    got = subprocess.run([SRVAUDIT, "secrets", "--root", root, "-f", "json", "/"],
                         stdout=subprocess.PIPE, timeout=120, check=False)
    found = {(e["file"], f["secrets"][0]["id"]) for f in json.loads(got.stdout)["findings"]
             if f["severity"] != "info" for e in f["evidence"]}
    missed = ["%s: %d characters %s" % (path, len(s), s[:6]) for path, s in c.secrets
              if (path, fingerprint(s)) not in found]
    result(not missed, "seed %d: all of %d secrets" % (seed, len(c.secrets)), "\n".join(missed))
    wrong = ["%s: %s" % (path, s[:60]) for path, s in c.others if (path, fingerprint(s)) in found]
    result(not wrong, "and none of %d neighbours" % len(c.others), "\n".join(wrong))
    known = {(path, fingerprint(s)) for path, s in c.secrets}
    result(found <= known, "and nothing else", sorted(path for path, _ in found - known))
    result(not any(s.encode() in got.stdout for _, s in c.secrets), "no value is printed")


def main():
    for seed in range(SEEDS):
        in_folder(lambda root: run(root, seed))
    return finish()


sys.exit(main())
