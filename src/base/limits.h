// SPDX-License-Identifier: Apache-2.0
// Every bound on hostile input, in one place, each with its reason.
#ifndef SV_BASE_LIMITS_H
#define SV_BASE_LIMITS_H

enum {
    SV_MAX_CONFIG_BYTES = 16 << 20,   /* real configurations stay far below 1 MiB a file */
    SV_MAX_CONFIG_FILES = 20000,      /* a large shared host has some thousand vhost files */
    SV_MAX_CONFIG_TOTAL = 256 << 20,  /* all configurations of one server together, in memory */
    SV_MAX_INCLUDE_DEPTH = 32,        /* cycles are found earlier; deeper is no honest nesting */
    SV_MAX_BLOCK_DEPTH = 128,         /* the parser keeps a stack of open blocks */
    SV_MAX_NODES = 4000000,           /* about 500 MB of nodes would follow */
    SV_MAX_ARGS = 65536,              /* server_name lists and maps can be long */
    SV_NGINX_BUFFER = 4096,           /* nginx: NGX_CONF_BUFFER; a longer word is refused */
    SV_APACHE_LINE_PIECES = 4096,     /* lines joined by backslashes; more lose their columns */
    SV_APACHE_INCLUDE_DEPTH = 128,    /* httpd: AP_MAX_INCLUDE_DEPTH */
    SV_APACHE_FOLDER_DEPTH = 20,      /* httpd: AP_MAX_INCLUDE_DIR_DEPTH */
    SV_APACHE_LISTED = 1000,          /* folders that Include looks into; people have dozens */
    SV_APACHE_MACRO_LINE = 8192,      /* httpd: MAX_STRING_LEN, its buffer for a macro's line */
    SV_APACHE_MACRO_ARGS = 64,        /* of one macro; each is searched for in each line */
    SV_APACHE_MACRO_DEPTH = 64,       /* macros that use macros; the reader keeps a stack */
    SV_APACHE_MACRO_LINES = 2000000,  /* 10,000 virtual hosts of 200 lines each */
    SV_APACHE_MACRO_WORK = 2000 << 20, /* bytes searched for arguments; a second or two */
    SV_APACHE_EXPANDED = 128 << 20,   /* all texts made of ${VAR} and macros, in memory */
    SV_APACHE_DEFINES = 20000,        /* each is looked up; people write dozens */
    SV_APACHE_MODULES = 1024,         /* httpd: DYNAMIC_MODULE_LIMIT is 256 by default */
    SV_MAX_DIAGS_PER_FILE = 100,      /* a binary file fed as configuration must not flood */
    SV_MAX_PATH = 4096,               /* PATH_MAX of Linux */
    SV_MAX_FS_FACTS = 16384,          /* paths whose facts are kept: some 4 MB */
    SV_MAX_SYMLINKS = 40,             /* the kernel's own limit (path_resolution(7)) */
    SV_MAX_DIR_ENTRIES = 1000000,     /* one folder; more is reported as skipped */
    SV_MAX_WALK_DEPTH = 256,          /* folders below a web root; deeper is reported as skipped */
    SV_SECRET_CHUNK = 1 << 20,        /* a file is searched in pieces of this size */
    SV_SECRET_OVERLAP = 64 << 10,     /* ... which share this much: no secret is longer */
    SV_MAX_SECRET_FILE = 1 << 30,     /* bytes of one file that are searched: a second's work */
    SV_MAX_SECRET_HITS = 10000,       /* of one file: a list of keys need not fill the memory */
    SV_MAX_LOG_BYTES = 1 << 30,       /* of all logs, newest first: some seconds' work */
    SV_LOG_PACKED = 10,               /* a packed log counts tenfold: texts shrink by that */
    SV_MAX_LOG_FILES = 200000,        /* with 10,000 sites and two weeks of rotated files */
    SV_MAX_LOG_DEPTH = 32,            /* folders below /var/log; the walk is recursive */
    SV_MAX_JOBS = 64,                 /* threads that search files */
    SV_MAX_WALK_FILES = 5000000,      /* files looked at in one run */
    SV_MAX_CONTENT_HEAD = 64 << 10,   /* text tests look at this much of a file */
    SV_MAX_YAML_DEPTH = 64,           /* no honest file nests deeper; the reader keeps a stack */
    SV_MAX_YAML_NODES = 200000,       /* a file of 1 MiB has fewer */
    SV_MAX_JSON_DEPTH = 128,          /* the reader keeps a stack */
    SV_MAX_JSON_NODES = 2000000,      /* a container's or a lock file's stays far below */
    SV_MAX_UNIT_LINE = 1 << 20,       /* systemd: LONG_LINE_MAX, with the lines joined to it */
    SV_MAX_ENV_LINES = 10000,         /* variables of one file; a program's environment is small */
    SV_MAX_ETC_ENTRIES = 200000,      /* files and folders below /etc; a large one has 10,000 */
    SV_MAX_HOST_FILES = 100000,       /* of cron, shells and sudo: a host with 4,000 homes */
    SV_MAX_CRON_LINES = 20000,        /* jobs and variables of one table */
    SV_MAX_HOST_FILE_BYTES = 4 << 20, /* of one such file: histories grow, the rest is small */
    SV_MAX_COMMAND_WORDS = 65536,     /* of one command line; the kernel's limit is 2 MiB of them */
    SV_MAX_UNITS = 20000,             /* unit files of one machine; a large one has a thousand */
    SV_MAX_RULES_BYTES = 1 << 20,     /* one file of rules */
    SV_MAX_REWRITE_LOOPS = 10,        /* nginx: NGX_HTTP_MAX_URI_CHANGES */
    SV_MAX_APACHE_REDIRECTS = 10,     /* httpd: LimitInternalRecursion's default, both numbers */
    SV_MAX_APACHE_LOOKUPS = 500,      /* sub-requests of one request: index names, variants */
    SV_MAX_PROXY_HOPS = 4,            /* servers of one host that hand a request on to each other */
    SV_MAX_SUBST_BYTES = 64 << 10,    /* one evaluated variable text */
    SV_MAX_APACHE_ENV = 4 << 20,      /* httpd: all that SetEnvIf sets for one request */
    SV_MAX_PLACES = 1024,             /* URLs of one folder that a check asks the server about */
    SV_MAX_EXPR_DEPTH = 40,           /* brackets in an httpd expression; httpd gives up at 20 */
    SV_MAX_LOOKUPS = 3,               /* httpd: sub-requests that conditions ask for, nested */
    SV_MAX_REWRITE_STEPS = 50000,     /* httpd: RewriteRules tried for one request */
    SV_MAX_APACHE_NAME = 2 * 8190,    /* httpd: a rewritten name, twice LimitRequestLine */
    SV_MAX_REWRITE_MAP = 4 << 20,     /* httpd: bytes of a RewriteMap's text file */
    SV_MAX_TAINT_DEPTH = 6,           /* set of set of map ...; each step can look at every set */
    SV_MAX_FINDINGS = 100000,         /* the report stays readable by machines */
    SV_MAX_URL = 64 << 10,            /* one line of url --batch */
    SV_REGEX_MATCH_LIMIT = 100000,    /* PCRE2 steps: 0.2 ms with JIT at the limit */
    SV_REGEX_HEAP_KIB = 4096,         /* PCRE2 heap for the interpreter */
    SV_REGEX_DEPTH_LIMIT = 20000,     /* PCRE2 nesting of the interpreter's backtracking */
    SV_REGEX_JIT_STACK = 512 << 10,   /* bytes a thread; the default of 32 KiB is soon used up */
    SV_SECRET_NEAR = 512,             /* a pattern first sees so much: most tokens are shorter */
    SV_SECRET_REACH = 16 << 10,       /* then so much: private keys of 16,384 bits are shorter */
    SV_SECRET_FAR_TRIES = 64,         /* long looks of one rule in each such stretch of text */
    SV_SECRET_LINE_CELL = 2 << 10,    /* longer lines are tried piece by piece, pieces overlap */
    SV_SECRET_LIMIT_HITS = 64,        /* work limits hit in one text that switch a rule off there */
    SV_SECRET_MAX_FOUND = 65536,      /* matches in one text; the rest is counted as a limit */
    SV_MAX_KEY_BASE64 = 24 << 10,     /* characters of one key: RSA of 16,384 bits has 12,700 */
    SV_MAX_KEYS_LOOKED_AT = 64,       /* beginnings of keys of one kind in one text */
    SV_MAX_KEY_PARTS = 4096,          /* packets, entries, bags of one key store */
    SV_MAX_PGP_BYTES = 1 << 20,       /* of a key ring: with photos and signatures */
    SV_MAX_KUBERNETES_VALUE = 64 << 10, /* of a Secret's entry: longer ones are archives */
    SV_MAX_DOC_NODES = 65536,         /* of a JSON or YAML file that may hold credentials: 6 MB */
    SV_MAX_DOC_DEPTH = 64,            /* its nesting; the reader keeps a stack */
    SV_SECRET_CLUSTER = 512,          /* overlapping matches weighed against each other at once */
};

#endif
