// SPDX-License-Identifier: Apache-2.0
// Crontabs: variables, and jobs behind their time fields (crontab(5), anacrontab(5)).
#include <ctype.h>

#include "base/limits.h"
#include "model/host_files.h"

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct sv_slice word(struct sv_slice *rest)
{
    size_t from = 0, to;
    while (from < rest->n && blank(rest->p[from]))
        from++;
    for (to = from; to < rest->n && !blank(rest->p[to]); to++)
        ;
    struct sv_slice w = sv_slice_sub(*rest, from, to);
    while (to < rest->n && blank(rest->p[to]))
        to++;
    *rest = sv_slice_sub(*rest, to, rest->n);
    return w;
}

/* NAME = value, with blanks and one pair of quotes as cron takes them. */
static bool variable(struct sv_slice line, struct sv_cron_variable *ret)
{
    size_t eq = sv_slice_chr(line, '=');
    struct sv_slice name = sv_slice_trim(sv_slice_sub(line, 0, eq));
    struct sv_slice value = sv_slice_trim(sv_slice_sub(line, eq + 1, line.n));
    if (eq == line.n || name.n == 0 || isdigit((unsigned char)name.p[0]))
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_')
            return false;
    if (value.n >= 2 && strchr("\"'", value.p[0]) && value.p[value.n - 1] == value.p[0])
        value = sv_slice_sub(value, 1, value.n - 1);
    *ret = (struct sv_cron_variable){.name = name, .value = value};
    return true;
}

/* "*", digits, names of months and days, steps, lists; "@daily" alone. */
static bool is_time(struct sv_slice w)
{
    for (size_t i = 0; i < w.n; i++)
        if (!isalnum((unsigned char)w.p[i]) && !strchr("*,-/?~#", w.p[i]))
            return false;
    return w.n > 0;
}

static bool job(struct sv_slice line, enum sv_host_file_kind kind, struct sv_cron_job *ret)
{
    struct sv_slice rest = line;
    if (kind == SV_HOST_ANACRONTAB) {
        for (int i = 0; i < 3; i++) /* period, delay, name */
            (void)word(&rest);
    } else if (line.p[0] == '@') {
        (void)word(&rest);
    } else {
        for (int i = 0; i < 5; i++)
            if (!is_time(word(&rest)))
                return false;
    }
    *ret = (struct sv_cron_job){0};
    if (kind == SV_HOST_CRONTAB)
        ret->user = word(&rest);
    size_t percent = 0;
    while (percent < rest.n &&
           (rest.p[percent] != '%' || (percent && rest.p[percent - 1] == '\\')))
        percent++;
    ret->command = sv_slice_trim(sv_slice_sub(rest, 0, percent));
    ret->input = sv_slice_sub(rest, percent + 1, rest.n);
    return ret->command.n > 0;
}

void sv_crontab_parse(struct sv_arena *a, struct sv_slice text, enum sv_host_file_kind kind,
                      struct sv_crontab *ret)
{
    uint32_t number = 1;
    for (struct sv_slice rest = text; rest.n; number++) {
        struct sv_slice line = sv_slice_sub(rest, 0, sv_slice_chr(rest, '\n'));
        struct sv_cron_variable v;
        struct sv_cron_job j;
        rest = sv_slice_sub(rest, line.n + 1, rest.n);
        line = sv_slice_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (ret->jobs.n + ret->variables.n >= SV_MAX_CRON_LINES) {
            ret->cut = number;
            return;
        }
        if (variable(line, &v)) {
            v.line = number;
            sv_vec_push(a, &ret->variables, v);
        } else if (job(line, kind, &j)) {
            j.line = number;
            sv_vec_push(a, &ret->jobs, j);
        }
    }
}
