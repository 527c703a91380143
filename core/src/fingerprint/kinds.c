/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>
#include <tlsfp/reader.h>

static const char *const names[TLSFP_N_KINDS] = {
    [TLSFP_KIND_JA4] = "ja4",       [TLSFP_KIND_JA4_A] = "ja4_a",
    [TLSFP_KIND_JA4_B] = "ja4_b",   [TLSFP_KIND_JA4_C] = "ja4_c",
    [TLSFP_KIND_JA4_BC] = "ja4_bc", [TLSFP_KIND_JA4_R] = "ja4_r",
    [TLSFP_KIND_JA4_O] = "ja4_o",   [TLSFP_KIND_JA4_RO] = "ja4_ro",
    [TLSFP_KIND_STABLE] = "stable", [TLSFP_KIND_STABLE_R] = "stable_r",
    [TLSFP_KIND_JA3] = "ja3",       [TLSFP_KIND_JA3_R] = "ja3_r",
    [TLSFP_KIND_JA3N] = "ja3n",     [TLSFP_KIND_JA3N_R] = "ja3n_r",
    [TLSFP_KIND_JA3S] = "ja3s",     [TLSFP_KIND_JA3S_R] = "ja3s_r",
};

const char *tlsfp_kind_name(tlsfp_kind kind)
{
    return names[kind];
}

bool tlsfp_kind_named(const char *name, tlsfp_kind *out)
{
    for (unsigned kind = 0; kind < TLSFP_N_KINDS; kind++)
        if (strcmp(name, names[kind]) == 0) {
            *out = (tlsfp_kind)kind;
            return true;
        }
    return false;
}

#define DIGITS                                                                                     \
    ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true,            \
    ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true
#define HEX_DIGITS                                                                                 \
    DIGITS, ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true,    \
            ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true

static const bool hex_digits[256] = {HEX_DIGITS};
static const bool of_ja3_lists[256] = {DIGITS, [','] = true, ['-'] = true};

/** Whether each byte is one of @p allowed. */
static bool consists_of(tlsfp_span text, const bool allowed[256])
{
    for (size_t i = 0; i < text.len; i++)
        if (!allowed[text.data[i]])
            return false;
    return true;
}

/** Exactly @p len hex digits. */
static bool is_hex(tlsfp_span text, size_t len)
{
    return text.len == len && consists_of(text, hex_digits);
}

/** JA4.md "JA4 Algorithm": takes transport and version. */
static bool take_version(tlsfp_span *in)
{
    tlsfp_span version;
    return take(in, TLSFP_JA4_VERSION_LEN, &version) && memchr("tqd", version.data[0], 3) != NULL &&
           g_ascii_isalnum(version.data[1]) && g_ascii_isalnum(version.data[2]);
}

/** Takes part a: behind them SNI, two counts, ALPN. */
static bool take_part_a(tlsfp_span *in)
{
    tlsfp_span rest;
    if (!take_version(in) || !take(in, TLSFP_JA4_A_LEN - TLSFP_JA4_VERSION_LEN, &rest) ||
        (rest.data[0] != 'd' && rest.data[0] != 'i'))
        return false;
    for (size_t i = 0; i < rest.len; i++)
        if (!g_ascii_isalnum(rest.data[i]))
            return false;
    return true;
}

/** Takes a '_' and a hash behind it. */
static bool take_hash(tlsfp_span *in)
{
    uint8_t separator;
    tlsfp_span hash;
    return take_u8(in, &separator) && separator == '_' && take(in, TLSFP_JA4_HASH_LEN, &hash) &&
           consists_of(hash, hex_digits);
}

/** Parts b and c, and nothing else. */
static bool are_hashes(tlsfp_span text)
{
    return take_hash(&text) && take_hash(&text) && text.len == 0;
}

/** Two lists or three, each behind a '_': values of four digits, or none. */
static bool are_lists(tlsfp_span text)
{
    enum { N_DIGITS = 4 };
    size_t n = 0;
    if (text.len < 2 || text.data[0] != '_')
        return false;
    for (size_t i = 1; i < text.len; i++) {
        const uint8_t byte = text.data[i];
        if (hex_digits[byte])
            n++;
        else if ((byte == ',' && n == N_DIGITS) || (byte == '_' && (n == 0 || n == N_DIGITS)))
            n = 0;
        else
            return false;
    }
    return n == 0 || n == N_DIGITS;
}

bool tlsfp_kind_fits_bytes(tlsfp_kind kind, tlsfp_span text)
{
    switch (kind) {
    case TLSFP_KIND_JA4:
    case TLSFP_KIND_JA4_O:
    case TLSFP_KIND_STABLE:
        return take_part_a(&text) && are_hashes(text);
    case TLSFP_KIND_JA4_A:
        return take_part_a(&text) && text.len == 0;
    case TLSFP_KIND_JA4_B:
    case TLSFP_KIND_JA4_C:
        return is_hex(text, TLSFP_JA4_HASH_LEN);
    case TLSFP_KIND_JA4_BC:
        return take_version(&text) && are_hashes(text);
    case TLSFP_KIND_JA4_R:
    case TLSFP_KIND_JA4_RO:
    case TLSFP_KIND_STABLE_R:
        return take_part_a(&text) && are_lists(text);
    case TLSFP_KIND_JA3:
    case TLSFP_KIND_JA3N:
    case TLSFP_KIND_JA3S:
        return is_hex(text, TLSFP_JA3_LEN);
    case TLSFP_KIND_JA3_R:
    case TLSFP_KIND_JA3N_R:
    case TLSFP_KIND_JA3S_R:
        return text.len > 0 && consists_of(text, of_ja3_lists);
    case TLSFP_N_KINDS:
        break;
    }
    return false;
}

