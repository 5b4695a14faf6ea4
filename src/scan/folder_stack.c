// SPDX-License-Identifier: Apache-2.0
// A stack under a lock; it is empty for good once no thread is inside of a folder any more.
#include "scan/folder_stack.h"

#include <stdlib.h>
#include <string.h>

void sv_folders_open(struct sv_folder_stack *s)
{
    *s = (struct sv_folder_stack){.busy = 0};
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->wake, NULL);
}

void sv_folders_close(struct sv_folder_stack *s)
{
    for (struct sv_folder *f; (f = s->top);) {
        s->top = f->next;
        free(f);
    }
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
}

void sv_folders_push(struct sv_folder_stack *s, const char *path, unsigned depth, bool file)
{
    size_t n = strlen(path) + 1;
    struct sv_folder *f = malloc(sizeof *f + n);
    if (!f)
        abort(); /* as an arena does: an audit that skips a part in silence would be worse */
    f->depth = depth;
    f->file = file;
    memcpy(f->path, path, n);
    pthread_mutex_lock(&s->lock);
    f->next = s->top;
    s->top = f;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

struct sv_folder *sv_folders_pop(struct sv_folder_stack *s)
{
    pthread_mutex_lock(&s->lock);
    while (!s->top && s->busy && !s->stopped)
        pthread_cond_wait(&s->wake, &s->lock);
    struct sv_folder *f = s->stopped ? NULL : s->top;
    if (f) {
        s->top = f->next;
        s->busy++;
    } else {
        pthread_cond_broadcast(&s->wake);
    }
    pthread_mutex_unlock(&s->lock);
    return f;
}

void sv_folders_done(struct sv_folder_stack *s)
{
    pthread_mutex_lock(&s->lock);
    if (--s->busy == 0 && !s->top)
        pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

void sv_folders_stop(struct sv_folder_stack *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopped = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
}
