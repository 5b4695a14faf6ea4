// SPDX-License-Identifier: Apache-2.0
// The search over the rules that the build compiled in, and the tables that it made of them.
#include "secrets/gate.h"

#ifdef SV_GATE_TABLES
#include "gate_data.h"

struct sv_search *sv_search_new(enum sv_gate gate)
{
    struct sv_gate_tables t = sv_gate_built;
    return sv_gate_choose(&t, gate) ? sv_search_new_tables(&t, sv_secret_rules, sv_n_secret_rules)
                                    : NULL;
}
#else
/* Built for another machine: the program that makes the tables cannot run. */
struct sv_search *sv_search_new(enum sv_gate gate)
{
    return sv_search_new_rules(gate, sv_secret_rules, sv_n_secret_rules);
}
#endif
