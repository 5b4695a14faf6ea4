// SPDX-License-Identifier: Apache-2.0
// MD5 (RFC 1321), which packages and httpd's expressions name contents by; it protects nothing.
#ifndef SV_BASE_MD5_H
#define SV_BASE_MD5_H

#include <stdint.h>

#include "base/slice.h"

enum { SV_MD5_HEX = 33 }; /* digits and a NUL */

struct sv_md5 {
    uint32_t h[4];
    uint64_t n; /* bytes so far */
    char block[64];
};

void sv_md5_start(struct sv_md5 *m);
void sv_md5_add(struct sv_md5 *m, struct sv_slice s);
/* Ends the text: 32 lower-case digits and a NUL. */
void sv_md5_hex(struct sv_md5 *m, char ret_hex[SV_MD5_HEX]);

#endif
