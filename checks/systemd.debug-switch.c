// SPDX-License-Identifier: Apache-2.0
// systemd.debug-switch: debuggers and debug modes that a unit switches on.
#include "engine/check.h"
#include "model/debug_switch.h"

/* Where the setting stands: the variable's, if the text is one of its names. */
static const struct sv_unit_variable *variable_of(const struct sv_unit_environment *env,
                                                  struct sv_slice text)
{
    sv_vec_each(v, &env->list)
    {
        bool inside = text.p >= v->value.p && text.p < v->value.p + v->value.n;
        if (inside || sv_slice_eq(v->name, text))
            return v;
    }
    return NULL;
}

static const char *who_reaches(struct sv_arena *a, const struct sv_debug_found *d)
{
    switch (d->reach) {
    case SV_DEBUG_NETWORK:
        return sv_arena_printf(a, " at %s, for everyone who reaches that port", d->address);
    case SV_DEBUG_LOCAL:
        return sv_arena_printf(a, " at %s, for every local user", d->address);
    case SV_DEBUG_PAGES:
        return ", for everyone who reaches its pages";
    }
    return "";
}

static void report(struct sv_ctx *cx, const struct sv_unit *u, const struct sv_unit_command *c,
                   const struct sv_unit_environment *env, const struct sv_debug_found *d)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    const struct sv_unit_variable *v = variable_of(env, d->text);
    const char *text =
        sv_arena_printf(a, "%s is on in %s%s: it %s (%s)", d->what, u->name, who_reaches(a, d),
                        d->gives, sv_unit_user(u, a, NULL));
    enum sv_severity sev = u->user && d->severity > SV_MEDIUM ? SV_MEDIUM : d->severity;
    struct sv_finding *f = v && v->file ? sv_report_file(cx, sev, v->file, v->line, "%s", text)
                                        : sv_report_at(cx, sev, (v ? v->setting : c->setting)->node,
                                                       "%s", text);
    f->key = sv_arena_printf(a, "%s %s", u->name, d->what);
    if (v && v->file)
        sv_finding_evidence(cx, f, v->setting->node);
    sv_finding_fix(cx, f, "%s%s\nthen systemctl restart %s", d->fix,
                   d->reach == SV_DEBUG_NETWORK ? ", or bind it to 127.0.0.1 while you debug" : "",
                   sv_shell_quote(a, u->name));
}

static void run(struct sv_ctx *cx, const struct sv_subject *subject)
{
    const struct sv_unit *u = subject->unit;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_commands commands = {0};
    struct sv_unit_environment env = {0};
    SV_VEC(struct sv_debug_env) vars = {0};
    struct sv_debug_list list = {0};
    sv_unit_environment(u, sv_ctx_fs(cx), a, &env);
    sv_unit_commands(u, a, &commands);
    sv_vec_each(v, &env.list)
    {
        sv_vec_push(a, &vars, (struct sv_debug_env){v->name, v->value});
    }
    sv_vec_each(c, &commands.list)
    {
        struct sv_unit_arguments words = {0};
        size_t before = list.list.n;
        if (strcmp(c->key, "ExecStart") != 0)
            continue;
        sv_unit_words(c, &env, a, &words);
        sv_debug_switches(a, &(struct sv_debug_input){words.list.v, words.list.n, vars.v, vars.n},
                          &list);
        for (size_t i = before; i < list.list.n; i++)
            report(cx, u, c, &env, &list.list.v[i]);
    }
}

const struct sv_check sv_check_systemd_debug_switch = {
    SV_CHECK_HEADER,
    .id = "systemd.debug-switch",
    .title = "A service runs with a debugger or in debug mode",
    .why = "A debugger's port runs any code as the service's user; debug modes show settings, the environment "
           "and with it the keys in their error pages. Both are left on by mistake.",
    .fix = "Switch it off in the unit; on a loopback address it is still open to every local user.",
    .bad = "ExecStart=/usr/bin/node --inspect=0.0.0.0:9229 app.js",
    .good = "ExecStart=/usr/bin/node app.js",
    .severity = SV_CRITICAL,
    .on = SV_ON_UNIT,
    .run = run,
};
