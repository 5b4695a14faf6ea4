# SPDX-License-Identifier: Apache-2.0
"""Values of the kinds of secrets that vendors document, drawn from a seed;
no scanner rule was consulted.

A kind is a name, the variables that people keep it in, and how a value is made. `alone` says that
the value is known by its own shape; the others are only known by the name they stand behind.
"""
import base64
import collections
import json
import string
import zlib

from planted import planted

LOWER, UPPER, DIGIT = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = UPPER + LOWER + DIGIT
BASE62 = DIGIT + UPPER + LOWER
HEX = DIGIT + "abcdef"
B64 = ALNUM + "+/"
URL64 = ALNUM + "-_"
BASE32 = UPPER + "234567"
WORDS = (
    "harbor lantern pepper violet granite meadow saddle copper walnut thunder orchid marble "
    "falcon ribbon cobalt timber juniper velvet anchor saffron"
).split()

Kind = collections.namedtuple("Kind", "row name variables make alone")


def of(rng, alphabet, count):
    """That many characters of an alphabet."""
    return planted("".join(rng.choice(alphabet) for _ in range(count)))


def b64(data):
    """Bytes or text in base64."""
    return planted(base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode())


def url64(data):
    """Text in the base64 of URLs, without padding."""
    return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def base62(number, width):
    """A number in base 62."""
    text = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        text = BASE62[digit] + text
    return text


def crc(text):
    """The CRC-32 of a text."""
    return zlib.crc32(text.encode())


def github(prefix):
    """A token of 30 random characters and six of check sum, as GitHub and npm make them."""

    def make(rng):
        body = of(rng, ALNUM, 30)
        return prefix + body + base62(crc(body), 6)

    return make


def atlassian(rng):
    """An Atlassian API token with its check sum."""
    body = "ATATT3" + of(rng, URL64, 178)
    return body + "%08X" % crc(body)


def cloudflare(prefix):
    """A new Cloudflare token with its check sum."""

    def make(rng):
        body = of(rng, ALNUM, 40)
        return prefix + body + "%08x" % crc(body)

    return make


def grafana(rng):
    """A Grafana service account token; its check sum is in little-endian order."""
    body = "glsa_" + of(rng, ALNUM, 32)
    return body + "_" + crc(body).to_bytes(4, "little").hex()


def bech32(rng):
    """An age identity."""
    table = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    data = [rng.randrange(32) for _ in range(51)] + [rng.choice((0, 16))]
    human = "age-secret-key-"
    check = 1
    for value in [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human] + data + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= part if top >> bit & 1 else 0
    check ^= 1
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return (human + "1" + "".join(table[d] for d in data)).upper()


def jwt(rng, **claims):
    """A signed token."""
    body = dict(
        sub=of(rng, DIGIT, 8), iat=1700000000 + rng.randrange(10**7), exp=1900000000, **claims
    )
    return ".".join(
        (url64('{"alg":"HS256","typ":"JWT"}'), url64(json.dumps(body)), of(rng, URL64, 43))
    )


def aws_id(rng):
    """An access key id; the characters hold an account number."""
    return rng.choice(("AKIA", "ASIA")) + rng.choice("QRSTUVWXYZ234567"[:8]) + of(rng, BASE32, 15)


def discord(rng):
    """A bot token: the id, a time, a signature."""
    return "%s.%s.%s" % (
        b64(of(rng, "123456789", 1) + of(rng, DIGIT, 17)).rstrip("="),
        "G" + of(rng, URL64, 5),
        of(rng, URL64, 38),
    )


def openai(prefix, length):
    """An OpenAI key around its fixed middle."""

    def make(rng):
        return prefix + of(rng, ALNUM, length) + "T3Blbk" + "FJ" + of(rng, ALNUM, length)

    return make


def password(rng):
    """What people and generators choose as passwords."""
    way = rng.randrange(5)
    if way == 0:
        return of(rng, ALNUM, rng.randrange(14, 28))
    if way == 1:
        return (
            of(rng, ALNUM, 6)
            + rng.choice("!@#%^*")
            + of(rng, ALNUM, 9)
            + rng.choice("!-_.")
            + of(rng, ALNUM, 2)
        )
    if way == 2:
        return "%s%s%d%s" % (
            rng.choice(WORDS).title(),
            rng.choice(WORDS).title(),
            rng.randrange(10, 9999),
            rng.choice("!#%*"),
        )
    if way == 3:
        return of(rng, HEX, 32)
    return b64(bytes(rng.randrange(256) for _ in range(24)))


def plain_password(rng):
    """A password without a character that some file format would have to quote."""
    return of(rng, ALNUM, rng.randrange(14, 26))


def take(alphabet, count, before="", after=""):
    """Makes values of a fixed shape."""
    return lambda rng: before + of(rng, alphabet, count) + after


