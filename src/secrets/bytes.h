// SPDX-License-Identifier: Apache-2.0
// Small bounded readers that the validators share: base64, base32, base58, CRC32, hex.
#ifndef SV_SECRETS_BYTES_H
#define SV_SECRETS_BYTES_H

#include <stdint.h>

#include "base/slice.h"

/* Either alphabet of base64, with or without padding; reads until a byte that is of neither or the
 * room is used up. Returns the number of bytes written; *ret_used, if given, counts what was read
 * without the padding. */
size_t sv_base64(struct sv_slice text, unsigned char *out, size_t room, size_t *ret_used);
/* All of the text, upper-case RFC 4648 without padding; 0 if a character is of another alphabet. */
size_t sv_base32(struct sv_slice text, unsigned char *out, size_t room);
/* All of the text as a number in Bitcoin's alphabet, big-endian with its leading zeros; 0 if it
 * is not such a number or does not fit. */
size_t sv_base58(struct sv_slice text, unsigned char *out, size_t room);
uint32_t sv_crc32(struct sv_slice text); /* IEEE 802.3, as zlib's */
/* The value of `key`, a string or a number, in a flat reading of JSON: the first member of that
 * name at the top level. Empty with p == NULL if there is none. Strings are not unescaped. */
struct sv_slice sv_json_member(struct sv_slice json, const char *key);

#endif
