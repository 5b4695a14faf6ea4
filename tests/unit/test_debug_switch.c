// SPDX-License-Identifier: Apache-2.0
// Debug switches of commands and environments, where they listen, and what only looks like one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/debug_switch.h"

/* Words of a command, blanks between them; assignments before the program are its environment. */
static void look(struct sv_arena *a, const char *line, struct sv_debug_list *ret)
{
    struct sv_slice words[32];
    struct sv_debug_env env[8];
    size_t n = 0, n_env = 0;
    for (struct sv_slice rest = sv_slice_of(line); rest.n && n < 32 && n_env < 8;) {
        struct sv_slice word = sv_slice_sub(rest, 0, sv_slice_chr(rest, ' '));
        size_t eq = sv_slice_chr(word, '=');
        rest = sv_slice_sub(rest, word.n + 1, rest.n);
        if (n == 0 && eq < word.n)
            env[n_env++] = (struct sv_debug_env){sv_slice_sub(word, 0, eq),
                                                 sv_slice_sub(word, eq + 1, word.n)};
        else
            words[n++] = word;
    }
    for (size_t i = 0; i < n_env; i++) /* "+" stands for a blank in a value */
        if (memchr(env[i].value.p, '+', env[i].value.n)) {
            char *copy = (char *)sv_arena_copy(a, env[i].value).p;
            *strchr(copy, '+') = ' ';
            env[i].value.p = copy;
        }
    sv_debug_switches(a, &(struct sv_debug_input){words, n, env, n_env}, ret);
}

static void test_found(void **state)
{
    static const struct {
        const char *line, *what, *address;
        enum sv_debug_reach reach;
    } cases[] = {
        {"/usr/bin/node --inspect app.js", "Node.js", "127.0.0.1:9229", SV_DEBUG_LOCAL},
        {"node --inspect=0.0.0.0 app.js", "Node.js", "0.0.0.0:9229", SV_DEBUG_NETWORK},
        {"node --inspect-brk=0.0.0.0:9230 app.js", "Node.js", "0.0.0.0:9230", SV_DEBUG_NETWORK},
        {"node --inspect=[::]:9230 app.js", "Node.js", "[::]:9230", SV_DEBUG_NETWORK},
        {"node --inspect=9300 app.js", "Node.js", "127.0.0.1:9300", SV_DEBUG_LOCAL},
        {"NODE_OPTIONS=--no-warnings+--inspect=0.0.0.0 npm start", "Node.js", "0.0.0.0:9229",
         SV_DEBUG_NETWORK},
        {"java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 -jar a.jar", "JDWP",
         "0.0.0.0:5005", SV_DEBUG_NETWORK},
        {"java -agentlib:jdwp=transport=dt_socket,server=y,address=5005 -jar a", "JDWP",
         "127.0.0.1:5005", SV_DEBUG_LOCAL},
        {"JAVA_TOOL_OPTIONS=-agentlib:jdwp=transport=dt_socket,server=y,address=0.0.0.0:8000 run.sh",
         "JDWP", "0.0.0.0:8000", SV_DEBUG_NETWORK},
        {"python3.11 -m debugpy --listen 0.0.0.0:5678 app.py", "debugpy", "0.0.0.0:5678",
         SV_DEBUG_NETWORK},
        {"python3 -m debugpy --listen 5678 app.py", "debugpy", "127.0.0.1:5678", SV_DEBUG_LOCAL},
        {"dlv exec ./app --headless --listen=:2345", "delve", "0.0.0.0:2345", SV_DEBUG_NETWORK},
        {"FLASK_DEBUG=1 flask run", "Flask", NULL, SV_DEBUG_PAGES},
        {"flask run --debug", "Flask", NULL, SV_DEBUG_PAGES},
        {"WERKZEUG_DEBUG_PIN=off python app.py", "Werkzeug", NULL, SV_DEBUG_PAGES},
        {"python manage.py runserver 0.0.0.0:8000", "Django", "0.0.0.0:8000", SV_DEBUG_NETWORK},
        {"uvicorn app:app --reload", "reloading", NULL, SV_DEBUG_PAGES},
        {"APP_DEBUG=true php artisan serve", "Laravel", NULL, SV_DEBUG_PAGES},
        {"php -S 0.0.0.0:8080 -t public", "PHP", "0.0.0.0:8080", SV_DEBUG_NETWORK},
        {"java -jar a.jar --management.endpoints.web.exposure.include=*", "actuator", NULL,
         SV_DEBUG_PAGES},
        {"java -Dcom.sun.management.jmxremote.port=9010 "
         "-Dcom.sun.management.jmxremote.authenticate=false -jar a", "JMX", NULL, SV_DEBUG_PAGES},
        {"traefik --api.insecure=true", "Traefik", "0.0.0.0:8080", SV_DEBUG_NETWORK},
        {"jupyter lab --ServerApp.token=", "Jupyter", NULL, SV_DEBUG_PAGES},
        {"XDEBUG_MODE=develop,debug php-fpm", "Xdebug", NULL, SV_DEBUG_PAGES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sv_arena a = {0};
        struct sv_debug_list got = {0};
        look(&a, cases[i].line, &got);
        if (got.list.n != 1)
            print_message("%s: %zu\n", cases[i].line, got.list.n);
        assert_int_equal(got.list.n, 1);
        assert_non_null(strstr(got.list.v[0].what, cases[i].what));
        assert_int_equal(got.list.v[0].reach, cases[i].reach);
        if (cases[i].address)
            assert_string_equal(got.list.v[0].address, cases[i].address);
        else
            assert_null(got.list.v[0].address);
        sv_arena_clear(&a);
    }
}

static void test_others(void **state)
{
    static const char *const lines[] = {
        "DEBUG_LOGGER=--logger=files /usr/sbin/sssd -i", "LISTEN=::,0.0.0.0 /usr/bin/quasselcore",
        "LOG_LEVEL=debug app", "DEBUG=app:* node app.js", "node app.js --inspector-help",
        "java -agentlib:jdwp=transport=dt_socket,server=n,address=dev:5005 -jar a", "app --listen 0.0.0.0:80",
        "python3 -m http.server --bind 127.0.0.1", "FLASK_DEBUG=0 flask run", "APP_ENV=production php x",
        "FLASK_ENV=production flask run", "XDEBUG_MODE=coverage php x", "XDEBUG_MODE=off php x",
        "traefik --api.insecure=false", "jupyter lab --ServerApp.token=abc", "apt-get install node-inspect",
        "java -Dcom.sun.management.jmxremote.authenticate=true -jar a", "uvicorn app:app --reload-dir x",
        "python3 -m gunicorn --listen x", "nginx -g daemon", "dlv version", "APP_DEBUG=false php x",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sv_arena a = {0};
        struct sv_debug_list got = {0};
        look(&a, lines[i], &got);
        if (got.list.n)
            print_message("%s: %s\n", lines[i], got.list.v[0].what);
        assert_int_equal(got.list.n, 0);
        sv_arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_others),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
