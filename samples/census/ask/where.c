/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/where.h"

#include <string.h>
#include <tlsfp/claim.h>
#include <tlsfp/fingerprint.h>

#include "add/address.h"

/* JA4's parts in SQL, whose places count from 1. */
G_STATIC_ASSERT(TLSFP_JA4_A_LEN == 10 && TLSFP_JA4_HASH_LEN == 12 && TLSFP_JA4_B_AT == 11 &&
                TLSFP_JA4_C_AT == 24);

typedef struct {
    const char *name, *sql;
} column;

static const column columns[] = {
    {"ja4", "client.ja4"},
    {"ja4_a", "substr(client.ja4, 1, 10)"},
    {"ja4_b", "substr(client.ja4, 12, 12)"},
    {"ja4_c", "substr(client.ja4, 25, 12)"},
    {"ja4_bc", "client.ja4_bc"},
    {"ja4_r", "client.ja4_r"},
    {"ja4_o", "hello.ja4_o"},
    {"ja4_ro", "hello.ja4_ro"},
    {"stable", "client.stable"},
    {"stable_r", "client.stable_r"},
    {"ja3", "hello.ja3"},
    {"ja3_r", "hello.ja3_r"},
    {"ja3n", "client.ja3n"},
    {"ja3n_r", "client.ja3n_r"},
    {"client", "coalesce(naming.name, '')"},
    {"family", "coalesce(naming.family, '')"},
    {"kind", "coalesce(naming.kind, '')"},
    {"level", "coalesce(naming.level, '')"},
    {"sni", "server.name"},
    {"address", "address.text"},
    {"transport", "CASE substr(client.ja4, 1, 1) WHEN 'q' THEN 'quic' WHEN 'd' THEN 'dtls' "
                  "ELSE 'tls' END"},
    {"day", "date(sighting.day * 86400, 'unixepoch')"},
};

const char *where_column(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        if (strcmp(columns[i].name, name) == 0)
            return columns[i].sql;
    return NULL;
}

char *where_columns(void)
{
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(columns); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? ", " : "", columns[i].name);
    return g_string_free(text, FALSE);
}

/* ---- time ---- */

/** Days since 1970 of "2026-01-31"; false where it is no day. */
static bool read_day(const char *text, int64_t *out, GError **error)
{
    int64_t value = -1;
    GDateTime *day = NULL;
    int numbers[3];
    if (strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
        strspn(text, "0123456789-") == 10) {
        numbers[0] = (int)g_ascii_strtoll(text, NULL, 10);
        numbers[1] = (int)g_ascii_strtoll(text + 5, NULL, 10);
        numbers[2] = (int)g_ascii_strtoll(text + 8, NULL, 10);
        day = g_date_time_new_utc(numbers[0], numbers[1], numbers[2], 0, 0, 0);
    }
    if (day != NULL) {
        value = g_date_time_to_unix(day) / 86400;
        g_date_time_unref(day);
        *out = value;
        return true;
    }
    g_set_error(error, STORE_ERROR, 0, "'%s' is no day such as 2026-01-31", text);
    return false;
}

