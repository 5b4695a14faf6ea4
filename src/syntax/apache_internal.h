// SPDX-License-Identifier: Apache-2.0
// State of one configuration's load; private to the Apache syntax files.
#ifndef SV_SYNTAX_APACHE_INTERNAL_H
#define SV_SYNTAX_APACHE_INTERNAL_H

#include "base/map.h"
#include "syntax/apache.h"
#include "syntax/apache_lex.h"

/* ---- a map from names to things ---- */

struct ap_map {
    struct sv_map places;   /* a name: the place in `values` plus one */
    SV_VEC(void *) values;  /* NULL: taken out */
};

void *ap_map_get(const struct ap_map *m, struct sv_slice key);
void ap_map_put(struct sv_arena *a, struct ap_map *m, struct sv_slice key, void *value);
struct sv_slice ap_lower(struct sv_arena *a, struct sv_slice s);

/* ---- what is known while a configuration is read ---- */

struct ap_loaded {
    const char *path;
    uint32_t file; /* source id, 0: could not be read */
    int error;
};

struct ap_on_stack {
    const char *path;
    unsigned changes; /* load->changes when this file was begun */
};

struct ap_macro_line {
    struct sv_slice text;
    struct sv_span span;
};

struct ap_macro {
    struct sv_slice name; /* in lower case */
    SV_VEC(struct sv_slice) args;
    SV_VEC(struct ap_macro_line) lines;
};

struct ap_load {
    struct sv_syntax *sx;
    struct sv_apache_tree *tree;
    const struct sv_apache_tree *preset; /* or NULL */
    struct ap_map files;                 /* path: struct ap_loaded */
    struct ap_map names;   /* Define: the name as <IfDefine> asks it: struct sv_apache_var */
    struct ap_map values;  /* Define with a value, in lower case, as ${VAR} asks it: the same */
    struct ap_map env;     /* struct sv_apache_var */
    struct ap_map macros;  /* struct ap_macro */
    struct ap_on_stack stack[128];
    unsigned depth;
    unsigned changes;      /* how often a condition's answer may have changed */
    size_t expanded;       /* bytes made of ${VAR} and macros */
    size_t macro_lines, macro_work;
    unsigned file_tests, includes, listed; /* listed: folders that patterns looked into */
    bool too_deep, too_much; /* said once */
    bool saw_module;       /* a LoadModule was read */
    bool packaged;         /* it is known which modules are built in */
    bool debian;           /* the built-in modules are those of Debian's package */
};

struct ap_input {
    uint32_t file;
    struct sv_slice text;
    size_t at;
    const struct ap_macro *macro; /* NULL: a file */
    struct sv_slice *values, *quoted; /* of the macro's arguments */
    struct sv_node *included_by;
};

struct ap_open {
    struct sv_slice name;         /* as spelled */
    struct sv_node *node, *block; /* the section, and where directives went before it */
    bool condition, off;
};

/* One file (or one .htaccess) being read; macros put their lines before the rest of it. */
struct ap_parser {
    struct ap_load *load;
    struct sv_syntax *sx;
    struct sv_node *block, *base;
    SV_VEC(struct ap_input) inputs;
    SV_VEC(struct ap_open) open;
    struct ap_line line;
    struct sv_node *included_by; /* of the line */
    struct sv_slice raw; /* the line before its variables were filled in */
    unsigned off; /* open sections in which nothing is in force */
    unsigned depth, diags;
    bool htaccess;
    const struct sv_node *broken; /* the first line that ends httpd's reading; not in the tree */
};

void ap_complain(struct ap_parser *p, enum sv_diag_level level, struct sv_span at, const char *fmt,
                 ...) __attribute__((format(printf, 4, 5)));
/* For messages: at most 60 bytes of s, NUL-terminated. */
const char *ap_shown(struct ap_parser *p, struct sv_slice s);
bool ap_next_line(struct ap_parser *p);
void ap_parse_file(struct ap_load *load, uint32_t file, struct sv_node *parent,
                   struct sv_node *included_by);
void ap_parse(struct ap_parser *p);

void ap_include(struct ap_parser *p, struct sv_node *n, bool optional);
/* Reads a file once; *ret_error (negative errno) if it cannot be read, and 0 returned. */
uint32_t ap_file_of(struct ap_load *load, const char *path, int *ret_error);

/* False: not one of httpd's conditions. */
bool ap_is_condition(struct sv_slice name);
/* Decides it; false also when it cannot be decided, which is then diagnosed. */
bool ap_condition(struct ap_parser *p, struct sv_node *n);

void ap_define(struct ap_parser *p, struct sv_node *n);
void ap_undefine(struct ap_parser *p, struct sv_node *n);
bool ap_defined(const struct ap_load *load, struct sv_slice name);
/* ${VAR} replaced (the same slice if there is none); *ret_missing is set to the first that is not
 * defined and is not of the kind ${map:key}. */
struct sv_slice ap_expand(struct ap_parser *p, struct sv_slice s, struct sv_slice *ret_missing);

void ap_environment(struct ap_load *load, uint32_t file);

void ap_macro_section(struct ap_parser *p, struct sv_node *n);
void ap_macro_use(struct ap_parser *p, struct sv_node *n);
void ap_macro_undef(struct ap_parser *p, struct sv_node *n);
/* The next line of the macro on top of the inputs; false at its end. */
bool ap_macro_line(struct ap_parser *p, struct ap_input *in, struct ap_line *ret);

void ap_modules_built_in(struct ap_load *load);
/* The last step: names that are not known. */
void ap_check_names(struct ap_load *load);
void ap_load_module(struct ap_parser *p, struct sv_node *n);

#endif
