# SPDX-License-Identifier: Apache-2.0
"""Near misses: what real servers hold in quantity and what only looks like a secret."""
import hashlib
import json

from templates import CLASSES, SPECIAL, WORDS, b64, b64url, octets, pick

LANGUAGES = (
    ("Passwort vergessen?", "Bitte geben Sie Ihr Passwort ein", "Das Token ist abgelaufen"),
    ("Mot de passe oublie ?", "Votre jeton a expire", "Cle API manquante"),
    ("Contrasena olvidada", "El token ha caducado", "Introduzca su clave secreta"),
    ("Forgot your password?", "Your token has expired", "Enter your secret key"),
    ("Hai dimenticato la password?", "Il token non e valido", "Inserisci la chiave segreta"),
)
NAMES = ("password", "secret", "token", "api_key", "access_key", "client_secret", "auth_token")
PROVIDERS = ("OPENAI", "STRIPE", "AWS", "GITHUB", "SLACK", "MISTRAL", "SENDGRID", "DATADOG",
             "TWILIO", "SENTRY", "HEROKU", "CLOUDFLARE", "DISCORD", "TELEGRAM", "NPM")


def hexs(rng, n):
    return pick(rng, CLASSES["h"], n)


def uuid(rng):
    return SPECIAL["uuid"](rng, "", 0)


def name(rng):
    return rng.choice(WORDS) + rng.choice(("", "-" + rng.choice(WORDS)))


def git_log(rng):
    return "".join("commit %s\nAuthor: A <a@b.example>\n\n    Change the %s token handling\n\n"
                   % (hexs(rng, 40), rng.choice(WORDS)) for _ in range(5))


def packed_refs(rng):
    return "".join("%s refs/heads/%s\n" % (hexs(rng, 40), name(rng)) for _ in range(9))


def package_lock(rng):
    return json.dumps({"name": name(rng), "lockfileVersion": 3, "packages": {
        "node_modules/%s-token" % name(rng): {
            "version": "1.2.%d" % i,
            "resolved": "https://registry.npmjs.org/%s/-/a-1.tgz" % name(rng),
            "integrity": "sha512-" + b64(octets(rng, 64))} for i in range(8)}}, indent=2)


def yarn_lock(rng):
    return "".join('"@%s/api-key@^1.0.0":\n  version "1.0.%d"\n  resolved "https://registry.'
                   'yarnpkg.com/x/-/x-1.tgz#%s"\n  integrity sha512-%s\n\n'
                   % (name(rng), i, hexs(rng, 40), b64(octets(rng, 64))) for i in range(6))


def go_sum(rng):
    return "".join("github.com/%s/secret v1.%d.0 h1:%s\n" % (name(rng), i, b64(octets(rng, 32)))
                   for i in range(8))


def cargo_lock(rng):
    return "".join('[[package]]\nname = "%s-auth"\nversion = "0.%d.1"\nchecksum = "%s"\n\n'
                   % (name(rng), i, hexs(rng, 64)) for i in range(6))


def pip_hashes(rng):
    return "".join("wandb==0.1%d \\\n    --hash=sha256:%s\n" % (i, hexs(rng, 64)) for i in range(5))


def composer_lock(rng):
    return json.dumps({"content-hash": hexs(rng, 32), "packages": [
        {"name": "sentry/" + name(rng), "source": {"type": "git", "reference": hexs(rng, 40)},
         "dist": {"shasum": hexs(rng, 40)}} for _ in range(4)]}, indent=4)


def checksums(rng):
    return "".join("%s  usr/share/%s/password-%s.mo\n" % (hexs(rng, rng.choice((32, 40, 64))),
                                                          name(rng), rng.choice(WORDS))
                   for _ in range(8))


def sri(rng):
    return '<script src="/token.js" integrity="sha384-%s" crossorigin="x"></script>\n' % b64(
        octets(rng, 48))


def csp(rng):
    return "Content-Security-Policy: script-src 'nonce-%s' 'sha256-%s'\n" % (
        b64(octets(rng, 16)), b64(octets(rng, 32)))


