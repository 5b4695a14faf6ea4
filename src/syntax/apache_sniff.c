// SPDX-License-Identifier: Apache-2.0
// Guesses whether a text is httpd configuration.
#include "syntax/apache.h"
#include "syntax/apache_lex.h"

/* Names that other formats hardly begin a line with. */
static bool telling(struct sv_slice word)
{
    static const char *const names[] = {
        "DocumentRoot",       "ServerName",    "ServerAlias",     "ServerRoot",
        "LoadModule",         "Require",       "IncludeOptional",
        "AllowOverride",      "RewriteEngine", "RewriteRule",     "RewriteCond",
        "CustomLog",          "ErrorLog",      "DirectoryIndex",  "AuthType",
        "AuthUserFile",       "AddHandler",    "SetHandler",      "AddType",
        "ProxyPass",          "ScriptAlias",   "ErrorDocument",   "SSLEngine",
        "SSLCertificateFile", "ServerAdmin",   "AliasMatch",      "RedirectMatch",
        "ServerSignature",    "ServerTokens",  "ExpiresActive",   "SetEnvIf",
        "php_value",          "php_flag",      "php_admin_value"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(word, names[i]))
            return true;
    return false;
}

static bool telling_section(struct sv_slice word)
{
    static const char *const names[] = {
        "VirtualHost", "Directory",   "DirectoryMatch", "Files",      "FilesMatch",
        "Location",    "IfModule",    "IfDefine",       "IfVersion",  "LocationMatch",
        "Limit",       "LimitExcept", "RequireAll",     "RequireAny", "RequireNone",
        "Proxy",       "ProxyMatch",  "Macro",          "IfFile",     "IfDirective",
        "IfSection"};
    word = sv_slice_sub(word, 1, word.n - sv_slice_ends(word, ">"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (sv_slice_is_nocase(word, names[i]))
            return true;
    return false;
}

bool sv_apache_sniff(struct sv_slice text)
{
    enum { LOOKED_AT = 2000, ENOUGH = 2 };
    unsigned hits = 0;
    size_t at = 0;
    for (unsigned lines = 0; at < text.n && lines < LOOKED_AT; lines++) {
        size_t n = sv_slice_chr(sv_slice_sub(text, at, text.n), '\n');
        struct sv_slice line = sv_slice_trim(sv_slice_sub(text, at, at + n));
        at += n + 1;
        size_t end = 0;
        while (end < line.n && !ap_blank(line.p[end]))
            end++;
        struct sv_slice word = sv_slice_sub(line, 0, end);
        char last = line.n ? line.p[line.n - 1] : 0;
        if (word.n > 1 && word.p[0] == '<' && telling_section(word) && last == '>')
            return true;
        hits += end < line.n && last != ';' && last != '{' && telling(word);
        if (hits >= ENOUGH)
            return true;
    }
    return hits > 0 && sv_slice_chr(text, '{') == text.n && sv_slice_chr(text, ';') == text.n;
}
