// SPDX-License-Identifier: Apache-2.0
// The JSON report, schema srvaudit-report/1.
#include "engine/check.h"
#include "report/escape.h"
#include "report/writer.h"

/* Writes members of one object; `first` says whether a comma is due. */
struct object {
    struct sv_buf *out;
    bool started;
};

static void key(struct object *o, const char *name)
{
    sv_buf_printf(o->out, "%s\"%s\":", o->started ? "," : "", name);
    o->started = true;
}

static void text(struct object *o, const char *name, struct sv_slice s)
{
    key(o, name);
    sv_escape_json(o->out, s);
}

static void string(struct object *o, const char *name, const char *s)
{
    if (s && *s)
        text(o, name, sv_slice_of(s));
}

static void number(struct object *o, const char *name, unsigned long long v)
{
    key(o, name);
    sv_buf_printf(o->out, "%llu", v);
}

static void position(struct object *o, uint32_t line, uint32_t column)
{
    if (line)
        number(o, "line", line);
    if (column)
        number(o, "column", column);
}

/* A path, and its raw bytes where it is not UTF-8. */
static void path(struct object *o, const char *name, const char *s)
{
    struct sv_slice p = sv_slice_of(s);
    if (!s)
        return;
    text(o, name, p);
    if (sv_is_utf8(p))
        return;
    key(o, "file_hex");
    sv_buf_addc(o->out, '"');
    for (size_t i = 0; i < p.n; i++)
        sv_buf_printf(o->out, "%02x", (unsigned char)p.p[i]);
    sv_buf_addc(o->out, '"');
}

static void open_list(struct object *o, const char *name)
{
    key(o, name);
    sv_buf_addc(o->out, '[');
}

static struct object item(struct sv_buf *out, size_t i)
{
    sv_buf_adds(out, i ? ",{" : "{");
    return (struct object){out, false};
}

/* The schema knows files alone: the text says of which member of the file the line is. */
static void in_member(struct object *o, const struct sv_evidence *e)
{
    _cleanup_buf_ struct sv_buf said = {0};
    sv_buf_printf(&said, "in %s%s", e->member, e->text.n ? ": " : "");
    sv_buf_add(&said, e->text);
    text(o, "text", sv_buf_slice(&said));
}

static void evidence(struct sv_buf *out, const struct sv_evidence *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct object o = item(out, i);
        path(&o, "file", v[i].file);
        position(&o, v[i].line, 0);
        if (v[i].member)
            in_member(&o, &v[i]);
        else if (v[i].text.n)
            text(&o, "text", v[i].text);
        sv_buf_addc(out, '}');
    }
}

static void secrets(struct object *f, const struct sv_finding *x)
{
    if (x->secrets.n == 0)
        return;
    open_list(f, "secrets");
    for (size_t i = 0; i < x->secrets.n; i++) {
        const struct sv_secret_ref *s = &x->secrets.v[i];
        struct object o = item(f->out, i);
        string(&o, "rule", s->rule);
        string(&o, "redacted", s->redacted);
        string(&o, "id", s->id);
        position(&o, s->line, s->column);
        sv_buf_addc(f->out, '}');
    }
    sv_buf_addc(f->out, ']');
}

static void exposure(struct object *f, const struct sv_finding *x)
{
    if (x->exposure.n == 0)
        return;
    open_list(f, "exposure");
    for (size_t i = 0; i < x->exposure.n; i++) {
        const struct sv_exposure *e = &x->exposure.v[i];
        struct object o = item(f->out, i);
        string(&o, "url", e->url);
        string(&o, "server", e->server);
        if (e->status)
            number(&o, "status", (unsigned)e->status);
        string(&o, "auth", e->auth);
        open_list(&o, "why");
        evidence(f->out, e->why.v, e->why.n);
        sv_buf_adds(f->out, "]}");
    }
    sv_buf_addc(f->out, ']');
}

static void finding(struct sv_buf *out, const struct sv_finding *f, size_t i)
{
    static const char *const states[] = {"new", "known", "suppressed"};
    struct object o = item(out, i);
    string(&o, "check", f->check->id);
    string(&o, "severity", sv_severity_name(f->severity));
    string(&o, "title", f->check->title);
    string(&o, "message", f->message);
    path(&o, "file", f->file);
    position(&o, f->line, f->column);
    string(&o, "fingerprint", f->fingerprint);
    secrets(&o, f);
    exposure(&o, f);
    if (f->evidence.n) {
        open_list(&o, "evidence");
        evidence(out, f->evidence.v, f->evidence.n);
        sv_buf_addc(out, ']');
    }
    string(&o, "readers", f->readers);
    string(&o, "fix", f->fix ? f->fix : f->check->fix);
    if (f->check->refs && f->check->refs[0]) {
        open_list(&o, "references");
        for (size_t k = 0; f->check->refs[k]; k++) {
            if (k)
                sv_buf_addc(out, ',');
            sv_escape_json(out, sv_slice_of(f->check->refs[k]));
        }
        sv_buf_addc(out, ']');
    }
    string(&o, "state", states[f->state]);
    string(&o, "reason", f->reason);
    sv_buf_addc(out, '}');
}

static void coverage(struct object *top, const struct sv_result *r)
{
    key(top, "coverage");
    struct object o = item(top->out, 0);
    number(&o, "files", r->files);
    number(&o, "bytes", r->bytes);
    open_list(&o, "configs");
    for (size_t i = 0; i < r->configs.n; i++) {
        struct object c = item(top->out, i);
        path(&c, "path", r->configs.v[i].path);
        string(&c, "kind", r->configs.v[i].kind);
        sv_buf_addc(top->out, '}');
    }
    sv_buf_addc(top->out, ']');
    open_list(&o, "skipped");
    for (size_t i = 0; i < r->skipped.n; i++) {
        struct object s = item(top->out, i);
        path(&s, "path", r->skipped.v[i].path);
        string(&s, "reason", r->skipped.v[i].reason);
        sv_buf_addc(top->out, '}');
    }
    sv_buf_adds(top->out, "]}");
}

static void head(struct object *o, const struct sv_report *r)
{
    char when[32];
    struct tm tm;
    string(o, "schema", "srvaudit-report/1");
    key(o, "tool");
    sv_buf_adds(o->out, "{\"name\":\"srvaudit\",\"version\":\"" SRVAUDIT_VERSION "\"}");
    string(o, "host", r->host);
    path(o, "root", r->root);
    open_list(o, "paths");
    for (size_t i = 0; i < r->n_paths; i++) {
        if (i)
            sv_buf_addc(o->out, ',');
        sv_escape_json(o->out, sv_slice_of(r->paths[i]));
    }
    if (r->n_paths == 0)
        sv_buf_adds(o->out, "\"/etc\"");
    sv_buf_addc(o->out, ']');
    gmtime_r(&r->started, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    string(o, "started", when);
    number(o, "duration_ms", r->duration_ms);
}

void sv_report_json(const struct sv_report *r, struct sv_buf *out)
{
    struct object o = item(out, 0);
    size_t shown = 0;
    head(&o, r);
    coverage(&o, r->result);
    open_list(&o, "findings");
    sv_vec_each(f, &r->result->findings)
    {
        if ((*f)->severity >= r->min_severity)
            finding(out, *f, shown++);
    }
    sv_buf_addc(out, ']');
    key(&o, "summary");
    struct object s = item(out, 0);
    for (int i = SV_CRITICAL; i >= SV_INFO; i--)
        number(&s, sv_severity_name((enum sv_severity)i), r->result->count[i]);
    sv_buf_adds(out, "}}\n");
}
