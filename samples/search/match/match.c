/* SPDX-License-Identifier: BSD-3-Clause */
#include "match/match.h"

#include <string.h>

#include "match/client_names.h"
#include "match/glob.h"

enum { MAX_EXACT_NAME = 253 }; /* RFC 1035 2.3.4, without the dot at the end */

/** Fingerprints to look for. One table holds all kinds: a value's form says which it may be. */
typedef struct {
    bool given;
    bool has[TLSFP_N_CLIENT_KINDS];
    GHashTable *exact;
    GPtrArray *ja3_globs, *ja4_globs;
} fingerprint_set;

struct match {
    fingerprint_set ja4, ja3, files;
    bool sni_given;
    GHashTable *names;
    GPtrArray *name_globs;
    tlsfp_level least_level;
    bool unknown, inverted;
};

G_DEFINE_QUARK(tlsfp_match_error, match_error)

static void init_set(fingerprint_set *set)
{
    set->exact = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->ja3_globs = g_ptr_array_new_with_free_func(g_free);
    set->ja4_globs = g_ptr_array_new_with_free_func(g_free);
}

static void clear_set(fingerprint_set *set)
{
    g_hash_table_unref(set->exact);
    g_ptr_array_unref(set->ja3_globs);
    g_ptr_array_unref(set->ja4_globs);
}

match *match_new(void)
{
    match *criteria = g_new0(match, 1);
    init_set(&criteria->ja4);
    init_set(&criteria->ja3);
    init_set(&criteria->files);
    criteria->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    criteria->name_globs = g_ptr_array_new_with_free_func(g_free);
    return criteria;
}

void match_free(match *criteria)
{
    if (criteria == NULL)
        return;
    clear_set(&criteria->ja4);
    clear_set(&criteria->ja3);
    clear_set(&criteria->files);
    g_hash_table_unref(criteria->names);
    g_ptr_array_unref(criteria->name_globs);
    g_free(criteria);
}

/** The kinds that a value can be of; ja3n because it is often posted as "JA3". */
static const tlsfp_kind ja3_kinds[] = {TLSFP_KIND_JA3, TLSFP_KIND_JA3N};
static const tlsfp_kind ja4_kinds[] = {TLSFP_KIND_JA4, TLSFP_KIND_JA4_A, TLSFP_KIND_JA4_B,
                                       TLSFP_KIND_JA4_C, TLSFP_KIND_JA4_BC};

/** Keeps a value, as it is compared, for each of the kinds that it fits; false where it fits none.
 */
static bool keep_value(fingerprint_set *set, const char *value, const tlsfp_kind *kinds, size_t n)
{
    bool kept = false;
    for (size_t i = 0; i < n; i++)
        if (tlsfp_kind_fits(kinds[i], value)) {
            char *folded = g_strdup(value);
            tlsfp_kind_fold(kinds[i], folded);
            g_hash_table_add(set->exact, folded);
            set->has[kinds[i]] = kept = true;
        }
    return kept;
}

static const char hex_digits[] = "0123456789abcdef";
static const char letters_and_digits[] =
    "_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Checks a pattern for texts of a length, or of any where it is 0. */
static bool check_glob(const char *pattern, size_t len, const char *allowed, GError **error)
{
    const char *trouble = glob_trouble(pattern);
    if (trouble != NULL)
        g_set_error(error, MATCH_ERROR, 0, "'%s' is no pattern: there is %s", pattern, trouble);
    else if (len > 0 && !glob_can_fit(pattern, len, allowed))
        g_set_error(error, MATCH_ERROR, 0, "'%s' fits no value, which has %zu characters", pattern,
                    len);
    else
        return true;
    return false;
}

static bool keep_ja3(fingerprint_set *set, const char *value)
{
    return keep_value(set, value, ja3_kinds, G_N_ELEMENTS(ja3_kinds));
}

static bool keep_ja4(fingerprint_set *set, const char *value)
{
    if (!is_glob(value))
        return keep_value(set, value, ja4_kinds, G_N_ELEMENTS(ja4_kinds));
    g_ptr_array_add(set->ja4_globs, g_strdup(value));
    return true;
}

