// SPDX-License-Identifier: Apache-2.0
// Folders that wait for a thread, any of which may bring more; private to scan.
#ifndef SV_SCAN_FOLDER_STACK_H
#define SV_SCAN_FOLDER_STACK_H

#include <pthread.h>
#include <stdbool.h>

struct sv_folder {
    struct sv_folder *next;
    unsigned depth;
    bool file; /* a file that was asked for by name */
    char path[];
};

struct sv_folder_stack {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct sv_folder *top;
    unsigned busy; /* threads with a folder, which may bring more */
    bool stopped;  /* nobody wants the rest */
};

/* Not to be moved between the two; no thread uses it any more when it is closed. */
void sv_folders_open(struct sv_folder_stack *s);
void sv_folders_close(struct sv_folder_stack *s);

void sv_folders_push(struct sv_folder_stack *s, const char *path, unsigned depth, bool file);
/* The next folder, the caller's to free; waits while other threads may bring one. NULL when none is
 * left and nobody can bring one, or nobody wants it. */
struct sv_folder *sv_folders_pop(struct sv_folder_stack *s);
/* Once for each that was popped: it brings no more. */
void sv_folders_done(struct sv_folder_stack *s);
/* Who is inside of a folder finishes it, and no other is begun. */
void sv_folders_stop(struct sv_folder_stack *s);

#endif
