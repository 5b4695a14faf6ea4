// SPDX-License-Identifier: Apache-2.0
// A secret in the words of a message: its kind where the value tells it, and where it is revoked.
#include "engine/check.h"
#include "secrets/redact.h"
#include "secrets/value.h"

const char *sv_secret_words(struct sv_arena *a, struct sv_slice name, struct sv_slice value)
{
    const struct sv_secret_rule *rule = sv_value_rule(value);
    if (!rule)
        return sv_arena_printf(a, "the secret behind %.*s", (int)name.n, name.p);
    return sv_arena_printf(a, "the %s %s behind %.*s", rule->title,
                           sv_redact(a, rule->id, value), (int)name.n, name.p);
}

const char *sv_secret_change(struct sv_arena *a, struct sv_slice value)
{
    const struct sv_secret_rule *rule = sv_value_rule(value);
    return rule && rule->revoke ? sv_arena_printf(a, "Change the secret at %s.", rule->revoke)
                                : "Change the secret.";
}
