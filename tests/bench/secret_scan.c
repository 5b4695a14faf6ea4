// SPDX-License-Identifier: Apache-2.0
// For make bench: reads every file below folders, through nothing, the gate alone or the search.
//
// secret_scan read|gate|search FOLDER... prints files, bytes and what was found.
// secret_scan patterns prints the rules' patterns, one a line, those without case marked (?i).
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "secrets/search.h"

static char buffer[SV_SEARCH_CHUNK + (64 << 10)];
static struct sv_search *search;
static struct sv_arena arena;
static const char *mode;
static size_t files, bytes, found, limits;

static size_t look(struct sv_slice text, struct sv_search_at *at, bool last)
{
    struct sv_secret_hits hits;
    if (*mode == 'r')
        return 0;
    if (*mode == 'g') {
        found += sv_search_gate_count(search, text);
        return 0;
    }
    size_t keep = sv_search_chunk(search, &arena, text, at, last, &hits);
    found += hits.list.n;
    limits += hits.limits;
    if (getenv("SHOW"))
        sv_vec_each(h, &hits.list)
            printf("%s%s\n", h->rule->id, h->placeholder ? " placeholder" : "");
    return keep;
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)ftw;
    if (type != FTW_F || !S_ISREG(st->st_mode))
        return 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct sv_search_at at = {0};
    size_t have = 0;
    files++;
    for (;;) {
        ssize_t n = read(fd, buffer + have, sizeof buffer - have);
        size_t got = n > 0 ? (size_t)n : 0;
        bool last = have + got < sizeof buffer;
        bytes += got;
        size_t keep = look((struct sv_slice){buffer, have + got}, &at, last);
        if (last)
            break;
        memmove(buffer, buffer + have + got - keep, keep);
        have = keep;
    }
    close(fd);
    sv_arena_clear(&arena);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "patterns") == 0) {
        for (size_t i = 0; i < sv_n_secret_rules; i++)
            printf("%s%s\n", sv_secret_rules[i].flags & SV_RULE_NOCASE ? "(?i)" : "",
                   sv_secret_rules[i].pattern);
        return 0;
    }
    if (argc < 3)
        return 2;
    mode = argv[1];
    search = sv_search_new();
    for (int i = 2; i < argc; i++)
        if (nftw(argv[i], visit, 32, FTW_PHYS) < 0)
            perror(argv[i]);
    printf("%zu files, %zu bytes, %zu found, %zu limits\n", files, bytes, found, limits);
    sv_search_free(search);
    return 0;
}
