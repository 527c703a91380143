/* SPDX-License-Identifier: BSD-3-Clause */
#include "claim.h"

#include <stdlib.h>
#include <string.h>
#include <tlsfp/names.h>

/** Extensions that a client sends or not, as its connections and what is asked for want it. */
static bool is_passing(uint16_t type)
{
    switch (type) {
    case 0:  /* server_name */
    case 16: /* application_layer_protocol_negotiation */
    case 21: /* padding */
    case 35: /* session_ticket */
    case 41: /* pre_shared_key */
    case 42: /* early_data */
    case 44: /* cookie */
        return true;
    default:
        return false;
    }
}

/** A product with its version: "Chrome", 131, of "Chrome/131.0.0.0". */
typedef struct {
    char name[64];
    unsigned major, minor;
    bool has_version;
} product;

/** Tokens that name a browser, those that other browsers send, too, last. */
static const char *const browsers[] = {"Edg/",       "EdgA/",           "OPR/",      "Vivaldi/",
                                       "YaBrowser/", "SamsungBrowser/", "CriOS/",    "FxiOS/",
                                       "Firefox/",   "HeadlessChrome/", "Chromium/", "Chrome/",
                                       "Version/"};

static void read_product(const char *at, product *out)
{
    const size_t len = MIN(strcspn(at, "/ "), sizeof out->name - 1);
    *out = (product){.major = 0};
    memcpy(out->name, at, len);
    const char *version = at[strcspn(at, "/ ")] == '/' ? at + strcspn(at, "/ ") + 1 : "";
    char *end;
    if (g_ascii_isdigit(version[0])) {
        out->has_version = true;
        out->major = (unsigned)strtoul(version, &end, 10);
        out->minor = end[0] == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
    }
}

/** What a User-Agent says; one engine under two names is one. */
static product product_of(const char *agent)
{
    product found = {.major = 0};
    const char *at = agent;
    for (size_t i = 0; i < G_N_ELEMENTS(browsers) && at == agent; i++) {
        const char *token = strstr(agent, browsers[i]);
        if (token != NULL)
            at = token;
    }
    const char *behind =
        at == agent && g_str_has_prefix(agent, "Mozilla/") ? strstr(agent, ") ") : NULL;
    if (behind != NULL && g_ascii_isalpha(behind[2])) /* "Mozilla/5.0 (...) Siege/4.1.6" */
        at = behind + 2;
    read_product(at, &found);
    if (strcmp(found.name, "HeadlessChrome") == 0 || strcmp(found.name, "Chromium") == 0)
        strcpy(found.name, "Chrome");
    if (strcmp(found.name, "Version") == 0)
        strcpy(found.name, "Safari");
    return found;
}

/** The first and last version in "78–79", "0.20230511–1.20260831" or "3.0", major and minor. */
typedef struct {
    unsigned first, last, first_minor, last_minor;
} version_range;

static bool read_range(const char *text, version_range *out)
{
    char *end;
    if (text == NULL || !g_ascii_isdigit(text[0]))
        return false;
    const char *last = text;
    for (const char *at = text; *at != '\0'; at++)
        if (g_ascii_isdigit(*at) && (at == text || strchr("0123456789.", at[-1]) == NULL))
            last = at;
    out->first = (unsigned)strtoul(text, &end, 10);
    out->first_minor = end[0] == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : 0;
    out->last = (unsigned)strtoul(last, &end, 10);
    out->last_minor = end[0] == '.' ? (unsigned)strtoul(end + 1, NULL, 10) : G_MAXUINT;
    return true;
}

/** The real clients of one family. */
typedef struct {
    GPtrArray *rows; /* of tlsfp_client */
    const char *name;
} family;

