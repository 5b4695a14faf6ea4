// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a file whose structure is read. The first byte chooses its name.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "secrets/doc.h"
#include "secrets/readers.h"
#include "secrets/structures.h"

/* Every node once, in order, no deeper than it may be. */
static void walk(const struct sv_doc *root)
{
    size_t n = 0;
    for (struct sv_doc *d = root->first; d; d = sv_doc_after(root, d)) {
        unsigned depth = 0;
        for (const struct sv_doc *up = d; up != root; up = up->parent)
            depth++;
        if (depth > 2 * 64 + 2 || ++n > 2 * 65536)
            abort();
    }
}

/* By a path that the row is for: its name without the star. */
static void read_as(struct sv_arena *a, const struct sv_reader_index *index,
                    const struct sv_reader *k, struct sv_slice text, struct sv_secret_hits *hits)
{
    char path[128];
    size_t n = (size_t)snprintf(path, sizeof path, "%s/", k->folder ? k->folder : "");
    for (const char *p = k->name; *p && n < sizeof path - 1; p++)
        if (*p != '*')
            path[n++] = *p;
    sv_readers_run(a, index, (struct sv_slice){path, n}, text, hits);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a.yaml", "mcp.json", "a.toml"};
    struct sv_arena a = {0};
    struct sv_secret_hits hits = {0};
    struct sv_reader_index index;
    if (size == 0)
        return 0;
    sv_readers_index(&index);
    struct sv_slice text = {(const char *)data + 1, size - 1};
    walk(sv_doc_json(&a, text));
    walk(sv_doc_yaml(&a, text));
    walk(sv_doc_toml(&a, text));
    sv_structures_find(&(struct sv_structure){.a = &a, .name = sv_slice_of(names[data[0] % 3]),
                                              .text = text, .truncated = data[0] & 128,
                                              .out = &hits});
    /* The second byte chooses a row of the readers' table. */
    if (size > 1 && data[0] & 64) {
        text = sv_slice_sub(text, 1, text.n);
        read_as(&a, &index, &sv_readers[data[1] % sv_n_readers], text, &hits);
    } else {
        sv_readers_run(&a, &index, SV_LIT(".env"), text, &hits);
    }
    sv_vec_each(h, &hits.list)
    {
        if (!h->rule || !h->value.n || h->offset > text.n)
            abort();
    }
    sv_arena_clear(&a);
    return 0;
}
