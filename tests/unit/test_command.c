// SPDX-License-Identifier: Apache-2.0
// Which words of a command line are secrets, and which only look like it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "secrets/command.h"

/* The value that each line hides. */
#define V "Zk38xmQ0LvB2"

static void test_secrets(void **state)
{
    static const char *const lines[] = {
        "app --password=" V, "app --password " V, "app --db-password '" V "'", "app --token " V,
        "app --api-key=" V, "mysql -uroot -p" V " -e 'select 1'", "/usr/bin/mysqldump -p" V " shop",
        "sshpass -p " V " ssh host", "redis-cli -h x -a " V, "curl -u bob:" V " https://h/",
        "curl -H 'Authorization: Bearer " V "' https://h/", "curl -H \"X-Api-Key: " V "\" u",
        "curl https://bob:" V "@h/x", "env PGPASSWORD=" V " psql -h db", "PGPASSWORD=" V " psql",
        "sh -c 'mysql -p" V "'", "sudo -u bob bash -c \"curl -u a:" V " h\"", "a; b --secret " V,
        "true && mysqldump -p" V, "openssl rsa -passin pass:" V, "ldapsearch -D cn=x -w " V,
        "app postgres://u:" V "@db:5432/x?ssl=1", "app --config=/etc/x --auth-token=" V,
        "curl 'https://h/p?a=b&token=" V "&c=d'", "wget -q https://h/?api_key=" V,
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sv_arena a = {0};
        struct sv_command_secrets got = {0};
        sv_command_line_secrets(&a, sv_slice_of(lines[i]), &got);
        if (got.list.n != 1 || !sv_slice_is(got.list.v[0].value, V))
            print_message("%s\n", lines[i]);
        assert_int_equal(got.list.n, 1);
        assert_true(sv_slice_is(got.list.v[0].value, V));
        sv_arena_clear(&a);
    }
}

/* A password that begins as an option does, but not where an option may stand. */
static void test_hyphens(void **state)
{
    static const char *const lines[] = {
        "mysqldump -p-" V " shop", "app --password=-" V, "curl -u bob:-" V " https://h/",
        "app --password -" V, "redis-cli -a --" V,
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sv_arena a = {0};
        struct sv_command_secrets got = {0};
        sv_command_line_secrets(&a, sv_slice_of(lines[i]), &got);
        assert_int_equal(got.list.n, i < 3);
        if (i < 3)
            assert_true(sv_slice_is(got.list.v[0].value, "-" V));
        sv_arena_clear(&a);
    }
}

/* Addresses whose path is the secret. */
static void test_addresses(void **state)
{
    static const char *const lines[][2] = {
        {"curl https://api.telegram.org/bot123456789:AAZk38xmQ0LvB2Zk38xmQ0LvB2Zk38xmQ0L/getMe",
         "123456789:AAZk38xmQ0LvB2Zk38xmQ0LvB2Zk38xmQ0L"},
        {"curl -d x https://hooks.slack." "com/services/Zk38xmQ0LvB2/Zk38xmQ0LvB2/Zk38xmQ0LvB2",
         "hooks.slack." "com/services/Zk38xmQ0LvB2/Zk38xmQ0LvB2/Zk38xmQ0LvB2"},
        {"curl 'https://discord.com/api/webhooks/1234567890/Zk38xmQ0LvB2Zk38xmQ0LvB2?wait=true'",
         "Zk38xmQ0LvB2Zk38xmQ0LvB2"},
        {"curl https://api.telegram.org/bot$TOKEN/getMe", NULL},
        {"curl https://api.telegram.org/bot${TELEGRAM_BOT_TOKEN_OF_ALERTS}/getMe", NULL},
        {"curl https://discord.com/api/webhooks/1234567890", NULL},
        {"curl https://api.slack.com/services/list/of/all/the/services", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sv_arena a = {0};
        struct sv_command_secrets got = {0};
        sv_command_line_secrets(&a, sv_slice_of(lines[i][0]), &got);
        assert_int_equal(got.list.n, lines[i][1] != NULL);
        if (lines[i][1])
            assert_true(sv_slice_is(got.list.v[0].value, lines[i][1]));
        sv_arena_clear(&a);
    }
}

static void test_others(void **state)
{
    static const char *const lines[] = {
        "app --password-file=/etc/app/pw", "app --password-file /etc/app/pw", "app --token-ttl 86400",
        "app --password ${DB_PASSWORD}", "app --password $DB_PASSWORD", "app --password=%h",
        "app --password", "app --password --verbose", "mysql -p shop", "mysql -P 3306 -h db.internal",
        "docker run -p 127.0.0.1:8080:80 nginx", "ssh -p 2222 longhostname", "mkdir -p /var/lib/app",
        "curl -u $USER:$PASS https://h/", "curl --user-agent Mozilla/5.0", "curl -H 'Accept: text/html'",
        "curl -H 'Authorization: Bearer $TOKEN' h", "curl https://h/a:b@c", "curl http://user@host/",
        "curl 'https://h/p?a=b&page=" V "'", "curl https://h/?token=$TOKEN", "curl https://h/p?token=",
        "app --keyfile=/etc/ssl/private/app.key", "app --secret-name my-secret-name", "git commit -a secretive",
        "app --public-key=" V, "app --password=changeme", "sshd -o AuthorizedKeysCommand=/usr/bin/x",
        "app --passphrase-fd 0", "systemd-ask-password --timeout=0", "zip -r backup.zip folder1234",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sv_arena a = {0};
        struct sv_command_secrets got = {0};
        sv_command_line_secrets(&a, sv_slice_of(lines[i]), &got);
        if (got.list.n)
            print_message("%s\n", lines[i]);
        assert_int_equal(got.list.n, 0);
        sv_arena_clear(&a);
    }
}

static void test_words(void **state)
{
    static const char *const want[] = {"a b", "c'd", "e", ";", "f\\g", "&", "&", "h"};
    struct sv_arena a = {0};
    struct sv_words words = {0};
    (void)state;
    sv_shell_words(&a, SV_LIT(" 'a b' \"c'd\"  e;f\\\\g&&h"), &words);
    assert_int_equal(words.list.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < words.list.n; i++)
        assert_true(sv_slice_is(words.list.v[i], want[i]));
    sv_arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets), cmocka_unit_test(test_hyphens),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_words),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
