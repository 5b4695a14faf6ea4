// SPDX-License-Identifier: Apache-2.0
// systemd.secret-in-environment, systemd.secret-in-credential-literal: what D-Bus tells everyone.
#include "engine/check.h"
#include "secrets/value.h"

/* A user manager's D-Bus is its user's own; so is his home. */
static const char *readers_of(const struct sv_unit *u, struct sv_arena *a)
{
    if (!u->user)
        return "any local user: systemctl show";
    return u->owner ? sv_arena_printf(a, "processes of the user %s", u->owner)
                    : "processes of every user whose manager runs it";
}

static void report(struct sv_ctx *cx, const struct sv_unit *u, const struct sv_unit_setting *s,
                   struct sv_slice name, struct sv_slice value, const char *fix)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_pos pos = sv_span_pos(sv_ctx_sources(cx), s->node->head);
    struct sv_finding *f = sv_report_at(cx, u->user ? SV_LOW : SV_HIGH, s->node,
                                        "the secret %.*s of %s stands in %s=, which systemd tells to %s",
                                        (int)name.n, name.p, u->name, s->key,
                                        u->user ? "the user's other programs" : "every local user");
    f->key = sv_arena_printf(a, "%s %.*s", u->name, (int)name.n, name.p);
    f->readers = readers_of(u, a);
    sv_finding_secret(cx, f, "secret-assignment", value, pos.line, pos.column);
    sv_finding_fix(cx, f, "%s", fix);
}

static void run_environment(struct sv_ctx *cx, const struct sv_subject *subject)
{
    const struct sv_unit *u = subject->unit;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_environment env = {0};
    sv_unit_environment(u, sv_ctx_fs(cx), a, &env);
    sv_vec_each(v, &env.list)
    {
        if (v->file || !sv_value_is_secret(v->name, v->value))
            continue;
        const char *fix = sv_arena_printf(
            a, "Keep it in a file of its own, and name that file in the unit:\n%s\n"
               "or, where the program can read a file: LoadCredential=%.*s:/etc/credstore/%.*s\n%s\n"
               "A stricter mode of the unit file does not help: the value is told by systemd itself.\n%s",
            sv_unit_file_fix(a, u), (int)v->name.n, v->name.p, (int)v->name.n, v->name.p,
            sv_unit_restart(a, u), sv_secret_change(a, v->value));
        report(cx, u, v->setting, v->name, v->value, fix);
    }
}

const struct sv_check sv_check_systemd_secret_in_environment = {
    SV_CHECK_HEADER,
    .id = "systemd.secret-in-environment",
    .title = "A unit's Environment= holds a secret",
    .why = "systemd hands every property of a unit to whoever asks over D-Bus: systemctl show prints the "
           "environment to every local user, the web server's among them, whatever the unit file's mode is.",
    .fix = "Give the value through EnvironmentFile= (a file of root's, mode 0600) or LoadCredential=.",
    .bad = "Environment=OPENAI_API_KEY=sk-...",
    .good = "EnvironmentFile=/etc/app.env    # root:root, mode 0600",
    .severity = SV_HIGH,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_environment,
};

/* ID:DATA of SetCredential=. */
static void run_credential(struct sv_ctx *cx, const struct sv_subject *subject)
{
    const struct sv_unit *u = subject->unit;
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_list list = {0};
    sv_unit_all(u, a, "Service", "SetCredential", &list);
    sv_vec_each(s, &list.list)
    {
        size_t colon = sv_slice_chr((*s)->value, ':');
        struct sv_slice name = sv_slice_sub((*s)->value, 0, colon);
        struct sv_slice value = sv_slice_sub((*s)->value, colon + 1, (*s)->value.n);
        /* What is a credential is a secret unless it is plainly none: short, or a placeholder. */
        if (value.n < 8 || sv_value_is_placeholder(value))
            continue;
        report(cx, u, *s, name, value,
               sv_arena_printf(a, "LoadCredential=%.*s:/etc/credstore/%.*s\nwith the value in that file, "
                                  "root's own, mode 0600; or SetCredentialEncrypted= with the output of "
                                  "systemd-creds encrypt.\n%s",
                               (int)name.n, name.p, (int)name.n, name.p,
                               sv_secret_change(a, value)));
    }
}

const struct sv_check sv_check_systemd_secret_in_credential_literal = {
    SV_CHECK_HEADER,
    .id = "systemd.secret-in-credential-literal",
    .title = "SetCredential= holds the secret itself",
    .why = "The unit's text and its properties are readable by every local user (systemd.exec(5) says that "
           "SetCredential= is not for secrets); only the copy that the service gets is protected.",
    .fix = "Use LoadCredential= with a file of root's, or SetCredentialEncrypted=.",
    .bad = "SetCredential=db-password:...",
    .good = "LoadCredential=db-password:/etc/credstore/db-password",
    .severity = SV_HIGH,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run_credential,
};
