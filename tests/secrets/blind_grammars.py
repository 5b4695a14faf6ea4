# SPDX-License-Identifier: Apache-2.0
"""Files whose own grammar makes a value a secret: row, name, maker."""

from blind_places import (
    host,
)
from blind_values import (
    ALNUM, B64, HEX, of, password, plain_password,
)
from blind_makers import (
    FIRST,
    make_crypt, make_service_account, make_kubeconfig, make_secret_data, make_url, make_value,
    make_pem, make_token, make_basic_log, make_docker_auth, make_filezilla, make_tfstate,
    make_openvpn, make_putty, make_wif,
)


GRAMMARS = FIRST + [  # row, name, maker
    (
        59,
        "tsig",
        make_value(
            "etc/bind/rndc.key",
            'key "rndc-key" {\n\talgorithm hmac-sha256;\n',
            '\tsecret "@=";',
            make_token(43, B64),
            "};\n",
        ),
    ),
    (61, "url-postgres", make_url("postgres", "srv/app/.env", "A=1\n", "DATABASE_URL=%s")),
    (61, "url-mysql", make_url("mysql", "srv/app/database.yml", "production:\n", '  url: "%s"')),
    (
        61,
        "url-mongodb",
        make_url("mongodb+srv", "srv/app/server.js", "const m = require('m');\n", "m.connect("
                 "'%s');"),
    ),
    (61, "url-redis", make_url("redis", "etc/default/worker", "X=1\n", 'BROKER="%s"')),
    (61, "url-amqp", make_url("amqp", "etc/celery.py", "workers = 4\n", "broker_url = '%s'")),
    (61, "url-ldap", make_url("ldaps", "etc/app.conf", "[auth]\n", "server = %s")),
    (61, "url-smtp", make_url("smtp", "etc/mailer.toml", "[mail]\n", 'dsn = "%s"')),
    (
        61,
        "url-log",
        make_url(
            "postgresql",
            "var/log/app/error.log",
            "INFO start\n",
            "ERROR could not connect to %s: timeout",
        ),
    ),
    (
        62,
        "jdbc",
        make_value(
            "etc/app/db.properties",
            "a=1\n",
            "url=jdbc:mysql://db1.net:3306/shop?user=shop&password=@&useSSL=false",
        ),
    ),
    (
        62,
        "jdbc-sqlserver",
        make_value("etc/app/ms.properties", "a=1\n", "url=jdbc:sqlserver://db1;user=sa;"
                   "password=@;"),
    ),
    (
        62,
        "ado",
        make_value(
            "srv/web/appsettings.Production.json",
            "{\n",
            '  "Default": "Server=db1;Database=shop;User Id=sa;Password=@;"',
            plain_password,
            "}\n",
        ),
    ),
    (
        62,
        "odbc",
        make_value("etc/odbc.ini", "[shop]\nDriver = PostgreSQL\nUserName = shop\n",
                   "Password = @"),
    ),
    (63, "basic-url", make_url("https", "srv/app/fetch.sh", "#!/bin/sh\n", "curl %s")),
    (
        63,
        "git-remote",
        make_url("https", "srv/app/.git/config", '[remote "origin"]\n', "\turl = %s.git"),
    ),
    (63, "basic-header", make_basic_log),
    (66, "netrc", make_value("root/.netrc", "machine git.site.net\n  login deploy\n",
         "  password @")),
    (66, "netrc-line", make_value("home/web/.netrc", "",
         "machine api.site.net login web password @")),
    (66, "pgpass", make_value("root/.pgpass", "# host\n", "db1.net:5432:shop:shop:@")),
    (66, "my.cnf", make_value("root/.my.cnf", "[client]\nuser=root\n", "password=@")),
    (
        66,
        "my.cnf-quoted",
        make_value(
            "etc/mysql/debian.cnf", "[client]\nhost = localhost\nuser = maint\n", 'password = "@"'
        ),
    ),
    (66, "git-credentials", make_url("https", "root/.git-credentials", "", "%s")),
    (
        66,
        "s3cfg",
        make_value("root/.s3cfg", "[default]\naccess_key = x\n", "secret_key = @", make_token(40,
                   B64)),
    ),
    (
        66,
        "boto",
        make_value("root/.boto", "[Credentials]\n", "gs_secret_access_key = @", make_token(40,
                   B64)),
    ),
    (
        66,
        "sasl_passwd",
        make_value("etc/postfix/sasl_passwd", "# relay\n", "[smtp.site.net]:587 web:@"),
    ),
    (
        66,
        "exim-passwd",
        make_value("etc/exim4/passwd.client", "# server:login:password\n", "*.site.net:web:@"),
    ),
    (66, "rsyncd", make_value("etc/rsyncd.secrets", "# rsync\n", "backup:@")),
    (66, "cifs", make_value("etc/cifs-credentials", "username=web\n", "password=@")),
    (66, "wgetrc", make_value("root/.wgetrc", "http_user = web\n", "http_password = @")),
    (66, "curlrc", make_value("root/.curlrc", "silent\n", 'user = "web:@"')),
    (66, "chap", make_value("etc/ppp/chap-secrets", "# client server secret ip\n", 'web * "@" *')),
    (
        66,
        "esmtprc",
        make_value(
            "root/.esmtprc", 'hostname = smtp.site.net:587\nusername = "web"\n', 'password = "@"'
        ),
    ),
    (
        66,
        "msmtprc",
        make_value("etc/msmtprc", "account default\nhost smtp.site.net\nuser web\n", "password @"),
    ),
    (
        66,
        "fetchmailrc",
        make_value(
            "root/.fetchmailrc", "", 'poll mail.site.net proto IMAP user "web" pass "@" is web here'
        ),
    ),
    (66, "lftp", make_value("root/.lftp/rc", "set ssl:verify yes\n", "open -u web,"
         "@ sftp.site.net")),
    (
        66,
        "smbcredentials",
        make_value("root/.smbcredentials", "username = web\ndomain = X\n", "password = @"),
    ),
    (
        70,
        "wp-db",
        make_value(
            "srv/blog/wp-config.php",
            "<?php\ndefine( 'DB_NAME', 'blog' );\n",
            "define( 'DB_PASSWORD', '@' );",
        ),
    ),
    (
        70,
        "wp-salt",
        make_value(
            "srv/blog2/wp-config.php",
            "<?php\n",
            "define('AUTH_KEY',         '@');",
            make_token(64, ALNUM + "!#%&()*+,-./:;<=>?[]^_{|}~"),
        ),
    ),
    (72, "redis", make_value("etc/redis/redis.conf", "port 6379\n", "requirepass @")),
    (72, "redis-master", make_value("etc/redis/replica.conf", "port 6379\n", 'masterauth "@"')),
    (
        72,
        "nslcd",
        make_value("etc/nslcd.conf", "uri ldap://ldap.site.net\nbinddn cn=admin,dc=site\n",
                   "bindpw @"),
    ),
    (
        72,
        "sssd",
        make_value(
            "etc/sssd/sssd.conf", "[domain/site]\nid_provider = ldap\n", "ldap_default_authtok = @"
        ),
    ),
    (
        72,
        "snmp",
        make_value("etc/snmp/snmpd.conf", "agentaddress udp:161\n", "rwcommunity @ 10.0.0.0/8"),
    ),
    (
        72,
        "snmp-user",
        make_value("var/lib/snmp/snmpd.conf", "# users\n", 'createUser monitor SHA "@" AES'),
    ),
    (
        72,
        "radius",
        make_value(
            "etc/freeradius/3.0/clients.conf",
            "client nas {\n\tipaddr = 10.0.0.1\n",
            "\tsecret = @",
            plain_password,
            "}\n",
        ),
    ),
    (
        72,
        "vrrp",
        make_value(
            "etc/keepalived/keepalived.conf",
            "vrrp_instance A {\n authentication {\n  auth_type PASS\n",
            "  auth_pass @",
            plain_password,
            " }\n}\n",
        ),
    ),
    (
        72,
        "haproxy-stats",
        make_value("etc/haproxy/haproxy.cfg", "listen stats\n stats enable\n",
                   " stats auth admin:@"),
    ),
    (
        72,
        "haproxy-user",
        make_value("etc/haproxy/users.cfg", "userlist u\n", " user admin insecure-password @"),
    ),
    (
        72,
        "tomcat",
        make_value(
            "etc/tomcat10/tomcat-users.xml",
            "<tomcat-users>\n",
            '  <user username="admin" password="@" roles="manager-gui"/>',
            plain_password,
            "</tomcat-users>\n",
        ),
    ),
    (
        72,
        "apt-auth",
        make_value("etc/apt/auth.conf.d/site.conf", "",
                   "machine deb.site.net login web password @"),
    ),
    (
        72,
        "apt-proxy",
        make_url("http", "etc/apt/apt.conf.d/90proxy", "// proxy\n", 'Acquire::http::Proxy "%s";'),
    ),
    (72, "php-ini", make_value("etc/php/8.2/apache2/php.ini", "[MySQLi]\n",
         "mysqli.default_pw = @")),
    (
        72,
        "wpa",
        make_value(
            "etc/wpa_supplicant/wpa_supplicant.conf",
            'network={\n\tssid="office"\n',
            '\tpsk="@"',
            plain_password,
            "}\n",
        ),
    ),
    (
        72,
        "nm",
        make_value(
            "etc/NetworkManager/system-connections/o.nmconnection",
            "[wifi-security]\nkey-mgmt=wpa-psk\n",
            "psk=@",
        ),
    ),
    (72, "hostapd", make_value("etc/hostapd/hostapd.conf", "ssid=office\n", "wpa_passphrase=@")),
    (72, "slapd", make_value("etc/ldap/slapd.conf", 'rootdn "cn=admin,dc=site"\n', "rootpw @")),
    (
        72,
        "dovecot-sql",
        make_value(
            "etc/dovecot/dovecot-sql.conf.ext",
            "driver = mysql\n",
            "connect = host=localhost dbname=mail user=mail password=@",
        ),
    ),
    (72, "postfix-mysql", make_value("etc/postfix/mysql-users.cf", "user = mail\n",
         "password = @")),
    (72, "pdns", make_value("etc/powerdns/pdns.conf", "launch=gmysql\n", "gmysql-password=@")),
    (72, "pdns-api", make_value("etc/powerdns/api.conf", "api=yes\n", "api-key=@")),
    (
        72,
        "zabbix",
        make_value("etc/zabbix/zabbix_server.conf", "DBName=zabbix\nDBUser=zabbix\n",
                   "DBPassword=@"),
    ),
    (72, "coturn", make_value("etc/turnserver.conf", "realm=site.net\n", "static-auth-secret=@")),
    (
        72,
        "icecast",
        make_value(
            "etc/icecast2/icecast.xml",
            "<icecast>\n <authentication>\n",
            "  <source-password>@</source-password>",
            plain_password,
            " </authentication>\n</icecast>\n",
        ),
    ),
    (
        72,
        "mosquitto-bridge",
        make_value(
            "etc/mosquitto/conf.d/b.conf", "connection b\nremote_username b\n", "remote_password @"
        ),
    ),
    (
        72,
        "squid-peer",
        make_value(
            "etc/squid/squid.conf",
            "http_port 3128\n",
            "cache_peer up.site.net parent 3128 0 login=web:@",
        ),
    ),
    (72, "ipsec-psk", make_value("etc/ipsec.secrets", "# psk\n", '10.0.0.1 10.0.0.2 : PSK "@"')),
    (72, "xl2tp", make_value("etc/ddclient.conf", "protocol=dyndns2\nlogin=web\n", "password='@'")),
    (
        72,
        "kea",
        make_value(
            "etc/kea/kea-dhcp4.conf",
            '{ "Dhcp4": { "lease-database": {\n',
            '  "password": "@"',
            plain_password,
            "}}}\n",
        ),
    ),
    (
        72,
        "grafana-ini",
        make_value("etc/grafana/grafana.ini", "[security]\nadmin_user = admin\n",
                   "admin_password = @"),
    ),
    (
        72,
        "prometheus-basic",
        make_value(
            "etc/prometheus/prometheus.yml",
            "scrape_configs:\n- job_name: a\n  basic_auth:\n    username: p\n",
            "    password: @",
        ),
    ),
    (
        72,
        "alertmanager-smtp",
        make_value("etc/prometheus/alertmanager.yml", "global:\n", "  smtp_auth_password: '@'"),
    ),
    (
        72,
        "matrix",
        make_value(
            "etc/matrix-synapse/homeserver.yaml",
            "server_name: site.net\n",
            'registration_shared_secret: "@"',
        ),
    ),
    (
        75,
        "vscode-sftp",
        make_value(
            "srv/a/.vscode/sftp.json",
            '{\n "host": "site.net",\n',
            ' "password": "@",',
            plain_password,
            ' "port": 22\n}\n',
        ),
    ),
    (
        75,
        "ftpconfig",
        make_value(
            "srv/b/.ftpconfig",
            '{\n "protocol": "ftp",\n',
            ' "pass": "@",',
            plain_password,
            ' "port": 21\n}\n',
        ),
    ),
    (75, "filezilla", make_filezilla),
    (
        76,
        "cloud-init",
        make_value(
            "var/lib/cloud/user-data.yml",
            "#cloud-config\nusers:\n- name: admin\n",
            "  plain_text_passwd: @",
        ),
    ),
    (
        76,
        "chpasswd",
        make_value(
            "var/lib/cloud/seed/user-data", "#cloud-config\nchpasswd:\n  list: |\n", "    root:@"
        ),
    ),
    (76, "kickstart", make_value("root/anaconda-ks.cfg", "lang en_US\n", "rootpw --plaintext @")),
    (
        76,
        "preseed",
        make_value(
            "srv/pxe/preseed.cfg",
            "d-i debian-installer/locale string C\n",
            "d-i passwd/root-password password @",
        ),
    ),
    (
        77,
        "jenkins",
        make_value(
            "var/lib/jenkins/credentials.xml",
            "<c>\n <username>deploy</username>\n",
            " <password>@</password>",
            plain_password,
            "</c>\n",
        ),
    ),
    (
        78,
        "history-mysql",
        make_value("root/.bash_history", "ls\n", "mysql -u root -p@ shop", plain_password,
                   "exit\n"),
    ),
    (
        78,
        "history-curl",
        make_value(
            "home/web/.bash_history",
            "ls\n",
            "curl -u admin:@ https://api.site.net/",
            plain_password,
            "exit\n",
        ),
    ),
    (
        78,
        "history-flag",
        make_value(
            "home/ops/.bash_history",
            "ls\n",
            "mongodump --username root --password @ --db shop",
            plain_password,
            "exit\n",
        ),
    ),
    (
        78,
        "history-sshpass",
        make_value(
            "home/dev/.bash_history",
            "ls\n",
            "sshpass -p '@' ssh web@site.net",
            plain_password,
            "exit\n",
        ),
    ),
    (
        78,
        "history-pgpassword",
        make_value(
            "home/db/.bash_history",
            "ls\n",
            "PGPASSWORD=@ pg_dump shop > s.sql",
            plain_password,
            "exit\n",
        ),
    ),
    (
        78,
        "execstart",
        make_value(
            "etc/systemd/system/agent.service",
            "[Service]\n",
            "ExecStart=/usr/bin/agent --listen :80 --password=@",
        ),
    ),
    (
        79,
        "log-api_key",
        make_value(
            "var/log/apache2/access.log",
            "",
            '203.0.113.4 - - [02/Mar/2026:10:11:12 +0000] "GET /x?api_key=@&p=1 HTTP/1.1" 200 5',
            make_token(32),
            "",
        ),
    ),
    (
        79,
        "log-password",
        make_value(
            "var/log/nginx/access.log",
            "",
            (
                '203.0.113.4 - - [02/Mar/2026:10:11:12 +0000] "GET /login?user=a&password=@'
                ' HTTP/1.1" 302 5'
            ),
            plain_password,
            "",
        ),
    ),
    (
        79,
        "log-bearer",
        make_value(
            "var/log/app/req.log",
            "",
            "2026-03-02 DEBUG headers: Authorization: Bearer @",
            make_token(40),
            "",
        ),
    ),
    (80, "wif", make_wif),
    (
        80,
        "private-key-hex",
        make_value(
            "srv/chain/hardhat.config.js",
            "module.exports = {\n",
            "  accounts: ['0x@'],",
            make_token(64, HEX),
            "};\n",
        ),
    ),
    (
        64,
        "htpasswd-docroot",
        make_value(
            "var/www/html/.htpasswd",
            "",
            "admin:@",
            lambda r: "$apr1$" + of(r, ALNUM, 8) + "$" + of(r, ALNUM + "./", 22),
            "",
        ),
    ),
    (
        65,
        "shadow-copy",
        make_value(
            "var/backups/shadow.old",
            "daemon:*:19700:0:99999:7:::\n",
            "root:@:19700:0:99999:7:::",
            make_crypt,
            "",
        ),
    ),
]
