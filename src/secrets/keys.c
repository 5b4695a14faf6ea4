// SPDX-License-Identifier: Apache-2.0
// Keys as text: finds the armour, decodes what is in it, and asks the readers of binary keys.
#include "secrets/keys.h"

#include <ctype.h>

#include "base/limits.h"
#include "secrets/bytes.h"
#include "secrets/keys_read.h"

enum {
    LEAST = 64,          /* characters of a body: less is an example */
    COMMENT_MAX = 1024,  /* minisign: COMMENTMAXBYTES */
};

struct sv_key sv_key_of_bytes(struct sv_slice bytes, bool truncated)
{
    struct sv_key none = {.state = SV_KEY_NONE};
    if (bytes.n < 32)
        return none;
    unsigned char first = (unsigned char)bytes.p[0];
    struct sv_key key = first == 0x30 ? sv_key_pkcs12(bytes, truncated)
                        : first == 'o' ? sv_key_openssh(bytes)
                        : first & 0x80 && first != 0xfe ? sv_key_pgp(bytes, truncated)
                                                        : none;
    if (!key.rule && first == 0x30)
        key = sv_key_der(bytes, !truncated);
    return key.rule ? key : sv_key_store(bytes, truncated);
}

/* ---- text ---- */

/* A line's end: a real one, or \n and \r as two characters, or behind more backslashes; %0A. */
static size_t line_end(struct sv_slice s, size_t at)
{
    size_t n = 0;
    if (at < s.n && (s.p[at] == '\n' || s.p[at] == '\r'))
        return 1;
    if (at + 2 < s.n && s.p[at] == '%' && s.p[at + 1] == '0')
        return s.p[at + 2] == 'A' || s.p[at + 2] == 'a' || s.p[at + 2] == 'D' || s.p[at + 2] == 'd'
                   ? 3
                   : 0;
    while (at + n < s.n && s.p[at + n] == '\\')
        n++;
    return n && at + n < s.n && (s.p[at + n] == 'n' || s.p[at + n] == 'r') ? n + 1 : 0;
}

/* The plus between two strings of a program, not one of base64's digits. */
static bool is_join(struct sv_slice s, size_t at)
{
    static const char around[] = " \t\r\n\"'";
    return s.p[at] == '+' && at > 0 && at + 1 < s.n && s.p[at - 1] && s.p[at + 1] &&
           strchr(around, s.p[at - 1]) && strchr(around, s.p[at + 1]);
}

/* The base64 of an armour without line ends and headers ("Version: ..."); stops at its end line.
 * Returns its length; *ret_encrypted: a header says so. */
static size_t collect(struct sv_slice body, char *out, size_t room, bool *ret_encrypted)
{
    size_t n = 0, line = 0, from = 0; /* where the line began in `out`, in `body` */
    bool header = false;
    for (size_t i = 0; i < body.n && n < room;) {
        size_t end = line_end(body, i);
        char c = body.p[i];
        if (end) {
            struct sv_slice text = sv_slice_sub(body, from, i);
            *ret_encrypted |= header && sv_slice_find(text, "ENCRYPTED") < text.n &&
                              sv_slice_find(text, "Proc-Type") < text.n;
            i += end;
            line = n;
            from = i;
            header = false;
            continue;
        }
        bool joins = is_join(body, i++);
        if (c == ':') {
            header = true;
            n = line;
        } else if (header) {
            continue;
        } else if (c == '-' && body.p[i < body.n ? i : i - 1] == '-') {
            break;
        } else if (c == '=' && n == line && n) {
            break; /* the checksum of an OpenPGP armour */
        } else if (!joins && (isalnum((unsigned char)c) || c == '+' || c == '/')) {
            out[n++] = c;
        }
    }
    return n;
}

static struct sv_slice decoded(const char *text, size_t n, unsigned char *out, size_t room)
{
    return (struct sv_slice){(const char *)out,
                             sv_base64((struct sv_slice){text, n}, out, room, NULL)};
}