bool tlsfp_kind_fits(tlsfp_kind kind, const char *text)
{
    return tlsfp_kind_fits_bytes(kind, (tlsfp_span){(const uint8_t *)text, strlen(text)});
}

void tlsfp_kind_fold(tlsfp_kind kind, char *value)
{
    char *hash = kind == TLSFP_KIND_JA4_A ? value + strlen(value) : strchr(value, '_');
    for (char *at = hash != NULL ? hash : value; *at != '\0'; at++)
        *at = g_ascii_tolower(*at);
}

bool tlsfp_kind_is_part(tlsfp_kind kind)
{
    return kind == TLSFP_KIND_JA4 || kind == TLSFP_KIND_JA4_A || kind == TLSFP_KIND_JA4_B ||
           kind == TLSFP_KIND_JA4_C || kind == TLSFP_KIND_JA4_BC;
}

void tlsfp_append_part(const char ja4[TLSFP_JA4_SIZE], tlsfp_kind kind, GString *out)
{
    switch (kind) {
    case TLSFP_KIND_JA4_A:
        g_string_append_len(out, ja4, TLSFP_JA4_A_LEN);
        break;
    case TLSFP_KIND_JA4_B:
        g_string_append_len(out, ja4 + TLSFP_JA4_B_AT, TLSFP_JA4_HASH_LEN);
        break;
    case TLSFP_KIND_JA4_C:
        g_string_append_len(out, ja4 + TLSFP_JA4_C_AT, TLSFP_JA4_HASH_LEN);
        break;
    case TLSFP_KIND_JA4_BC:
        g_string_append_len(out, ja4, TLSFP_JA4_VERSION_LEN);
        g_string_append_len(out, ja4 + TLSFP_JA4_A_LEN, TLSFP_JA4_LEN - TLSFP_JA4_A_LEN);
        break;
    default:
        g_string_append_len(out, ja4, TLSFP_JA4_LEN);
    }
}

static void append_ja4(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_kind kind,
                       GString *out)
{
    char ja4[TLSFP_JA4_SIZE];
    if (kind == TLSFP_KIND_STABLE)
        tlsfp_stable(context, hello, ja4);
    else
        tlsfp_ja4(context, hello, kind == TLSFP_KIND_JA4_O ? TLSFP_ORIGINAL : TLSFP_SORTED, ja4);
    tlsfp_append_part(ja4, kind, out);
}

static void append_ja3(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_kind kind,
                       GString *out)
{
    char ja3[TLSFP_JA3_SIZE];
    if (kind == TLSFP_KIND_JA3N)
        tlsfp_ja3n(context, hello, ja3);
    else
        tlsfp_ja3(context, hello, ja3);
    g_string_append_len(out, ja3, TLSFP_JA3_LEN);
}

void tlsfp_append_value(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_kind kind,
                        GString *out)
{
    switch (kind) {
    case TLSFP_KIND_JA4:
    case TLSFP_KIND_JA4_A:
    case TLSFP_KIND_JA4_B:
    case TLSFP_KIND_JA4_C:
    case TLSFP_KIND_JA4_BC:
    case TLSFP_KIND_JA4_O:
    case TLSFP_KIND_STABLE:
        append_ja4(context, hello, kind, out);
        break;
    case TLSFP_KIND_JA4_R:
        tlsfp_ja4_text(context, hello, TLSFP_SORTED, out);
        break;
    case TLSFP_KIND_JA4_RO:
        tlsfp_ja4_text(context, hello, TLSFP_ORIGINAL, out);
        break;
    case TLSFP_KIND_STABLE_R:
        tlsfp_stable_text(context, hello, out);
        break;
    case TLSFP_KIND_JA3:
    case TLSFP_KIND_JA3N:
        append_ja3(context, hello, kind, out);
        break;
    case TLSFP_KIND_JA3_R:
        tlsfp_ja3_text(context, hello, out);
        break;
    case TLSFP_KIND_JA3N_R:
        tlsfp_ja3n_text(context, hello, out);
        break;
    case TLSFP_KIND_JA3S:
    case TLSFP_KIND_JA3S_R:
    case TLSFP_N_KINDS:
        break;
    }
}

void tlsfp_append_server_value(tlsfp_context *context, const tlsfp_server_hello *hello,
                               tlsfp_kind kind, GString *out)
{
    char ja3s[TLSFP_JA3_SIZE];
    if (kind == TLSFP_KIND_JA3S) {
        tlsfp_ja3s(context, hello, ja3s);
        g_string_append_len(out, ja3s, TLSFP_JA3_LEN);
    } else if (kind == TLSFP_KIND_JA3S_R) {
        tlsfp_ja3s_text(context, hello, out);
    }
}