char *where_range(store *census, const char *from, const char *to, int last_days, GError **error)
{
    int64_t first = G_MININT32, last = G_MAXINT32;
    if ((from != NULL && !read_day(from, &first, error)) ||
        (to != NULL && !read_day(to, &last, error)))
        return NULL;
    if (first > last) {
        g_set_error(error, STORE_ERROR, 0, "--to: %s is before %s", to, from);
        return NULL;
    }
    if (last_days > 0)
        first =
            MAX(first, store_number(census, "SELECT max(day) FROM sighting", 0) - last_days + 1);
    return g_strdup_printf("day BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT, first, last);
}

/* ---- values, patterns, filters ---- */

static bool is_pattern(const char *text)
{
    return strpbrk(text, "*?[") != NULL;
}

/** Whether each '[' has its ']', which stands for itself right behind '[', '[!' and '[^'. */
static bool is_closed(const char *pattern)
{
    for (const char *at = strchr(pattern, '['); at != NULL; at = strchr(at, '[')) {
        at++;
        at += *at == '!' || *at == '^' ? 1 : 0;
        at = *at != '\0' ? strchr(at + 1, ']') : NULL;
        if (at == NULL)
            return false;
    }
    return true;
}

/** SQLite's GLOB has [^a] where shells have [!a]. */
static char *as_glob(const char *pattern)
{
    char *glob = g_strdup(pattern);
    for (char *at = strstr(glob, "[!"); at != NULL; at = strstr(at, "[!"))
        at[1] = '^';
    return glob;
}

/** Appends "column fits pattern". */
static void append_test(GString *out, const char *sql, const char *pattern)
{
    char *glob = as_glob(pattern);
    char *test = is_pattern(pattern) ? sqlite3_mprintf("(%s) GLOB %Q", sql, glob)
                                     : sqlite3_mprintf("(%s) = %Q", sql, pattern);
    g_string_append(out, test);
    sqlite3_free(test);
    g_free(glob);
}

/** The kinds that a bare value or pattern may be of; returns how many, JA4 first. */
static size_t kinds_of_value(const char *value, tlsfp_kind out[TLSFP_N_CLIENT_KINDS])
{
    size_t n = 0;
    if (is_pattern(value)) {
        out[0] = TLSFP_KIND_JA4;
        return 1;
    }
    for (unsigned i = 0; i < TLSFP_N_CLIENT_KINDS; i++) {
        const tlsfp_kind kind = (tlsfp_kind)i;
        const bool is_list = kind == TLSFP_KIND_JA3_R || kind == TLSFP_KIND_JA3N_R;
        if (tlsfp_kind_fits(kind, value) && (!is_list || strchr(value, ',') != NULL))
            out[n++] = kind;
    }
    return n;
}

/** The field of a bare value. What may be a JA4 or a stable value is taken for a JA4; "stable="
 * asks for the other. */
static bool add_value(GHashTable *tests, const char *value, GError **error)
{
    tlsfp_kind kinds[TLSFP_N_CLIENT_KINDS];
    const size_t n = kinds_of_value(value, kinds);
    if (n == 0) {
        char *known = where_columns();
        g_set_error(error, STORE_ERROR, 0,
                    "'%s' is no fingerprint, no pattern and no filter FIELD=PATTERN; fields are "
                    "claim, %s",
                    value, known);
        g_free(known);
        return false;
    }
    GString *test = g_hash_table_lookup(tests, "value");
    char *folded = g_strdup(value);
    if (!is_pattern(value))
        tlsfp_kind_fold(kinds[0], folded);
    for (size_t i = 0; i < (kinds[0] == TLSFP_KIND_JA4 ? 1 : n); i++) {
        g_string_append(test, test->len > 0 ? " OR " : "");
        append_test(test, where_column(tlsfp_kind_name(kinds[i])), folded);
    }
    g_free(folded);
    return true;
}

static bool add_network(GString *test, const char *text, GError **error)
{
    network net;
    if (!network_read(text, &net)) {
        g_set_error(error, STORE_ERROR, 0, "'%s' is no address and no network", text);
        return false;
    }
    char *sql = sqlite3_mprintf("in_network(address.text, %Q)", text);
    g_string_append(test, sql);
    sqlite3_free(sql);
    return true;
}

/** Fields with few values. */
static const struct {
    const char *field;
    const char *values[4]; /* NULL behind the last one */
} choices[] = {
    {"transport", {"tls", "quic", "dtls"}},
    {"level", {"none", "note", "warn"}},
    {"kind", {"real", "mimic", "recorded"}},
};

/** Whether a field can have a value; "" stands for none. */
static bool is_choice(size_t i, const char *value)
{
    return value[0] == '\0' || g_strv_contains(choices[i].values, value);
}

/** A value that its field cannot have is a mistake, and not merely one that was not seen. */
static bool check_value(const char *field, const char *value, GError **error)
{
    tlsfp_kind kind;
    int64_t day;
    if (is_pattern(value))
        return true;
    if (strcmp(field, "day") == 0)
        return read_day(value, &day, error);
    if (tlsfp_kind_named(field, &kind) && !tlsfp_kind_fits(kind, value)) {
        g_set_error(error, STORE_ERROR, 0, "%s: '%s' is no such value", field, value);
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(choices); i++)
        if (strcmp(choices[i].field, field) == 0 && !is_choice(i, value)) {
            g_set_error(error, STORE_ERROR, 0, "%s: '%s' is none of %s, %s, %s", field, value,
                        choices[i].values[0], choices[i].values[1], choices[i].values[2]);
            return false;
        }
    return true;
}

/** Connections whose client and address sent a User-Agent in a request that has this text, or fits
 * the pattern, or names such a product ("Chrome/131", "(none)"). */
static void add_claim(GString *test, const char *pattern)
{
    GString *fits = g_string_new(NULL);
    char *around = is_pattern(pattern) ? g_strdup(pattern) : g_strdup_printf("*%s*", pattern);
    append_test(fits, "agent.text", around);
    g_string_append(fits, " OR ");
    append_test(fits, "product(agent.text)", pattern);
    g_string_append_printf(
        test,
        "(sighting.hello, sighting.address) IN (SELECT claim.hello, "
        "claim.address FROM claim JOIN agent ON agent.id = claim.agent WHERE %s)",
        fits->str);
    g_string_free(fits, TRUE);
    g_free(around);
}

static bool add_filter(GHashTable *tests, const char *word, const char *equals, GError **error)
{
    char *name = g_strndup(word, (gsize)(equals - word));
    const char *sql = where_column(name), *pattern = equals + 1;
    const bool is_claim = strcmp(name, "claim") == 0;
    bool fine = true;
    if (sql == NULL && !is_claim) {
        char *known = where_columns();
        g_set_error(error, STORE_ERROR, 0, "there is no field '%s'; there are claim, %s", name,
                    known);
        g_free(known);
        g_free(name);
        return false;
    }
    GString *test = g_hash_table_lookup(tests, name);
    if (test == NULL) {
        test = g_string_new(NULL);
        g_hash_table_insert(tests, g_strdup(name), test);
    }
    g_string_append(test, test->len > 0 ? " OR " : "");
    if (is_claim)
        add_claim(test, pattern);
    else if (strcmp(name, "address") == 0 && pattern[0] != '~')
        fine = add_network(test, pattern, error);
    else if ((fine = check_value(name, pattern, error)))
        append_test(test, sql, pattern);
    g_free(name);
    return fine;
}

static void free_text(gpointer text)
{
    g_string_free(text, TRUE);
}

char *where_words(char **words, GError **error)
{
    GHashTable *tests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_text);
    GString *all = g_string_new("1");
    bool fine = true;
    g_hash_table_insert(tests, g_strdup("value"), g_string_new(NULL));
    for (size_t i = 0; fine && words != NULL && words[i] != NULL; i++) {
        const char *equals = strchr(words[i], '=');
        if (!is_closed(words[i])) {
            g_set_error(error, STORE_ERROR, 0, "'%s' is no pattern: there is a '[' without its ']'",
                        words[i]);
            fine = false;
            break;
        }
        fine = equals != NULL ? add_filter(tests, words[i], equals, error)
                              : add_value(tests, words[i], error);
    }
    GHashTableIter each;
    gpointer test;
    g_hash_table_iter_init(&each, tests);
    while (g_hash_table_iter_next(&each, NULL, &test))
        if (((GString *)test)->len > 0)
            g_string_append_printf(all, " AND (%s)", ((GString *)test)->str);
    g_hash_table_unref(tests);
    if (fine)
        return g_string_free(all, FALSE);
    g_string_free(all, TRUE);
    return NULL;
}

static void in_network(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    network net;
    const char *address = (const char *)sqlite3_value_text(values[0]);
    const char *text = (const char *)sqlite3_value_text(values[1]);
    sqlite3_result_int(context, address != NULL && text != NULL && network_read(text, &net) &&
                                    network_has(&net, address));
}

static void product(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    const char *agent = (const char *)sqlite3_value_text(values[0]);
    GString *name = g_string_new(NULL);
    if (agent != NULL)
        tlsfp_claim_product(agent, name);
    sqlite3_result_text(context, name->len > 0 ? name->str : "(none)", -1, SQLITE_TRANSIENT);
    g_string_free(name, TRUE);
}

bool where_prepare(store *census, GError **error)
{
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    return (sqlite3_create_function(census->db, "in_network", 2, flags, NULL, in_network, NULL,
                                    NULL) == SQLITE_OK &&
            sqlite3_create_function(census->db, "product", 1, flags, NULL, product, NULL, NULL) ==
                SQLITE_OK) ||
           store_fail(census, error);
}