/** The family of a product is that of the real clients that call themselves so. */
static family family_of(const tlsfp_clients *clients, const product *claimed)
{
    family found = {g_ptr_array_new(), NULL};
    for (size_t i = 0; found.name == NULL && i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        if (client->kind != TLSFP_CLIENT_REAL || client->user_agent == NULL ||
            client->family == NULL || strcmp(claimed->name, "Mozilla") == 0) /* says nothing */
            continue;
        const product own = product_of(client->user_agent);
        if (g_ascii_strcasecmp(own.name, claimed->name) == 0)
            found.name = client->family;
    }
    for (size_t i = 0; found.name != NULL && i < tlsfp_clients_count(clients); i++) {
        const tlsfp_client *client = tlsfp_clients_get(clients, i);
        if (client->kind == TLSFP_CLIENT_REAL && client->family != NULL &&
            strcmp(client->family, found.name) == 0)
            g_ptr_array_add(found.rows, (gpointer)client);
    }
    return found;
}

static const tlsfp_client *row_at(const family *of, guint i)
{
    return g_ptr_array_index(of->rows, i);
}

/** Whether a difference says something of the client, not of a connection of its. */
static bool matters(const tlsfp_difference *difference)
{
    switch (difference->part) {
    case TLSFP_PART_ALPN:
        return false;
    case TLSFP_PART_EXTENSIONS:
        return difference->change != TLSFP_MOVED && !is_passing(difference->value);
    case TLSFP_PART_KEY_SHARES:
    case TLSFP_PART_VERSIONS:
        return false;
    default:
        return true;
    }
}

/** The differences that matter between what a client of the list sends and this hello. */
static GArray *differences_of(const tlsfp_client *client, const tlsfp_shape *shape)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(client->shape, shape, found);
    for (guint i = found->len; i > 0; i--)
        if (!matters(&g_array_index(found, tlsfp_difference, i - 1)))
            g_array_remove_index(found, i - 1);
    return found;
}

static bool sends_the_same(const tlsfp_client *client, const tlsfp_shape *shape)
{
    GArray *found = differences_of(client, shape);
    const bool same = found->len == 0;
    g_array_unref(found);
    return same;
}

static bool has_value(const tlsfp_shape *shape, tlsfp_part part, uint16_t value)
{
    const uint16_t *values;
    size_t n;
    if (!tlsfp_shape_values(shape, part, &values, &n, NULL))
        return false;
    for (size_t i = 0; i < n; i++)
        if (values[i] == value)
            return true;
    return false;
}

/** How far a row's versions are from the one claimed, in majors. */
static unsigned distance_to(const tlsfp_client *client, const product *claimed)
{
    version_range range;
    if (!claimed->has_version || !read_range(client->versions, &range))
        return 0;
    if (claimed->major < range.first)
        return range.first - claimed->major;
    return claimed->major > range.last ? claimed->major - range.last : 0;
}

/** Whether the list has versions on both sides of the one claimed, or that one. */
static bool is_between(const family *of, const product *claimed)
{
    bool below = false, above = false;
    version_range range;
    if (!claimed->has_version)
        return true;
    for (guint i = 0; i < of->rows->len; i++)
        if (read_range(row_at(of, i)->versions, &range)) {
            below |= range.first <= claimed->major;
            above |= range.last >= claimed->major;
        }
    return below && above;
}

/** The versions next to the one claimed on both sides, or those that have it. */
static unsigned nearest_distance(const family *of, const product *claimed, bool above)
{
    unsigned nearest = G_MAXUINT;
    version_range range;
    for (guint i = 0; i < of->rows->len; i++) {
        if (!read_range(row_at(of, i)->versions, &range))
            continue;
        const bool on_side = above ? range.last >= claimed->major : range.first <= claimed->major;
        if (on_side)
            nearest = MIN(nearest, distance_to(row_at(of, i), claimed));
    }
    return nearest;
}

/** Whether a row stands for the version claimed: it has it, or is next to it in the list. */
static bool stands_for(const family *of, const tlsfp_client *client, const product *claimed)
{
    version_range range;
    const unsigned distance = distance_to(client, claimed);
    if (distance == 0)
        return true;
    if (nearest_distance(of, claimed, true) == 0 || nearest_distance(of, claimed, false) == 0)
        return false; /* the version itself is in the list */
    return read_range(client->versions, &range) &&
           distance == nearest_distance(of, claimed, range.first > claimed->major);
}

/* ---- reasons ---- */

