// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a unit and its values, environment file, INI file, crontab, command.
#include "model/host_files.h"
#include "model/unit.h"
#include "secrets/command.h"
#include "syntax/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each setting as a setting of a template's instance: words, specifiers, commands. */
static void unit(struct sv_arena *a, const struct sv_node *root)
{
    struct sv_unit u = {.name = "a-b@x\\x2dy.service", .fragment = "/etc/systemd/system/a-b@.service"};
    struct sv_unit_commands commands = {0};
    struct sv_unit_environment env = {0};
    sv_node_each(section, root)
    {
        sv_node_each(n, section)
        {
            struct sv_slice value = sv_node_arg(n, 0), out;
            (void)sv_unit_expand(&u, a, value, &out);
            sv_vec_push(a, &u.settings, (struct sv_unit_setting){"Service", "ExecStart", value, n});
            if (u.settings.n > 500)
                return;
        }
    }
    sv_unit_commands(&u, a, &commands);
    sv_vec_each(c, &commands.list)
    {
        struct sv_unit_arguments args = {0};
        struct sv_command_secrets found = {0};
        sv_unit_words(c, &env, a, &args);
        sv_command_secrets(a, args.list.v, args.list.n, &found);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum sv_host_file_kind kinds[] = {SV_HOST_CRONTAB, SV_HOST_USER_CRONTAB,
                                                   SV_HOST_ANACRONTAB};
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    struct sv_slice text = sv_arena_copy(&a, (struct sv_slice){(const char *)data, size});
    struct sv_slice rest = text, name, value;
    struct sv_env_lines lines = {0};
    struct sv_command_secrets secrets = {0};
    uint32_t file = sv_source_add(&sources, "/fuzz", text);
    unit(&a, sv_unit_parse(&sx, file));
    (void)sv_ini_parse(&sx, file, SV_INI_PHP);
    (void)sv_ini_parse(&sx, file, SV_INI_PYTHON);
    while (sv_ini_pair(&rest, &name, &value))
        ;
    sv_env_file_parse(&a, text, &lines);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct sv_crontab tab = {0};
        sv_crontab_parse(&a, text, kinds[i], &tab);
        sv_vec_each(j, &tab.jobs)
        {
            sv_command_line_secrets(&a, j->command, &secrets);
        }
    }
    sv_command_line_secrets(&a, text, &secrets);
    sv_vec_each(d, &diags.list)
    {
        (void)sv_span_pos(&sources, d->span);
    }
    sv_arena_clear(&a);
    return 0;
}
