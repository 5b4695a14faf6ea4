// SPDX-License-Identifier: Apache-2.0
// The table of secret rules, as the build made it of checks/rules/secrets/*.yaml.
#include "secrets/rule.h"

const struct sv_secret_rule sv_secret_rules[] = {
#include "secret_rules_data.h"
};
const size_t sv_n_secret_rules = sizeof(sv_secret_rules) / sizeof(sv_secret_rules[0]);
