# SPDX-License-Identifier: Apache-2.0
"""Files of servers and deployments with passwords that people choose, and their near misses.

A secret stands in [[...]], its value behind || where the file writes it otherwise. ~w~ is a word
with digits, ~q~ one with signs, ~r~ random letters and digits, ~h~ hex, ~b~ base64 of 32 bytes,
~e~ base64 of a word: each is drawn from the seed. Whatever a file holds besides is no secret.
"""
import base64
import re

from planted import planted
from templates import CLASSES, octets, pick

WORDS = "hunter winter monkey orange garden copper silver rocket falcon meadow".split()

# Format, path, text.
FILES = [
    ("browser", "/srv/x/Chrome Passwords.csv",
     "name,url,username,password,note\nx.example,https://x.example/,bob,[[~w~]],\n"
     "y,\"https://y.example/a,b\",\"a \"\"b\"\"\",[[~q~]],\"two\nlines\"\nz,u,bob,,\n"),
    ("browser", "/srv/x/users.csv", "name,mail,password_changed\nbob,b@x.example,monkey12old\n"),
    ("properties", "/srv/x/my.properties", "db.user : bob\ndb.pass : [[~r~]]\n#db.pass : old12pass\n"),
    ("properties", "/srv/x/messages_de.properties",
     "login.password = Passwort\npassword.wrong = Das Passwort ist falsch\npassword.new: Neues\n"
     "login.password=Kennwortbest\\u00e4tigung\n"),
    ("ldap", "/srv/x/b.ini", "[ldap]\nbind_dn=cn=a\nbind_pw=[[~w~]]\n;bind_pw=old12pass\n"),
    ("rsync", "/etc/rsyncd.secrets", "# a:old12pass\nbob:[[~w~]]\namy:[[~q~]]\n"),
    ("caddy", "/etc/caddy/Caddyfile",
     "{\n acme_dns cloudflare [[~r~]]\n}\na.example {\n tls {\n  dns hetzner {env.HETZNER}\n }\n}\n"),
    ("xml", "/srv/x/WEB-INF/web.xml",
     "<web-app><context-param>\n<param-name>db.password</param-name>\n"
     "<param-value>[[~w~]]</param-value></context-param>\n<context-param><param-name>db.user"
     "</param-name><param-value>monkey12old</param-value></context-param></web-app>\n"),
    ("note", "/srv/x/note.txt", "Benutzer: bob\nPasswort: [[~r~]]\npass: [[~r~]]\npass: please\n"),
    ("code", "/srv/x/a.pl",
     "my $d = DBI->connect(\"dbi:mysql:x\", \"root\", \"[[~w~]]\");\nDBI->connect($d, $u, $p);\n"),
    ("code", "/srv/x/mail.py", "s.login('bob', '[[~r~]]')\ns.login(user, password)\n"),
    ("published", "/srv/doc/oauth.json",
     "{\"access_token\": \"2YotnFZFEj" "r1zCsicMWpAA\",\n\"refresh_token\": \"tGzv3JOkF0"
     "XG5Qx2TlKWIA\",\n\"id_token\": \"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkw"
     "IiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fw"
     "pMeJf36POk6yJV_adQssw5c\",\n\"x\": {\"access_token\": \"[[~r~]]\"}}\n"),
    ("published", "/srv/doc/slack.env",
     "A_TOKEN=xoxb-" "123456789012-123456789012-abcdefghijklmnopqrstuvwx\n"
     "B_TOKEN=xoxb-" "17653672481-19874698323-pdFZKVeTuE8s" "k7oOcHrzqqgy\n"
     "APP_KEY=base64:" + "A" * 43 + "=\nAPP_KEY=base64:" + "A" * 42 + "E=\nAPP_KEY=base64:[[~b~]]\n"),
    ("published", "/srv/doc/wallet.yml",
     "a:\n  mnemonic: legal winner thank year wave sausage worth useful legal winner thank yellow\n"
     "b:\n  mnemonic: letter advice cage absurd amount doctor acoustic avoid letter advice cage above\n"
     "c:\n  mnemonic: " + "zoo " * 11 + "wrong\nd:\n  mnemonic: " + "abandon " * 23 + "art\n"),
    ("git-credentials", "/root/.git-credentials",
     "https://bob:[[~w~]]@git.example\nhttps://x%40y.example:[[~r~]]@code.example:8443\n"
     "https://bob@git.example\nhttps://bob:${TOKEN}@git.example\n"),
    ("npmrc", "/home/a/.npmrc",
     "registry=https://npm.example/\n; _auth=bm90aGluZw==\n//npm.example/:_authToken=[[~r~]]\n"
     "//b.example/:_password=\"[[~b~]]\"\n//c.example/:_auth = [[~b~]]\n"
     "//d.example/:_authToken=${NPM_TOKEN}\nalways-auth=true\n"),
    ("pypirc", "/home/a/.pypirc",
     "[distutils]\nindex-servers = a b\n[a]\nrepository: https://a.example\nusername: bob\n"
     "password: [[~w~]]\n[b]\npassword = [[~q~]]\nusername=__token__\n[c]\n# password = none12old\n"
     "password =\n"),
    ("pip", "/etc/pip.conf",
     "[global]\nindex-url = https://bob:[[~w~]]@pypi.example/simple\nextra-index-url =\n"
     "    https://deploy:[[~r~]]@b.example/simple\n    https://c.example/simple\n"),
    ("cifs", "/root/.smb-nas",
     "username=bob\npassword=[[~w~ #x]]\ndomain=WORK\n"),
    ("cifs", "/etc/samba/backup.cred", "password = [[~w~]]\nusername = bob\n"),
    ("cifs", "/etc/fstab",
     "UUID=1 / ext4 defaults 0 1\n//nas/a /a cifs user=bob,password=[[~w~]],uid=3 0 0\n"
     "//nas/b /b cifs credentials=/root/.smb 0 0\nu@h: /s fuse.sshfs password_stdin 0 0\n"
     "#//nas/c /c cifs user=b,password=old12pass 0 0\n"),
    ("wireguard", "/etc/wireguard/wg0.conf",
     "[Interface]\nAddress = 10.0.0.1/24\nPrivateKey = [[~b~]]\n[Peer]\nPublicKey = ~b~\n"
     "PresharedKey=[[~b~]]\nAllowedIPs = 0.0.0.0/0\n"),
    ("openvpn", "/etc/openvpn/client/auth.txt", "bob\n[[~w~]]\n"),
    ("openvpn", "/etc/openvpn/auth-user-pass", "bob@x.example\n[[~q~]]\n"),
    ("openvpn", "/etc/openvpn/server/ipp.txt", "client1,10.8.0.4\nclient2,10.8.0.8\n"),
    ("tsig", "/etc/bind/rndc.key",
     "key \"rndc-key\" {\n\talgorithm hmac-sha256;\n\tsecret \"[[~b~]]\";\n};\n"),
    ("tsig", "/etc/bind/named.conf.local",
     "// secret \"x\";\nkey a { algorithm hmac-md5; secret [[~b~]]; };\n"
     "zone \"x\" { type master; file \"db.x\"; };\n"),
    ("tsig", "/etc/nsd/nsd.conf",
     "key:\n  name: \"k\"\n  algorithm: hmac-sha256\n  secret: \"[[~b~]]\"\n"
     "remote-control:\n  server-key-file: \"/etc/nsd/x.key\"\n"),
    ("tsig", "/etc/knot/knot.conf",
     "key:\n  - id: k\n    algorithm: hmac-sha256\n    secret: [[~b~]]\n"),
    ("snmpd", "/etc/snmp/snmpd.conf",
     "rocommunity  [[~w~]] 10.0.0.0/8\nrwcommunity6 [[~w~]]\nrocommunity public default\n"
     "createUser bob SHA \"[[~w~ x]]\" AES \"[[~w~]]\"\ncreateUser amy MD5 [[~w~]]\n"
     "com2sec ro 10.1.0.0/16 [[~w~]]\n#rocommunity oldcomm12\ntrapsess -v 2c -c public h\n"
     "trap2sink 10.1.1.1 [[~w~]]\nrouser bob authpriv\nview all included .1\n"),
    ("redis", "/etc/redis/users.acl",
     "user default on nopass ~* +@all\nuser app on >[[~w~]] ~app:* +@read\n"
     "user b on #~h~~h~ ~* +@all\nuser c on >[[~w~]] >[[~q~]] allkeys\n"),
    ("redis", "/etc/redis/redis.conf",
     "bind 127.0.0.1\n# requirepass foobared12\nrequirepass [[~w~]]\nuser bob on >[[~w~]] ~* +@all\n"
     "tls-key-file-pass [[~w~]]\nmasteruser bob\n"),
    ("redis", "/etc/redis/sentinel.conf",
     "sentinel monitor m 10.0.0.1 6379 2\nsentinel auth-pass m [[~w~]]\nrequirepass [[~w~]]\n"
     "sentinel sentinel-pass [[~w~]]\nsentinel auth-user m bob\n"),
    ("ldap", "/etc/ldap/slapd.conf",
     "rootdn cn=a\nrootpw [[~w~]]\nsyncrepl rid=1 provider=ldap://x bindmethod=simple "
     "binddn=\"cn=r\" credentials=[[~w~]]\n#rootpw secret12old\n"),
    ("ldap", "/etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif",
     "dn: olcDatabase={1}mdb\nolcRootDN: cn=a\nolcRootPW: [[~w~]]\nolcDbDirectory: /var/lib/ldap\n"),
    ("ldap", "/etc/ldap.conf", "host 10.0.0.1\nbinddn cn=a\nbindpw [[~q~]]\nrootbinddn cn=b\n"),
    ("ldap", "/etc/ldap.secret", "[[~w~]]\n"),
    ("ldap", "/etc/sssd/conf.d/x.conf",
     "[domain/x]\nldap_default_authtok_type = password\nldap_default_authtok = [[~q~]]\n"),
    ("ldap", "/etc/dovecot/dovecot-ldap.conf.ext",
     "hosts = x\ndn = cn=d\ndnpass = [[~w~]]\n#dnpass = old12pass\n"),
    ("postfix", "/etc/postfix/sasl_passwd.relay", "[a.example]:587 bob:[[~q~]]\n# x y:z12old\n"),
    ("postfix", "/etc/postfix/sasl/passwd", "mail.example bob@x:[[~w~]]\n"),
    ("postfix", "/etc/postfix/mysql-virtual-domains.cf",
     "hosts = 127.0.0.1\nuser = mail\npassword = [[~w~]]\ndbname = mail\n"
     "query = SELECT password FROM users WHERE name = '%s'\n"),
    ("postfix", "/etc/postfix/ldap-aliases.cf", "server_host = x\nbind_dn = cn=a\nbind_pw = [[~q~]]\n"),
    ("postfix", "/etc/postfix/main.cf",
     "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\nsmtp_sasl_auth_enable = yes\n"),
    ("dovecot", "/etc/dovecot/dovecot-sql.conf.ext",
     "driver = mysql\nconnect = host=localhost dbname=mail user=mail password=[[~w~]]\n"
     "default_pass_scheme = SHA512-CRYPT\npassword_query = SELECT user, password FROM users "
     "WHERE user = '%u'\n"),
    ("dovecot", "/etc/dovecot/users", "bob:{PLAIN}[[~w~]]:1000:1000::/home/b::\namy:{plain}[[~q~]]::::\n"),
    ("dovecot", "/etc/dovecot/conf.d/10-auth.conf",
     "doveadm_password = [[~w~]]\npassdb {\n  driver = pam\n}\n#doveadm_password = x12old\n"),
    ("radius", "/etc/freeradius/3.0/mods-config/files/authorize",
     "bob Cleartext-Password := \"[[~w~]]\"\n\tReply-Message := \"Hello, %{User-Name}\"\n"
     "amy  User-Password == \"[[~q~]]\"\n#joe Cleartext-Password := \"old12pass\"\n"
     "DEFAULT Auth-Type := Reject\nsue NT-Password := \"[[~h~]]\"\n"),
    ("radius", "/etc/freeradius/3.0/clients.conf",
     "client a {\n\tipaddr = 10.0.0.2\n\tsecret = [[~w~]]\n}\nclient b {\n secret=\"[[~q~]]\"\n}\n"
     "client localhost {\n\tsecret = testing123\n}\n"),
    ("radius", "/etc/radiusclient/servers", "radius.example\t[[~w~]]\n#x old12pass\n"),
    ("radius", "/etc/raddb/server", "10.0.0.9:1812 [[~w~]] 3\n"),
    ("vrrp", "/etc/keepalived/conf.d/a.conf",
     "vrrp_instance A {\n  authentication {\n    auth_type PASS\n    auth_pass [[~w~]]\n  }\n}\n"),
    ("haproxy", "/etc/haproxy/haproxy.cfg",
     "listen s\n  stats auth bob:[[~w~]]\n  stats auth amy:[[~q~]] # x\nuserlist u\n"
     "  user bob insecure-password [[~w~]]\n  user amy groups g insecure-password \"[[~w~]]\"\n"
     "  stats auth \"$U:$P\"\n  #stats auth joe:old12pass\n"),
    ("supervisord", "/etc/supervisor/conf.d/web.conf",
     "[program:x]\ncommand=/x\nenvironment=DB_PASSWORD=\"[[~w~]]\",A=\"1\"\n"
     "[unix_http_server]\npassword=[[~w~]]\n[inet_http_server]\npassword = [[~q~]] ; x\n"
     "[program:y]\npassword_file=/run/x\n"),
    ("wordpress", "/var/www/a/wp-config.php",
     "<?php\n// define('DB_PASSWORD', 'commented12');\ndefine( 'DB_NAME', 'wp' );\n"
     "define( 'DB_PASSWORD', '[[~w~]]' );\ndefine(\"FTP_PASS\",\n  \"[[~w~]]\");\n"
     "define('AUTH_KEY',         '[[~r~ $x~r~#{|]]');\ndefine('NONCE_KEY', 'put your unique phrase here');\n"
     "/* define('DB_PASSWORD', 'gone12word'); */\n$table_prefix = 'wp_';\n"
     "define('DB_HOST', 'localhost');\n"),
    ("wordpress", "/var/www/b/wp-config.php",
     "<?php define('DB_PASSWORD', '[[~w~\\'x||~w~'x]]');define('DB_CHARSET','utf8');\n"
     "define('SECURE_AUTH_SALT', getenv('X'));\n"),
    ("wordpress", "/var/www/c/wp-config-sample.php",
     "<?php define('DB_PASSWORD', 'password_here'); define('DB_NAME', 'database_name_here');\n"),
    ("laravel", "/srv/l/config/database.php",
     "<?php return [\n 'mysql' => [\n  'host' => env('DB_HOST', 'localhost'),\n"
     "  'password' => '[[~w~]]',\n ],\n 'pg' => ['password' => env('DB_PASSWORD', '[[~w~]]')],\n"
     " 'x' => ['password' => env('X_PASSWORD', '')],\n // 'password' => 'old12pass',\n];\n"),
    ("laravel", "/srv/l/config/services.php",
     "<?php return ['mailgun' => ['secret' => \"[[~w~]]\", 'domain' => 'x.example'],\n"
     "'stripe' => ['key' => env('K'), 'secret' => env('STRIPE_SECRET')]];\n"),
    ("laravel", "/srv/l/config/auth.php",
     "<?php return ['passwords' => ['users' => ['provider' => 'users', 'table' => "
     "'password_reset_tokens']], 'defaults' => ['passwords' => 'users'], 'password_timeout' => 10800];\n"),
    ("laravel", "/srv/l/lang/en/auth.php",
     "<?php return ['password' => 'The provided password is incorrect.', 'failed' => 'No.'];\n"),
    ("django", "/srv/d/app/settings.py",
     "SECRET_KEY = '[[~r~$w#~r~]]'\nDATABASES = {\n 'default': {\n  'NAME': 'x',\n"
     "  'PASSWORD': '[[~w~]]',\n }, 'b': {'PASSWORD': os.environ['X']}}\n"
     "# EMAIL_HOST_PASSWORD = 'old12pass'\nEMAIL_HOST_PASSWORD = \"[[~w~]]\"\n"
     "AUTH_PASSWORD_VALIDATORS = ['django.contrib.auth.password_validation.X']\n"
     "PASSWORD_HASHERS = [\"django.contrib.auth.hashers.Argon2PasswordHasher\"]\n"
     "CSRF_TOKEN_NAME = 'csrftoken'\n"),
    ("django", "/srv/d/app/settings/production.py",
     "from .base import *\nSECRET_KEY = os.getenv('SECRET_KEY', '[[~r~~r~]]')\n"
     "REDIS_PASSWORD = r'[[~q~]]'\nPASSWORD_RESET_TIMEOUT = 3600\nLOGIN_TOKEN = get('x')\n"),
    ("rails", "/srv/r/config/master.key", "[[~h~]]\n"),
    ("rails", "/srv/r/config/credentials/production.key", "[[~h~]]"),
    ("rails", "/srv/r/config/database.yml",
     "default: &default\n  adapter: mysql2\n  password: [[~w~]]\nproduction:\n  <<: *default\n"
     "  password: <%= ENV['X'] %>\nstaging:\n  password: \"[[~w~ #x]]\"\n  # password: old12pass\n"
     "test:\n  password:\n  username: bob\nx:\n  password: '[[~w~''x||~w~'x]]'\n"
     "y: {password: \"[[~w~,x]]\", port: 1}\n"),
    ("rails", "/srv/r/config/secrets.yml",
     "production:\n  secret_key_base: [[~h~~h~~h~~h~]]\n  smtp_password: '[[~w~]]'\n"
     "staging:\n  secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>\n"),
    ("symfony", "/srv/s/config/parameters.yml",
     "parameters:\n    database_host: 127.0.0.1\n    database_password: [[~w~]]\n"
     "    mailer_password: null\n    secret: [[~w~]]\n    x_password: '%env(X)%'\n"),
    ("symfony", "/srv/s/.env.local",
     "DATABASE_URL=\"mysql://bob:[[~w~]]@h/db\"\nMAILER_DSN=smtp://u:[[~w~]]@m.example:25\n"
     "APP_SECRET=[[~h~]]\nX_PASSWORD='[[~q~]]'\nY_PASSWORD=/[[~w~||/~w~]]\nZ_PASS=[[k9x2]]\n"
     "W_PASSWORD=/run/secrets/w\n"),
    ("symfony", "/srv/s/parameters.yml.dist", "parameters:\n  database_password: example12\n"),
    ("spring", "/srv/j/application-prod.properties",
     "# spring.datasource.password=old12pass\nspring.datasource.password = [[~w~]]\n"
     "spring.mail.password:[[~q~]]\napp.jwt.secret=[[~w~]]\nx.password=${DB_PW}\ny.password=${Z:[[~w~]]}\n"
     "server.ssl.key-store-password [[~w~]]\nserver.ssl.key-store=classpath:x.p12\n"
     "spring.security.user.name=bob\nv.password=ENC(~b~)\npassword.length=12\n"),
    ("spring", "/srv/j/application.yml",
     "spring:\n  datasource:\n    url: jdbc:x\n    password: [[~w~]]\n---\nspring:\n"
     "  config.activate.on-profile: x\n  datasource:\n    password: \"[[~q~]]\"\n"
     "  mail.password: ${MAIL_PW}\n  x: {password: [[~w~]], a: 1}\n"),
    ("spring", "/srv/j/bootstrap.yaml", "spring.cloud.config.password: [[~w~]]\n"),
    ("dotnet", "/srv/n/appsettings.Production.json",
     "{ // c\n\"ConnectionStrings\": {\"D\": \"Server=x;Database=d;User Id=u;Password=[[~w~]];\",\n"
     "\"E\": \"Server=x;Trusted_Connection=True\"},\n\"Smtp\": {\"Password\": \"[[~q~]]\"},\n"
     "\"Jwt\": {\"Key\": \"[[~w~~w~]]\", \"Secret\": \"\"}, \"A\": {\"Password\": \"#{Pw}#\"},\n"
     "\"B\": {\"PasswordMinLength\": \"12\"}, \"AllowedHosts\": \"*\"}\n"),
    ("dotnet", "/srv/n/web.config",
     "<configuration><connectionStrings>\n<add name=\"d\" connectionString=\"Server=x;User "
     "ID=u;Pwd=[[~w~]]\" />\n<add name=\"e\" connectionString='Data Source=x;Password=\"[[~w~;x]]\";' />\n"
     "</connectionStrings>\n<appSettings><add key=\"MailPassword\" value=\"[[~w~&amp;x||~w~&x]]\" />\n"
     "<add key=\"Theme\" value=\"blue\" />\n<!-- <add key=\"P\" value=\"x\" password=\"old12pass\"/> -->\n"
     "</appSettings><network host=\"x\" userName=\"u\" password=\"[[~w~]]\"/></configuration>\n"),
    ("tomcat", "/etc/tomcat9/tomcat-users.xml",
     "<tomcat-users>\n<!-- <user username=\"a\" password=\"old12pass\" roles=\"b\"/> -->\n"
     "<user roles='manager'\n  password='[[~w~]]' username='x'/>\n<role rolename=\"b\"/></tomcat-users>\n"),
    ("tomcat", "/etc/tomcat9/server.xml",
     "<Server><Connector port=\"8443\" keystorePass=\"[[~w~]]\"\n truststorePass='changeit'/>\n"
     "<Realm connectionPassword=\"[[~w~]]\" userCredCol=\"user_pass\"/>"
     "<Certificate certificateKeystorePassword=\"${x}\"/></Server>\n"),
    ("tomcat", "/etc/tomcat9/Catalina/localhost/context.xml",
     "<Context><Resource name=\"d\" username=\"u\"\n password=\"[[~q~]]\" maxTotal=\"20\"/></Context>\n"),
    ("maven", "/root/.m2/settings.xml",
     "<settings><servers><server><id>a</id><username>u</username>\n<password>[[~w~]]</password></server>\n"
     "<server><id>b</id><password>${env.X}</password></server>\n"
     "<server><password>{~b~}</password></server>\n<server><privateKey>k</privateKey>\n"
     "<passphrase>[[~w~]]</passphrase></server></servers>\n"
     "<proxies><proxy><password>[[~w~&lt;||~w~<]]</password></proxy></proxies></settings>\n"),
    ("jenkins", "/var/lib/jenkins/credentials.xml",
     "<list><UsernamePassword><username>u</username>\n<password>[[~w~]]</password></UsernamePassword>\n"
     "<String><secret>{~b~}</secret></String></list>\n"),
    ("cloud-init", "/var/lib/cloud/seed/nocloud/user-data",
     "#cloud-config\nusers:\n  - name: bob\n    plain_text_passwd: [[~w~]]\n"
     "    lock_passwd: false\npassword: [[~w~]]\nchpasswd:\n  expire: false\n  list: |\n"
     "    root:[[~w~]]\n    amy:[[~q~]]\n    joe:RANDOM\n"),
    ("cloud-init", "/srv/images/user-data",
     "#cloud-config\nchpasswd:\n  users:\n    - {name: a, password: [[~w~]], type: text}\n"
     "    - name: b\n      password: [[~w~]]\n      type: text\n    - name: c\n      type: RANDOM\n"
     "write_files:\n  - path: /x\n    content: |\n      DB_PASSWORD=[[~w~]]\n"),
    ("kickstart", "/srv/ks/web.ks",
     "rootpw --plaintext [[~w~]]\nuser --name=bob --password=[[~w~]] --groups=wheel\n"
     "#rootpw old12pass\nuser --name=amy --groups=x\nbootloader --password=[[~w~]]\n"),
    ("kickstart", "/root/anaconda-ks.cfg", "lang en\nrootpw [[~w~]]\nuser --name=x --lock\n"),
    ("kickstart", "/srv/ks/b.ks", "rootpw --lock\nrootpw --iscrypted *\n"),
    ("preseed", "/srv/d-i/preseed.cfg",
     "d-i passwd/root-password password [[~w~]]\nd-i passwd/root-password-again password [[~w~]]\n"
     "#d-i passwd/root-password password r00tme\nd-i passwd/user-fullname string Bob\n"
     "d-i passwd/user-password password [[~q~]]\nd-i grub-installer/password password [[~w~]]\n"
     "d-i passwd/root-password-crypted password !\n"
     "mysql-server mysql-server/root_password password [[~w~]]\n"),
    ("tfvars", "/srv/t/prod.auto.tfvars",
     "# db_password = \"old12pass\"\ndb_password = \"[[~w~]]\"\nregion=\"x-1\"\n"
     "api = {\n  token = \"[[~w~]]\"\n  secret_name = \"app/prod\"\n}\nx_password = var.y\n"
     "admin_password=\"[[~w~\\\"x||~w~\"x]]\" // x\npassword_length = 20\n"),
    ("ansible", "/etc/ansible/hosts",
     "[web]\na.example ansible_user=bob ansible_password=[[~w~]] ansible_port=22\n"
     "b ansible_become_pass='[[~w~ x]]'\n[web:vars]\nansible_ssh_pass=[[~q~]]\n"
     "ansible_become_pass=\"{{ vault_x }}\"\n"),
    ("ansible", "/srv/a/group_vars/all.yml",
     "ansible_password: [[~w~]]\ndb_password: \"[[~q~]]\"\nx_password: \"{{ vault_x }}\"\n"
     "y_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  ~h~~h~\n"
     "z: \"{{ lookup('env', 'Z') }}\"\npassword_min: 8\nw_password: \"{{ lookup('x') }}\"\n"),
    ("ansible", "/srv/a/host_vars/web/main.yml", "mysql_root_password: '[[~w~]]'\nport: 3306\n"),
    ("filezilla", "/home/a/.config/filezilla/recentservers.xml",
     "<FileZilla3><RecentServers><Server><Host>x</Host>\n<Pass encoding=\"base64\">[[~e~]]</Pass>\n"
     "<Pass>[[~w~]]</Pass>\n<Pass encoding=\"crypt\" pubkey=\"~b~\">~b~</Pass></Server></RecentServers>"
     "</FileZilla3>\n"),
    ("sftp", "/srv/w/.vscode/sftp.json",
     "{\"host\": \"x\", \"username\": \"u\",\n\"password\": \"[[~w~]]\", \"passphrase\": null,\n"
     "\"profiles\": {\"a\": {\"password\": \"[[~q~]]\"}}}\n"),
    ("sftp", "/srv/w/sftp-config.json",
     "{\n // \"password\": \"old12pass\",\n \"type\": \"sftp\",\n \"password\": \"[[~w~]]\",\n"
     " //\"x\": 1\n}\n"),
    ("sftp", "/srv/w/.ftpconfig", "{\"protocol\": \"ftp\", \"pass\": \"[[~w~]]\", \"user\": \"u\"}\n"),
    ("php", "/var/www/db.php",
     "<?php\n$a = new PDO('mysql:host=h;dbname=d', 'u', '[[~w~]]');\n"
     "$b = mysqli_connect(\"h\", \"u\", \"[[~w~]]\", \"d\");\n$c = new mysqli('h', $u, $p);\n"
     "$d = new mysqli(\"h\", \"root\", \"\", \"d\");\n$password = '[[~w~]]';\n"
     "# mysqli_connect('h', 'u', 'old12pass');\n"),
    ("mail", "/root/.msmtprc",
     "defaults\naccount a\nhost x\npassword [[~q~]]\naccount b\npassword \"[[~w~ x]]\"\n"
     "# password old12pass\npasswordeval \"gpg -d x\"\n"),
    ("mail", "/root/.fetchmailrc",
     "poll a.example proto imap user 'bob' there with password '[[~w~]]' is bob here\n"
     "poll b.example user amy pass [[~w~]] ssl\n# poll c pass old12pass\n"),
    ("mail", "/root/.mbsyncrc",
     "IMAPAccount a\nHost x\nPass [[~w~]]\nIMAPAccount b\nPass \"[[~w~ #]]\"\nPassCmd \"pass x\"\n"),
    ("mail", "/root/.offlineimaprc",
     "[Repository r]\nremotepass = [[~q~]]\nremotepasseval = get(\"x\")\n"),
    ("mail", "/root/.muttrc", "set smtp_pass=\"[[~w~]]\"\nset imap_pass = '[[~q~]]'\nset x=y\n"),
    ("dbtools", "/home/a/pgpass", "h:5432:d:u:[[~w~]]\n"),
    ("dbtools", "/home/a/.DBeaver/credentials-config.json",
     "{\"x\": {\"#connection\": {\"user\": \"u\", \"password\": \"[[~w~]]\"}}}\n"),
    ("xmpp", "/etc/ejabberd/ejabberd.yml",
     "hosts:\n  - x\nsql_password: \"[[~w~]]\"\nauth_method: sql\nauth_password_format: scram\n"
     "listen:\n  -\n    port: 8888\n    password: \"[[~q~]]\"\n"),
    ("xmpp", "/etc/prosody/prosody.cfg.lua",
     "-- sql = { password = \"secret12old\" }\nsql = { driver = \"MySQL\", password = \"[[~w~]]\" }\n"
     "Component \"c\"\n component_secret = '[[~w~]]'\nc2s_require_encryption = true\n"),
    ("asterisk", "/etc/asterisk/sip.conf",
     "[101]\ntype=friend\nsecret=[[~w~]] ; x\nmd5secret=[[~h~]]\n[102]\nsecret => [[~w~]]\n"
     ";secret=old12pass\nregister => bob:[[~w~]]@sip.example/101\nregister => amy@h\n"),
    ("asterisk", "/etc/asterisk/pjsip.conf", "[a]\ntype=auth\nauth_type=userpass\npassword=[[~q~]]\nusername=a\n"),
    ("asterisk", "/etc/asterisk/manager.conf", "[admin]\nsecret = [[~w~]]\npermit=127.0.0.1\n"),
    ("curl", "/root/.curlrc",
     "silent\nuser = \"web:[[~w~]]\"\nproxy-user=amy:[[~q~]]\n# user = \"old:old12pass\"\nuser-agent = \"a:b12\"\n"),
    ("ppp", "/etc/ppp/chap-secrets",
     "# client server secret IP\nbob * [[~w~]] *\n\"amy x\" isp \"[[~w~ #]]\" 10.0.0.1\njoe * \"\" *\n"),
    ("wifi", "/etc/wpa_supplicant/wpa_supplicant.conf",
     "network={\n ssid=\"home\"\n psk=\"[[~w~ x]]\"\n}\nnetwork={\n #psk=\"old12pass\"\n psk=[[~h~~h~]]\n}\n"
     "network={\n identity=\"u\"\n password=\"[[~q~]]\"\n private_key_passwd=\"[[~w~]]\"\n}\n"),
    ("wifi", "/etc/NetworkManager/system-connections/x.nmconnection",
     "[wifi-security]\nkey-mgmt=wpa-psk\npsk=[[~w~ #x]]\npsk-flags=0\n[802-1x]\npassword=[[~q~]]\n"
     "[vpn-secrets]\npassword=[[~w~]]\n"),
    ("backup", "/etc/bacula/bacula-fd.conf",
     "Director {\n  Name = a\n  Password = \"[[~w~]]\" # x\n}\nDirector { Name = b; Password = [[~w~]]; }\n"
     "#  Password = \"old12pass\"\n  Password = \"@DIR_PASSWORD@\"\n"),
    ("backup", "/etc/borgmatic/config.yaml",
     "encryption_passphrase: \"[[~q~]]\"\nencryption_passcommand: pass x\nkeep_daily: 7\n"),
    ("backup", "/etc/duplicity/conf", "GPG_PW='[[~q~]]'\nTARGET_PASS='[[~w~]]'\nGPG_KEY='disabled'\n"),
    ("backup", "/root/.restic-password", "[[~w~]]\n"),
    ("rclone", "/root/.config/rclone/rclone.conf",
     "[a]\ntype = sftp\npass = [[~r~~r~]]\n[b]\ntype = s3\nsecret_access_key = [[~r~~r~]]\n"
     "[c]\nclient_secret =\ntoken_url = x\n[d]\ntype = b2\naccount = 0012ab\nkey = [[~r~~r~]]\n"),
    ("ddclient", "/etc/ddclient.conf",
     "protocol=dyndns2\nlogin=bob\npassword='[[~w~]]'\nhost.example\n"
     "login=amy, password=[[~w~]] b.example\n# password=old12pass\n"),
    ("monitor", "/etc/zabbix/zabbix_agentd.psk", "[[~h~~h~]]\n"),
    ("monitor", "/etc/zabbix/zabbix_server.conf",
     "DBUser=zabbix\nDBPassword=[[~q~]]\n# DBPassword=\nTLSPSKIdentity=x\n"),
    ("monitor", "/etc/icinga2/conf.d/api-users.conf",
     "object ApiUser \"root\" {\n  password = \"[[~w~]]\"\n  permissions = [ \"*\" ]\n}\n"
     "// password = \"old12pass\"\n"),
    ("monitor", "/etc/icinga2/features-available/ido-mysql.conf",
     "object IdoMysqlConnection \"x\" {\n user = \"i\",\n password = \"[[~w~]]\",\n}\n"),
    ("monitor", "/etc/nagios/resource.cfg",
     "$USER1$=/usr/lib/nagios/plugins\n$USER4$=[[~w~]]\n#$USER3$=someuser\n"),
    ("monitor", "/etc/munin/plugin-conf.d/x",
     "[mysql*]\nuser root\nenv.mysqlpassword [[~w~]]\nenv.dbpassword [[~w~]]\nenv.mysqluser bob\n"),
    ("grafana", "/etc/grafana/grafana.ini",
     "[database]\n;password =\npassword = \"\"\"[[~w~#;x]]\"\"\"\n[security]\nadmin_password = [[~w~]]\n"
     "secret_key = [[~w~]]\n;admin_password = admin\npassword_hint = password\n[smtp]\n"
     "password = $__file{/etc/x}\n[x]\npassword = ${PW}\n"),
    ("gitlab", "/etc/gitlab/gitlab.rb",
     "# gitlab_rails['smtp_password'] = \"old12pass\"\ngitlab_rails['smtp_password'] = \"[[~w~]]\"\n"
     "gitlab_rails['db_password'] = nil\nredis['password'] = '[[~q~]]'\n"
     "postgresql['sql_user_password'] = \"[[~h~]]\"\ngitlab_rails['ldap_servers'] = YAML.load <<-'EOS'\n"
     "  main:\n    password: '[[~w~]]'\nEOS\nx['y'] = ENV['P']\n"),
    ("dotenv", "/srv/e/.env",
     "A_PASSWORD=\"[[~w~ default]]\"\nB_PASSWORD='[[$~w~]]'\nC_SECRET=\"[[%~w~]]\"\n"
     "D_PASSWORD=<your password>\nE_PASSWORD='[[{~w~]]'\nF_PASSWORD='[[insert~w~]]'\n"
     "G_PASSWORD=your-password\nH_TOKEN={{ token }}\nI_PASSWORD=%DB_PASSWORD%\nJ_PASS=[[q7z1]]\n"
     "K_PASSWORD=${X:-y}\nL_PASSWORD=$OTHER\nM_PASSWORD=/var/lib/x\nN_PASSWORD=[[/~r~+Q]]\n"),
    ("web", "/etc/roundcube/config.inc.php",
     "<?php\n$config['db_dsnw'] = 'mysql://r:[[~w~]]@localhost/rc';\n$config['des_key'] = '[[~r~]]';\n"
     "$config['smtp_pass'] = '%p';\n$config['smtp_user'] = '%u';\n"),
    ("web", "/etc/phpmyadmin/config-db.php",
     "<?php\n$dbuser='p';\n$dbpass='[[~w~]]';\n$basepath='';\n$dbname='p';\n"),
    ("web", "/var/www/j/configuration.php",
     "<?php class JConfig {\n public $password = '[[~w~]]';\n public $secret = '[[~r~]]';\n"
     " public $user = 'j';\n public $smtppass = '';\n}\n"),
    ("web", "/var/www/d/sites/default/settings.php",
     "<?php\n/**\n * 'password' => 'password',\n */\n$databases['default']['default'] = array(\n"
     "  'username' => 'd',\n  'password' => '[[~w~]]',\n);\n$settings['hash_salt'] = '[[~r~~r~]]';\n"
     "# $databases = ['password' => 'sqlpass12'];\n"),
    ("web", "/var/www/n/config/config.php",
     "<?php $CONFIG = array (\n  'passwordsalt' => '[[~r~]]',\n  'secret' => '[[~r~]]',\n"
     "  'dbpassword' => '[[~q~]]',\n  'mail_smtppassword' => '',\n  'version' => '29.0.1.1',\n);\n"),
    ("web", "/var/www/m/app/etc/env.php",
     "<?php return ['crypt' => ['key' => '[[~h~]]'], 'db' => ['connection' => ['default' => [\n"
     "'password' => '[[~w~]]', 'active' => '1']]]];\n"),
]


