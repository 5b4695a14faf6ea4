// SPDX-License-Identifier: Apache-2.0
// What no pattern sees: keys that are a whole file, and values that only their place in a document
// makes secrets.
#ifndef SV_SECRETS_STRUCTURES_H
#define SV_SECRETS_STRUCTURES_H

#include "secrets/search.h"

/* The beginning of a file, or all of it. `name` says which grammar to try. Values are slices of
 * the text or of `a`. */
struct sv_structure {
    struct sv_arena *a;
    struct sv_slice name, text;
    bool truncated;
    struct sv_secret_hits *out; /* added to; by no order */
};
void sv_structures_find(struct sv_structure *s);
void sv_documents_find(struct sv_structure *s); /* the documents alone, no keys */

/* For the readers of one kind of document each: notes a value of which the rule is certain. */
struct sv_doc;
void sv_structure_note(struct sv_structure *s, const char *rule, struct sv_slice value,
                       size_t offset);
/* structures_mcp.c: a name ends in "key" or the like, beyond what sv_name_is_secret knows: no rule
 * for every file, for these documents hold settings alone. */
bool sv_structure_names_secret(struct sv_slice name);
/* Servers that an AI tool starts or calls. */
void sv_structure_mcp(struct sv_structure *s, const struct sv_doc *servers);
/* One provider's credentials: {"type": "api", "key": ...}, {"type": "oauth", "refresh": ...}. */
void sv_structure_provider(struct sv_structure *s, const struct sv_doc *entry);
/* aider's "api-key": a list of provider=key. */
void sv_structure_provider_keys(struct sv_structure *s, const struct sv_doc *list);
/* structures_deploy.c: a Kubernetes Secret, and Terraform's state. */
void sv_structure_kubernetes(struct sv_structure *s, const struct sv_doc *secret);
void sv_structure_tfstate(struct sv_structure *s, const struct sv_doc *state);

#endif
