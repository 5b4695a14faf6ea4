// SPDX-License-Identifier: Apache-2.0
// Fuzz target: any bytes as a packed file or a database that is searched for secrets. The first
// byte chooses: 0, the rest is the file; else a database of so many half KiB, and then its log.
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "scan/secrets_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGE = 512 };
/* No file of a fuzzer says so much; what a bound cuts off is said in a few words. */
enum { MANY_SKIPS = 1000 };

static char path[] = "/tmp/srvaudit-fuzz-XXXXXX";

static void remove_folder(void)
{
    static const char *const names[] = {"file", "file-wal"};
    int dir = open(path, O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; dir >= 0 && i < sizeof names / sizeof *names; i++)
        unlinkat(dir, names[i], 0);
    rmdir(path);
}

static int folder(void)
{
    int dir = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
    if (dir < 0 || atexit(remove_folder) != 0)
        abort();
    return dir;
}

static void put(int dir, const char *name, struct sv_slice text)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || (text.n && write(fd, text.p, text.n) != (ssize_t)text.n))
        abort();
    close(fd);
}

static void look(struct sv_searcher *s, int dir, const char *name)
{
    sv_search_entry(s, dir, name, name, true);
    sv_vec_each(p, &s->found.list)
    {
        if (!p->path || !p->redacted || strlen(p->id) != 32 || p->line == 0 || p->column == 0)
            abort();
    }
    sv_vec_each(k, &s->found.skipped)
    {
        if (!k->path || !k->reason || !k->reason[0])
            abort();
    }
    if (s->found.skipped.n > MANY_SKIPS)
        abort();
    sv_searcher_reset(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sv_searcher s; /* patterns compile once */
    static int dir = -1;
    if (size == 0)
        return 0;
    if (!s.search && (sv_searcher_open(&s) < 0 || (dir = folder()) < 0))
        abort();
    struct sv_slice all = {(const char *)data + 1, size - 1};
    size_t pages = (size_t)data[0] * PAGE;
    put(dir, "file", sv_slice_sub(all, 0, pages ? pages : all.n));
    if (pages && pages < all.n)
        put(dir, "file-wal", sv_slice_sub(all, pages, all.n));
    else
        unlinkat(dir, "file-wal", 0);
    look(&s, dir, "file");
    return 0;
}
