// SPDX-License-Identifier: Apache-2.0
// Whom the folders below /etc are for, by the names that packages give them and their users.
#include "engine/closing.h"

const char *const sv_packages_of_root[] = {
    "nginx", "apache2", "httpd", "postfix", "dovecot", "haproxy", "ssl", "pki", "letsencrypt",
    "openvpn", "wireguard", "NetworkManager", "netplan", "ppp", "wpa_supplicant", "samba",
    "docker", "containers", "default", "sysconfig", "systemd", "cloud", "fail2ban", "restic",
    "supervisor", "monit", "ipsec.d", "swanctl", "stunnel", "sudoers.d", "cron.d", "cron.daily",
    NULL};

const struct sv_package_user sv_package_users[] = {
    {"postgresql", "postgres"},
    {"exim4", "Debian-exim"},
    {"ldap", "openldap"},
    {"freeradius", "freerad"},
    {"icinga2", "nagios"},
    {"snmp", "Debian-snmp"},
    {"php", "www-data"},
    {"pgbouncer", "postgres"},
    {"kibana", "kibana"},
    {"turnserver", "turnserver"},
    {"gitea", "git"},
    {"forgejo", "git"},
    {NULL, NULL},
};
