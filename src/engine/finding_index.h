// SPDX-License-Identifier: Apache-2.0
// Which findings are about a file, a URL or a secret, while checks still add to them; private to
// the engine. A server has findings by the ten thousand, and each file is asked about.
#ifndef SV_ENGINE_FINDING_INDEX_H
#define SV_ENGINE_FINDING_INDEX_H

#include "base/fs.h"
#include "base/map.h"
#include "engine/finding.h"

struct sv_finding_link {
    struct sv_finding *f;
    uint32_t next; /* of the same key: its number counted from 1; 0: none */
    uint32_t last; /* the first one's: the newest */
};
/* Findings by a key, those of one key in the order in which they were put there. */
struct sv_finding_chains {
    struct sv_map first; /* number of the first link, counted from 1 */
    SV_VEC(struct sv_finding_link) links;
};

/* Zero-initialised is a valid empty index; keys are borrowed, the rest is the arena's. */
struct sv_finding_index {
    struct sv_arena *arena;
    struct sv_finding_chains file, url, secret;
    struct sv_finding_chains real; /* base name and real path of those files, see sv_index_real() */
    size_t real_upto;              /* so many findings are in there */
    struct sv_map same;            /* check and key, see sv_index_same() */
    size_t same_upto;
    struct sv_map explained;       /* check, secret and file, see sv_index_explain() */
};

void sv_index_put(struct sv_finding_index *x, struct sv_finding_chains *in, const char *key,
                  struct sv_finding *f);
/* The first link of a key and the one behind another; NULL: none is left. Findings that were taken
 * out of the result (`order` 0) stay out of it. */
const struct sv_finding_link *sv_index_first(const struct sv_finding_chains *in, const char *key);
const struct sv_finding_link *sv_index_next(const struct sv_finding_chains *in,
                                            const struct sv_finding_link *link);
/* Those at a file that has another path by way of links, but the same name: configurations name
 * links (sites-enabled/), the search for secrets the files behind them. */
const struct sv_finding_link *sv_index_real(struct sv_finding_index *x, struct sv_fs *fs,
                                            const struct sv_result *r, const char *path);
/* Of the first `n` findings, which stay where they are, the one of the same check and key: what the
 * service says too that a container was made from. */
struct sv_finding *sv_index_same(struct sv_finding_index *x, const struct sv_result *r, size_t n,
                                 const struct sv_finding *f);
void sv_index_explain(struct sv_finding_index *x, const struct sv_finding *f, const char *secret_id,
                      const char *path);
bool sv_index_explained(struct sv_finding_index *x, const char *check, const char *secret_id,
                        const char *path);

#endif
