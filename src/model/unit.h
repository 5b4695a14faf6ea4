// SPDX-License-Identifier: Apache-2.0
// systemd units as they take effect: fragment and drop-ins joined, every setting with its line.
#ifndef SV_MODEL_UNIT_H
#define SV_MODEL_UNIT_H

#include "model/server.h"
#include "syntax/unit.h"

struct sv_unit_setting {
    const char *section, *key;
    struct sv_slice value;      /* raw; specifiers are not expanded */
    const struct sv_node *node; /* its span says file and line */
};

/* What was worked out of a unit once, for those who ask next; from one thread. */
struct sv_unit_kept;

struct sv_unit {
    const char *name;     /* "app@one.service"; a template keeps its "@." */
    const char *fragment; /* the unit file's path */
    bool masked;          /* linked to /dev/null or empty: never started */
    bool template;        /* no instance is known, %i stays as it is */
    bool user;            /* of the user manager; then its secrets are a user's own */
    const char *owner;    /* the user whose home it lies in; NULL: of every user, or the system's */
    bool wanted;          /* a .wants or .requires folder names it, or an alias does */
    SV_VEC(const char *) aliases;
    SV_VEC(const char *) files;             /* fragment, then drop-ins as they are read */
    SV_VEC(struct sv_unit_setting) settings; /* in that order */
    struct sv_unit_kept *kept;               /* NULL: a unit that nobody asks twice */
};

struct sv_unit_texts; /* environment files that were read, for all units */
struct sv_units {
    SV_VEC(struct sv_unit *) list; /* by name; system units first */
    struct sv_map by_name;         /* system units and their aliases: index in list plus one */
    SV_VEC(const char *) dirs;     /* the folders that were there */
    struct sv_unit_texts *texts;
};

/* Reads the units of every search path inside the root (systemd.unit(5)): the system manager's,
 * those for all users, and those in the homes of /etc/passwd. Kept are the kinds that run or
 * reach something: .service, .socket, .mount, .swap, .timer and .path. */
void sv_units_load(const struct sv_model_env *env, struct sv_syntax *sx, struct sv_units *ret);
/* A unit file that lies outside of the search paths, alone. */
void sv_units_load_file(const struct sv_model_env *env, struct sv_syntax *sx, const char *path,
                        struct sv_units *ret);
/* "app.service", "x@.socket": a name of one of the kinds above. */
bool sv_unit_is_name(struct sv_slice name);
const struct sv_unit *sv_units_find(const struct sv_units *units, const char *name);

/* The setting in force: the last one; NULL if it is not set or was emptied last. */
const struct sv_unit_setting *sv_unit_get(const struct sv_unit *u, const char *section,
                                          const char *key);
bool sv_unit_flag(const struct sv_unit *u, const char *section, const char *key, bool dflt);
/* All in force of a setting that adds up: an empty one drops those before it. */
struct sv_unit_list {
    SV_VEC(const struct sv_unit_setting *) list;
};
void sv_unit_all(const struct sv_unit *u, struct sv_arena *a, const char *section, const char *key,
                 struct sv_unit_list *ret);

/* unit_values.c: %n, %i, %h ... expanded; those that only a running system knows (%b, %v, a
 * template's %i) stay as they are. False where systemd refuses the text. */
bool sv_unit_expand(const struct sv_unit *u, struct sv_arena *a, struct sv_slice text,
                    struct sv_slice *ret);
/* The service's user; root if none is set. `ret_dynamic`: DynamicUser= makes one up. */
const char *sv_unit_user(const struct sv_unit *u, struct sv_arena *a, bool *ret_dynamic);
/* The file of StandardOutput= or StandardError= (file:, append:, truncate:), and the setting;
 * NULL: it goes elsewhere. */
const char *sv_unit_log_path(const struct sv_unit *u, struct sv_arena *a, bool standard_error,
                             const struct sv_unit_setting **ret_setting);
