// SPDX-License-Identifier: Apache-2.0
// Unit tests: slices, globs, paths, arenas, and what the rooted reader refuses.
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "base/identity.h"
#include "base/sha256.h"
#include "base/sqlite.h"
#include "base/shell.h"
#include "secrets/redact.h"
#include "root_dir.h"

static bool glob(const char *p, const char *t)
{
    return sv_glob_match(sv_slice_of(p), sv_slice_of(t));
}

static void test_glob(void **state)
{
    (void)state;
    assert_true(glob("*.conf", "a.conf"));
    assert_false(glob("*.conf", "a.conf.bak"));
    assert_true(glob("a?c[0-9]", "abc7"));
    assert_false(glob("a?c[!0-9]", "abc7"));
    assert_true(glob("nginx.*", "nginx.alias-traversal"));
    assert_true(glob("a\\*", "a*"));
    assert_false(glob("a\\*", "ab"));
    assert_false(glob("*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void test_arena_shrink(void **state)
{
    (void)state;
    struct sv_arena a = {0};
    char *p = sv_arena_alloc(&a, 5000);
    memset(p, 'x', 5000);
    sv_arena_shrink(&a, p, 5000, 10);
    assert_int_equal(a.total, 16);
    char *q = sv_arena_alloc(&a, 100);
    assert_ptr_equal(q, p + 16);
    assert_int_equal(q[50], 0);
    sv_arena_shrink(&a, p, 16, 1); /* not the newest: stays */
    assert_ptr_equal(sv_arena_alloc(&a, 1), q + 112);
    sv_arena_clear(&a);
}

/* Takes the place of libc's, for the arena as well, and looks at what is wiped. */
static struct {
    const char *p;
    size_t n, wiped;
} watched;

void explicit_bzero(void *p, size_t n)
{
    volatile char *to = p;
    uintptr_t from = (uintptr_t)p, at = (uintptr_t)watched.p;
    if (watched.p && from <= at && at < from + n)
        watched.wiped = from + n - at < watched.n ? from + n - at : watched.n;
    for (size_t i = 0; i < n; i++)
        to[i] = 0;
}

/* What was given back was written all the same. */
static void test_arena_wipe(void **state)
{
    struct sv_arena a = {0};
    (void)state;
    char *p = sv_arena_alloc(&a, 3000);
    memset(p, '\\', 3000);
    sv_arena_shrink(&a, p, 3000, 1000);
    watched.p = p;
    watched.n = 3000;
    sv_arena_wipe(&a);
    watched.p = NULL;
    assert_int_equal(watched.wiped, 3000);
}

/* Texts that fit into what is left of a chunk, that fill it, and that need another one. */
static void test_arena_printf(void **state)
{
    struct sv_arena a = {0};
    char want[5000];
    (void)state;
    assert_string_equal(sv_arena_printf(&a, "%s", ""), "");
    for (size_t n = 0; n < 600; n += 7) {
        memset(want, 'a' + (int)(n % 26), n);
        want[n] = '\0';
        size_t before = a.total;
        char *got = sv_arena_printf(&a, "%s", want), *next = sv_arena_alloc(&a, 1);
        *next = 'x';
        assert_string_equal(got, want);
        assert_int_equal(a.total, before + (n + 1 + 15) / 16 * 16 + 16);
    }
    memset(want, 'z', sizeof want - 1);
    want[sizeof want - 1] = '\0';
    assert_string_equal(sv_arena_printf(&a, "%s", want), want);
    sv_arena_wipe(&a);
}

static void test_path(void **state)
{
    (void)state;
    struct sv_arena a = {0};
    assert_string_equal(sv_path_join(&a, "/etc/nginx", "conf.d/../x"), "/etc/nginx/x");
    assert_string_equal(sv_path_join(&a, "/", "../../etc"), "/etc");
    assert_string_equal(sv_path_join(&a, "/x", "/a//b/./c/"), "/a/b/c");
    assert_true(sv_path_below("/srv/a", "/srv"));
    assert_false(sv_path_below("/srvx", "/srv"));
    assert_string_equal(sv_path_dir(&a, "/a"), "/");
    sv_arena_clear(&a);
}

static void test_sha256(void **state)
{
    (void)state;
    char hex[65];
    sv_sha256_hex(SV_LIT("abc"), hex, 32);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* A root with a file, links that try to leave it, a loop and a FIFO. */
static int make_root(void **state)
{
    return root_dir_make(
        state,
        "mkdir -p etc srv/a && echo x > srv/a/f && ln -s /etc out && ln -s ../../../../.. up"
        " && ln -s loop loop && mkfifo .env && echo in > etc/passwd && ln -s /srv/a/f srv/link");
}

static void test_rooted(void **state)
{
    struct sv_arena a = {0};
    struct sv_slice text;
    const char *real;
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    assert_non_null(fs);
    assert_int_equal(sv_fs_read(fs, &a, "/out/passwd", 100, &text, NULL), 0);
    assert_int_equal(text.n, 3);
    assert_int_equal(sv_fs_read(fs, &a, "/up/etc/passwd", 100, &text, NULL), 0);
    assert_int_equal(text.n, 3);
    assert_int_equal(sv_fs_read(fs, &a, "/.env", 100, &text, NULL), -EINVAL);
    assert_int_equal(sv_fs_read(fs, &a, "/loop", 100, &text, NULL), -ELOOP);
    assert_int_equal(sv_fs_read(fs, &a, "/srv/a", 100, &text, NULL), -EISDIR);
    assert_int_equal(sv_fs_realpath(fs, &a, "/srv/../srv/link", &real), 0);
    assert_string_equal(real, "/srv/a/f");
    sv_fs_free(fs);
    sv_arena_clear(&a);
}

/* An audit looks at one moment: a folder that is listed again is as it was. */
static void test_lists(void **state)
{
    char cmd[256];
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    assert_true(snprintf(cmd, sizeof cmd, "cd %s && mkdir -p lists/a && ln -s a lists/link",
                         (const char *)*state) > 0);
    assert_int_equal(system(cmd), 0);
    assert_true(snprintf(cmd, sizeof cmd, "mkdir %s/lists/later", (const char *)*state) > 0);
    for (size_t round = 0; round < 3; round++) {
        struct sv_arena a = {0};
        struct sv_dirents entries = {0}, none = {0};
        if (round == 1)
            assert_int_equal(system(cmd), 0);
        if (round == 2) {
            sv_fs_free(fs);
            fs = sv_fs_new(*state, NULL);
        }
        assert_int_equal(sv_fs_list(fs, &a, "/lists", &entries), 0);
        assert_int_equal(entries.list.n, round == 2 ? 3 : 2);
        assert_string_equal(entries.list.v[0].name, "a");
        assert_int_equal(entries.list.v[0].type, DT_DIR);
        assert_string_equal(entries.list.v[entries.list.n - 1].name, "link");
        assert_int_equal(entries.list.v[entries.list.n - 1].type, DT_LNK);
        assert_int_equal(sv_fs_list(fs, &a, "/srv/a/f", &none), -ENOTDIR);
        assert_int_equal(sv_fs_list(fs, &a, "/lists/none", &none), -ENOENT);
        sv_arena_clear(&a);
    }
    sv_fs_free(fs);
}

/* More folders than stay open, each asked in every way, over and over; then links take the places
 * of what was there. */
static void test_near(void **state)
{
    enum { FOLDERS = 12 };
    char cmd[512], path[64], other[64];
    struct stat st;
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    snprintf(cmd, sizeof cmd,
             "cd %s && for i in 0 1 2 3 4 5 6 7 8 9 10 11; do mkdir n$i && printf %%0$((i+1))d 0 "
             ">n$i/f && ln -s ../n$(((i+1)%%12))/f n$i/l && ln -s /n0 n$i/up; done",
             (const char *)*state);
    assert_int_equal(system(cmd), 0);
    for (size_t round = 0; round < 10 * FOLDERS; round++) {
        struct sv_arena a = {0};
        struct sv_dirents entries = {0};
        struct sv_slice text;
        const char *real;
        unsigned i = (unsigned)(round * 7 % FOLDERS), k = (i + 1) % FOLDERS;
        snprintf(path, sizeof path, "/n%u/f", i);
        assert_int_equal(sv_fs_read(fs, &a, path, 100, &text, NULL), 0);
        assert_int_equal(text.n, i + 1);
        assert_int_equal(sv_fs_stat(fs, path, &st), 0);
        assert_int_equal(st.st_size, i + 1);
        snprintf(path, sizeof path, "/n%u/l", i);
        snprintf(other, sizeof other, "/n%u/f", k);
        assert_int_equal(sv_fs_read(fs, &a, path, 100, &text, NULL), 0);
        assert_int_equal(text.n, k + 1);
        assert_int_equal(sv_fs_realpath(fs, &a, path, &real), 0);
        assert_string_equal(real, other);
        assert_int_equal(sv_fs_lstat(fs, path, &st), 0);
        assert_true(S_ISLNK(st.st_mode));
        assert_int_equal(sv_fs_readlink(fs, &a, path, &real), 0);
        assert_string_equal(real + 2, other);
        snprintf(path, sizeof path, "/n%u/../n%u//f", i, k);
        assert_int_equal(sv_fs_read(fs, &a, path, 100, &text, NULL), 0);
        assert_int_equal(text.n, k + 1);
        snprintf(path, sizeof path, "/n%u/up/../n%u", i, k);
        assert_int_equal(sv_fs_list(fs, &a, path, &entries), 0);
        snprintf(path, sizeof path, "/n%u", i);
        entries = (struct sv_dirents){0};
        assert_int_equal(sv_fs_list(fs, &a, path, &entries), 0);
        assert_int_equal(entries.list.n, 3);
        assert_string_equal(entries.list.v[0].name, "f");
        assert_string_equal(entries.list.v[2].name, "up");
        int dir = sv_fs_open_dir(fs, path);
        assert_int_equal(sv_fs_lstat_in(dir, "f", &st), 0);
        assert_int_equal(st.st_size, i + 1);
        close(dir);
        snprintf(path, sizeof path, "/n%u/up", i);
        dir = sv_fs_open_dir(fs, path);
        assert_true(dir >= 0);
        close(dir);
        snprintf(path, sizeof path, "/n%u/f", i);
        assert_int_equal(sv_fs_open_dir(fs, path), -ENOTDIR);
        assert_int_equal(sv_fs_list(fs, &a, path, &entries), -ENOTDIR);
        snprintf(path, sizeof path, "/n%u/f/g", i);
        assert_int_equal(sv_fs_stat(fs, path, &st), -ENOTDIR);
        snprintf(path, sizeof path, "/n%u/none/f", i);
        assert_int_equal(sv_fs_read(fs, &a, path, 100, &text, NULL), -ENOENT);
        sv_arena_clear(&a);
    }
    struct sv_arena a = {0};
    struct sv_slice text;
    snprintf(cmd, sizeof cmd, "cd %s && rm n3/f && ln -s /etc/passwd n3/f && mv n4 old && "
             "ln -s /etc n4", (const char *)*state);
    assert_int_equal(sv_fs_read(fs, &a, "/n4/f", 100, &text, NULL), 0);
    assert_int_equal(system(cmd), 0);
    assert_int_equal(sv_fs_read(fs, &a, "/n3/f", 100, &text, NULL), 0);
    assert_int_equal(text.n, 3);
    int rc = sv_fs_read(fs, &a, "/n4/passwd", 100, &text, NULL);
    assert_true(rc == -ENOENT || text.n == 3);
    sv_arena_clear(&a);
    sv_fs_free(fs);
}

/* Where links lead, asked in both orders: what one question finds out serves the next. */
static void test_links(void **state)
{
    static const struct {
        const char *path, *real; /* NULL: `error` */
        int error;
    } cases[] = {
        {"/k/lib/x/f", "/k/usr/lib/x/f", 0},     {"/k/lib/x/none", NULL, -ENOENT},
        {"/k/lib/x/../g", "/k/usr/lib/g", 0},    {"/k/lib/x/./f", "/k/usr/lib/x/f", 0},
        {"/k/a/to", "/k/usr/lib/x/f", 0},        {"/k/again", "/k/usr/lib/x/f", 0},
        {"/k/a/odd", "/k/usr/lib/x/f", 0},       {"/k/a/high", "/k/usr/lib/x/f", 0},
        {"/k/a/slash", NULL, -ENOTDIR},          {"/k/a/up", "/k", 0},
        {"/k/a/up/a/to", "/k/usr/lib/x/f", 0},   {"/k/a/folder/f", "/k/usr/lib/x/f", 0},
        {"/k/a/folder/f/g", NULL, -ENOTDIR},     {"/k/nowhere", NULL, -ENOENT},
        {"/k/ring1", NULL, -ELOOP},              {"/k/c39", "/k/usr/lib/x/f", 0},
        {"/k/c40", NULL, -ELOOP},
    };
    enum { N = sizeof cases / sizeof *cases };
    char cmd[1024];
    assert_true(
        snprintf(cmd, sizeof cmd,
                 "cd %s && mkdir -p k/usr/lib/x k/a && cd k && echo f >usr/lib/x/f && "
                 "echo g >usr/lib/g && ln -s usr/lib lib && ln -s ../lib/x/f a/to && "
                 "ln -s /k/a/to again && ln -s ../lib/x/../x/f a/odd && "
                 "ln -s ../../../../../../k/again a/high && ln -s ../lib/x/f/ a/slash && "
                 "ln -s .. a/up && ln -s ../lib/x a/folder && ln -s no/where nowhere && "
                 "ln -s ring2 ring1 && ln -s ring1 ring2 && ln -s usr/lib/x/f c0 && "
                 "for i in $(seq 40); do ln -s ../k/c$((i-1)) c$i; done",
                 (const char *)*state) > 0);
    assert_int_equal(system(cmd), 0);
    for (size_t order = 0; order < 2; order++) {
        struct sv_fs *fs = sv_fs_new(*state, NULL);
        for (size_t k = 0; k < 2 * N; k++) {
            size_t i = order ? N - 1 - k % N : k % N;
            struct sv_arena a = {0};
            struct sv_slice text;
            const char *real = "";
            int rc = sv_fs_read(fs, &a, cases[i].path, 10, &text, NULL);
            assert_int_equal(sv_fs_realpath(fs, &a, cases[i].path, &real), cases[i].error);
            assert_string_equal(real, cases[i].real ? cases[i].real : "");
            assert_true(rc == cases[i].error || rc == -EISDIR);
            sv_arena_clear(&a);
        }
        sv_fs_free(fs);
    }
}

static void test_access(void **state)
{
    struct sv_arena a = {0};
    struct sv_fs *fs = sv_fs_new(*state, NULL);
    gid_t groups[] = {50};
    struct sv_cred www = {.user = "www", .uid = 33, .gid = 33, .groups = groups, .n_groups = 1};
    sv_fs_overlay(fs, "/srv", 0, 0, 0755);
    sv_fs_overlay(fs, "/srv/a", 0, 50, 0750);
    sv_fs_overlay(fs, "/srv/a/f", 0, 0, 0644);
    sv_fs_overlay(fs, "/", 0, 0, 0755);
    assert_int_equal(sv_access_check(fs, &a, &www, "/srv/link", SV_RIGHT_READ).access,
                     SV_ACCESS_YES);
    www.n_groups = 0;
    struct sv_access_answer no = sv_access_check(fs, &a, &www, "/srv/link", SV_RIGHT_READ);
    assert_int_equal(no.access, SV_ACCESS_NO);
    assert_int_equal(no.error, EACCES);
    assert_string_equal(no.blocker, "/srv/a");
    sv_fs_free(fs);
    sv_arena_clear(&a);
}

/* ---- POSIX ACLs ---- */

enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, GROUP = 8, MASK = 16, OTHER = 32 };
#define NO_ID UINT32_MAX
#define OWNER {USER_OBJ, 6, NO_ID}
struct acl_entry {
    uint16_t tag, perm;
    uint32_t id;
};

/* False where the file system keeps no ACLs. */
static bool set_acl(const char *root, const struct acl_entry *entries, size_t n)
{
    char path[256];
    struct {
        uint32_t version;
        struct acl_entry entries[8];
    } acl = {.version = 2};
    snprintf(path, sizeof path, "%s/srv/a/f", root);
    for (size_t i = 0; i < n; i++)
        acl.entries[i] = entries[i];
    return setxattr(path, "system.posix_acl_access", &acl, 4 + n * sizeof *entries, 0) == 0;
}

static void test_acl(void **state)
{
    static const struct {
        struct acl_entry entries[6];
        size_t n;
        bool www, member, other; /* user 33; a member of group 50; neither */
    } cases[] = {
        {{OWNER, {USER, 4, 33}, {GROUP_OBJ, 0, NO_ID}, {MASK, 4, NO_ID}, {OTHER, 0, NO_ID}}, 5,
         true, false, false},
        {{OWNER, {USER, 0, 33}, {GROUP_OBJ, 4, NO_ID}, {MASK, 4, NO_ID}, {OTHER, 4, NO_ID}}, 5,
         false, true, true},
        {{OWNER, {GROUP_OBJ, 0, NO_ID}, {GROUP, 4, 50}, {MASK, 4, NO_ID}, {OTHER, 0, NO_ID}}, 5,
         false, true, false},
        {{OWNER, {USER, 4, 33}, {GROUP_OBJ, 0, NO_ID}, {GROUP, 4, 50}, {MASK, 2, NO_ID},
          {OTHER, 0, NO_ID}}, 6, false, false, false},
        /* Without any right for the group class the kernel does not look at the ACL at all. */
        {{OWNER, {USER, 4, 33}, {GROUP_OBJ, 0, NO_ID}, {MASK, 0, NO_ID}, {OTHER, 4, NO_ID}}, 5,
         true, true, true},
    };
    gid_t groups[] = {50};
    struct sv_cred www = {.user = "www", .uid = 33, .gid = 33};
    struct sv_cred member = {.user = "m", .uid = 34, .gid = 34, .groups = groups, .n_groups = 1};
    struct sv_cred other = {.user = "o", .uid = 35, .gid = 35};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!set_acl(*state, cases[i].entries, cases[i].n))
            skip();
        struct sv_arena a = {0};
        struct sv_fs *fs = sv_fs_new(*state, NULL);
        sv_fs_overlay(fs, "/", 0, 0, 0755);
        sv_fs_overlay(fs, "/srv", 0, 0, 0755);
        sv_fs_overlay(fs, "/srv/a", 0, 0, 0755);
        sv_fs_overlay(fs, "/srv/a/f", 0, 0, (unsigned)-1);
        const struct {
            const struct sv_cred *who;
            bool may;
        } asked[] = {{&www, cases[i].www}, {&member, cases[i].member}, {&other, cases[i].other}};
        for (size_t k = 0; k < sizeof asked / sizeof *asked; k++)
            assert_int_equal(
                sv_access_check(fs, &a, asked[k].who, "/srv/a/f", SV_RIGHT_READ).access,
                asked[k].may ? SV_ACCESS_YES : SV_ACCESS_NO);
        struct sv_identity_db *db = sv_identity_load(fs, &a, NULL);
        const char *readers = sv_access_readers(fs, db, &a, "/srv/a/f");
        assert_true(cases[i].other || strstr(readers, "ACL"));
        sv_fs_free(fs);
        sv_arena_clear(&a);
    }
}

/* ---- masking ---- */

static void test_mask_tokens(void **state)
{
    static const char body[] = "a1b2c3d4e5f6a7b8c9d0";
    static const char *const starts[] = {"gh" "p_", "gh" "o_", "gh" "s_", "github" "_pat_", "gl" "pat-",
                                         "sk-" "proj-", "sk-" "ant-", "xo" "xb-", "xo" "xp-", "AK" "IA",
                                         "sk_" "live_", "rk_" "live_", "wh" "sec_"};
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *text = sv_arena_printf(&a, "g%s%s, s%s%s", starts[i], body, starts[i], body);
        assert_string_equal(sv_mask_tokens(&a, text), "g(secret), s(secret)");
        text = sv_arena_printf(&a, "%sshort1 sk-xoxAghk", starts[i]);
        assert_ptr_equal(sv_mask_tokens(&a, text), text);
    }
    assert_null(sv_mask_tokens(&a, NULL));
    sv_arena_clear(&a);
}