def image_data(rng):
    return ".token{background:url(data:image/png;base64,iVBORw0KGgo%s)}" % b64(octets(rng, 600))


def font_data(rng):
    return "@font-face{src:url(data:font/woff2;base64,d09GMgABAAAAA%s)}" % b64(octets(rng, 900))


def source_map(rng):
    return json.dumps({"version": 3, "names": ["token", "password", "apiKey"],
                       "mappings": ";".join("A" + pick(rng, CLASSES["L"], 4) + "," +
                                            pick(rng, CLASSES["L"], 5) for _ in range(99))})


def bundle(rng):
    return "".join("%s.prototype.%s=function(e){var t=this.token;return t.password===e.secret?%s:"
                   "this.apiKey=n(%d)};" % (pick(rng, CLASSES["l"], 2), name(rng).replace("-", ""),
                                           pick(rng, CLASSES["l"], 1), rng.randrange(9999))
                   for _ in range(40))


def webpack(rng):
    return "(self.webpackChunk=self.chunk||[]).push([[%d],{%d:(e,t)=>{t.tokenTypes={%s}}}])" % (
        rng.randrange(999), rng.randrange(99999),
        ",".join('%s:"%s"' % (pick(rng, CLASSES["l"], 5), pick(rng, CLASSES["l"], 7))
                 for _ in range(30)))


def chunk_names(rng):
    return "r.u=e=>({%s}[e])" % ",".join('%d:"%s"' % (rng.randrange(9999), hexs(rng, 20))
                                         for _ in range(30))


def translations(rng):
    text = rng.choice(LANGUAGES)
    return json.dumps({"auth": {"password": text[0], "password_hint": text[1], "token": text[2],
                                "secret": text[1], "api_key": text[2]}}, indent=2)


def gettext(rng):
    text = rng.choice(LANGUAGES)
    return 'msgid "password"\nmsgstr "%s"\n\nmsgid "api_key: %%s"\nmsgstr "%s"\n' % text[:2]


def public_key(rng):
    return rng.choice((
        lambda: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s %s@host\n" % (
            pick(rng, CLASSES["b64"], 43), rng.choice(WORDS)),
        lambda: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC%s a@b\n" % b64(octets(rng, 255)),
        lambda: "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % b64(
            octets(rng, 270)),
        lambda: "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n" % "\n".join(
            b64(octets(rng, 48)) for _ in range(18)),
        lambda: "PublicKey = %s\nAllowedIPs = 10.0.0.2/32\n" % b64(octets(rng, 32)),
        lambda: "|1|%s=|%s= ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI%s\n" % (
            pick(rng, CLASSES["b64"], 27), pick(rng, CLASSES["b64"], 27),
            b64(octets(rng, 78)))))()


def dns_zone(rng):
    return ("k1._domainkey IN TXT \"v=DKIM1; k=rsa; p=%s\"\n@ IN DNSKEY 257 3 13 %s\n"
            % (b64(octets(rng, 270)), b64(octets(rng, 64))))


def placeholder(rng):
    return "%s_API_KEY=%s\n" % (rng.choice(PROVIDERS), rng.choice((
        "your-api-key-here", "<your key>", "changeme", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "REPLACE_ME", "${API_KEY}", "$(cat /run/secrets/key)", "%(key)s", "{{ api_key }}", "...",
        "sk-...", "to be set", "insert_your_key_here", "my-secret-key", "********",
        "<%= ENV['KEY'] %>", "{{vault_key}}", "example", "none", "", "''", "null",
        "YOUR_" + rng.choice(PROVIDERS) + "_KEY", "0123456789abcdef0123456789abcdef",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "00000000-0000-0000-0000-000000000000")))


