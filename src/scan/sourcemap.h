// SPDX-License-Identifier: Apache-2.0
// Which source file a place in a source map belongs to.
#ifndef SV_SCAN_SOURCEMAP_H
#define SV_SCAN_SOURCEMAP_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

struct sv_source_place {
    const char *source;    /* "webpack://app/src/config.js", as the map calls it */
    uint32_t line, column; /* of that source, from 1 */
};
/* The text is a source map (ECMA-426), with sections or without; `offset` a byte of it. False if
 * that lies in no sourcesContent. Linear in the text, and it needs not be well-formed behind. */
bool sv_sourcemap_locate(struct sv_arena *a, struct sv_slice text, size_t offset,
                         struct sv_source_place *ret);

#endif