static void test_mask_line(void **state)
{
    static const struct {
        const char *line, *shown;
    } cases[] = {
        {"location / {", "location / {"},
        {"if ($http_x_api_key != \"k9-Zq81mmPq\") {", "if ($http_x_api_key != \"(secret)\") {"},
        {"fastcgi_param DB_PASSWORD k9Zq81mmPq;", "fastcgi_param DB_PASSWORD (secret);"},
        {"proxy_set_header Authorization \"Bearer k9Zq81mmPq\"",
         "proxy_set_header Authorization \"Bearer (secret)\""},
        {"proxy_pass http://user:k9Zq81mm@app/", "proxy_pass http://user:(secret)@app/"},
        {"return 200 api_key=k9Zq81mmPq", "return 200 api_key=(secret)"},
        {"fastcgi_pass unix:/run/php/php-fpm.sock", "fastcgi_pass unix:/run/php/php-fpm.sock"},
        {"rewrite ^/password/reset$ /index.php?reset last", "rewrite ^/password/reset$ /index.php?reset last"},
        {"auth_basic_user_file /etc/nginx/.htpasswd", "auth_basic_user_file /etc/nginx/.htpasswd"},
        {"fastcgi_param API_TOKEN $http_x_token", "fastcgi_param API_TOKEN $http_x_token"},
    };
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(sv_mask_line(&a, sv_slice_of(cases[i].line)).p, cases[i].shown);
    sv_arena_clear(&a);
}

