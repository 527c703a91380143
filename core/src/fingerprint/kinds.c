/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/fingerprint.h>

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

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!g_ascii_isxdigit(text[i]))
            return false;
    return true;
}

/** JA4.md "JA4 Algorithm": transport and version. */
static bool is_version(const char *text)
{
    return text[0] != '\0' && strchr("tqd", text[0]) != NULL && g_ascii_isalnum(text[1]) &&
           g_ascii_isalnum(text[2]);
}

/** Behind them SNI, two counts, ALPN. */
static bool is_part_a(const char *text)
{
    if (!is_version(text) || (text[3] != 'd' && text[3] != 'i'))
        return false;
    for (size_t i = TLSFP_JA4_VERSION_LEN; i < TLSFP_JA4_A_LEN; i++)
        if (!g_ascii_isalnum(text[i]))
            return false;
    return true;
}

/** Parts b and c, each behind a '_', and nothing else. */
static bool are_hashes(const char *text)
{
    return strlen(text) == TLSFP_JA4_LEN - TLSFP_JA4_A_LEN && text[0] == '_' &&
           is_hex(text + 1, TLSFP_JA4_HASH_LEN) && text[1 + TLSFP_JA4_HASH_LEN] == '_' &&
           is_hex(text + 1 + TLSFP_JA4_HASH_LEN + 1, TLSFP_JA4_HASH_LEN);
}

/** Two lists or three, each behind a '_': values of four digits, or none. */
static bool are_lists(const char *text)
{
    enum { DIGITS = 4 };
    size_t n = 0;
    if (text[0] != '_' || text[1] == '\0')
        return false;
    for (text++; *text != '\0'; text++) {
        if (g_ascii_isxdigit(*text))
            n++;
        else if ((*text == ',' && n == DIGITS) || (*text == '_' && (n == 0 || n == DIGITS)))
            n = 0;
        else
            return false;
    }
    return n == 0 || n == DIGITS;
}

bool tlsfp_kind_fits(tlsfp_kind kind, const char *text)
{
    switch (kind) {
    case TLSFP_KIND_JA4:
    case TLSFP_KIND_JA4_O:
    case TLSFP_KIND_STABLE:
        return is_part_a(text) && are_hashes(text + TLSFP_JA4_A_LEN);
    case TLSFP_KIND_JA4_A:
        return is_part_a(text) && text[TLSFP_JA4_A_LEN] == '\0';
    case TLSFP_KIND_JA4_B:
    case TLSFP_KIND_JA4_C:
        return strlen(text) == TLSFP_JA4_HASH_LEN && is_hex(text, TLSFP_JA4_HASH_LEN);
    case TLSFP_KIND_JA4_BC:
        return is_version(text) && are_hashes(text + TLSFP_JA4_VERSION_LEN);
    case TLSFP_KIND_JA4_R:
    case TLSFP_KIND_JA4_RO:
    case TLSFP_KIND_STABLE_R:
        return is_part_a(text) && are_lists(text + TLSFP_JA4_A_LEN);
    case TLSFP_KIND_JA3:
    case TLSFP_KIND_JA3N:
    case TLSFP_KIND_JA3S:
        return strlen(text) == TLSFP_JA3_LEN && is_hex(text, TLSFP_JA3_LEN);
    case TLSFP_KIND_JA3_R:
    case TLSFP_KIND_JA3N_R:
    case TLSFP_KIND_JA3S_R:
        return text[0] != '\0' && text[strspn(text, "0123456789,-")] == '\0';
    case TLSFP_N_KINDS:
        break;
    }
    return false;
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