/* What the main process may read: user, group, supplementary groups. False: unknown user. */
bool sv_unit_cred(const struct sv_unit *u, struct sv_arena *a, struct sv_identity_db *ids,
                  struct sv_cred *ret);

/* web_unit.c: places that the unit's mounts hide from its processes, or show all the same. */
const struct sv_view *sv_unit_view(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a);
/* RootDirectory= (of another folder than /) or RootImage=: its paths are of another tree. */
const struct sv_unit_setting *sv_unit_root(const struct sv_unit *u);
/* An error at `config` if so: what is audited is not what the service reads. */
void sv_unit_tell_root(const struct sv_unit *u, struct sv_diags *diags, const char *config);
/* web_unit.c: what the unit of this web server decides of its worker: User= where that is not
 * root, and the places that its mounts hide. Nothing if there is none. */
void sv_site_take_unit(struct sv_site *site, const struct sv_units *units);

/* Where a variable of the service's environment comes from. */
struct sv_unit_variable {
    struct sv_slice name, value;
    const struct sv_unit_setting *setting; /* Environment= or EnvironmentFile= */
    const char *file;                      /* of EnvironmentFile=; NULL: Environment= itself */
    uint32_t line;                         /* in that file */
};
struct sv_unit_environment_file {
    const char *path; /* expanded; a pattern gives one entry a file */
    const struct sv_unit_setting *setting;
    bool optional; /* "-" */
    int error;     /* 0, or the errno of reading it; ENOENT also for a pattern without a match */
    uint32_t cut;  /* SV_MAX_ENV_LINES left out what begins at this line; 0: nothing */
};
struct sv_unit_environment {
    SV_VEC(struct sv_unit_variable) list; /* in force: the last of each name */
    SV_VEC(struct sv_unit_environment_file) files;
    struct sv_map by_name;             /* index in list plus one */
    const struct sv_unit_setting *cut; /* that gave more than SV_MAX_ENV_LINES; NULL: none did */
};
/* Environment= first, then the files, then UnsetEnvironment=. The files are read (bounded by
 * SV_MAX_CONFIG_BYTES), each once for all units; a text lives in `a` or the units' arena. The
 * lists are not to be changed. */
void sv_unit_environment(const struct sv_unit *u, struct sv_fs *fs, struct sv_arena *a,
                         struct sv_unit_environment *ret);

/* One command of ExecStart= and its kin. */
struct sv_unit_command {
    const char *key; /* "ExecStart" */
    const struct sv_unit_setting *setting;
    bool full;       /* "+" or "!": with full privileges */
    struct sv_slice program;
    SV_VEC(struct sv_slice) args; /* without the program; variables are not put in yet */
};
struct sv_unit_commands {
    SV_VEC(struct sv_unit_command) list;
};
struct sv_unit_kept {
    struct sv_arena *arena; /* the units' own */
    struct sv_unit_texts *texts;
    bool has_commands, has_environment;
    struct sv_unit_commands commands;
    struct sv_unit_environment environment; /* as far as SV_MAX_UNIT_VARIABLES of all are not met */
};
struct sv_unit_text {
    int error; /* of reading it */
    struct sv_env_lines lines;
};
struct sv_unit_texts {
    struct sv_map by_path; /* index in list plus one */
    SV_VEC(struct sv_unit_text) list;
    size_t bytes;     /* that are kept: SV_MAX_UNIT_TEXTS */
    size_t variables; /* in the environments that are kept */
};
/* Of a unit that sv_units_load found they live as long as it does, else as long as `a`. */
void sv_unit_commands(const struct sv_unit *u, struct sv_arena *a, struct sv_unit_commands *ret);
/* The program and its arguments as it gets them: ${X}, and $X where it is the whole word, replaced
 * by what the environment gives, "$$" by "$"; a variable that nothing sets stays as it is. */
struct sv_unit_arguments {
    SV_VEC(struct sv_slice) list;
};
void sv_unit_words(const struct sv_unit_command *c, const struct sv_unit_environment *env,
                   struct sv_arena *a, struct sv_unit_arguments *ret);

#endif