static void test_shell_quote(void **state)
{
    static const char *const cases[][2] = {
        {"/etc/app.conf", "/etc/app.conf"}, {"a b", "'a b'"}, {"a;b", "'a;b'"}, {"a'b", "'a'\\''b'"},
        {"-x", "'-x'"}, {"", "''"}, {"$(x)", "'$(x)'"}, {"~/x", "'~/x'"}, {"a\nb", "$'a\\nb'"},
        {"a'\x1b\\", "$'a\\'\\033\\\\'"}, {"\r/x y", "$'\\015/x y'"},
    };
    struct sv_arena a = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(sv_shell_quote(&a, cases[i][0]), cases[i][1]);
    assert_string_equal(sv_visible(&a, "a\nb\x7f"), "a\\x0ab\\x7f");
    assert_string_equal(sv_visible(&a, "a b"), "a b");
    sv_arena_clear(&a);
}

/* Page 1 leads to page 3, that by two cells and its right end to page 2, a leaf of `n` cells. */
struct schema {
    unsigned char bytes[3 * 65536];
    size_t size;
};

static void put(unsigned char *p, size_t v)
{
    p[0] = (unsigned char)(v >> 8);
    p[1] = (unsigned char)v;
}

static ssize_t read_schema(void *ctx, char *p, size_t n, uint64_t at)
{
    struct schema *s = ctx;
    n = at >= s->size ? 0 : n < s->size - at ? n : s->size - (size_t)at;
    n = n > 1000 ? 1000 : n; /* a read may fall short */
    memcpy(p, s->bytes + at, n);
    return (ssize_t)n;
}

