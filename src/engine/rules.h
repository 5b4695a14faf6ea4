// SPDX-License-Identifier: Apache-2.0
// Directive rules: facts about one directive, written in YAML, compiled to check descriptors.
#ifndef SV_ENGINE_RULES_H
#define SV_ENGINE_RULES_H

#include "engine/check.h"

/* A file is a list of rules under the key `rules`; doc/srvaudit-rules.5 describes the keys. */

struct sv_rule_set {
    struct sv_arena *arena;          /* descriptors and their texts live here */
    struct sv_regex_pool *regexes;   /* patterns are compiled here, to refuse bad ones at once */
    SV_VEC(const struct sv_check *) checks;
};

/* Adds the rules of one text; `name` is what diagnostics and `origin` call it. 0, or -EINVAL with
 * "name:line:column: sentence" in err; the set then keeps what it had. */
int sv_rules_parse(struct sv_rule_set *set, const char *name, struct sv_slice text,
                   struct sv_err *err);
/* The rules that are compiled in, without the files of which `only` and `skip` leave none. */
int sv_rules_builtin(struct sv_rule_set *set, const char *only, const char *skip,
                     struct sv_err *err);
/* --only (NULL: all) and --skip (NULL: none) leave the check of that name. */
bool sv_id_selected(struct sv_slice id, const char *only, const char *skip);
/* A file, or the *.yaml and *.yml files of a folder, sorted; a path of the running system. */
int sv_rules_load(struct sv_rule_set *set, const char *path, struct sv_err *err);

#endif
