// SPDX-License-Identifier: Apache-2.0
// A folder for a test that needs files: made by the shell, removed with all that is in it.
#ifndef SV_TESTS_UNIT_ROOT_DIR_H
#define SV_TESTS_UNIT_ROOT_DIR_H

#include <stdio.h>
#include <stdlib.h>

/* `commands` run in a new folder, whose path is *state from then on. */
static inline int root_dir_make(void **state, const char *commands)
{
    static char dir[] = "/tmp/srvaudit-unit-XXXXXX";
    char cmd[1024];
    if (!mkdtemp(dir) ||
        snprintf(cmd, sizeof cmd, "cd %s && %s", dir, commands) >= (int)sizeof cmd)
        return -1;
    *state = dir;
    return system(cmd);
}

static inline int root_dir_remove(void **state)
{
    char cmd[256];
    snprintf(cmd, sizeof cmd, "rm -rf %s", (const char *)*state);
    return system(cmd);
}

#endif
