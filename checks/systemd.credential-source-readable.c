// SPDX-License-Identifier: Apache-2.0
// systemd.credential-source-readable: the file behind LoadCredential= is open.
#include "base/limits.h"
#include "engine/check.h"

/* Certificates and public keys are handed over in the same way. */
static bool is_public(struct sv_slice text)
{
    bool holds_private = sv_slice_find(text, "PRIVATE KEY-----") < text.n;
    return !holds_private && (sv_slice_find(text, "-----BEGIN CERT") < text.n ||
                              sv_slice_find(text, "PUBLIC KEY-----") < text.n ||
                              sv_slice_starts(text, "ssh-"));
}

static void run(struct sv_ctx *cx, const struct sv_subject *s)
{
    struct sv_arena *a = sv_ctx_arena(cx);
    struct sv_unit_list list = {0};
    sv_unit_all(s->unit, a, "Service", "LoadCredential", &list);
    sv_vec_each(set, &list.list)
    {
        struct sv_slice value, text;
        size_t colon = sv_slice_chr((*set)->value, ':');
        if (!sv_unit_expand(s->unit, a, sv_slice_sub((*set)->value, colon + 1, (*set)->value.n),
                            &value) ||
            value.n == 0 || value.p[0] != '/')
            continue;
        const char *path = sv_arena_copy(a, value).p;
        const char *readers = sv_access_readers(sv_ctx_fs(cx), sv_ctx_ids(cx), a, path);
        if (!sv_access_anyone(readers) || s->unit->user ||
            sv_fs_read(sv_ctx_fs(cx), a, path, SV_MAX_CONTENT_HEAD, &text, NULL) < 0 ||
            sv_slice_trim(text).n < 8 || is_public(text) ||
            sv_ctx_file_reported(cx, "systemd.credential-source-readable", path))
            continue;
        struct sv_finding *f =
            sv_report_file(cx, SV_MEDIUM, path, 0,
                           "the credential %.*s of %s can be read by every local user", (int)colon,
                           (*set)->value.p, s->unit->name);
        f->readers = readers;
        sv_finding_secret(cx, f, "credential", sv_slice_trim(text), 1, 1);
        sv_finding_evidence(cx, f, (*set)->node);
        sv_finding_fix(cx, f, "chown root:root %s; chmod 0600 %s\nsystemd reads it as root. Change the secret "
                              "if others may have looked.",
                       sv_shell_quote(a, path), sv_shell_quote(a, path));
    }
}

const struct sv_check sv_check_systemd_credential_source_readable = {
    SV_CHECK_HEADER,
    .id = "systemd.credential-source-readable",
    .title = "The file behind LoadCredential= is readable by everyone",
    .why = "The copy that the service gets is protected, the original is not.",
    .fix = "chmod 0600, root:root; or keep it encrypted: systemd-creds encrypt and LoadCredentialEncrypted=.",
    .bad = "-rw-r--r-- root root  /etc/credstore/db-password",
    .good = "-rw------- root root  /etc/credstore/db-password",
    .severity = SV_MEDIUM,
    .on = SV_ON_UNIT,
    .joins = true,
    .run = run,
};
