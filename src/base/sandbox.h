// SPDX-License-Identifier: Apache-2.0
// What the process gives up before it looks at what strangers may have written.
#ifndef SV_BASE_SANDBOX_H
#define SV_BASE_SANDBOX_H

#include <stdbool.h>

struct sv_sandbox {
    const char *root;       /* what is audited: read-only below */
    const char *read_also;  /* one more file to read, or NULL */
    const char *output_dir; /* the one folder that may be written, or NULL: nothing may */
};

/* What the kernel did not let us give up; 0 is fully confined. */
enum sv_unconfined {
    SV_UNCONFINED_LANDLOCK = 1,     /* landlock(7): files outside, writing */
    SV_UNCONFINED_SECCOMP = 2,      /* seccomp(2): network, programs, tracing, mounts */
    SV_UNCONFINED_CAPABILITIES = 4, /* capabilities(7): all but reading past modes */
};

/* Core dumps off, no new privileges, then Landlock, capabilities and seccomp. Cannot be undone.
 * What the kernel lacks is left out and told; system calls that are shut answer EPERM. What the
 * loader needs for the libraries that come later (base/late.h: libxml2, libmagic, libarchive,
 * SQLite and what they bring) stays readable, libmagic's tables as well. */
unsigned sv_sandbox_enter(const struct sv_sandbox *s);
/* "Landlock, seccomp" for people; "" for 0. The text is static. */
const char *sv_sandbox_lacks(unsigned unconfined);

#endif
