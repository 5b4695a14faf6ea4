// SPDX-License-Identifier: Apache-2.0
// Quotes words for a shell.
#include "base/shell.h"

#include <ctype.h>

static bool harmless(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_./:@%+,=-", *p))
            return false;
    return text[0] && text[0] != '-' && text[0] != '=';
}

const char *sv_shell_quote(struct sv_arena *a, const char *text)
{
    if (harmless(text))
        return text;
    char *out = sv_arena_alloc(a, 4 * strlen(text) + 3), *at = out;
    *at++ = '\'';
    for (const char *p = text; *p; p++) {
        if (*p == '\'') {
            memcpy(at, "'\\''", 4);
            at += 4;
        } else {
            *at++ = *p;
        }
    }
    *at++ = '\'';
    return out;
}
