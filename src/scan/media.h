// SPDX-License-Identifier: Apache-2.0
// Pictures, fonts, sound and video, which are told by their bytes: names lie.
#ifndef SV_SCAN_MEDIA_H
#define SV_SCAN_MEDIA_H

#include "base/slice.h"

enum { SV_MEDIA_HEAD = 512, SV_MEDIA_TAIL = 8 };

/* By its name a picture, a font, sound or video: whether it is one the first bytes say. */
bool sv_media_name(struct sv_slice name);
/* `head` holds at least the first SV_MEDIA_HEAD bytes, or all there are. */
bool sv_is_media(struct sv_slice head);
/* False if a picture does not end where its format says so: other bytes stand behind it. Of formats
 * that do not say, true. `tail`: the last SV_MEDIA_TAIL bytes, or more; `size`: of the whole. */
bool sv_media_is_whole(struct sv_slice head, struct sv_slice tail, uint64_t size);

#endif