def _der(tag, body):
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8 or 1, "big")
    return (
        bytes([tag])
        + (bytes([len(body)]) if len(body) < 128 else bytes([128 + len(size)]) + size)
        + body
    )


def _integer(rng, bits):
    return _der(2, (rng.getrandbits(bits - 1) | 1 << bits - 2 | 1).to_bytes(bits // 8, "big"))


def _string(data):
    return len(data).to_bytes(4, "big") + data


def rsa_key(rng):
    """An RSA key as PKCS #1 has it: eight numbers of the right sizes."""
    half = [_integer(rng, 1024) for _ in range(5)]
    return _der(
        0x30,
        _der(2, b"\0")
        + _integer(rng, 2048)
        + _der(2, b"\1\0\1")
        + _integer(rng, 2048)
        + b"".join(half),
    )


def pkcs8_key(rng):
    """The same in PKCS #8."""
    oid = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return _der(0x30, _der(2, b"\0") + oid + _der(4, rsa_key(rng)))


def openssh_key(rng):
    """An Ed25519 key as ssh-keygen writes it without a passphrase."""
    public, secret, check = rng.randbytes(32), rng.randbytes(32), rng.randbytes(4)
    blob = _string(b"ssh-ed25519") + _string(public)
    private = check * 2 + blob + _string(secret + public) + _string(b"web@host")
    private += bytes(range(1, 1 + -len(private) % 8))
    return (
        b"openssh-key-v1\0"
        + _string(b"none") * 2
        + _string(b"")
        + (1).to_bytes(4, "big")
        + _string(blob)
        + _string(private)
    )


def pem_body(data, width=64):
    """Bytes as lines of base64."""
    text = b64(data)
    return [text[i : i + width] for i in range(0, len(text), width)]


KINDS = [
    Kind(*k)
    for k in (
        (1, "openai", ("OPENAI_API_KEY",), openai("sk-", 20), True),
        (2, "openai-project", ("OPENAI_API_KEY", "OPENAI_KEY"), openai("sk-proj-", 74), True),
        (3, "openai-service", ("OPENAI_ADMIN_KEY",), openai("sk-svcacct-", 58), True),
        (4, "azure-openai", ("AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY"), take(HEX, 32), False),
        (
            5,
            "anthropic",
            ("ANTHROPIC_API_KEY", "CLAUDE_API_KEY"),
            take(URL64, 93, "sk-ant-api03-", "AA"),
            True,
        ),
        (6, "openrouter", ("OPENROUTER_API_KEY",), take(HEX, 64, "sk-or-v1-"), True),
        (7, "deepseek", ("DEEPSEEK_API_KEY",), take(LOWER + DIGIT, 32, "sk-"), False),
        (8, "groq", ("GROQ_API_KEY",), take(ALNUM, 52, "gsk_"), True),
        (8, "xai", ("XAI_API_KEY",), take(ALNUM, 80, "xai-"), True),
        (8, "perplexity", ("PERPLEXITY_API_KEY",), take(ALNUM, 48, "pplx-"), True),
        (9, "replicate", ("REPLICATE_API_TOKEN",), take(ALNUM, 37, "r8_"), True),
        (9, "nvidia", ("NVIDIA_API_KEY",), take(URL64, 64, "nvapi-"), True),
        (
            10,
            "huggingface",
            ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN"),
            take(UPPER + LOWER, 34, "hf_"),
            True,
        ),
        (
            11,
            "langsmith",
            ("LANGSMITH_API_KEY",),
            lambda r: "lsv2_pt_" + of(r, HEX, 32) + "_" + of(r, HEX, 10),
            True,
        ),
        (
            11,
            "pinecone",
            ("PINECONE_API_KEY",),
            lambda r: "pcsk_" + of(r, ALNUM, 6) + "_" + of(r, ALNUM, 63),
            True,
        ),
        (12, "mistral", ("MISTRAL_API_KEY",), take(ALNUM, 32), False),
        (12, "cohere", ("COHERE_API_KEY",), take(ALNUM, 40), False),
        (13, "aws-id", ("AWS_ACCESS_KEY_ID",), aws_id, True),
        (14, "aws-secret", ("AWS_SECRET_ACCESS_KEY",), take(B64, 40), False),
        (15, "aws-session", ("AWS_SESSION_TOKEN",), take(B64, 344, "IQoJb3JpZ2luX2Vj"), False),
        (16, "gcp-key", ("GEMINI_API_KEY", "GOOGLE_MAPS_KEY"), take(URL64, 35, "AIza"), True),
        (18, "google-oauth", ("GOOGLE_CLIENT_SECRET",), take(URL64, 28, "GOCSPX-"), True),
        (19, "github", ("GITHUB_TOKEN", "GH_TOKEN"), github("ghp_"), True),
        (19, "github-app", ("GH_APP_TOKEN",), github("ghs_"), True),
        (
            20,
            "github-fine",
            ("GITHUB_PAT",),
            lambda r: "github_pat_" + of(r, ALNUM, 22) + "_" + of(r, ALNUM, 59),
            True,
        ),
        (21, "gitlab", ("GITLAB_TOKEN",), take(URL64, 20, "glpat-"), True),
        (21, "gitlab-runner", ("RUNNER_TOKEN",), take(URL64, 20, "glrt-"), True),
        (22, "atlassian", ("JIRA_API_TOKEN",), atlassian, True),
        (
            23,
            "azure-ad",
            ("AZURE_CLIENT_SECRET",),
            lambda r: of(r, ALNUM, 3) + of(r, DIGIT, 1) + "Q~" + of(r, URL64, 34),
            True,
        ),
        (24, "azure-storage", ("AZURE_STORAGE_KEY",), take(B64, 86, "", "=="), False),
        (
            26,
            "slack",
            ("SLACK_BOT_TOKEN",),
            lambda r: "xoxb-%s-%s-%s"
            % (of(r, "123456789", 12), of(r, "123456789", 13), of(r, ALNUM, 24)),
            True,
        ),
        (
            26,
            "slack-app",
            ("SLACK_APP_TOKEN",),
            lambda r: "xapp-1-A%s-%s-%s"
            % (of(r, UPPER + DIGIT, 10), of(r, "123456789", 13), of(r, HEX, 64)),
            True,
        ),
        (
            27,
            "slack-hook",
            ("SLACK_WEBHOOK_URL",),
            lambda r: "https://hooks.slack.com/services/T%s/B%s/%s"
            % (of(r, UPPER + DIGIT, 10), of(r, UPPER + DIGIT, 10), of(r, ALNUM, 24)),
            True,
        ),
        (
            27,
            "discord-hook",
            ("DISCORD_WEBHOOK",),
            lambda r: "https://discord.com/api/webhooks/%s/%s"
            % (of(r, "123456789", 18), of(r, URL64, 68)),
            True,
        ),
        (28, "discord-bot", ("DISCORD_TOKEN",), discord, False),
        (
            29,
            "telegram",
            ("TELEGRAM_BOT_TOKEN",),
            lambda r: of(r, "123456789", 10) + ":AA" + of(r, URL64, 33),
            True,
        ),
        (30, "stripe", ("STRIPE_SECRET_KEY",), take(ALNUM, 24, "sk_live_"), True),
        (30, "stripe-restricted", ("STRIPE_KEY",), take(ALNUM, 99, "rk_live_"), True),
        (30, "stripe-hook", ("STRIPE_WEBHOOK_SECRET",), take(ALNUM, 32, "whsec_"), True),
        (31, "twilio", ("TWILIO_AUTH_TOKEN",), take(HEX, 32), False),
        (
            32,
            "sendgrid",
            ("SENDGRID_API_KEY",),
            lambda r: "SG." + of(r, URL64, 22) + "." + of(r, URL64, 43),
            True,
        ),
        (33, "mailgun", ("MAILGUN_API_KEY",), take(HEX, 32, "key-"), True),
        (
            34,
            "mailchimp",
            ("MAILCHIMP_API_KEY",),
            lambda r: of(r, HEX, 32) + "-us%d" % r.randrange(1, 22),
            True,
        ),
        (
            34,
            "brevo",
            ("BREVO_API_KEY",),
            lambda r: "xkeysib-" + of(r, HEX, 64) + "-" + of(r, ALNUM, 16),
            True,
        ),
        (
            34,
            "postmark",
            ("POSTMARK_SERVER_TOKEN",),
            lambda r: "-".join(of(r, HEX, n) for n in (8, 4, 4, 4, 12)),
            False,
        ),
        (35, "npm", ("NPM_TOKEN",), github("npm_"), True),
        (36, "pypi", ("TWINE_PASSWORD",), take(URL64, 150, "pypi-AgEIcHlwaS5vcmc"), True),
        (37, "rubygems", ("GEM_HOST_API_KEY",), take(HEX, 48, "rubygems_"), True),
        (37, "crates", ("CARGO_REGISTRY_TOKEN",), take(ALNUM, 32, "cio"), True),
        (37, "nuget", ("NUGET_API_KEY",), take(LOWER + DIGIT, 43, "oy2"), True),
        (38, "docker-pat", ("DOCKERHUB_TOKEN",), take(URL64, 27, "dckr_pat_"), True),
        (40, "digitalocean", ("DIGITALOCEAN_TOKEN",), take(HEX, 64, "dop_v1_"), True),
        (41, "heroku", ("HEROKU_API_KEY",), take(URL64, 58, "HRKU-AA"), True),
        (42, "cloudflare", ("CLOUDFLARE_API_TOKEN",), cloudflare("cfut_"), True),
        (42, "cloudflare-old", ("CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"), take(URL64, 40), False),
        (43, "grafana", ("GRAFANA_TOKEN",), grafana, True),
        (44, "vault", ("VAULT_TOKEN",), take(URL64, 92, "hvs."), True),
        (44, "vault-old", ("VAULT_TOKEN",), take(ALNUM, 24, "s."), False),
        (
            45,
            "terraform-cloud",
            ("TFE_TOKEN",),
            lambda r: of(r, ALNUM, 14) + ".atlasv1." + of(r, URL64, 67),
            True,
        ),
        (46, "doppler", ("DOPPLER_TOKEN",), take(ALNUM, 43, "dp.pt."), True),
        (46, "linear", ("LINEAR_API_KEY",), take(ALNUM, 40, "lin_api_"), True),
        (
            46,
            "notion",
            ("NOTION_TOKEN",),
            lambda r: "ntn_" + of(r, DIGIT, 11) + of(r, ALNUM, 35),
            True,
        ),
        (47, "databricks", ("DATABRICKS_TOKEN",), take(HEX, 32, "dapi"), True),
        (47, "planetscale", ("PLANETSCALE_TOKEN",), take(URL64, 43, "pscale_tkn_"), True),
        (
            47,
            "supabase",
            ("SUPABASE_SERVICE_ROLE_KEY",),
            lambda r: jwt(r, role="service_role", iss="supabase"),
            True,
        ),
        (48, "datadog", ("DD_API_KEY", "DATADOG_API_KEY"), take(HEX, 32), False),
        (48, "newrelic", ("NEW_RELIC_API_KEY",), take(UPPER + DIGIT, 27, "NRAK-"), True),
        (48, "sentry", ("SENTRY_AUTH_TOKEN",), take(HEX, 64, "sntryu_"), True),
        (49, "shopify", ("SHOPIFY_ACCESS_TOKEN",), take(HEX, 32, "shpat_"), True),
        (50, "square", ("SQUARE_SECRET",), take(URL64, 43, "sq0csp-"), True),
        (51, "fly", ("FLY_API_TOKEN",), take(B64, 200, "fo1_"), True),
        (51, "netlify", ("NETLIFY_AUTH_TOKEN",), take(ALNUM, 36, "nfp_"), True),
        (
            52,
            "tailscale",
            ("TS_AUTHKEY",),
            lambda r: "tskey-auth-k%sCNTRL-%s" % (of(r, ALNUM, 11), of(r, ALNUM, 32)),
            True,
        ),
        (52, "pulumi", ("PULUMI_ACCESS_TOKEN",), take(HEX, 40, "pul-"), True),
        (53, "okta", ("OKTA_API_TOKEN",), take(URL64, 40, "00"), False),
        (54, "artifactory", ("ARTIFACTORY_API_KEY",), take(ALNUM, 69, "AKCp"), True),
        (55, "age", ("SOPS_AGE_KEY",), bech32, True),
        (
            55,
            "onepassword",
            ("OP_SERVICE_ACCOUNT_TOKEN",),
            lambda r: "ops_"
            + url64(
                json.dumps({"signInAddress": "my.1password.com", "secretKey": of(r, ALNUM, 300)})
            ),
            True,
        ),
        (60, "jwt", ("API_JWT", "SERVICE_TOKEN"), jwt, True),
        (
            67,
            "laravel",
            ("APP_KEY",),
            lambda r: "base64:" + b64(bytes(r.randrange(256) for _ in range(32))),
            False,
        ),
        (68, "django", ("DJANGO_SECRET_KEY",), take(LOWER + DIGIT + "!@%^*(-_=+)", 50), False),
        (69, "rails", ("SECRET_KEY_BASE",), take(HEX, 128), False),
        (
            71,
            "app-secret",
            ("APP_SECRET", "JWT_SECRET", "SESSION_SECRET", "NEXTAUTH_SECRET"),
            take(HEX, 48),
            False,
        ),
        (
            71,
            "password",
            (
                "DB_PASSWORD",
                "MYSQL_PASSWORD",
                "SMTP_PASS",
                "ADMIN_PASSWORD",
                "POSTGRES_PASSWORD",
                "REDIS_PASSWORD",
                "LDAP_BIND_PASSWORD",
                "RABBITMQ_DEFAULT_PASS",
            ),
            plain_password,
            False,
        ),
        (80, "wallet-hex", ("WALLET_PRIVATE_KEY", "ETH_PRIVATE_KEY"), take(HEX, 64, "0x"), False),
    )
]
