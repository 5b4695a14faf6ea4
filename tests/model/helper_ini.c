// SPDX-License-Identifier: Apache-2.0
// Prints what an INI file holds, for the comparison with php-fpm and with Python's configparser.
//
// helper_ini php|python FILE: for each setting its section, key and value in hex, one a line.
#include <stdio.h>
#include <stdlib.h>

#include "syntax/ini.h"

static void print(struct sv_slice s, char end)
{
    for (size_t i = 0; i < s.n; i++)
        printf("%02x", (unsigned char)s.p[i]);
    putchar(end);
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    struct sv_arena a = {0};
    struct sv_sources sources = {.arena = &a};
    struct sv_diags diags = {.arena = &a};
    struct sv_syntax sx = {.arena = &a, .sources = &sources, .diags = &diags};
    FILE *f = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (!f)
        return 2;
    struct sv_slice all = {text, fread(text, 1, sizeof text, f)};
    fclose(f);
    enum sv_ini_style style = strcmp(argv[1], "php") == 0 ? SV_INI_PHP : SV_INI_PYTHON;
    struct sv_node *root = sv_ini_parse(&sx, sv_source_add(&sources, argv[2], all), style);
    sv_node_each(section, root)
    {
        sv_node_each(n, section)
        {
            print(section->name, ' ');
            print(n->name, ' ');
            print(sv_node_arg(n, 0), '\n');
        }
    }
    sv_arena_clear(&a);
    return 0;
}
