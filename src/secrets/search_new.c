// SPDX-License-Identifier: Apache-2.0
// The search over the rules that the build compiled in.
#include "secrets/search.h"

struct sv_search *sv_search_new(enum sv_gate gate)
{
    return sv_search_new_rules(gate, sv_secret_rules, sv_n_secret_rules);
}