struct sv_slice sv_key_body(struct sv_arena *a, struct sv_slice text)
{
    size_t room = text.n < SV_MAX_KEY_BASE64 ? text.n : SV_MAX_KEY_BASE64;
    char *out = sv_arena_alloc(a, room + 1);
    bool ignored = false;
    if (sv_slice_starts(text, "LS0tLS1CRUdJTi")) { /* a PEM that was encoded once more */
        unsigned char *bytes = sv_arena_alloc(a, room + 1);
        struct sv_slice pem = decoded(text.p, text.n, bytes, room);
        size_t key = sv_slice_find(pem, "PRIVATE KEY-----");
        text = key < pem.n ? sv_slice_sub(pem, key + 16, pem.n) : text;
    }
    size_t n = collect(text, out, room, &ignored);
    return n >= LEAST / 2 ? (struct sv_slice){out, n} : text;
}

/* What stands behind "-----BEGIN <label>-----". */
static struct sv_key armoured(struct sv_slice label, struct sv_slice body)
{
    char text[SV_MAX_KEY_BASE64];
    unsigned char bytes[SV_MAX_KEY_BASE64];
    bool encrypted = false;
    struct sv_key key = {.what = "private key", .rule = "pem-private-key"};
    size_t n = collect(body, text, sizeof text, &encrypted);
    struct sv_slice b = decoded(text, n, bytes, sizeof bytes);
    if (n >= LEAST && encrypted) {
        key = (struct sv_key){.state = SV_KEY_ENCRYPTED, .what = "encrypted private key",
                              .rule = "pem-rsa-encrypted-key"};
    } else if (n >= LEAST) {
        bool cut = n == sizeof text;
        key = sv_slice_starts(label, "PGP") ? sv_key_pgp(b, cut)
              : sv_slice_starts(label, "OPENSSH") ? sv_key_openssh(b)
                                                  : sv_key_der(b, !cut);
        /* It begins as a key does and goes on as none. */
        bool begins = b.n && (b.p[0] == 0x30 || sv_key_begins(b, "openssh", 7));
        if (key.state == SV_KEY_NONE && begins) {
            key.state = SV_KEY_PLAIN;
            key.malformed = true;
        }
        if (key.state == SV_KEY_ENCRYPTED && !sv_slice_starts(label, "PGP"))
            key.what = "encrypted private key";
    }
    if (!key.rule)
        key.rule = "pem-private-key";
    key.value = body;
    explicit_bzero(text, sizeof text);
    explicit_bzero(bytes, sizeof bytes);
    return key;
}

/* What stands after a setting's name ("Encryption: "), up to the line's end. */
static struct sv_slice setting(struct sv_slice text, const char *name)
{
    size_t at = sv_slice_find(text, name), end = at;
    if (at < text.n)
        at += strlen(name);
    for (end = at; end < text.n && !line_end(text, end);)
        end++;
    return sv_slice_trim(sv_slice_sub(text, at, end));
}

static struct sv_key putty(struct sv_slice text)
{
    struct sv_slice how = setting(text, "Encryption:"), lines = setting(text, "Private-Lines:");
    unsigned long long n = 0;
    struct sv_key key = {.what = "PuTTY private key", .rule = "putty-key", .value = text};
    if (how.n && sv_slice_u64(lines, &n) && n > 0)
        key.state = sv_slice_is(how, "none") ? SV_KEY_PLAIN : SV_KEY_ENCRYPTED;
    return key;
}

/* Magic, length of all, kind of key, cipher. */
static struct sv_key ssh_com(struct sv_slice text)
{
    enum { BEGIN = 42 };
    struct sv_slice body = sv_slice_sub(text, BEGIN, text.n);
    char base64[LEAST * 4];
    unsigned char bytes[sizeof base64];
    bool ignored = false;
    size_t n = collect(body, base64, sizeof base64, &ignored);
    struct sv_key key = {.what = "SSH.com private key", .rule = "ssh2-encrypted-key",
                         .value = body};
    struct sv_key_cursor c = {decoded(base64, n, bytes, sizeof bytes), false};
    if (n < LEAST)
        return key;
    uint32_t magic = sv_key_number(&c, 4);
    (void)sv_key_number(&c, 4);
    (void)sv_key_string(&c, 4);
    struct sv_slice cipher = sv_key_string(&c, 4);
    bool plain = magic == 0x3f6ff9eb && !c.short_of && sv_slice_is(cipher, "none");
    key.state = plain ? SV_KEY_PLAIN : SV_KEY_ENCRYPTED;
    return key;
}