bool match_add_ja4(match *criteria, const char *value, GError **error)
{
    criteria->ja4.given = true;
    if (is_glob(value) && !check_glob(value, TLSFP_JA4_LEN, letters_and_digits, error))
        return false;
    if (keep_ja4(&criteria->ja4, value))
        return true;
    g_set_error(error, MATCH_ERROR, 0,
                "'%s' is no JA4, no part of one, and no pattern, which has a '*'", value);
    return false;
}

bool match_add_ja3(match *criteria, const char *value, GError **error)
{
    criteria->ja3.given = true;
    if (is_glob(value)) {
        char *kept = g_ascii_strdown(value, -1);
        g_ptr_array_add(criteria->ja3.ja3_globs, kept);
        return check_glob(kept, TLSFP_JA3_LEN, hex_digits, error);
    }
    if (!keep_ja3(&criteria->ja3, value)) {
        g_set_error(error, MATCH_ERROR, 0,
                    "'%s' is no JA3, which has 32 hex digits, and no pattern, which has a '*'",
                    value);
        return false;
    }
    return true;
}

bool match_add_sni(match *criteria, const char *value, GError **error)
{
    if (is_glob(value) && !check_glob(value, 0, NULL, error))
        return false;
    if (*value == '\0' || strchr(value, '/') != NULL) {
        g_set_error(error, MATCH_ERROR, 0, "'%s' is no server name, and no pattern for one", value);
        return false;
    }
    char *kept = g_ascii_strdown(value, -1);
    criteria->sni_given = true;
    if (is_glob(value) || strlen(value) > MAX_EXACT_NAME)
        g_ptr_array_add(criteria->name_globs, kept);
    else
        g_hash_table_add(criteria->names, kept);
    return true;
}

/** Removes comments and blanks from a line of a file. */
static char *strip_line(char *line)
{
    line[strcspn(line, "#")] = '\0';
    return g_strstrip(line);
}

static bool fail_line(const char *path, unsigned number, GError *reason, GError **error)
{
    g_set_error(error, MATCH_ERROR, 0, "%s, line %u: %s", path, number, reason->message);
    g_error_free(reason);
    return false;
}

static bool add_lines(match *criteria, const char *path, char *text, GError **error)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    char *next = text;
    if (g_str_has_prefix(text, byte_order_mark))
        next += strlen(byte_order_mark);
    GError *reason = NULL;
    for (unsigned number = 1; next != NULL; number++) {
        char *line = next;
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        line = strip_line(line);
        if (*line == '\0')
            continue;
        if (is_glob(line) && !check_glob(line, TLSFP_JA4_LEN, letters_and_digits, &reason))
            return fail_line(path, number, reason, error);
        if (keep_ja3(&criteria->files, line) || keep_ja4(&criteria->files, line))
            continue;
        g_set_error(error, MATCH_ERROR, 0, "%s, line %u: '%s' is no JA3, no JA4, no part of one",
                    path, number, line);
        return false;
    }
    return true;
}

bool match_add_file(match *criteria, const char *path, GError **error)
{
    char *text;
    gsize len;
    criteria->files.given = true;
    if (!g_file_get_contents(path, &text, &len, error))
        return false;
    bool fine = strlen(text) == len;
    if (fine)
        fine = add_lines(criteria, path, text, error);
    else
        g_set_error(error, MATCH_ERROR, 0, "%s: this is no text file", path);
    g_free(text);
    return fine;
}

static bool any_glob_fits(const GPtrArray *globs, const char *text, size_t len)
{
    for (guint i = 0; i < globs->len; i++)
        if (glob_fits(g_ptr_array_index(globs, i), (tlsfp_span){(const uint8_t *)text, len}))
            return true;
    return false;
}

/** @param room overwritten. */
static bool holds(const fingerprint_set *set, sighting *seen, tlsfp_kind kind, GString *room)
{
    g_string_truncate(room, 0);
    sighting_append(seen, kind, room);
    return g_hash_table_contains(set->exact, room->str);
}

