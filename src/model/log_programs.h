// SPDX-License-Identifier: Apache-2.0
// Programs that are no web servers and write down what passes through them: where their logs lie,
// and which of their settings put secrets there.
#ifndef SV_MODEL_LOG_PROGRAMS_H
#define SV_MODEL_LOG_PROGRAMS_H

#include "base/severity.h"
#include "model/logs.h"
#include "model/unit.h"

/* One setting that makes a program write secrets. Patterns are PCRE2, matched without regard to
 * case over a whole configuration file, where ^ and $ mean lines. */
struct sv_log_habit {
    const char *set; /* the setting with any value, which is group 1 */
    const char *bad; /* which values; NULL: the setting itself. The last value of a text counts */
    enum sv_severity severity; /* SV_INFO: worth naming only where a secret was found */
    const char *text;          /* "auth_debug_passwords=yes writes the passwords of all logins" */
    const char *fix;
};

/* What of the machine's units is read as well. */
enum sv_log_of_units {
    SV_LOG_NOTHING,
    SV_LOG_VARIABLES, /* "NAME=VALUE" of their environments */
    SV_LOG_COMMANDS,  /* of ExecStart=, as they are written */
};

struct sv_log_program {
    const char *name;
    const char *const *marks;   /* of a framework: one of these is in a project's folder, and the
                                   patterns below are relative to that; NULL: of no project */
    const char *const *configs; /* glob(3), NULL-terminated; in the order in which they are read */
    const char *const *logs;    /* sv_glob_match(): where it writes unless told otherwise */
    const char *names;          /* a setting whose group 1 is the path of a log; NULL: none */
    bool joined;                /* its files are one text: what stands later counts */
    const struct sv_log_habit *habits; /* up to one without `set`; NULL: none */
    enum sv_log_of_units of_units;
    const char *cause, *fix;    /* of a secret in its log where no habit is set */
};
extern const struct sv_log_program sv_log_programs[]; /* up to one without a name */
extern const struct sv_log_program sv_log_frameworks[]; /* likewise; the last is any application */

/* A habit that is set, and where. */
struct sv_log_setting {
    const struct sv_log_program *program;
    const struct sv_log_habit *habit;
    const char *path;
    uint32_t line;
    const char *project; /* its folder: other projects are not concerned; NULL: of none */
};
struct sv_log_settings {
    SV_VEC(struct sv_log_setting) list; /* by program, then habit */
};

/* Reads the configurations of all programs of the machine; `names` gets the logs that they,
 * logrotate and the machine's units name, and the usual ones. What cannot be read or is too long
 * becomes a diagnostic. */
void sv_log_programs_read(const struct sv_model_env *env, const struct sv_units *units,
                          struct sv_log_settings *ret, struct sv_logs *names);
/* The same for the frameworks of applications, by the folders of their projects. */
void sv_log_frameworks_read(const struct sv_model_env *env, const struct sv_paths *projects,
                            struct sv_log_settings *ret, struct sv_logs *names);
/* The first setting of a program that writes the log at `path`: of the one whose setting names it,
 * or of one whose usual log it is. `log` may be NULL. NULL: there is none. */
const struct sv_log_setting *sv_log_setting_of(const struct sv_log_settings *settings,
                                               const struct sv_log *log, const char *path);
/* Whose log this usually is; NULL: nobody's that is known. */
const struct sv_log_program *sv_log_program_at(const char *path);

#endif
