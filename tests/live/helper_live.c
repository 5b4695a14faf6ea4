// SPDX-License-Identifier: Apache-2.0
// Prints what the model says of the running processes, for the comparison with the kernel.
//
// helper_live UID:GID...: a line for each process and each identity: pid, uid, gid, 1 if its
// environment can be read. helper_live --group TEXT: unit and container of a cgroup file's text.
#include <stdio.h>
#include <stdlib.h>

#include "scan/live.h"

static int group(struct sv_arena *a, const char *text)
{
    struct sv_process p = {0};
    sv_live_group(a, sv_slice_of(text), &p);
    printf("%s %s\n", p.unit ? p.unit : "-", p.container ? p.container : "-");
    return 0;
}

int main(int argc, char **argv)
{
    struct sv_arena a = {0};
    struct sv_live live = {0};
    int rc = 0;
    if (argc == 3 && strcmp(argv[1], "--group") == 0)
        rc = group(&a, argv[2]);
    else
        rc = sv_live_read(&a, &live) < 0;
    sv_vec_each(p, &live.list)
    {
        for (int i = 1; i < argc; i++) {
            char *end;
            unsigned long uid = strtoul(argv[i], &end, 10);
            unsigned long gid = strtoul(end + 1, NULL, 10);
            printf("%d %lu %lu %d\n", p->pid, uid, gid,
                   sv_process_readable_by(p, (uid_t)uid, (gid_t)gid));
        }
    }
    sv_arena_wipe(&a);
    return rc;
}
