// SPDX-License-Identifier: Apache-2.0
// The search over the rules that the build compiled in, and the tables that it made of them.
#include "secrets/gate.h"

#ifdef SV_GATE_TABLES
#include "gate_data.h"

struct sv_search *sv_search_new(void)
{
    return sv_search_new_tables(&sv_gate_built, sv_secret_rules, sv_n_secret_rules);
}
#else
/* Built for another machine: the program that makes the tables cannot run. */
struct sv_search *sv_search_new(void)
{
    return sv_search_new_rules(sv_secret_rules, sv_n_secret_rules);
}
#endif
