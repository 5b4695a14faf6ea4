// SPDX-License-Identifier: Apache-2.0
// What may be shown of a secret: a public prefix, the last four characters, a fingerprint.
#ifndef SV_SECRETS_REDACT_H
#define SV_SECRETS_REDACT_H

#include "base/arena.h"

/* "sk-proj-…3f9A"; for a value under 16 characters only "(rule)". */
const char *sv_redact(struct sv_arena *a, const char *rule, struct sv_slice value);
/* 32 hex digits; the same value gives the same ones on every host. */
const char *sv_secret_id(struct sv_arena *a, struct sv_slice value);
/* A line of configuration as it may be shown: literal values behind a secret's name, credentials
 * of "Bearer" and of URLs, and all that the rules find give way to "(secret)". */
struct sv_slice sv_mask_line(struct sv_arena *a, struct sv_slice line);
/* Any text without the values that the rules find in it. */
struct sv_slice sv_mask_values(struct sv_arena *a, struct sv_slice text);
/* Any text with well-known tokens in it: each gives way to "(secret)". NULL stays NULL, and a text
 * without one stays where it is. */
const char *sv_mask_tokens(struct sv_arena *a, const char *text);

#endif
