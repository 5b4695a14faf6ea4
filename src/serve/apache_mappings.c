// SPDX-License-Identifier: Apache-2.0
// The folders that httpd maps URLs to, and the rewrites that lead to files, for reverse.
#include "serve/apache_answer.h"
#include "serve/apache_names.h"

struct collector {
    const struct sv_site *site;
    struct sv_arena *a;
    struct sv_mappings *ret;
    struct sv_mapping all; /* its vhosts: those that a line of the main server is in force for */
};

static struct sv_slice argument(const struct sv_node *n, uint32_t i)
{
    return n ? sv_node_arg(n, i) : (struct sv_slice){"", 0};
}

static const char *absolute(struct collector *c, struct sv_slice path)
{
    return sv_path_join(c->a, c->site->apache->tree.server_root, sv_arena_copy(c->a, path).p);
}

/* Every virtual host that a line of this server is in force for. */
static void in_force(struct collector *c, struct sv_mapping *m, const struct sv_scope *s)
{
    const struct sv_vhost *main = c->site->vhosts.v[0];
    if (s->vhost != main) {
        sv_vec_push(c->a, &m->vhosts, s->vhost);
        return;
    }
    /* Last: the virtual hosts' URLs are what people know. */
    if (c->all.vhosts.n == 0) {
        for (size_t i = 1; i < c->site->vhosts.n; i++)
            sv_vec_push(c->a, &c->all.vhosts, c->site->vhosts.v[i]);
        sv_vec_push(c->a, &c->all.vhosts, main);
    }
    m->vhosts = c->all.vhosts;
}

/* DocumentRoot of a server: those that do not set their own take the main server's. */
static void document_root(struct collector *c, const struct sv_vhost *v)
{
    const struct sv_node *n = v->apache->document_root;
    sv_vec_each(m, &c->ret->list)
    {
        if (m->node == n && !m->is_alias) {
            sv_vec_push(c->a, &m->vhosts, v);
            return;
        }
    }
    struct sv_slice value = n ? argument(n, 0) : SV_LIT("/usr/local/apache2/htdocs");
    struct sv_mapping m = {.scope = v->scope, .node = (struct sv_node *)n, .exact = true,
                           .uri_prefix = SV_LIT(""), .value = value};
    m.dir = absolute(c, value);
    sv_vec_push(c->a, &m.vhosts, v);
    sv_vec_push(c->a, &c->ret->list, m);
}

static void alias(struct collector *c, const struct sv_scope *s, struct sv_node *n)
{
    struct sv_slice fake = argument(n, 0), real = argument(n, 1);
    if (n->n_args == 1 && s->kind == SV_SCOPE_LOCATION) {
        real = fake;
        fake = s->name;
    }
    if (fake.n == 0 || real.n == 0 || sv_slice_find(real, "%{") < real.n)
        return;
    struct sv_mapping m = {.scope = s, .node = n, .is_alias = true, .exact = true,
                           .uri_prefix = fake, .dir = absolute(c, real)};
    /* The value's closing slash says what of the path the prefix already holds. */
    bool slash = fake.p[fake.n - 1] == '/' && strcmp(m.dir, "/") != 0;
    m.value = sv_slice_of(sv_arena_printf(c->a, "%s%s", m.dir, slash ? "/" : ""));
    in_force(c, &m, s);
    sv_vec_push(c->a, &c->ret->list, m);
}

/* The constant folder before the first thing that a request decides. */
static const char *fixed_folder(struct collector *c, struct sv_slice text)
{
    size_t end = 0;
    while (end < text.n && text.p[end] != '$' && text.p[end] != '&')
        end++;
    while (end > 0 && text.p[end - 1] != '/')
        end--;
    return absolute(c, end ? sv_slice_sub(text, 0, end) : SV_LIT("/"));
}

/* A pattern with a target that holds its groups. */
static void pattern_target(struct collector *c, const struct sv_scope *s, struct sv_node *n,
                           struct sv_slice pattern, struct sv_slice text, bool rule)
{
    struct sv_mapping m = {.scope = s, .node = n, .is_alias = true, .uri_prefix = SV_LIT(""),
                           .pattern = pattern};
    m.value = sv_slice_of(text.n && text.p[0] == '/'
                              ? sv_arena_copy(c->a, text).p
                              : sv_arena_printf(c->a, "%s/%.*s",
                                                c->site->apache->tree.server_root, (int)text.n,
                                                text.p));
    m.dir = fixed_folder(c, m.value);
    in_force(c, &m, s);
    if (rule)
        sv_vec_push(c->a, &c->ret->rules, m);
    else
        sv_vec_push(c->a, &c->ret->list, m);
}

/* %0 is the name asked for; other parts of it are anything. */
static void virtual_root(struct collector *c, const struct sv_scope *s, struct sv_node *n)
{
    struct sv_slice f = argument(n, 0);
    const char *text = "";
    bool script = sv_slice_starts(n->name, "virtualscript");
    for (size_t i = 0; i < f.n;) {
        size_t to = i + sv_slice_chr(sv_slice_sub(f, i, f.n), '%');
        text = sv_arena_printf(c->a, "%s%.*s", text, (int)(to - i), f.p + i);
        if (to >= f.n)
            break;
        size_t start = to + 1;
        for (i = start; i < f.n && strchr("-+.0123456789p%", f.p[i]);)
            if (f.p[i++] == '%')
                break;
        bool whole = i == start + 1 && f.p[start] == '0';
        text = sv_arena_printf(c->a, "%s%s", text, whole ? "$host" : "$part");
    }
    struct sv_mapping m = {.scope = s, .node = n, .is_alias = script,
                           .uri_prefix = script ? SV_LIT("/cgi-bin") : SV_LIT(""),
                           .value = sv_slice_of(text), .exact = !strchr(text, '$')};
    m.dir = m.exact ? absolute(c, m.value) : fixed_folder(c, m.value);
    in_force(c, &m, s);
    sv_vec_push(c->a, &c->ret->list, m);
}

