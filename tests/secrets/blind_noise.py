# SPDX-License-Identifier: Apache-2.0
"""What servers hold that is no secret and looks like one."""
import json

from blind_values import ALNUM, B64, DIGIT, HEX, LOWER, UPPER, URL64, WORDS, b64, of


def uuid(rng):
    """A random UUID."""
    return "-".join(of(rng, HEX, n) for n in (8, 4, 4, 4, 12))


def _sri(rng, bits=86):
    return "sha512-" + of(rng, B64, bits) + "=="


def _lock(rng):
    name = rng.choice(WORDS)
    return "srv/app/package-lock.json", json.dumps(
        {
            "name": name,
            "packages": {
                "node_modules/"
                + name: {
                    "version": "1.2.3",
                    "resolved": "https://registry.npmjs.org/%s/-/%s-1.2.3.tgz" % (name, name),
                    "integrity": _sri(rng),
                }
            },
        },
        indent=2,
    )


def _composer(rng):
    return "srv/app/composer.lock", json.dumps(
        {
            "content-hash": of(rng, HEX, 32),
            "packages": [
                {
                    "name": "a/token-auth",
                    "dist": {"reference": of(rng, HEX, 40), "shasum": of(rng, HEX, 40)},
                }
            ],
        },
        indent=2,
    )


def _pem(rng, kind, lines=16):
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n" % (
        kind,
        "\n".join(
            ["MIIDdzCCAl+gAwIBAgIE" + of(rng, B64, 44)] + [of(rng, B64, 64) for _ in range(lines)]
        ),
        kind,
    )


