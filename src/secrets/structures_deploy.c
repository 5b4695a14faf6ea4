// SPDX-License-Identifier: Apache-2.0
// Secrets of Kubernetes manifests, and what Terraform's state says is sensitive.
#include "base/limits.h"
#include "secrets/bytes.h"
#include "secrets/doc.h"
#include "secrets/structures.h"
#include "secrets/value.h"

enum { LEAST = 6 };

/* Entries of a Secret that are there for company. */
static bool is_public_entry(struct sv_slice name)
{
    static const char *const names[] = {"username", "user", "ca.crt", "tls.crt", "namespace", "host",
                                        "hostname", "port", "database", "dbname", "url", "endpoint",
                                        "region", "type", "name", "email", "ca-cert", "bucket"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(name, names[i]))
            return true;
    return false;
}

static bool is_template(struct sv_slice v)
{
    static const char *const begins[] = {"<", "ENC[", "AgB", "vault:", "ref+", "op://"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (sv_slice_starts(v, begins[i])) /* SOPS, sealed, kept elsewhere */
            return true;
    return sv_slice_find(v, "{{") < v.n || sv_slice_find(v, "${") < v.n ||
           sv_value_is_placeholder(v);
}

static void note_value(struct sv_structure *s, const struct sv_doc *e, struct sv_slice v)
{
    bool pem = sv_slice_find(v, "-----BEGIN ") < v.n; /* a certificate, or the rules' own find */
    bool secret = sv_structure_names_secret(e->name) || sv_looks_random(v);
    if (v.n >= LEAST && secret && !pem && !is_template(v) && !is_public_entry(e->name))
        sv_structure_note(s, "kubernetes-secret-data", v, e->offset);
}

/* The decoded value, so that it is the same secret as where it stands as it is. */
static struct sv_slice decoded(struct sv_structure *s, struct sv_slice v)
{
    size_t used;
    if (v.n < 4 || v.n > SV_MAX_KUBERNETES_VALUE)
        return (struct sv_slice){"", 0};
    unsigned char *out = sv_arena_alloc(s->a, v.n);
    size_t n = sv_base64(v, out, v.n, &used);
    while (used < v.n && v.p[used] == '=')
        used++;
    return (struct sv_slice){(const char *)out, used == v.n ? n : 0};
}

/* { "auths": { host: { "auth": base64 of user:password } } }, inside of an entry. */
static void note_registries(struct sv_structure *s, const struct sv_doc *e, struct sv_slice json)
{
    const struct sv_doc *root = sv_doc_json(s->a, json);
    sv_doc_each(host, sv_doc_get(root->first ? root->first : root, "auths"))
    {
        struct sv_slice auth = sv_doc_text(host, "auth"), password = sv_doc_text(host, "password");
        if (auth.n >= LEAST && !is_template(auth))
            sv_structure_note(s, "docker-config-auth", auth, e->offset);
        else if (password.n >= LEAST && !is_template(password))
            sv_structure_note(s, "docker-config-auth", password, e->offset);
    }
}

void sv_structure_kubernetes(struct sv_structure *s, const struct sv_doc *secret)
{
    if (sv_slice_starts(sv_doc_text(secret, "type"), "helm.sh/release"))
        return; /* a packed chart */
    sv_doc_each(e, sv_doc_get(secret, "data"))
    {
        struct sv_slice v = e->kind == SV_DOC_TEXT ? decoded(s, e->text) : SV_LIT("");
        if (sv_slice_starts(e->name, ".dockerc"))
            note_registries(s, e, v);
        else
            note_value(s, e, v);
    }
    sv_doc_each(e, sv_doc_get(secret, "stringData"))
    {
        if (e->kind == SV_DOC_TEXT && sv_slice_starts(e->name, ".dockerc"))
            note_registries(s, e, e->text);
        else if (e->kind == SV_DOC_TEXT)
            note_value(s, e, e->text);
    }
}

/* ---- Terraform ---- */

static void note_state(struct sv_structure *s, const struct sv_doc *e)
{
    if (e && e->kind == SV_DOC_TEXT && e->text.n >= LEAST && !is_template(e->text) &&
        sv_slice_find(e->text, "-----BEGIN ") == e->text.n)
        sv_structure_note(s, "tfvars-secret", e->text, e->offset);
}

/* One path: [{"type": "get_attr", "value": "a"}, {"type": "get_attr", "value": "b"}]. */
static void note_path(struct sv_structure *s, const struct sv_doc *attributes,
                      const struct sv_doc *path)
{
    const struct sv_doc *at = attributes;
    sv_doc_each(step, path)
    {
        struct sv_slice name = sv_doc_text(step, "value");
        const struct sv_doc *found = NULL;
        sv_doc_each(e, at)
        {
            if (!found && sv_slice_eq(e->name, name) && at->kind == SV_DOC_MAP)
                found = e;
        }
        at = found;
    }
    if (at != attributes)
        note_state(s, at);
}

void sv_structure_tfstate(struct sv_structure *s, const struct sv_doc *state)
{
    sv_doc_each(output, sv_doc_get(state, "outputs"))
    {
        if (sv_slice_is(sv_doc_text(output, "sensitive"), "true"))
            note_state(s, sv_doc_get(output, "value"));
    }
    sv_doc_each(resource, sv_doc_get(state, "resources"))
    {
        bool drawn = sv_slice_is(sv_doc_text(resource, "type"), "random_password");
        sv_doc_each(instance, sv_doc_get(resource, "instances"))
        {
            const struct sv_doc *attributes = sv_doc_get(instance, "attributes");
            const struct sv_doc *paths = sv_doc_get(instance, "sensitive_attributes");
            sv_doc_each(path, paths)
            {
                note_path(s, attributes, path);
            }
            if (drawn && attributes && !(paths && paths->first))
                note_state(s, sv_doc_get(attributes, "result"));
        }
    }
}