def value_of(kind, rng):
    word = rng.choice(WORDS)
    plain = "%s%d%s" % (word, rng.randrange(10, 99), pick(rng, CLASSES["l"], rng.choice((0, 0, 2))))
    if kind == "w":
        return plain if rng.random() < 0.5 else plain.capitalize()
    if kind == "q":
        return plain + rng.choice(("!", "%x", "$9", "@x", "*z", "?", "+1", "!=a", "^"))
    if kind == "r":
        return pick(rng, CLASSES["a"], 20)
    if kind == "h":
        return pick(rng, CLASSES["h"], 32)
    if kind == "e":
        return base64.b64encode((plain + "9x").encode()).decode()
    return base64.b64encode(octets(rng, 32)).decode()


def expand(rng, text):
    """The text, and its secrets: (line, value)."""
    def fill(part):
        drawn = {}

        def draw(m):
            return drawn.setdefault(m.group(1), value_of(m.group(1), rng)) if "||" in part else \
                value_of(m.group(1), rng)
        return re.sub("~([wqrhbe])~", draw, part)

    out, secrets, at = "", [], 0
    for m in re.finditer(r"\[\[(.*?)\]\]", text):
        out += fill(text[at:m.start()])
        raw, _, value = fill(m.group(1)).partition("||")
        secrets.append((out.count("\n") + 1, planted(value or raw)))
        out += raw
        at = m.end()
    return out + fill(text[at:]), secrets