def code(rng):
    return rng.choice((
        'password = os.environ["%s_PASSWORD"]\n', "const token = process.env.%s_TOKEN;\n",
        '$secret = getenv("%s_SECRET");\n', "token: nextToken, secret: %s.secretKey,\n",
        'api_key = config.get("%s", "api_key")\n', "if (password !== %s.confirmPassword) {}\n",
        'String token = request.getHeader("X-%s-Token");\n',
        "password := flag.String(\"%s\", \"\")\n",
        "self.token = %s.generate_token()\n", "secretKeyRef: { name: %s, key: password }\n",
        'private static final String TOKEN_NAME = "%s.token.attribute.name";\n',
        "access_key = var.%s_access_key\n", 'tokenEndpoint: "https://%s.example/oauth2/token"\n',
        "export const SET_PASSWORD_%s = 'user/setPasswordSuccessfully';\n",
        "passwordValidator: Validators.required, key: '%s-keyboard-shortcut-toggle'\n",
        "primary_key: true, foreign_key: %s_foreign_key_constraint\n",
        'csrf_token = "{{ csrf_token() }}" # %s\n', "monkeypatch.setattr(%s, 'keywordArguments')\n",
        "keyCode = keyboardEventToKeyCode(%s)\n", "token_type: AccessTokenType%sBearer\n",
    )) % rng.choice(WORDS)


def manifest(rng):
    return ("env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: %s\n"
            "      key: password\nimage: registry.example/%s@sha256:%s\n"
            % (name(rng), name(rng), hexs(rng, 64)))


def compose(rng):
    return ("services:\n  db:\n    image: postgres:16\n    environment:\n      POSTGRES_PASSWORD: "
            "${DB_PASSWORD:?set it}\n      POSTGRES_PASSWORD_FILE: /run/secrets/%s\n" % name(rng))


def workflow(rng):
    return ("      - uses: actions/checkout@%s\n        with:\n          token: ${{ secrets.%s_TOKEN "
            "}}\n" % (hexs(rng, 40), rng.choice(PROVIDERS)))


def vault(rng):
    return "$ANSIBLE_VAULT;1.1;AES256\n" + "".join(hexs(rng, 80) + "\n" for _ in range(6))


def sealed(rng):
    return ("kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB%s\n"
            % b64(octets(rng, 300)))


def sops(rng):
    return ("db_password: ENC[AES256_GCM,data:%s,iv:%s,tag:%s,type:str]\n" % tuple(
        b64(octets(rng, n)) for n in (16, 32, 16)))


def travis(rng):
    return 'env:\n  global:\n    secure: "%s"\n' % b64(octets(rng, 256))


def access_log(rng):
    return "".join('10.0.0.1 - - [03/Mar/2026:10:00:0%d +0000] "GET /static/%s.%s.js?v=%s HTTP/1.1" '
                   '200 %d "-" "Mozilla/5.0" rid=%s\n'
                   % (i, name(rng), hexs(rng, 20), hexs(rng, 8), rng.randrange(99999), uuid(rng))
                   for i in range(6))


def app_log(rng):
    return "".join('{"level":"info","trace_id":"%s","span_id":"%s","msg":"token refreshed",'
                   '"user_id":"%s"}\n' % (hexs(rng, 32), hexs(rng, 16), uuid(rng))
                   for _ in range(5))


def etag(rng):
    return 'ETag: "%s-%s"\nX-Request-Id: %s\n' % (hexs(rng, 8), hexs(rng, 13), uuid(rng))


def migration(rng):
    return ("create_table :users do |t|\n  t.string :encrypted_password, null: false\n  t.string "
            ":reset_password_token\n  t.string :%s_secret_name\nend\n" % rng.choice(WORDS))


def openapi(rng):
    return ("securitySchemes:\n  apiKey:\n    type: apiKey\n    in: header\n    name: X-API-Key\n"
            "parameters:\n- name: token\n  schema: {type: string, format: password}\n  "
            "description: The token of the %s\n" % rng.choice(WORDS))


def docs(rng):
    return ("Send `Authorization: Bearer <token>` or `?api_key=YOUR_API_KEY`; tokens of %s begin with "
            "`sk_live_` or `ghp_`.\n-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE "
            "KEY-----\n" % rng.choice(WORDS))


def svg(rng):
    return '<path d="%s"/>' % "".join("%s%.2f,%.2f" % (rng.choice("MLCc"), rng.random() * 99,
                                                       rng.random() * 99) for _ in range(60))