/** "X25519MLKEM768", or "0xabcd". */
static char *value_text(const tlsfp_difference *difference)
{
    const char *name = NULL;
    if (difference->part == TLSFP_PART_GROUPS)
        name = tlsfp_group_name(difference->value);
    else if (difference->part == TLSFP_PART_EXTENSIONS)
        name = tlsfp_extension_name(difference->value);
    else if (difference->part == TLSFP_PART_CIPHER_SUITES)
        name = tlsfp_cipher_suite_name(difference->value);
    else if (difference->part == TLSFP_PART_SIGNATURE_ALGORITHMS)
        name = tlsfp_signature_algorithm_name(difference->value);
    return name != NULL ? g_strdup_printf("the %s %s", tlsfp_part_name(difference->part), name)
                        : g_strdup_printf("the %s 0x%04x", tlsfp_part_name(difference->part),
                                          difference->value);
}

/** The version since which all of a family, up to the one claimed, send a value. */
static bool sent_since(const family *of, const tlsfp_difference *difference, unsigned *out)
{
    unsigned since = G_MAXUINT, last_without = 0;
    bool without = false;
    version_range range;
    for (guint i = 0; i < of->rows->len; i++) {
        const tlsfp_client *client = row_at(of, i);
        if (!read_range(client->versions, &range))
            return false;
        if (!has_value(client->shape, difference->part, difference->value)) {
            last_without = without ? MAX(last_without, range.last) : range.last;
            without = true;
        }
    }
    for (guint i = 0; i < of->rows->len; i++)
        if (read_range(row_at(of, i)->versions, &range) && (!without || range.first > last_without))
            since = MIN(since, range.first);
    *out = since;
    return since != G_MAXUINT;
}

static bool nobody_sends(const family *of, const tlsfp_difference *difference)
{
    size_t n;
    for (guint i = 0; i < of->rows->len; i++)
        if (!tlsfp_shape_values(row_at(of, i)->shape, difference->part, NULL, &n, NULL) ||
            has_value(row_at(of, i)->shape, difference->part, difference->value))
            return false;
    return true;
}

/** A sentence on one difference that is true of the whole family, or NULL. */
static char *general_reason(const family *of, const product *claimed,
                            const tlsfp_difference *difference)
{
    unsigned since;
    char *value = value_text(difference), *text = NULL;
    if (difference->part < TLSFP_PART_CIPHER_SUITES)
        ; /* one value: said as it is */
    else if (difference->change == TLSFP_MISSING && sent_since(of, difference, &since) &&
             since <= claimed->major)
        text =
            g_strdup_printf("%s has sent %s since %u; this hello does not", of->name, value, since);
    else if (difference->change == TLSFP_ADDED && nobody_sends(of, difference))
        text = g_strdup_printf("this hello has %s, which no %s of the list sends", value, of->name);
    g_free(value);
    return text;
}

/** Why a hello is not that of a client of the list. */
static char *reason_for(const family *of, const product *claimed, const tlsfp_client *client,
                        const tlsfp_shape *shape)
{
    GArray *found = differences_of(client, shape);
    char *text = NULL;
    for (guint i = 0; text == NULL && claimed->has_version && i < found->len; i++)
        text = general_reason(of, claimed, &g_array_index(found, tlsfp_difference, i));
    if (text == NULL && found->len > 0) {
        GString *line = g_string_new(NULL);
        g_string_append_printf(line, "unlike %s %s: ", of->name,
                               client->versions != NULL ? client->versions : "");
        tlsfp_difference_text(&g_array_index(found, tlsfp_difference, 0), line);
        text = g_string_free(line, FALSE);
    }
    g_array_unref(found);
    return text;
}

/** Families whose TLS comes with them: nobody else's library changes what they send. */
static bool brings_its_library(const family *of)
{
    for (guint i = 0; i < of->rows->len; i++) {
        const char *engine = row_at(of, i)->engine;
        if (engine == NULL ||
            (!g_str_has_prefix(engine, "BoringSSL") && !g_str_has_prefix(engine, "NSS") &&
             !g_str_has_prefix(engine, "Go") && !g_str_has_prefix(engine, "rustls") &&
             !g_str_has_prefix(engine, "SunJSSE")))
            return false;
    }
    return true;
}