static bool holds_any(const fingerprint_set *set, sighting *seen, const tlsfp_kind *kinds, size_t n)
{
    GString *room = NULL;
    bool found = false;
    for (size_t i = 0; i < n && !found; i++)
        if (set->has[kinds[i]]) {
            if (room == NULL)
                room = g_string_new(NULL);
            found = holds(set, seen, kinds[i], room);
        }
    if (room != NULL)
        g_string_free(room, TRUE);
    return found;
}

static bool fits_ja4(const fingerprint_set *set, sighting *seen)
{
    return holds_any(set, seen, ja4_kinds, G_N_ELEMENTS(ja4_kinds)) ||
           (set->ja4_globs->len > 0 &&
            any_glob_fits(set->ja4_globs, sighting_ja4(seen), TLSFP_JA4_LEN));
}

static bool fits_ja3(const fingerprint_set *set, sighting *seen)
{
    return holds_any(set, seen, ja3_kinds, G_N_ELEMENTS(ja3_kinds)) ||
           (set->ja3_globs->len > 0 &&
            any_glob_fits(set->ja3_globs, sighting_ja3(seen), TLSFP_JA3_LEN));
}

static bool fits_set(const fingerprint_set *set, sighting *seen)
{
    return !set->given || fits_ja4(set, seen) || fits_ja3(set, seen);
}

static bool is_name(const match *criteria, tlsfp_span name)
{
    char text[MAX_EXACT_NAME + 1];
    if (name.len > MAX_EXACT_NAME || memchr(name.data, '\0', name.len) != NULL)
        return false;
    for (size_t i = 0; i < name.len; i++)
        text[i] = g_ascii_tolower((char)name.data[i]);
    text[name.len] = '\0';
    return g_hash_table_contains(criteria->names, text);
}

static bool fits_name(const match *criteria, const sighting *seen)
{
    tlsfp_span name = seen->found->hello->server_name;
    if (!criteria->sni_given)
        return true;
    if (name.data == NULL)
        return false;
    if (g_hash_table_size(criteria->names) > 0 && is_name(criteria, name))
        return true;
    for (guint i = 0; i < criteria->name_globs->len; i++)
        if (glob_fits_any_case(g_ptr_array_index(criteria->name_globs, i), name))
            return true;
    return false;
}

bool match_set_level(match *criteria, const char *name, GError **error)
{
    for (tlsfp_level level = TLSFP_LEVEL_NOTE; level <= TLSFP_LEVEL_WARN; level++)
        if (strcmp(name, tlsfp_level_name(level)) == 0) {
            criteria->least_level = level;
            return true;
        }
    g_set_error(error, MATCH_ERROR, 0, "'%s' is no level; there are note and warn", name);
    return false;
}

void match_set_unknown(match *criteria)
{
    criteria->unknown = true;
}

void match_invert(match *criteria)
{
    criteria->inverted = true;
}

bool match_needs_names(const match *criteria)
{
    return criteria->unknown || criteria->least_level > TLSFP_LEVEL_NONE;
}

bool match_is_empty(const match *criteria)
{
    return !criteria->ja4.given && !criteria->ja3.given && !criteria->files.given &&
           !criteria->sni_given && !match_needs_names(criteria);
}

static bool fits_names(const match *criteria, sighting *seen)
{
    tlsfp_label labels[TLSFP_MAX_NAMES];
    tlsfp_level level;
    if (!match_needs_names(criteria))
        return true;
    size_t n = client_names_of(seen, labels, &level);
    return (!criteria->unknown || n == 0) && level >= criteria->least_level;
}

bool match_fits(const match *criteria, sighting *seen)
{
    bool fits = fits_name(criteria, seen) && fits_set(&criteria->ja4, seen) &&
                fits_set(&criteria->files, seen) && fits_set(&criteria->ja3, seen) &&
                fits_names(criteria, seen);
    return fits != criteria->inverted;
}