/* The line below "untrusted comment: ... secret key": "Ed", then minisign's way of deriving a key
 * ("Sc", or zeros for none) or signify's ("BK" and a number of rounds). */
static struct sv_key minisign(struct sv_slice text)
{
    unsigned char b[160];
    size_t at = 0, end = 0;
    while (at < text.n && at < COMMENT_MAX && !(end = line_end(text, at)))
        at++;
    struct sv_slice line = sv_slice_sub(text, at + end, text.n);
    size_t n = sv_base64(line, b, sizeof b, NULL);
    struct sv_key key = {.what = "minisign or signify secret key", .rule = "minisign-key",
                         .value = line};
    if (n < 100 || memcmp(b, "Ed", 2) != 0)
        return key;
    bool derived = memcmp(b + 2, "Sc", 2) == 0;
    bool rounds = memcmp(b + 2, "BK", 2) == 0 && memcmp(b + 4, "\0\0\0\0", 4) != 0;
    key.state = derived || rounds ? SV_KEY_ENCRYPTED : SV_KEY_PLAIN;
    explicit_bzero(b, sizeof b);
    return key;
}

/* The better of two keys found in one text: a plain one says more. */
static void prefer(struct sv_key *best, struct sv_key key)
{
    bool better = best->state == SV_KEY_NONE || (best->malformed && !key.malformed) ||
                  (key.state == SV_KEY_PLAIN && best->state == SV_KEY_ENCRYPTED);
    if (key.state != SV_KEY_NONE && better && !(key.malformed && best->state != SV_KEY_NONE))
        *best = key;
}

/* The keys behind each `mark` in the text, read by `read` from the mark on. */
static void look_for(struct sv_slice text, const char *mark,
                     struct sv_key (*read)(struct sv_slice), struct sv_key *best)
{
    struct sv_slice rest = text;
    for (unsigned n = 0; n < SV_MAX_KEYS_LOOKED_AT; n++) {
        size_t at = sv_slice_find(rest, mark);
        if (at == rest.n)
            return;
        rest = sv_slice_sub(rest, at, rest.n);
        prefer(best, read(rest));
        rest = sv_slice_sub(rest, 1, rest.n);
    }
}

static struct sv_key pem(struct sv_slice text)
{
    enum { BEGIN = 11, LABEL = 80 };
    struct sv_slice rest = sv_slice_sub(text, BEGIN, text.n), head = sv_slice_sub(rest, 0, LABEL);
    struct sv_slice label = sv_slice_sub(head, 0, sv_slice_find(head, "-----"));
    if (sv_slice_ends(label, "PRIVATE KEY") || sv_slice_ends(label, "PRIVATE KEY BLOCK"))
        return armoured(label, sv_slice_sub(rest, label.n + 5, rest.n));
    return (struct sv_key){.state = SV_KEY_NONE};
}

/* A body without its first line, as a pattern that begins at the header sees it. */
static struct sv_key legacy(struct sv_slice text)
{
    return armoured(SV_LIT(""), text);
}

/* "-----BEGIN " in base64: a PEM that was encoded once more, as in kubeconfigs. */
static struct sv_key encoded(struct sv_slice text)
{
    unsigned char bytes[SV_MAX_KEY_BASE64];
    struct sv_key key = {.state = SV_KEY_NONE};
    look_for((struct sv_slice){(const char *)bytes, sv_base64(text, bytes, sizeof bytes, NULL)},
             "-----BEGIN ", pem, &key);
    key.value = text;
    key.rule = key.rule ? "pem-base64" : NULL;
    explicit_bzero(bytes, sizeof bytes);
    return key;
}

struct sv_key sv_key_in_text(struct sv_slice text)
{
    static const struct {
        const char *mark;
        struct sv_key (*read)(struct sv_slice);
    } kinds[] = {
        {"-----BEGIN ", pem},        {"PuTTY-User-Key-File-", putty},
        {"LS0tLS1CRUdJTi", encoded}, {"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----", ssh_com},
        {"secret key", minisign},    {"Proc-Type: 4,ENCRYPTED", legacy},
    };
    struct sv_key best = {.state = SV_KEY_NONE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        look_for(text, kinds[i].mark, kinds[i].read, &best);
    return best;
}
