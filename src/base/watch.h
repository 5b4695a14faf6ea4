// SPDX-License-Identifier: Apache-2.0
// Whoever waits is told what is being looked at; NULL: no one waits.
#ifndef SV_BASE_WATCH_H
#define SV_BASE_WATCH_H

struct sv_watch {
    void (*at)(struct sv_watch *w, const char *path);
};

static inline void sv_watch_at(struct sv_watch *w, const char *path)
{
    if (w && w->at)
        w->at(w, path);
}

#endif
