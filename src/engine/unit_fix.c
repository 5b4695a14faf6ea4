// SPDX-License-Identifier: Apache-2.0
// The file that keeps a unit's secrets, and the commands that bring it into force.
#include "base/shell.h"
#include "engine/check.h"

const char *sv_unit_file_fix(struct sv_arena *a, const struct sv_unit *u)
{
    int n = (int)strcspn(u->name, "@.");
    /* A shell's ~ is the user's home, as %h is the user manager's. */
    const char *name = sv_shell_quote(a, sv_arena_printf(a, "%.*s.env", n, u->name));
    const char *file = sv_arena_printf(a, "%s/%s", u->user ? "~/.config" : "/etc", name);
    return sv_arena_printf(a, "touch %s; chmod 0600 %s\nEnvironmentFile=%s/%.*s.env", file, file,
                           u->user ? "%h/.config" : "/etc", n, u->name);
}

const char *sv_unit_restart(struct sv_arena *a, const struct sv_unit *u)
{
    const char *systemctl = u->user ? "systemctl --user" : "systemctl", *name = u->name;
    const char *instance = strstr(name, "@."); /* a template: all that run of it */
    if (instance)
        name = sv_arena_printf(a, "%.*s@*%s", (int)(instance - name), name, instance + 1);
    return sv_arena_printf(a, "%s daemon-reload; %s restart %s", systemctl, systemctl,
                           sv_shell_quote(a, name));
}
