// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a key or key store, and as text with one in it.
#include <stdint.h>
#include <stdlib.h>

#include "secrets/keys.h"

static void check(const struct sv_key *key, struct sv_slice text)
{
    if (key->state == SV_KEY_NONE)
        return;
    if (!key->rule || !key->what || key->value.p < text.p ||
        key->value.p + key->value.n > text.p + text.n)
        abort(); /* nameless, or not of the text */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sv_slice text = {(const char *)data, size};
    struct sv_key whole = sv_key_of_bytes(text, false), cut = sv_key_of_bytes(text, true);
    struct sv_key armoured = sv_key_in_text(text);
    check(&whole, text);
    check(&cut, text);
    check(&armoured, text);
    if (whole.state == SV_KEY_PLAIN && cut.state != SV_KEY_PLAIN)
        abort(); /* what follows takes nothing away */
    return 0;
}
