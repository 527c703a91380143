/* SPDX-License-Identifier: BSD-3-Clause */
#include "tls/key_exchange.h"

#include <openssl/err.h>
#include <string.h>
#include <tlsfp/reader.h>

enum {
    EXTENSION_KEY_SHARE = 51,
    TLS_1_3 = 0x0304,
};

/** A group as IANA's registry "TLS Supported Groups" has it. */
typedef struct {
    const char *name; /* OpenSSL's */
    uint16_t value;
} group;

static const group cheap_groups[] = {
    {"X25519", 0x001d},
    {"P-256", 0x0017},
    {"X448", 0x001e},
    {"X25519MLKEM768", 0x11ec},
    {"SecP256r1MLKEM768", 0x11eb},
    {"prime256v1", 0x0017},
    {"secp256r1", 0x0017},
};

static const char *const default_groups[] = {
    "X25519", "P-256", "X448", "X25519MLKEM768", "SecP256r1MLKEM768", "P-384", "P-521"};

static bool is_cheap_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cheap_groups); i++)
        if (g_ascii_strcasecmp(name, cheap_groups[i].name) == 0)
            return true;
    return false;
}

static bool is_cheap(uint16_t value)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cheap_groups); i++)
        if (value == cheap_groups[i].value)
            return true;
    return false;
}

/** P-384 and P-521, Brainpool's (RFC 8734, RFC 7027), finite fields (RFC 7919), a hybrid. */
static bool is_costly(uint16_t value)
{
    return value == 0x0018 || value == 0x0019 || (value >= 0x001a && value <= 0x001c) ||
           (value >= 0x001f && value <= 0x0021) || (value >= 0x0100 && value <= 0x0104) ||
           value == 0x11ed;
}

static void append_name(GString *list, const char *name)
{
    if (list->len > 0)
        g_string_append_c(list, ':');
    g_string_append(list, name);
}

/** The default groups that this OpenSSL has. */
static char *make_default_list(SSL_CTX *tls)
{
    GString *list = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(default_groups); i++)
        if (SSL_CTX_set1_groups_list(tls, default_groups[i]) == 1)
            append_name(list, default_groups[i]);
    ERR_clear_error();
    return g_string_free(list, FALSE);
}

/** Sorts the names of a list; OpenSSL 3.5 also has '/' between them and marks before them. */
static void sort_out(const char *list, key_groups *out)
{
    char **names = g_strsplit_set(list, ":/", 0);
    GString *cheap = g_string_new(NULL);
    for (char **at = names; *at != NULL; at++) {
        const char *name = *at + strspn(*at, "?*-");
        if (*name == '\0')
            continue;
        if (is_cheap_name(name))
            append_name(cheap, name);
        else
            out->costly = true;
        out->finite |= g_ascii_strncasecmp(name, "ffdhe", strlen("ffdhe")) == 0;
    }
    g_strfreev(names);
    out->cheap = cheap->len > 0 ? g_strdup(cheap->str) : NULL;
    g_string_free(cheap, TRUE);
}

bool key_groups_set(SSL_CTX *tls, const char *list, key_groups *out)
{
    char *chosen = list != NULL ? g_strdup(list) : make_default_list(tls);
    const bool fine = SSL_CTX_set1_groups_list(tls, chosen) == 1;
    if (fine) {
        sort_out(chosen, out);
        SSL_CTX_set_dh_auto(tls, out->finite);
    }
    g_free(chosen);
    return fine;
}

/** The groups that this OpenSSL has, of those that servers use. */
static char *known_groups(SSL_CTX *tls)
{
    static const char *const more[] = {"ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144",
                                       "ffdhe8192"};
    GString *list = g_string_new(NULL);
    char *usual = make_default_list(tls);
    g_string_append(list, usual);
    for (size_t i = 0; i < G_N_ELEMENTS(more); i++)
        if (SSL_CTX_set1_groups_list(tls, more[i]) == 1)
            append_name(list, more[i]);
    g_string_replace(list, ":", ", ", 0);
    g_free(usual);
    return g_string_free(list, FALSE);
}

/** What is wrong with the last name of a list, whose other names are fine; NULL if nothing is. */
static char *name_refusal(SSL_CTX *tls, const char *list, const char *marked)
{
    const char *name = marked + strspn(marked, "?*-");
    if (*name == '\0')
        return g_strdup("a group without a name");
    if (SSL_CTX_set1_groups_list(tls, name) != 1) {
        char *known = known_groups(tls);
        char *why = g_strdup_printf("unknown group '%s'; OpenSSL has %s", name, known);
        g_free(known);
        return why;
    }
    if (SSL_CTX_set1_groups_list(tls, list) == 1)
        return NULL;
    return name > marked ? g_strdup_printf("'%s': this OpenSSL takes plain names only", marked)
                         : g_strdup_printf("'%s' is named twice", name);
}

char *key_groups_refusal(SSL_CTX *tls, const char *list)
{
    char *why = NULL;
    char **names = g_strsplit_set(list, ":/", 0);
    GString *start = g_string_new(NULL);
    for (char **name = names; why == NULL && *name != NULL; name++) {
        append_name(start, *name);
        why = name_refusal(tls, start->str, *name);
    }
    if (names[0] == NULL)
        why = g_strdup("no group is named");
    g_strfreev(names);
    g_string_free(start, TRUE);
    ERR_clear_error();
    return why != NULL ? why : g_strdup_printf("OpenSSL does not take '%s'", list);
}

void key_groups_clear(key_groups *groups)
{
    g_clear_pointer(&groups->cheap, g_free);
}

bool costly_budget_take(costly_budget *budget, unsigned per_second, int64_t now)
{
    const double gained = (double)(now - budget->at) * per_second / G_USEC_PER_SEC;
    budget->left = budget->at == 0 ? per_second : MIN(budget->left + gained, per_second);
    budget->at = now;
    if (budget->left < 1)
        return false;
    budget->left -= 1;
    return true;
}

/** RFC 8446 4.2.8: the client's shares. */
static bool shares_costly(tlsfp_span body)
{
    tlsfp_span shares, share;
    uint16_t value;
    if (!take_vector(&body, 2, &shares))
        return false;
    while (take_u16(&shares, &value) && take_vector(&shares, 2, &share))
        if (is_costly(value))
            return true;
    return false;
}

static bool has_costly_share(tlsfp_span block)
{
    uint16_t type;
    tlsfp_span body;
    while (tlsfp_next_extension(&block, &type, &body))
        if (type == EXTENSION_KEY_SHARE)
            return shares_costly(body);
    return false;
}

/** The server follows the client's order. */
static bool prefers_costly(tlsfp_span list)
{
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        if (is_cheap(value) || is_costly(value))
            return is_costly(value);
    return false;
}

static bool speaks_1_3(tlsfp_span versions)
{
    uint16_t value;
    while (tlsfp_next_value(&versions, &value))
        if (value == TLS_1_3)
            return true;
    return false;
}

bool key_groups_may_cost(const key_groups *groups, const tlsfp_client_hello *hello)
{
    if (!groups->costly || groups->cheap == NULL)
        return false;
    return prefers_costly(hello->supported_groups) || has_costly_share(hello->extensions) ||
           (groups->finite && !speaks_1_3(hello->supported_versions));
}

void key_groups_limit(const key_groups *groups, SSL *ssl)
{
    SSL_set1_groups_list(ssl, groups->cheap);
    SSL_set_dh_auto(ssl, 0);
}
