# SPDX-License-Identifier: Apache-2.0
"""Makers of files whose own grammar makes a value a secret."""
import hashlib
import json

from planted import planted
from blind_places import (
    host,
)
from blind_values import (
    ALNUM, B64, HEX, WORDS, b64, of, password, openssh_key, pem_body, pkcs8_key, plain_password,
    rsa_key,
)


def make_line(path, before, line, after="tail = 1\n"):
    return path, before + line + "\n" + after, before.count("\n") + 1


def make_key(rng, kind, make, newline="\n"):
    return newline.join(
        ["-----BEGIN %sPRIVATE KEY-----" % kind]
        + pem_body(make(rng))
        + ["-----END %sPRIVATE KEY-----" % kind]
    )


def make_crypt(rng):
    return planted(rng.choice(
        (
            "$6$" + of(rng, ALNUM, 16) + "$" + of(rng, ALNUM + "./", 86),
            "$y$j9T$" + of(rng, ALNUM, 22) + "$" + of(rng, ALNUM + "./", 43),
            "$2y$10$" + of(rng, ALNUM + "./", 53),
        )
    ))


def make_service_account(rng):
    made = {
        "type": "service_account",
        "project_id": rng.choice(WORDS),
        "private_key_id": of(rng, HEX, 40),
        "private_key": make_key(rng, "", pkcs8_key) + "\n",
        "client_email": "run@%s.iam.gserviceaccount.com" % rng.choice(WORDS),
    }
    return "etc/%s/sa.json" % rng.choice(WORDS), json.dumps(made, indent=2) + "\n", 5


def make_kubeconfig(rng):
    return make_line(
        "root/.kube/config",
        "apiVersion: v1\nkind: Config\nusers:\n- name: admin\n  user:\n",
        "    token: " + of(rng, ALNUM, 48),
        "",
    )


def make_secret_data(rng):
    return make_line(
        "srv/k8s/%s.yaml" % rng.choice(WORDS),
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n",
        "  password: " + b64(plain_password(rng)),
        "",
    )


def make_url(scheme, path, before, line):
    def make(rng):
        url = "%s://%s:%s@%s/%s" % (
            scheme,
            rng.choice(WORDS),
            plain_password(rng),
            host(rng),
            rng.choice(WORDS),
        )
        return make_line(path, before, line % url)

    return make


def make_value(path, before, line, secret=plain_password, after="# end\n"):
    def make(rng):
        return make_line(path, before, line.replace("@", secret(rng), 1), after)

    return make


def make_pem(kind, key, path):
    def make(rng):
        return path % rng.choice(WORDS), make_key(rng, kind, key) + "\n", 2

    return make


def make_token(count, alphabet=ALNUM):
    return lambda rng: of(rng, alphabet, count)


def make_basic(rng):
    return b64("%s:%s" % (rng.choice(WORDS), plain_password(rng)))


def make_basic_log(rng):
    return make_line(
        "var/log/%s/http.log" % rng.choice(WORDS),
        "> GET / HTTP/1.1\n",
        "> Authorization: Basic " + make_basic(rng),
        "> Accept: */*\n",
    )


def make_docker_auth(rng):
    return make_line(
        "root/.docker/config.json",
        '{\n "auths": {\n  "https://index.docker.io/v1/": {\n',
        '   "auth": "%s"' % make_basic(rng),
        "  }\n }\n}\n",
    )


def make_filezilla(rng):
    return make_line(
        "root/.config/filezilla/sitemanager.xml",
        "<FileZilla3>\n <Servers>\n  <Server>\n   <Host>ftp.site.net</Host>\n   <User>web</User>\n",
        '   <Pass encoding="base64">%s</Pass>' % b64(plain_password(rng)),
        "  </Server>\n </Servers>\n</FileZilla3>\n",
    )


def make_tfstate(rng):
    return make_line(
        "srv/infra/terraform.tfstate",
        (
            '{\n "version": 4,\n "resources": [{"type": "aws_db_instance",'
            ' "instances": [{"attributes": {\n'
        ),
        '  "password": "%s",' % plain_password(rng),
        '  "username": "root"}}]}]\n}\n',
    )


def make_openvpn(rng):
    body = [of(rng, HEX, 32) for _ in range(16)]
    return (
        "etc/openvpn/%s.key" % rng.choice(WORDS),
        "#\n# 2048 bit OpenVPN static key\n#\n-----BEGIN OpenVPN Static key V1-----\n"
        + "\n".join(body)
        + "\n-----END OpenVPN Static key V1-----\n",
        5,
    )


def make_putty(rng):
    return (
        "root/%s.ppk" % rng.choice(WORDS),
        "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nComment: rsa-key\n"
        "Public-Lines: 2\n%s\n%s\nPrivate-Lines: 8\n%s\nPrivate-MAC: %s\n"
        % (
            of(rng, B64, 64),
            of(rng, B64, 64),
            "\n".join(of(rng, B64, 64) for _ in range(8)),
            of(rng, HEX, 40),
        ),
        8,
    )


def make_wif(rng):
    raw = b"\x80" + bytes(rng.randrange(256) for _ in range(32)) + b"\x01"
    raw += hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(raw, "big"), ""
    table = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    while number:
        number, digit = divmod(number, 58)
        text = table[digit] + text
    return make_line("srv/wallet/keys.txt", "# payout wallet\n", text, "")

FIRST = [  # row, name, maker
    (17, "gcp-service-account", make_service_account),
    (
        25,
        "azure-sas",
        make_value(
            "srv/job/run.sh",
            "#!/bin/sh\n",
            (
                "azcopy copy . 'https://shop.blob.core.windows.net/b?sv=2022-11"
                "-02&ss=b&srt=sco&sp=rwdl&se=2031-01-01T00:00:00Z&sig=@%3D'"
            ),
            make_token(43),
        ),
    ),
    (
        24,
        "azure-connection",
        make_value(
            "srv/web/appsettings.json",
            "{\n",
            (
                '  "Storage": "DefaultEndpointsProtocol=https;AccountName='
                'shop;AccountKey=@==;EndpointSuffix=core.windows.net"'
            ),
            make_token(86, B64),
            "}\n",
        ),
    ),
    (38, "docker-config", make_docker_auth),
    (39, "kubeconfig-token", make_kubeconfig),
    (39, "k8s-secret-data", make_secret_data),
    (
        35,
        "npmrc",
        make_value(
            "root/.npmrc",
            "registry=https://npm.site.net/\n",
            "//npm.site.net/:_authToken=@",
            make_token(36),
        ),
    ),
    (45, "tfstate", make_tfstate),
    (56, "pem-rsa", make_pem("RSA ", rsa_key, "etc/ssl/private/%s.key")),
    (56, "pem-pkcs8", make_pem("", pkcs8_key, "etc/%s/tls.pem")),
    (56, "pem-openssh", make_pem("OPENSSH ", openssh_key, "home/%s/.ssh/id_ed25519")),
    (57, "putty", make_putty),
    (59, "openvpn-static", make_openvpn),
    (
        59,
        "wireguard",
        make_value(
            "etc/wireguard/wg0.conf",
            "[Interface]\nAddress = 10.8.0.1/24\n",
            "PrivateKey = @=",
            make_token(43, B64),
            "ListenPort = 51820\n",
        ),
    ),
]
