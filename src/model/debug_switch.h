// SPDX-License-Identifier: Apache-2.0
// Debuggers and debug modes that a command line or an environment switches on.
#ifndef SV_MODEL_DEBUG_SWITCH_H
#define SV_MODEL_DEBUG_SWITCH_H

#include "base/arena.h"
#include "base/severity.h"
#include "base/vec.h"

struct sv_debug_env {
    struct sv_slice name, value;
};

/* What runs; words[0] is the program. */
struct sv_debug_input {
    const struct sv_slice *words;
    size_t n_words;
    const struct sv_debug_env *env;
    size_t n_env;
};

enum sv_debug_reach {
    SV_DEBUG_PAGES,   /* no port of its own: in whatever the program serves */
    SV_DEBUG_LOCAL,   /* a port on a loopback address: every local user */
    SV_DEBUG_NETWORK, /* a port on every address or on one of the network */
};

struct sv_debug_found {
    const char *what;    /* "the Node.js inspector" */
    const char *gives;   /* "runs any code as this program's user" */
    const char *fix;     /* what to write instead */
    const char *address; /* "0.0.0.0:9229"; NULL: no port of its own */
    unsigned port;       /* 0: none */
    enum sv_debug_reach reach;
    enum sv_severity severity; /* for that reach */
    struct sv_slice text;      /* the word or variable that says it */
};
struct sv_debug_list {
    SV_VEC(struct sv_debug_found) list;
};

/* Each kind at most once. The texts live in `a` or are constant. (Defaults are those of the
 * programs' own manuals: Node.js and debugpy listen on 127.0.0.1 unless told otherwise, JDWP since
 * JDK 9 as well.) */
void sv_debug_switches(struct sv_arena *a, const struct sv_debug_input *in,
                       struct sv_debug_list *ret);

#endif