/* /~user of one user, or of all where the folder's name holds the user's. */
static void userdir(struct collector *c, const struct sv_scope *s, struct sv_node *n)
{
    static const char *const words[] = {"disable", "disabled", "enable", "enabled"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (sv_slice_is_nocase(argument(n, 0), words[k]))
            return;
    for (uint32_t i = 0; i < n->n_args; i++) {
        struct sv_slice dir = argument(n, i);
        size_t star = sv_slice_chr(dir, '*');
        if (dir.n && dir.p[0] == '/') {
            struct sv_slice rest = sv_slice_sub(dir, star + 1, dir.n);
            const char *text = sv_arena_printf(c->a, "%.*s%s$1%.*s$2", (int)star, dir.p,
                                               star < dir.n ? "" : "/", (int)rest.n, rest.p);
            pattern_target(c, s, n, SV_LIT("^/~([^/]+)(/.*)$"), sv_slice_of(text), false);
            continue;
        }
        if (sv_slice_chr(dir, ':') < dir.n || star < dir.n)
            continue;
        struct sv_slice user;
        for (size_t k = 0; k < 1000 && sv_identity_nth(c->site->ids, k, &user); k++) {
            const char *home = sv_identity_home(c->site->ids, c->a, user);
            if (!home || home[0] != '/' || strcmp(home, "/") == 0)
                continue;
            struct sv_mapping m = {.scope = s, .node = n, .is_alias = true, .exact = true};
            m.uri_prefix =
                sv_slice_of(sv_arena_printf(c->a, "/~%.*s", (int)user.n, user.p));
            m.dir = sv_path_join(c->a, home, sv_arena_copy(c->a, dir).p);
            m.value = sv_slice_of(m.dir);
            in_force(c, &m, s);
            sv_vec_push(c->a, &c->ret->list, m);
        }
    }
}

/* A RewriteRule whose target is a path: below the document root, or of the file system. */
static void rewrite(struct collector *c, const struct sv_scope *s, struct sv_node *n)
{
    struct sv_slice pattern = argument(n, 0), to = argument(n, 1);
    to = sv_slice_sub(to, 0, sv_slice_chr(to, '?'));
    if (pattern.n == 0 || pattern.p[0] == '!' || to.n < 2 || sv_slice_chr(to, '%') < to.n ||
        sv_slice_find(to, "://") < to.n)
        return;
    if (s->kind == SV_SCOPE_DIRECTORY) {
        const char *dir = s->match == SV_MATCH_PREFIX ? sv_arena_copy(c->a, s->name).p : NULL;
        if (!dir)
            return;
        /* The pattern does not see the folder, whose URI the other mappings know. */
        const char *path = to.p[0] == '/' ? NULL
                                          : sv_arena_printf(c->a, "%s/%.*s", dir, (int)to.n, to.p);
        const char *root = s->vhost->apache->document_root
                               ? absolute(c, argument(s->vhost->apache->document_root, 0))
                               : "/usr/local/apache2/htdocs";
        if (!path)
            path = sv_arena_printf(c->a, "%s%.*s", root, (int)to.n, to.p);
        if (!sv_path_below(dir, root))
            return;
        bool anchored = pattern.p[0] == '^';
        const char *whole = sv_arena_printf(c->a, "^%s/%.*s", dir + strlen(root),
                                            (int)pattern.n - anchored, pattern.p + anchored);
        pattern_target(c, s, n, sv_slice_of(whole), sv_slice_of(path), true);
        return;
    }
    if (to.p[0] != '/')
        return;
    pattern_target(c, s, n, pattern, to, true);
    const struct sv_node *root = s->vhost->apache->document_root;
    if (root)
        pattern_target(c, s, n, pattern,
                       sv_slice_of(sv_arena_printf(c->a, "%s%.*s", absolute(c, argument(root, 0)),
                                                   (int)to.n, to.p)),
                       true);
}

static void of_scope(struct collector *c, const struct sv_scope *s)
{
    bool server = s->kind == SV_SCOPE_SERVER;
    for (struct sv_node *n = s->node ? s->node->first : NULL; n; n = n->next) {
        bool match = sv_slice_ends(n->name, "aliasmatch");
        if (sv_node_is(n, "alias") || sv_node_is(n, "scriptalias"))
            alias(c, s, n);
        else if (server && match)
            pattern_target(c, s, n, argument(n, 0), argument(n, 1), false);
        else if (server && (sv_slice_starts(n->name, "virtualdocumentroot") ||
                            sv_slice_starts(n->name, "virtualscriptalias")))
            virtual_root(c, s, n);
        else if (server && sv_node_is(n, "userdir"))
            userdir(c, s, n);
        else if (sv_node_is(n, "rewriterule"))
            rewrite(c, s, n);
    }
}

void sv_apache_mappings(const struct sv_site *site, struct sv_arena *a, struct sv_mappings *ret)
{
    struct collector c = {.site = site, .a = a, .ret = ret};
    sv_vec_each(v, &site->vhosts)
    {
        document_root(&c, *v);
    }
    sv_vec_each(s, &site->scopes)
    {
        if ((*s)->kind == SV_SCOPE_SERVER || (*s)->kind == SV_SCOPE_LOCATION ||
            (*s)->kind == SV_SCOPE_DIRECTORY)
            of_scope(&c, *s);
    }
}
