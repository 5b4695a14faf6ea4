// SPDX-License-Identifier: Apache-2.0
// Quotes words for a shell, and shows names so that none of them begins a line of its own.
#include "base/shell.h"

#include <ctype.h>
#include <stdio.h>

static bool harmless(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_./:@%+,=-", *p))
            return false;
    return text[0] && text[0] != '-' && text[0] != '=';
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

const char *sv_control(const char *text)
{
    while (*text && !is_control(*text))
        text++;
    return text;
}

const char *sv_visible(struct sv_arena *a, const char *text)
{
    if (!*sv_control(text))
        return text;
    char *out = sv_arena_alloc(a, 4 * strlen(text) + 1), *at = out;
    for (const char *p = text; *p; p++)
        if (is_control(*p))
            at += snprintf(at, 5, "\\x%02x", (unsigned char)*p);
        else
            *at++ = *p;
    *at = '\0';
    return out;
}

/* $'...', which bash, zsh and POSIX since 2024 read: a line of advice stays one line. */
static const char *quote_control(struct sv_arena *a, const char *text)
{
    char *out = sv_arena_alloc(a, 4 * strlen(text) + 4), *at = out;
    *at++ = '$';
    *at++ = '\'';
    for (const char *p = text; *p; p++) {
        if (*p == '\n') {
            *at++ = '\\';
            *at++ = 'n';
        } else if (is_control(*p)) {
            at += snprintf(at, 5, "\\%03o", (unsigned char)*p);
        } else {
            if (*p == '\'' || *p == '\\')
                *at++ = '\\';
            *at++ = *p;
        }
    }
    *at++ = '\'';
    *at = '\0';
    return out;
}

const char *sv_shell_quote(struct sv_arena *a, const char *text)
{
    if (harmless(text))
        return text;
    if (*sv_control(text))
        return quote_control(a, text);
    char *out = sv_arena_alloc(a, 4 * strlen(text) + 3), *at = out;
    *at++ = '\'';
    for (const char *p = text; *p; p++) {
        if (*p == '\'') {
            memcpy(at, "'\\''", 4);
            at += 4;
        } else {
            *at++ = *p;
        }
    }
    *at++ = '\'';
    return out;
}
