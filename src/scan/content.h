// SPDX-License-Identifier: Apache-2.0
// What the tests of a file's content share; private to scan.
#ifndef SV_SCAN_CONTENT_H
#define SV_SCAN_CONTENT_H

#include "scan/rows.h"

struct sv_content {
    struct sv_arena *a;
    struct sv_file *f;    /* a test sets `what`, may lower `severity`, and adds secrets */
    struct sv_slice text; /* the head of the file */
    bool truncated;       /* the file goes on */
};

bool sv_content_has(struct sv_slice text, const char *needle);
bool sv_content_is_html(struct sv_slice text);
void sv_content_secret(struct sv_content *c, const char *rule, struct sv_slice name,
                       struct sv_slice value, uint32_t line, uint32_t column);
/* Lines of the form key=value or key: value; returns how many, notes the secrets. */
unsigned sv_content_assignments(struct sv_content *c, const char *separators);
/* YES with secrets, TEMPLATE without. */
enum sv_confirm sv_content_by_secrets(const struct sv_content *c);

/* content_keys.c */
enum sv_confirm sv_content_pem(struct sv_content *c);
enum sv_confirm sv_content_pkcs12(struct sv_content *c);
enum sv_confirm sv_content_key(struct sv_content *c);
enum sv_confirm sv_content_java_store(struct sv_content *c);
enum sv_confirm sv_content_pgp(struct sv_content *c);

/* content_lines.c: one line after the other, each with the same form. */
enum sv_confirm sv_content_urls(struct sv_content *c);
enum sv_confirm sv_content_netrc(struct sv_content *c);
enum sv_confirm sv_content_npmrc(struct sv_content *c);
enum sv_confirm sv_content_pgpass(struct sv_content *c);
enum sv_confirm sv_content_s3fs(struct sv_content *c);
enum sv_confirm sv_content_token(struct sv_content *c);
enum sv_confirm sv_content_hex32(struct sv_content *c);
enum sv_confirm sv_content_htpasswd(struct sv_content *c);
enum sv_confirm sv_content_htdigest(struct sv_content *c);
enum sv_confirm sv_content_shadow(struct sv_content *c);
enum sv_confirm sv_content_svn_entries(struct sv_content *c);
enum sv_confirm sv_content_session(struct sv_content *c);
/* True if the line has a URL with a password; it is noted unless it is a placeholder. */
bool sv_content_url_password(struct sv_content *c, struct sv_slice text, uint32_t number);

/* content_php.c */
enum sv_confirm sv_content_phpinfo_alone(struct sv_content *c);

/* content_structured.c: files with a grammar, read with it. */
/* Adds what only the document's structure makes a secret; true if it did. */
bool sv_content_documents(struct sv_content *c);
enum sv_confirm sv_content_json(struct sv_content *c);
/* Well-formed XML with an element, or an attribute value, of one of the names ("A|B", "" for any
 * document); secrets of elements and attributes are noted if asked for. */
enum sv_confirm sv_content_xml(struct sv_content *c, struct sv_slice names, bool secrets);

#endif