/** The row next to the version claimed that the hello resembles most. */
static const tlsfp_client *closest(const family *of, const product *claimed,
                                   const tlsfp_shape *shape)
{
    const tlsfp_client *best = NULL;
    guint fewest = G_MAXUINT;
    for (guint i = 0; i < of->rows->len; i++) {
        if (!stands_for(of, row_at(of, i), claimed))
            continue;
        GArray *found = differences_of(row_at(of, i), shape);
        if (found->len < fewest) {
            fewest = found->len;
            best = row_at(of, i);
        }
        g_array_unref(found);
    }
    return best != NULL ? best : row_at(of, 0);
}

/** Whether one of the differences is an extension or a group that no client of the family sends. */
static char *foreign_value(const family *of, const tlsfp_client *client, const tlsfp_shape *shape)
{
    GArray *found = differences_of(client, shape);
    char *text = NULL;
    for (guint i = 0; text == NULL && i < found->len; i++) {
        const tlsfp_difference *difference = &g_array_index(found, tlsfp_difference, i);
        if (difference->part != TLSFP_PART_EXTENSIONS || difference->change != TLSFP_ADDED ||
            !nobody_sends(of, difference))
            continue;
        char *value = value_text(difference);
        text = g_strdup_printf("this hello has %s, which no %s of the list sends", value, of->name);
        g_free(value);
    }
    g_array_unref(found);
    return text;
}

/** Of clients that send the same: one of the version claimed, else any. */
static const tlsfp_client *find_same(const family *of, const product *claimed,
                                     const tlsfp_shape *shape, bool *out_version)
{
    const tlsfp_client *same = NULL;
    *out_version = false;
    for (guint i = 0; i < of->rows->len; i++)
        if (sends_the_same(row_at(of, i), shape)) {
            same = row_at(of, i);
            *out_version = stands_for(of, same, claimed);
            if (*out_version)
                break;
        }
    return same;
}

static claim_verdict judge(const family *of, const product *claimed, const tlsfp_shape *shape,
                           char **out_why)
{
    bool right_version;
    const tlsfp_client *same = find_same(of, claimed, shape, &right_version);
    if (same != NULL && (right_version || !brings_its_library(of))) {
        *out_why = g_strdup_printf("%s %s sends this", of->name,
                                   same->versions != NULL ? same->versions : "");
        return CLAIM_FITS;
    }
    const tlsfp_client *next = closest(of, claimed, shape);
    if (!is_between(of, claimed)) {
        *out_why = g_strdup_printf("the list has no %s of this version or later ones", of->name);
        return same != NULL ? CLAIM_FITS : CLAIM_UNKNOWN;
    }
    if (!brings_its_library(of)) {
        *out_why = foreign_value(of, next, shape);
        if (*out_why != NULL)
            return CLAIM_DOES_NOT_FIT;
        *out_why = g_strdup_printf("%s takes the TLS library of the system, and the list does not "
                                   "have all of them",
                                   of->name);
        return CLAIM_UNKNOWN;
    }
    if (same != NULL)
        *out_why = g_strdup_printf("this is what %s %s sends, not %u", of->name, same->versions,
                                   claimed->major);
    else
        *out_why = reason_for(of, claimed, next, shape);
    return CLAIM_DOES_NOT_FIT;
}

claim_verdict claim_judge(tlsfp_clients *clients, const char *user_agent, const tlsfp_shape *shape,
                          char **out_why)
{
    const product claimed = product_of(user_agent);
    family of = family_of(clients, &claimed);
    claim_verdict verdict = CLAIM_UNKNOWN;
    if (of.name == NULL)
        *out_why = g_strdup_printf("no %s was run for the list",
                                   claimed.name[0] != '\0' ? claimed.name : "such client");
    else
        verdict = judge(&of, &claimed, shape, out_why);
    g_ptr_array_unref(of.rows);
    return verdict;
}

const char *claim_verdict_name(claim_verdict verdict)
{
    static const char *const names[] = {"fits", "does not fit", "unknown"};
    return names[verdict];
}