# path, a text whose <X> are drawn: h hex, a letters and digits, b base64, d digits, w a word
LINES = (
    ("usr/share/doc/{w}/md5sums", "<h32>  usr/share/doc/<w>/copyright\n<h32>  usr/bin/token-<w>\n"),
    ("var/lib/dpkg/info/{w}.md5sums", "<h32>  etc/<w>/secrets.conf\n"),
    ("srv/app/SHA256SUMS", "<h64>  <w>-1.2.tar.gz\n<h64> *<w>-password.tar.gz\n"),
    (
        "var/lib/apt/lists/deb_dists_{w}_Packages",
        (
            "Package: <w>\nSHA256: <h64>\nMD5sum: <h32>\nDescription-md5: <h32>\nTag:"
            " security::authentication\n"
        ),
    ),
    (
        "srv/app/yarn.lock",
        (
            '<w>@^1.0.0:\n  version "1.0.3"\n  resolved'
            ' "https://registry.yarnpkg.com/<w>/-/<w>-1.0.3.tgz#<h40>"\n  integrity'
            " sha512-<b86>==\n"
        ),
    ),
    (
        "srv/app/pnpm-lock.yaml",
        "packages:\n  /<w>/1.0.0:\n    resolution: {integrity: sha512-<b86>==}\n",
    ),
    (
        "srv/app/Cargo.lock",
        '[[package]]\nname = "secrecy"\nversion = "0.8.0"\nchecksum = "<h64>"\n',
    ),
    (
        "srv/app/go.sum",
        "github.com/<w>/token v1.2.3 h1:<b43>=\ngithub.com/<w>/token v1.2.3/go.mod h1:<b43>=\n",
    ),
    (
        "srv/app/poetry.lock",
        '[[package]]\nname = "keyring"\nfiles = [{file = "k.whl", hash = "sha256:<h64>"}]\n',
    ),
    ("srv/app/Gemfile.lock", "GIT\n  remote: https://github.com/<w>/<w>.git\n  revision: <h40>\n"),
    ("srv/app/requirements.txt", "<w>==1.0.2 \\\n    --hash=sha256:<h64>\n"),
    (
        "srv/www/index.html",
        '<script src="/a.js" integrity="sha384-<b64>" crossorigin="anonymous"></script>\n',
    ),
    (
        "srv/www/page.html",
        '<img alt="password" src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA<b400>=">\n',
    ),
    (
        "srv/www/style.css",
        ".token-<w>{background:url(data:font/woff2;base64,d09GMgABAAAAA<b600>==)}\n"
        ".password{color:#<h6>}\n",
    ),
    (
        "srv/www/main.<h20>.chunk.js".replace("<h20>", "{h}"),
        (
            "(self.webpackChunk=self.webpackChunk||[]).push([[<d3>],{<d4>:(e,t,n)=>{n.d(t,{Z:("
            ")=>r});const"
            ' r="<h20>"}}]);\n'
        ),
    ),
    (
        "srv/www/manifest.json",
        '{"main.js": "/static/main.<h20>.js", "token.js": "/static/token.<h20>.js"}\n',
    ),
    (
        "srv/www/min.js",
        (
            'var o={password:"password",token:t.token,apiKey:e.apiKey||"",secret:null,authToken:'
                             'function(){return'
            " n}};\n"
        ),
    ),
    (
        "srv/app/locale/de.json",
        (
            '{"password": "Passwort vergessen?", "token": "Zugangsschlüssel abgelaufen", '
            '"secretKey": "Geheimer Schlüssel", "apiKeyHint": "API-Schlüssel hier eintragen"}\n'
        ),
    ),
    (
        "srv/app/locale/fr.po",
        (
            'msgid "Password"\nmsgstr "Mot de passe"\nmsgid "secret_key"\nmsgstr'
            ' "clef-secrète-invalide"\n'
        ),
    ),
    (
        "srv/app/locale/nl.yml",
        (
            "nl:\n  password: Wachtwoordbevestiging\n  token: Toegangssleutelverzoek\n  secret:"
            " Geheimhoudingsplicht\n"
        ),
    ),
    (
        "srv/app/messages.properties",
        "login.password=Kennwortbest\\u00e4tigung\nerror.token.invalid=Ung\\u00fcltiges Token\n",
    ),
    ("home/web/.ssh/known_hosts", "|1|<b27>=|<b27>= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<b43>\n"),
    ("home/web/.ssh/authorized_keys", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ<b340>== web@<w>\n"),
    ("etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI<b43> root@<w>\n"),
    (
        "etc/wireguard/peer.conf",
        "[Peer]\nPublicKey = <b43>=\nAllowedIPs = 10.0.0.2/32\nEndpoint = <w>.net:51820\n",
    ),
    ("etc/fstab", "UUID=<u> / ext4 defaults 0 1\nPARTUUID=<u> /boot vfat umask=0077 0 1\n"),
    ("etc/machine-id", "<h32>\n"),
    ("etc/systemd/system/{w}.mount", "[Mount]\nWhat=/dev/disk/by-uuid/<u>\nWhere=/srv\n"),
    (
        "etc/systemd/system/{w}.service",
        (
            "[Service]\nEnvironmentFile=/etc/<w>/secret.env\nLoadCredential=token:/etc/<w>/token\n"
            "ExecStart=/usr/bin/<w> --password-file=/run/<w>/password --token-file /run/token\n"
        ),
    ),
    (
        "etc/systemd/system/{w}.device",
        "# invocation <h32>\nDescription=session c<d2> of user token\n",
    ),
    (
        "srv/app/docker-compose.yml",
        (
            "services:\n  a:\n    image: reg/<w>@sha256:<h64>\n    environment:\n      DB_PASSWORD:"
            " ${DB_PASSWORD}\n      API_TOKEN: ${API_TOKEN:?missing}\n      SECRET_FILE:"
            " /run/secrets/db\n"
        ),
    ),
    (
        "srv/app/deploy.yaml",
        (
            "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name:"
            " <w>-credentials\n      key: db-password\n"
        ),
    ),
    (
        "srv/app/values.yaml",
        (
            "auth:\n  existingSecret: <w>-auth-secret\n  passwordKey: postgres-password\n  token:"
            ' ""\n  secretName: <w>-tls\n'
        ),
    ),
    (
        "srv/app/sealed.yaml",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB<b400>\n",
    ),
    ("srv/app/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n<h80>\n<h80>\n<h80>\n"),
    (
        "srv/app/play.yml",
        (
            '- name: set password\n  user:\n    password: "{{ db_password |'
            " password_hash('sha512') }}\"\n    token: \"{{ lookup('env', 'API_TOKEN') }}\"\n"
        ),
    ),
    ("srv/app/sops.yaml", "password: ENC[AES256_GCM,data:<b24>,iv:<b43>=,tag:<b22>==,type:str]\n"),
    (
        "srv/app/.env.example",
        (
            "DB_PASSWORD=changeme\nAPI_KEY=your-api-key-here\nSECRET_KEY=\nTOKEN=<your"
            " token>\nAWS_SECRET_ACCESS_KEY=xxxxxxxxxxxxxxxxxxxx\n"
        ),
    ),
    (
        "srv/app/.env",
        (
            "DB_PASSWORD=${VAULT_DB_PASSWORD}\nAPI_KEY=$(cat"
            " /run/secrets/api)\nGOOGLE_APPLICATION_CREDENTIALS=/etc/gcp/sa.json\n"
            "TOKEN_TTL=3600\nPASSWORD_RESET_URL=https://<w>.net/reset\nSECRET_PROVIDER=vault\n"
            "SENTRY_DSN=https://<h32>@o<d6>.ingest.sentry.io/<d7>\n"
        ),
    ),
    (
        "srv/app/main.tf",
        (
            'resource "aws_db_instance" "a" {\n  password = var.db_password\n  kms_key_id ='
            ' "arn:aws:kms:eu-west-1:<d12>:key/<u>"\n}\n'
        ),
    ),
    (
        "srv/app/data.tf",
        (
            'data "aws_ami" "a" {\n  owners = ["<d12>"]\n  image_id = "ami-<h17>"\n  secret_arn ='
            ' "arn:aws:secretsmanager:eu-west-1:<d12>:secret:<w>-AbCdEf"\n}\n'
        ),
    ),
    (
        "srv/app/config.rb",
        (
            "config.secret_key = ENV.fetch('SECRET_KEY')\nconfig.password_regex ="
            " /\\A[A-Za-z0-9]{12,}\\z/\n"
        ),
    ),
    (
        "srv/app/settings.py",
        (
            'SECRET_KEY = os.environ["SECRET_KEY"]\nPASSWORD_HASHERS ='
            ' ["django.contrib.auth.hashers.Argon2PasswordHasher"]\nAUTH_TOKEN_CLASSES ='
            " ('rest_framework_simplejwt.tokens.AccessToken',)\nPASSWORD ="
            " get_secret('prod/db/password')\n"
        ),
    ),
    (
        "srv/app/App.java",
        (
            'String password = request.getParameter("password");\nstatic final String TOKEN_HEADER'
            ' = "X-Authorization-Token";\nprivate static final long serialVersionUID ='
            ' -<d18>L;\nString secretKeyAlgorithm = "PBKDF2WithHmacSHA256";\n'
        ),
    ),
    (
        "srv/app/auth.go",
        (
            'const tokenURL = "https://oauth2.<w>.net/token"\nvar password ='
            ' flag.String("password", "", "the password")\ntoken := r.Header.Get("X-Token")\n'
        ),
    ),
    (
        "srv/app/form.tsx",
        (
            'const passwordInput = <input name="password" placeholder="Enter your password"'
            " autoComplete=\"current-password\" />;\nconst tokenKey = 'persist:authTokenStorage';\n"
        ),
    ),
    (
        "srv/app/api.md",
        (
            "Send `Authorization: Bearer <token>` or `?api_key=YOUR_API_KEY`.\n\n    curl -u"
            " user:password https://api.<w>.net/\n    export API_KEY=your_key_here\n"
        ),
    ),
    (
        "srv/app/openapi.json",
        (
            '{"securitySchemes": {"ApiKeyAuth": {"type": "apiKey", "in": "header", "name":'
            ' "X-API-Key"}}, "tokenUrl": "https://<w>.net/oauth/token"}\n'
        ),
    ),
    (
        "usr/share/man/man5/{w}.5",
        (
            ".TH <w> 5\n.B password\n.I secret\nThe password, default \\fBnone\\fR. Example:"
            " password=secret\n"
        ),
    ),
    (
        "usr/share/doc/{w}/changelog.Debian",
        (
            "<w> (1.2-3) unstable; urgency=high\n  * Fix token leak (CVE-2023-<d5>), commit"
            " <h40>.\n  * debian/rules: password=foobar\n"
        ),
    ),
    (
        "usr/share/doc/{w}/copyright",
        (
            "Files: *\nCopyright: 2011 <w>\nLicense: Expat\nComment: key fingerprint <H4> <H4> <H4>"
            " <H4> <H4>  <H4> <H4> <H4> <H4> <H4>\n"
        ),
    ),
    (
        "etc/{w}/{w}.conf",
        (
            "# password = secret\n#bind_password: changeme\n;token=\nkey_file ="
            " /etc/ssl/private/<w>.key\npassword_hash = sha512\nauth_token_lifetime = 86400\n"
        ),
    ),
    (
        "etc/nginx/sites-enabled/{w}",
        (
            "server {\n  ssl_certificate_key /etc/ssl/private/<w>.key;\n  auth_basic_user_file"
            " /etc/nginx/htpasswd;\n  proxy_set_header Authorization $http_authorization;\n  if"
            ' ($arg_token = "") { return 403; }\n  etag on;\n}\n'
        ),
    ),
    (
        "etc/apache2/sites-enabled/{w}.conf",
        (
            "SSLCertificateKeyFile /etc/ssl/private/<w>.key\nAuthUserFile"
            " /etc/apache2/htpasswd\nRequestHeader unset Authorization\n"
        ),
    ),
    (
        "var/log/nginx/access.log",
        (
            '203.0.113.9 - - [02/Mar/2026:10:11:12 +0000] "GET /static/app.<h20>.js?v=<h32>'
            ' HTTP/1.1" 200 512 "-" "Mozilla/5.0"\n203.0.113.9 - - [02/Mar/2026:10:11:13 +0000]'
            ' "GET /image/<u>.png?cache=<h40> HTTP/1.1" 304 0 "https://<w>.net/?token" "-"\n'
        ),
    ),
    (
        "var/log/syslog",
        (
            "Mar  2 10:11:12 <w> systemd[1]: session-<d3>.scope: Deactivated.\nMar  2 10:11:12 <w>"
            " sshd[<d4>]: Accepted publickey for web from 203.0.113.9 port <d5> ssh2: ED25519"
            " SHA256:<b43>\nMar  2 10:11:13 <w> sshd[<d4>]: Failed password for invalid user admin"
            " from 203.0.113.9 port <d5> ssh2\n"
        ),
    ),
    (
        "var/log/app.log",
        (
            "INFO request_id=<u> trace=<h32> span=<h16> user=<d6> password=[FILTERED]"
            " token=***\nINFO cache key <w>:<h40> miss\n"
        ),
    ),
    (
        "var/cache/index.json",
        (
            '{"key": "<w>/<h64>", "etag": "\\"<h32>-<d2>\\"", "digest": "sha256:<h64>", "token":'
            " null}\n"
        ),
    ),
    (
        "srv/app/.git/packed-refs",
        (
            "# pack-refs with: peeled fully-peeled sorted\n<h40> refs/heads/token-<w>\n<h40>"
            " refs/tags/v1.<d2>\n"
        ),
    ),
    (
        "srv/app/.git/logs/HEAD",
        "<h40> <h40> <w> <web@<w>.net> 17<d8> +0000\tcommit: rotate api key and password\n",
    ),
    (
        "srv/app/composer.json",
        (
            '{"require": {"firebase/php-jwt": "^6.0", "<w>/secret-santa": "1.*"}, "config":'
            ' {"secure-http": true}}\n'
        ),
    ),
    (
        "srv/app/test.sql",
        (
            "CREATE TABLE users (id int, password varchar(255) NOT NULL, api_token varchar(64)"
            " DEFAULT NULL, KEY `token_idx` (`api_token`));\n"
        ),
    ),
    (
        "var/backups/{w}.sql",
        (
            "INSERT INTO `sessions` VALUES ('<h32>',17<d8>,'<w>|s:2:\"de\";');\nINSERT INTO `files`"
            " VALUES (3,'<u>','<h64>');\n"
        ),
    ),
    (
        "srv/app/logo.svg",
        (
            '<svg viewBox="0 0 24 24"><path d="M12.<d3>l-<d2>.<d3>c0-1.<d2>.<d3>-1.<d2>-.<d3>'
            ' 0z"/><image href="data:image/png;base64,iVBORw0KGgo<b300>"/></svg>\n'
        ),
    ),
    ("srv/app/model.txt", "<b76>\n<b76>\n<b76>\n<b76>\n<b40>==\n"),
    (
        "srv/app/app.js.map",
        '{"version":3,"sources":["token.js"],"mappings":"AAAA,SAASA,<U60>;AACA,<U40>","names":'
          '["password","secretKey"]}\n',
    ),
    (
        "srv/www/firebase.js",
        (
            'const c = {authDomain: "<w>.firebaseapp.com", projectId: "<w>", messagingSenderId:'
            ' "<d12>", appId: "1:<d12>:web:<h22>"};\n'
        ),
    ),
    (
        "srv/www/stripe.js",
        'const s = Stripe("pk_live_<a24>");\nconst ga = "G-<N10>"; const site = "6L<a38>";\n',
    ),
    (
        "etc/letsencrypt/renewal/{w}.conf",
        (
            "account = <h32>\nkey_type = ecdsa\nprivkey ="
            " /etc/letsencrypt/live/<w>/privkey.pem\nserver ="
            " https://acme-v02.api.letsencrypt.org/directory\n"
        ),
    ),
    (
        "var/lib/bind/{w}.zone",
        (
            '<w>. IN TXT "v=DKIM1; k=rsa;'
            ' p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA<b300>"\n<w>. IN DNSKEY 257 3 13'
            ' <b86>==\n<w>. IN DS <d5> 13 2 <h64>\n_acme-challenge IN TXT "<b43>"\n'
        ),
    ),
    (
        "etc/ansible/aws.ini",
        (
            "[defaults]\nvault_password_file = ~/.vault_pass\nprivate_key_file ="
            " ~/.ssh/id_rsa\naws_secret_access_key = {{ vault_aws_secret }}\n"
        ),
    ),
    (
        "etc/pam.d/common-password",
        (
            "password [success=1 default=ignore] pam_unix.so obscure yescrypt\npassword requisite"
            " pam_deny.so\n"
        ),
    ),
    ("etc/login.defs", "PASS_MAX_DAYS 99999\nENCRYPT_METHOD YESCRYPT\nPASS_WARN_AGE 7\n"),
    (
        "etc/mysql/my.cnf",
        (
            "[client]\nport = 3306\n#password = your_password\n[mysqld]\nssl-key ="
            " /etc/mysql/server-key.pem\ndefault_authentication_plugin = caching_sha2_password\n"
        ),
    ),
    (
        "etc/postgresql/15/main/pg_hba.conf",
        (
            "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128"
            " password\n"
        ),
    ),
    (
        "srv/app/.github/workflows/ci.yml",
        (
            "env:\n  TOKEN: ${{ secrets.GITHUB_TOKEN }}\nsteps:\n- uses: actions/checkout@<h40>\n "
            " with:\n    token: ${{ secrets.PAT }}\n"
        ),
    ),
    ("srv/app/.travis.yml", 'env:\n  global:\n    - secure: "<b340>="\n'),
    (
        "srv/app/tsconfig.tsbuildinfo",
        '{"fileInfos":{"./token.ts":{"version":"<h64>","signature":"<h64>"}}}\n',
    ),
    (
        "srv/app/.next/build-manifest.json",
        '{"pages":{"/login/password":["static/chunks/webpack-<h16>.js",'
          '"static/chunks/<h8>-<h16>.js"]},"buildId":"<B21>"}\n',
    ),
    ("usr/share/{w}/words", "passwordless\nsecretariat\ntokenization\nkeyboard-interactive\n"),
    (
        "usr/share/{w}/x.xml",
        (
            '<property name="password" type="string" access="readwrite"/>\n<key'
            ' name="secret-key"><default>""</default></key>\n<token>IDENTIFIER</token>\n'
        ),
    ),
    (
        "usr/lib/python3/dist-packages/{w}/token.py",
        (
            'TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token"\nPASSWORD_PROMPT ='
            ' "Password for %s: "\nSECRET_SERVICE = "org.freedesktop.secrets"\nAPI_KEY_HEADER ='
            ' "x-goog-api-key"\n'
        ),
    ),
    (
        "usr/share/{w}/demo.php",
        (
            "<?php $cfg['password'] = getenv('DB_PASSWORD'); $secret = $_POST['secret'];"
            " define('SECRET_LENGTH', 64);\n"
        ),
    ),
    (
        "usr/lib/{w}/hash.c",
        (
            "static const uint8_t key[32] = {0x<h2>,0x<h2>,0x<h2>,0x<h2>};\n#define TOKEN"
            ' "0123456789abcdef0123456789abcdef"\n#define SECRET_SCHEMA'
            ' "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"\n'
        ),
    ),
    (
        "srv/app/README.md",
        "![build](https://ci.<w>.net/badge/<u>)\nDATABASE_URL=postgres://user:password@localhost:"
        "5432/db\nredis://:password@127.0.0.1:6379\n",
    ),
    (
        "etc/apt/sources.list.d/{w}.list",
        "deb [signed-by=/usr/share/keyrings/<w>.gpg] https://deb.<w>.net stable main\n",
    ),
    (
        "var/lib/docker/repositories.json",
        '{"Repositories":{"<w>":{"<w>:latest":"sha256:<h64>"}}}\n',
    ),
    (
        "root/.docker/config.json",
        '{"auths": {"registry.<w>.net": {}}, "credsStore": "secretservice"}\n',
    ),
    (
        "root/.bash_history",
        (
            'mysql -u root -p shop\nread -s TOKEN\ncurl -H "Authorization: Bearer $TOKEN"'
            " https://<w>.net\npasswd web\ngit checkout <h40>\nssh-keygen -t ed25519\nexport"
            " TOKEN=$(cat token)\n"
        ),
    ),
    ("etc/redis/redis.conf", "# requirepass foobared\n# masterauth <master-password>\nport 6379\n"),
    (
        "etc/nslcd.conf",
        (
            "uri ldap://ldap.<w>.net\n#bindpw secret\ntls_cacertfile"
            " /etc/ssl/certs/ca-certificates.crt\n"
        ),
    ),
)
ALPHABETS = {
    "h": HEX,
    "H": DIGIT + "ABCDEF",
    "a": ALNUM,
    "b": B64,
    "d": DIGIT,
    "U": UPPER + LOWER,
    "N": UPPER + DIGIT,
    "B": URL64,
}


def _draw(rng, text):
    made, rest = "", text
    while "<" in rest:
        before, rest = rest.split("<", 1)
        made += before
        name, _, tail = rest.partition(">")
        if name == "w":
            made, rest = made + rng.choice(WORDS), tail
        elif name == "u":
            made, rest = made + uuid(rng), tail
        elif name[:1] in ALPHABETS and name[1:].isdigit():
            made, rest = made + of(rng, ALPHABETS[name[0]], int(name[1:])), tail
        else:
            made += "<"
    return made + rest


def near_misses(rng, rounds):
    """That many of each near miss: pairs of a path and a text."""
    for _ in range(rounds):
        for path, text in LINES:
            yield path.format(w=rng.choice(WORDS), h=of(rng, HEX, 20)), _draw(rng, text)
        yield _lock(rng)
        yield _composer(rng)
        for kind, path in (
            ("CERTIFICATE", "etc/ssl/certs/%s.pem"),
            ("PUBLIC KEY", "etc/%s/pub.pem"),
            ("CERTIFICATE REQUEST", "srv/%s.csr"),
            ("PGP PUBLIC KEY BLOCK", "usr/share/keyrings/%s.asc"),
            ("DH PARAMETERS", "etc/ssl/%s.dh"),
            ("PGP SIGNATURE", "srv/%s.asc"),
        ):
            yield path % rng.choice(WORDS), _pem(rng, kind)
        heads = "const head = '-----BEGIN PRIVATE KEY-----';\nconst foot = '-----END PRIVATE KEY-----';"
        yield "srv/%s.code" % rng.choice(WORDS), heads
        yield "srv/%s/icon.json" % rng.choice(WORDS), '{"icon": "%s", "secret": false}\n' % b64(
            of(rng, ALNUM, 200)
        )