/* `beyond` is added to where the cells are said to be. */
static bool schema_fits(size_t page, size_t n, size_t cut, size_t beyond)
{
    static struct schema s;
    struct sv_pages pages = {read_schema, &s, 0};
    unsigned char *p = s.bytes + page, *top = p + page;
    memset(&s, 0, sizeof s);
    memcpy(s.bytes, "SQLite format 3", 16);
    put(s.bytes + 16, page == 65536 ? 1 : page);
    s.bytes[100] = 5;
    s.bytes[111] = 3;
    p[0] = 13;
    put(p + 3, n);
    for (size_t i = 0; i < n; i++)
        put(p + 8 + 2 * i, page - 100 + beyond);
    p[page - 100] = 60;
    top[0] = 5;
    put(top + 3, 2);
    put(top + 12, page - 50 + beyond);
    put(top + 14, page - 50 + beyond);
    top[page - 47] = 2;
    top[11] = 2;
    pages.size = s.size = 3 * page - cut;
    return sv_sqlite_schema_fits(&pages);
}

static void test_schema(void **state)
{
    (void)state;
    assert_true(schema_fits(65536, 2000, 0, 0));
    assert_true(schema_fits(65536, 2000, 1, 0));
    assert_false(schema_fits(65536, 30000, 0, 0));
    assert_false(schema_fits(65536, 30000, 1, 0)); /* SQLite counts a page that is cut */
    assert_true(schema_fits(32768, 2000, 0, 32768));
    assert_false(schema_fits(32768, 15000, 0, 32768)); /* and takes an offset's lower bits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_quote),
        cmocka_unit_test(test_mask_line),
        cmocka_unit_test(test_mask_tokens),
        cmocka_unit_test(test_glob),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_arena_shrink),
        cmocka_unit_test(test_arena_wipe),
        cmocka_unit_test(test_arena_printf),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_rooted),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_access),
        cmocka_unit_test(test_acl),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make_root, root_dir_remove);
}