def machine(rng):
    return "%s\nUUID=%s / ext4 defaults 0 1\n02:42:%s:00:aa:01\n" % (hexs(rng, 32), uuid(rng),
                                                               hexs(rng, 2))


def passwd(rng):
    return "root:x:0:0:root:/root:/bin/bash\n%s:x:1000:1000::/home/x:/bin/sh\n%s:!:19000::::::\n" % (
        rng.choice(WORDS), rng.choice(WORDS))


def commented(rng):
    return ("#requirepass foobared\n;password = \n# bindpw secret\n# %s:5432:database:user:password\n"
            % rng.choice(WORDS))


def urls(rng):
    return ("postgres://%s@db.internal/app\nredis://localhost:6379/0\nhttps://user:password@example.com"
            "/\nmysql://root:${MYSQL_PW}@db/app\nhttps://cdn.example/%s@1.2.3/dist/x.js\n"
            % (rng.choice(WORDS), name(rng)))


def unit(rng):
    return ("[Service]\nEnvironment=TOKEN_FILE=/run/%s/token\nLoadCredential=password:/etc/p\n"
            "EnvironmentFile=-/etc/default/app\nPrivateTmp=yes\n" % rng.choice(WORDS))


def jwk_public(rng):
    return json.dumps({"keys": [{"kty": "RSA", "kid": hexs(rng, 40), "alg": "RS256", "e": "AQAB",
                                 "n": b64url(octets(rng, 256))}]})


def digest_list(rng):
    return json.dumps({"schemaVersion": 2, "layers": [
        {"digest": "sha256:" + hexs(rng, 64), "size": rng.randrange(10 ** 7)} for _ in range(4)]})


def css(rng):
    return "".join(".token.%s{color:#%s}.fa-key:before{content:\"\\f%s\"}" % (
        rng.choice(WORDS), hexs(rng, 6), hexs(rng, 3)) for _ in range(20))


def test_fixture(rng):
    return rng.choice((
        'user = User(password="password123")\n', 'login("admin", "secret")\n',
        "token = 'abc123'\n", "api_key = 'test'\n", "password: 'hunter2hunter2'\n",
        'auth_token = "fake-token-for-%s-tests"\n' % rng.choice(WORDS), "secret: 'topsecret'\n",
        "password = 'correct horse battery staple'\n", "token='valid-token', secret='mysecret'\n"))


def php_array(rng):
    return ("'password' => 'The password is incorrect.',\n'token' => 'This password reset token is "
            "invalid.',\n'api_key_%s' => 'Missing key',\n" % rng.choice(WORDS))


def wordlist(rng):
    return "".join("%s%s\n" % (rng.choice(WORDS), rng.choice(WORDS).title()) for _ in range(40))


def fingerprint(rng):
    raw = hashlib.sha256(octets(rng, 8)).digest()
    return "SHA256:%s %s\nkey_fingerprint: %s\n" % (
        b64(raw).rstrip("="), rng.choice(WORDS), ":".join("%02x" % x for x in raw[:16]))


def terraform(rng):
    return ('variable "db_password" {\n  type = string\n  sensitive = true\n}\nresource "x" "y" {\n'
            "  password = var.db_password\n  secret_arn = \"arn:aws:secretsmanager:eu-west-1:%s:secret:"
            '%s-AbCdEf"\n}\n' % (pick(rng, "123456789", 12), name(rng)))


NOISE = (git_log, packed_refs, package_lock, yarn_lock, go_sum, cargo_lock, pip_hashes,
         composer_lock, checksums, sri, csp, image_data, font_data, source_map, bundle, webpack,
         chunk_names, translations, gettext, public_key, dns_zone, placeholder, code, manifest,
         compose, workflow, vault, sealed, sops, travis, access_log, app_log, etag, migration,
         openapi, docs, svg, machine, passwd, commented, urls, unit, jwk_public, digest_list,
         css, test_fixture, php_array, wordlist, fingerprint, terraform)
OFTEN = {placeholder: 60, code: 80, public_key: 24, test_fixture: 20, translations: 20}
