// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), for fingerprints only.
#ifndef SV_BASE_SHA256_H
#define SV_BASE_SHA256_H

#include "base/slice.h"

/* Writes 2 * bytes lower-case hex digits and a NUL; bytes is at most 32. */
void sv_sha256_hex(struct sv_slice text, char *ret_hex, size_t bytes);

#endif
