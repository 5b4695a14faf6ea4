// SPDX-License-Identifier: Apache-2.0
// Is a named value a secret, a placeholder, or a reference to one kept elsewhere?
#ifndef SV_SECRETS_VALUE_H
#define SV_SECRETS_VALUE_H

#include "base/slice.h"
#include "secrets/rule.h"

/* "changeme", "<your-key>", "${VAR}", "xxxx", all one character, an example. */
bool sv_value_is_placeholder(struct sv_slice value);
/* What specifications and makers' pages print (RFC 6749, docs.stripe.com), the alphabet, and
 * keys all of whose bytes are alike; a placeholder too. */
bool sv_value_is_example(struct sv_slice value);
/* The name says secret (PASSWORD, TOKEN, API_KEY, ...) and is not one of a public kind. */
bool sv_name_is_secret(struct sv_slice name);
/* What containers are given under a secret's name without being one: X_FILE, X_PATH and X_VERSION,
 * fingerprints of GPG keys, checksums. */
bool sv_name_is_about_secret(struct sv_slice name);
/* No placeholder: a literal of at least 8 bytes under a secret's name, or a well-known token
 * whatever its name. */
bool sv_value_is_secret(struct sv_slice name, struct sv_slice value);
/* For what a container is given: the above but for what is only about a secret; and a URL with a
 * password, whatever its name. */
bool sv_setting_is_secret(struct sv_slice name, struct sv_slice value);
/* The rule whose tokens begin as the value does, by their longest public beginning; or NULL. */
const struct sv_secret_rule *sv_value_rule(struct sv_slice value);
/* The rule with that id, which exists. */
const struct sv_secret_rule *sv_secret_rule_of(const char *id);
/* Of "Bearer X", "Basic X" and "Token X": X, if long enough and no placeholder; else empty. */
struct sv_slice sv_value_credentials(struct sv_slice value);

#endif
