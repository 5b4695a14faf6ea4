// SPDX-License-Identifier: Apache-2.0
// Finds the unit files of a machine, with aliases, masks, instances and drop-ins, and joins them.
#include "model/unit.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/limits.h"

/* systemd.unit(5), in the order in which they win. */
static const char *const system_dirs[] = {
    "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
    "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
    "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    "/run/systemd/generator.late", NULL};
static const char *const user_dirs[] = {
    "/etc/systemd/user", "/run/systemd/user", "/usr/local/lib/systemd/user",
    "/usr/local/share/systemd/user", "/usr/share/systemd/user", "/usr/lib/systemd/user",
    "/lib/systemd/user", NULL};
static const char *const home_dirs[] = {".config/systemd/user.control", ".config/systemd/user",
                                        ".local/share/systemd/user", NULL};

/* A unit file, a link to one, or an instance that only a .wants folder names. */
struct candidate {
    const char *name, *path;
    const char *target; /* the last part of a link's text; NULL: no link */
    bool masked;
};

/* One manager's search. */
struct search {
    const struct sv_model_env *env;
    struct sv_syntax *sx;
    struct sv_units *units;
    struct sv_map *parsed;              /* path: index in trees plus one */
    SV_VEC(struct sv_node *) *trees;
    struct sv_map names;                /* unit name: index in found plus one */
    SV_VEC(struct candidate) found;
    struct sv_map has_dropins;          /* "app.service.d": 1 */
    SV_VEC(const char *) wanted;
    SV_VEC(const char *) seen_dirs;
    bool user;
    const char *owner;
    bool *cut; /* of all managers: the limit was reached, which was told */
};

bool sv_unit_is_name(struct sv_slice name)
{
    static const char *const kinds[] = {".service", ".socket", ".mount", ".swap", ".timer", ".path"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (sv_slice_ends(name, kinds[i]) && name.n > strlen(kinds[i]))
            return true;
    return false;
}

/* ---- the folders ---- */

/* True if there is no room for more; told once. */
static bool full(struct search *s, size_t n, const char *path)
{
    if (n < SV_MAX_UNITS)
        return false;
    if (!*s->cut)
        sv_diag_path(s->env->diags, SV_DIAG_ERROR, path,
                     "more than %d units; this one and the rest were not read", SV_MAX_UNITS);
    *s->cut = true;
    return true;
}

static void add_candidate(struct search *s, const char *path, const char *name, bool link)
{
    struct sv_arena *a = s->env->arena;
    uint32_t *at = sv_map_at(a, &s->names, sv_slice_of(name));
    if (*at || full(s, s->found.n, path))
        return; /* a folder before this one has it */
    struct candidate c = {.name = name, .path = path};
    struct stat st;
    const char *target;
    if (link && sv_fs_readlink(s->env->fs, a, path, &target) == 0) {
        c.target = sv_path_base(target);
        c.masked = strcmp(target, "/dev/null") == 0;
    }
    if (!c.masked && sv_fs_stat(s->env->fs, path, &st) == 0)
        c.masked = S_ISREG(st.st_mode) && st.st_size == 0;
    sv_vec_push(a, &s->found, c);
    *at = (uint32_t)s->found.n;
}

static void list_wanted(struct search *s, const char *dir)
{
    struct sv_dirents entries = {0};
    (void)sv_fs_list(s->env->fs, s->env->arena, dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (sv_unit_is_name(sv_slice_of(e->name)) && !full(s, s->wanted.n, dir))
            sv_vec_push(s->env->arena, &s->wanted, e->name);
    }
}

static void list_dir(struct search *s, const char *dir)
{
    struct sv_arena *a = s->env->arena;
    struct sv_dirents entries = {0};
    const char *real;
    if (sv_fs_realpath(s->env->fs, a, dir, &real) < 0)
        return;
    sv_vec_each(seen, &s->seen_dirs)
    {
        if (strcmp(*seen, real) == 0)
            return; /* /lib is a link to /usr/lib */
    }
    sv_vec_push(a, &s->seen_dirs, real);
    sv_vec_push(a, &s->units->dirs, real);
    int rc = sv_fs_list(s->env->fs, a, real, &entries);
    if (rc < 0) {
        sv_diag_path(s->env->diags, SV_DIAG_ERROR, real, "%s", strerror(-rc));
        return;
    }
    sv_vec_each(e, &entries.list)
    {
        struct sv_slice name = sv_slice_of(e->name);
        const char *path = sv_path_join(a, real, e->name);
        if (sv_unit_is_name(name)) {
            add_candidate(s, path, e->name, e->type == DT_LNK);
        } else if (sv_slice_ends(name, ".d")) {
            *sv_map_at(a, &s->has_dropins, name) = 1;
        } else if (sv_slice_ends(name, ".wants") || sv_slice_ends(name, ".requires") ||
                   sv_slice_ends(name, ".upholds")) {
            list_wanted(s, path);
        }
    }
}

/* ---- names ---- */

/* "app@one.service" to "app@.service"; NULL if it is no instance. */
static const char *template_of(struct sv_arena *a, const char *name)
{
    const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
    if (!at || !dot || dot < at || dot == at + 1)
        return NULL;
    return sv_arena_printf(a, "%.*s%s", (int)(at + 1 - name), name, dot);
}

static const struct candidate *candidate_of(const struct search *s, const char *name)
{
    uint32_t i = sv_map_find(&s->names, sv_slice_of(name));
    return i ? &s->found.v[i - 1] : NULL;
}

/* A link to a unit of another name is an alias of it. */
static bool is_alias(const struct candidate *c)
{
    return c->target && !c->masked && strcmp(c->target, c->name) != 0 &&
           sv_unit_is_name(sv_slice_of(c->target)) &&
           strcmp(strrchr(c->target, '.'), strrchr(c->name, '.')) == 0;
}

/* The unit that a name stands for: through aliases, and from an instance to its template. */
static const struct candidate *origin_of(const struct search *s, struct sv_arena *a,
                                         const char *name)
{
    for (int hops = 0; hops < SV_MAX_SYMLINKS; hops++) {
        const struct candidate *c = candidate_of(s, name);
        const char *template = c ? NULL : template_of(a, name);
        if (!c && template)
            c = candidate_of(s, template);
        if (!c || !is_alias(c))
            return c;
        name = c->target;
    }
    return NULL;
}

/* ---- one unit ---- */

static struct sv_node *parse(struct search *s, const char *path)
{
    struct sv_slice text;
    bool cut = false;
    uint32_t *at = sv_map_at(s->env->arena, s->parsed, sv_slice_of(path));
    if (*at)
        return s->trees->v[*at - 1];
    int rc = sv_fs_read(s->env->fs, s->sx->arena, path, SV_MAX_CONFIG_BYTES, &text, &cut);
    struct sv_node *root = NULL;
    if (rc < 0)
        sv_diag_path(s->env->diags, SV_DIAG_ERROR, path, "%s", strerror(-rc));
    else
        root = sv_unit_parse(s->sx, sv_source_add(s->env->sources, path, text));
    if (cut)
        sv_diag_path(s->env->diags, SV_DIAG_ERROR, path, "too long; the rest was not read");
    s->sx->n_files++;
    s->sx->n_bytes += rc < 0 ? 0 : text.n;
    sv_vec_push(s->env->arena, s->trees, root);
    *at = (uint32_t)s->trees->n;
    return root;
}

/* What systemd reads of a unit; "X-..." is for others, and what a generator reads for itself has a
 * file name of its own. */
static bool is_section(struct sv_slice name)
{
    static const char *const known[] = {"Unit", "Install", "Service", "Socket", "Timer", "Path",
                                        "Mount", "Automount", "Swap", "Slice", "Scope", "Target",
                                        "Device"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (sv_slice_is(name, known[i]))
            return true;
    return sv_slice_starts(name, "X-");
}

static void take_settings(struct search *s, struct sv_unit *u, const char *path)
{
    struct sv_arena *a = s->env->arena;
    size_t before = s->trees->n;
    struct sv_node *root = parse(s, path);
    bool fresh = s->trees->n > before; /* not the file of another instance */
    sv_vec_push(a, &u->files, path);
    if (!root)
        return;
    sv_node_each(section, root)
    {
        if (fresh && !is_section(section->name))
            sv_diag_at(s->env->diags, SV_DIAG_ERROR, section->head,
                       "[%.*s] is no section of a unit; systemd ignores it",
                       (int)section->name.n, section->name.p);
        const char *name = sv_arena_copy(a, section->name).p;
        sv_node_each(n, section)
        {
            sv_vec_push(a, &u->settings,
                        (struct sv_unit_setting){name, sv_arena_copy(a, n->name).p,
                                                 sv_node_arg(n, 0), n});
        }
    }
}

typedef SV_VEC(const char *) names;

static void push_dir_name(struct sv_arena *a, names *ret, const char *name)
{
    sv_vec_push(a, ret, sv_arena_printf(a, "%s.d", name));
}

/* Names of the drop-in folders, the most specific first: "a-b.service.d", "a-.service.d". */
static void dropin_names(struct sv_arena *a, const char *name, names *ret)
{
    const char *dot = strrchr(name, '.'), *at = strchr(name, '@');
    const char *template = template_of(a, name);
    push_dir_name(a, ret, name);
    if (template)
        push_dir_name(a, ret, template);
    const char *end = at && at < dot ? at : dot; /* of the prefix */
    while (end > name) {
        while (end > name && end[-1] == '-')
            end--;
        while (end > name && end[-1] != '-')
            end--;
        if (end == name)
            return;
        const char *shorter = sv_arena_printf(a, "%.*s%s", (int)(end - name), name,
                                              at && at < dot ? at : dot);
        push_dir_name(a, ret, shorter);
        if ((template = template_of(a, shorter)))
            push_dir_name(a, ret, template);
    }
}

struct dropin {
    const char *base, *path;
    size_t order;
};

static int by_base(const void *x, const void *y)
{
    const struct dropin *a = x, *b = y;
    int order = strcmp(a->base, b->base);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

typedef SV_VEC(struct dropin) dropin_vec;

static void list_dropins(struct search *s, const char *dir, dropin_vec *ret)
{
    struct sv_arena *a = s->env->arena;
    struct sv_dirents entries = {0};
    (void)sv_fs_list(s->env->fs, s->env->arena, dir, &entries);
    sv_vec_each(e, &entries.list)
    {
        if (sv_slice_ends(sv_slice_of(e->name), ".conf") && e->name[0] != '.')
            sv_vec_push(a, ret,
                        (struct dropin){e->name, sv_path_join(a, dir, e->name), ret->n});
    }
}

/* The folders of some names: those of the first search path first, and in each the most specific
 * name first. */
static void find_named(struct search *s, const names *all, dropin_vec *ret)
{
    struct sv_arena *a = s->env->arena;
    names there = {0};
    sv_vec_each(name, all)
    {
        if (sv_map_find(&s->has_dropins, sv_slice_of(*name)))
            sv_vec_push(a, &there, *name);
    }
    for (size_t dir = 0; there.n && dir < s->seen_dirs.n; dir++) {
        sv_vec_each(name, &there)
        {
            list_dropins(s, sv_path_join(a, s->seen_dirs.v[dir], *name), ret);
        }
    }
}

/* The unit's own folders, then those of each alias, then those of all units of its kind. */
static void find_dropins(struct search *s, const struct sv_unit *u, dropin_vec *ret)
{
    struct sv_arena *a = s->env->arena;
    names own = {0}, kind = {0};
    if (!s->has_dropins.n)
        return;
    dropin_names(a, u->name, &own);
    find_named(s, &own, ret);
    sv_vec_each(alias, &u->aliases)
    {
        names of_alias = {0};
        dropin_names(a, *alias, &of_alias);
        find_named(s, &of_alias, ret);
    }
    push_dir_name(a, &kind, strrchr(u->name, '.') + 1);
    find_named(s, &kind, ret);
}

/* Of files with the same name the first folder's counts; they are read in the order of their
 * names, whatever folder they lie in. */
static void take_dropins(struct search *s, struct sv_unit *u)
{
    dropin_vec files = {0};
    find_dropins(s, u, &files);
    if (files.n)
        qsort(files.v, files.n, sizeof *files.v, by_base);
    for (size_t i = 0; i < files.n; i++) {
        struct stat st; /* of /dev/null, which masks: no regular file */
        bool hidden = i && strcmp(files.v[i - 1].base, files.v[i].base) == 0;
        if (!hidden && sv_fs_stat(s->env->fs, files.v[i].path, &st) == 0 && S_ISREG(st.st_mode))
            take_settings(s, u, files.v[i].path);
    }
}

static struct sv_unit *add_unit(struct search *s, const char *name, const struct candidate *c)
{
    struct sv_arena *a = s->env->arena;
    struct sv_unit *u = sv_new(a, struct sv_unit);
    const char *at = strchr(name, '@');
    *u = (struct sv_unit){.name = name, .fragment = c->path, .masked = c->masked,
                          .kept = sv_new(a, struct sv_unit_kept),
                          .template = at && at[1] == '.' && !strchr(at + 2, '.'),
                          .user = s->user, .owner = s->owner};
    u->kept->arena = a;
    if (!s->units->texts)
        s->units->texts = sv_new(a, struct sv_unit_texts);
    u->kept->texts = s->units->texts;
    sv_vec_push(a, &s->units->list, u);
    if (!s->user)
        *sv_map_at(a, &s->units->by_name, sv_slice_of(name)) = (uint32_t)s->units->list.n;
    return u;
}

static struct sv_unit *unit_of(struct search *s, size_t from, const char *name)
{
    for (size_t i = from; i < s->units->list.n; i++)
        if (strcmp(s->units->list.v[i]->name, name) == 0)
            return s->units->list.v[i];
    return NULL;
}

/* ---- one manager ---- */

static void add_aliases(struct search *s, size_t from)
{
    struct sv_arena *a = s->env->arena;
    sv_vec_each(c, &s->found)
    {
        const struct candidate *origin = is_alias(c) ? origin_of(s, a, c->name) : NULL;
        struct sv_unit *u = origin ? unit_of(s, from, origin->name) : NULL;
        if (!u)
            continue;
        u->wanted = true;
        sv_vec_push(a, &u->aliases, c->name);
        if (!s->user)
            *sv_map_at(a, &s->units->by_name, sv_slice_of(c->name)) =
                sv_map_find(&s->units->by_name, sv_slice_of(u->name));
    }
}

/* Units that a .wants folder names; an instance comes to be by that. */
static void add_wanted(struct search *s, size_t from)
{
    struct sv_arena *a = s->env->arena;
    sv_vec_each(name, &s->wanted)
    {
        const struct candidate *c = origin_of(s, a, *name);
        if (!c)
            continue;
        bool instance = strcmp(c->name, *name) != 0 && template_of(a, *name);
        struct sv_unit *u = unit_of(s, from, instance ? *name : c->name);
        if (!u && instance && !full(s, s->units->list.n, c->path))
            u = add_unit(s, *name, c);
        if (u)
            u->wanted = true;
    }
}

static void finish(struct search *s)
{
    size_t from = s->units->list.n;
    sv_vec_each(c, &s->found)
    {
        if (!is_alias(c) || !origin_of(s, s->env->arena, c->name))
            add_unit(s, c->name, c);
    }
    add_aliases(s, from);
    add_wanted(s, from);
    for (size_t i = from; i < s->units->list.n; i++) {
        struct sv_unit *u = s->units->list.v[i];
        if (u->masked)
            continue;
        take_settings(s, u, u->fragment);
        take_dropins(s, u);
    }
}

static struct search begin(const struct search *common, bool user, const char *owner)
{
    return (struct search){.env = common->env, .sx = common->sx, .units = common->units,
                           .parsed = common->parsed, .trees = common->trees, .user = user,
                           .owner = owner, .cut = common->cut};
}

static void load_homes(const struct search *common)
{
    struct sv_arena *a = common->env->arena;
    struct sv_slice name;
    bool top_seen = false; /* "/" is the home of many, who are no persons */
    for (size_t i = 0; sv_identity_nth(common->env->ids, i, &name); i++) {
        const char *home = sv_identity_home(common->env->ids, a, name);
        bool top = home && strcmp(home, "/") == 0;
        if (!home || home[0] != '/' || (top && top_seen))
            continue;
        top_seen |= top;
        struct search s = begin(common, true, sv_arena_copy(a, name).p);
        bool open = sv_fs_enter(common->env->fs, home) == 0;
        for (size_t k = 0; open && home_dirs[k]; k++)
            if (sv_fs_may_have(common->env->fs, home, home_dirs[k]))
                list_dir(&s, sv_path_join(a, home, home_dirs[k]));
        finish(&s);
    }
}

void sv_units_load(const struct sv_model_env *env, struct sv_syntax *sx, struct sv_units *ret)
{
    struct sv_map parsed = {0};
    SV_VEC(struct sv_node *) trees = {0};
    bool cut = false;
    struct search common = {.env = env, .sx = sx, .units = ret, .parsed = &parsed,
                            .trees = (void *)&trees, .cut = &cut};
    struct search system = begin(&common, false, NULL), user = begin(&common, true, NULL);
    for (size_t i = 0; system_dirs[i]; i++)
        list_dir(&system, system_dirs[i]);
    finish(&system);
    for (size_t i = 0; user_dirs[i]; i++)
        list_dir(&user, user_dirs[i]);
    finish(&user);
    load_homes(&common);
}

void sv_units_load_file(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                        struct sv_units *ret)
{
    struct sv_map parsed = {0};
    SV_VEC(struct sv_node *) trees = {0};
    bool cut = false;
    struct search s = {.env = env, .sx = sx, .units = ret, .parsed = &parsed,
                       .trees = (void *)&trees, .cut = &cut};
    add_candidate(&s, path, sv_path_base(path), false);
    sv_vec_push(env->arena, &ret->dirs, path);
    finish(&s);
}

const struct sv_unit *sv_units_find(const struct sv_units *units, const char *name)
{
    uint32_t i = sv_map_find(&units->by_name, sv_slice_of(name));
    return i ? units->list.v[i - 1] : NULL;
}

/* ---- what is in force ---- */

/* Nearly all of a unit's keys are told apart by their first letter. */
static inline bool is_setting(const struct sv_unit_setting *s, const char *section,
                              const char *key)
{
    return s->key[0] == key[0] && strcmp(s->key, key) == 0 && strcmp(s->section, section) == 0;
}

const struct sv_unit_setting *sv_unit_get(const struct sv_unit *u, const char *section,
                                          const char *key)
{
    for (size_t i = u->settings.n; i > 0; i--) {
        const struct sv_unit_setting *s = &u->settings.v[i - 1];
        if (is_setting(s, section, key))
            return s->value.n ? s : NULL;
    }
    return NULL;
}

bool sv_unit_flag(const struct sv_unit *u, const char *section, const char *key, bool dflt)
{
    static const char *const yes[] = {"1", "yes", "y", "true", "t", "on"};
    const struct sv_unit_setting *s = sv_unit_get(u, section, key);
    for (size_t i = 0; s && i < sizeof yes / sizeof *yes; i++)
        if (sv_slice_is_nocase(s->value, yes[i]))
            return true;
    return s ? false : dflt;
}

void sv_unit_all(const struct sv_unit *u, struct sv_arena *a, const char *section, const char *key,
                 struct sv_unit_list *ret)
{
    ret->list.n = 0;
    sv_vec_each(s, &u->settings)
    {
        if (!is_setting(s, section, key))
            continue;
        if (s->value.n == 0)
            ret->list.n = 0;
        else
            sv_vec_push(a, &ret->list, s);
    }
}
