/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <tlsfp/names.h>

#include "hello/iana.h"
#include "labels/shape.h"

/** A value and its place in a list. */
typedef struct {
    uint16_t value;
    uint16_t place; /* from 1 */
} placed;

const char *tlsfp_part_name(tlsfp_part part)
{
    static const char *const names[TLSFP_N_PARTS] = {
        [TLSFP_PART_TRANSPORT] = "transport",
        [TLSFP_PART_VERSION] = "version",
        [TLSFP_PART_LEGACY_VERSION] = "legacy version",
        [TLSFP_PART_ALPN] = "first ALPN",
        [TLSFP_PART_CIPHER_SUITES] = "cipher suite",
        [TLSFP_PART_EXTENSIONS] = "extension",
        [TLSFP_PART_GROUPS] = "group",
        [TLSFP_PART_SIGNATURE_ALGORITHMS] = "signature algorithm",
        [TLSFP_PART_POINT_FORMATS] = "point format",
        [TLSFP_PART_VERSIONS] = "supported version",
        [TLSFP_PART_KEY_SHARES] = "key share",
        [TLSFP_PART_BODIES] = "extension body",
    };
    return names[part];
}

static int by_value_then_place(const void *a, const void *b)
{
    const placed *first = a, *second = b;
    return first->value != second->value ? (int)first->value - (int)second->value
                                         : (int)first->place - (int)second->place;
}

static int by_place(const void *a, const void *b)
{
    return (int)((const placed *)a)->place - (int)((const placed *)b)->place;
}

static placed *sorted_places(const uint16_t *values, size_t n)
{
    placed *sorted = g_new(placed, n + 1);
    for (size_t i = 0; i < n; i++)
        sorted[i] = (placed){values[i], (uint16_t)(i + 1)};
    qsort(sorted, n, sizeof *sorted, by_value_then_place);
    return sorted;
}

/** Values that both lists have: their places in the first one, in the order of the second one. */
typedef struct {
    uint16_t value, before, after;
} common;

static int by_after(const void *a, const void *b)
{
    return (int)((const common *)a)->after - (int)((const common *)b)->after;
}

static void append_placed(GArray *out, tlsfp_part part, tlsfp_change change, placed *values,
                          size_t n)
{
    qsort(values, n, sizeof *values, by_place);
    for (size_t i = 0; i < n; i++) {
        tlsfp_difference difference = {.part = part, .change = change, .value = values[i].value};
        g_array_append_val(out, difference);
    }
}

/** Sorts the values of two lists into those missing, added and common to both. Returns how many
 * are common. */
static size_t match_lists(tlsfp_part part, const uint16_t *first, size_t n_first,
                          const uint16_t *second, size_t n_second, common *both, GArray *out)
{
    placed *a = sorted_places(first, n_first), *b = sorted_places(second, n_second);
    placed *missing = g_new(placed, n_first + 1), *added = g_new(placed, n_second + 1);
    size_t i = 0, j = 0, n_missing = 0, n_added = 0, n_both = 0;
    while (i < n_first || j < n_second) {
        if (j == n_second || (i < n_first && a[i].value < b[j].value))
            missing[n_missing++] = a[i++];
        else if (i == n_first || b[j].value < a[i].value)
            added[n_added++] = b[j++];
        else {
            both[n_both++] = (common){a[i].value, a[i].place, b[j].place};
            i++;
            j++;
        }
    }
    append_placed(out, part, TLSFP_MISSING, missing, n_missing);
    append_placed(out, part, TLSFP_ADDED, added, n_added);
    g_free(a);
    g_free(b);
    g_free(missing);
    g_free(added);
    return n_both;
}

/** Marks the longest run of values that kept their order: they stayed, the others moved. */
static void mark_kept(const common *both, size_t n, bool *kept)
{
    size_t *tails = g_new(size_t, n + 1); /* by length of a run: where the lowest one ends */
    size_t *previous = g_new(size_t, n + 1);
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t low = 0, high = longest;
        while (low < high) {
            size_t middle = (low + high) / 2;
            if (both[tails[middle]].before < both[i].before)
                low = middle + 1;
            else
                high = middle;
        }
        previous[i] = low > 0 ? tails[low - 1] : n;
        tails[low] = i;
        longest = MAX(longest, low + 1);
    }
    for (size_t i = longest > 0 ? tails[longest - 1] : n; i < n; i = previous[i])
        kept[i] = true;
    g_free(tails);
    g_free(previous);
}

static void append_moved(tlsfp_part part, common *both, size_t n, GArray *out)
{
    qsort(both, n, sizeof *both, by_after);
    bool *kept = g_new0(bool, n + 1);
    mark_kept(both, n, kept);
    for (size_t i = 0; i < n; i++)
        if (!kept[i]) {
            tlsfp_difference difference = {.part = part,
                                           .change = TLSFP_MOVED,
                                           .value = both[i].value,
                                           .before = both[i].before,
                                           .after = both[i].after};
            g_array_append_val(out, difference);
        }
    g_free(kept);
}

static void compare_part(const tlsfp_shape *first, const tlsfp_shape *second, tlsfp_part part,
                         GArray *out)
{
    const uint16_t *a, *b;
    size_t n_a, n_b;
    bool ordered_a, ordered_b;
    if (!tlsfp_shape_values(first, part, &a, &n_a, &ordered_a) ||
        !tlsfp_shape_values(second, part, &b, &n_b, &ordered_b))
        return;
    if (part <= TLSFP_PART_ALPN) {
        tlsfp_difference difference = {
            .part = part, .change = TLSFP_CHANGED, .value = b[0], .before = a[0]};
        if (a[0] != b[0])
            g_array_append_val(out, difference);
        return;
    }
    if (n_a == n_b && ordered_a == ordered_b && (n_a == 0 || memcmp(a, b, n_a * sizeof *a) == 0))
        return;
    common *both = g_new(common, MIN(n_a, n_b) + 1);
    size_t n = match_lists(part, a, n_a, b, n_b, both, out);
    if (ordered_a && ordered_b)
        append_moved(part, both, n, out);
    g_free(both);
}

/** Then the whole list says more than its first protocol. */
static bool both_have_alpn(const tlsfp_shape *first, const tlsfp_shape *second)
{
    const GArray *types[] = {first->parts[TLSFP_PART_EXTENSIONS].values,
                             second->parts[TLSFP_PART_EXTENSIONS].values};
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        guint at = 0;
        while (at < types[i]->len && g_array_index(types[i], uint16_t, at) != EXTENSION_ALPN)
            at++;
        if (at == types[i]->len)
            return false;
    }
    return true;
}

void tlsfp_shape_compare(const tlsfp_shape *first, const tlsfp_shape *second, GArray *out)
{
    const bool bodies = first->bodies != NULL && second->bodies != NULL;
    for (unsigned part = 0; part < TLSFP_PART_BODIES; part++)
        if (part != TLSFP_PART_ALPN || !bodies || !both_have_alpn(first, second))
            compare_part(first, second, (tlsfp_part)part, out);
    if (bodies)
        bodies_compare(first->bodies, second->bodies, out);
}

/* ---- in words ---- */

static const char *point_format_name(uint16_t value)
{
    static const char *const names[] = {"uncompressed", "ansiX962_compressed_prime",
                                        "ansiX962_compressed_char2"}; /* RFC 8422 5.1.2 */
    return value < G_N_ELEMENTS(names) ? names[value] : NULL;
}

const char *tlsfp_part_value_name(tlsfp_part part, uint16_t value)
{
    switch (part) {
    case TLSFP_PART_CIPHER_SUITES:
        return tlsfp_cipher_suite_name(value);
    case TLSFP_PART_EXTENSIONS:
        return tlsfp_extension_name(value);
    case TLSFP_PART_GROUPS:
    case TLSFP_PART_KEY_SHARES:
        return tlsfp_group_name(value);
    case TLSFP_PART_SIGNATURE_ALGORITHMS:
        return tlsfp_signature_algorithm_name(value);
    case TLSFP_PART_VERSION:
    case TLSFP_PART_LEGACY_VERSION:
    case TLSFP_PART_VERSIONS:
        return tlsfp_version_name(value);
    case TLSFP_PART_POINT_FORMATS:
        return point_format_name(value);
    case TLSFP_PART_TRANSPORT:
        return value == TLSFP_QUIC ? "QUIC" : value == TLSFP_DTLS ? "DTLS" : "TLS";
    case TLSFP_PART_ALPN:
    case TLSFP_PART_BODIES:
    case TLSFP_N_PARTS:
        break;
    }
    return NULL;
}

/** E.g. "0x0015 padding". */
static void append_value(GString *out, tlsfp_part part, uint16_t value)
{
    const char *name = tlsfp_part_value_name(part, value);
    if (part == TLSFP_PART_ALPN) {
        if (value == 0)
            g_string_append(out, "none");
        else
            g_string_append_printf(out, "%c…%c", value >> 8, value & 0xff);
    } else if (part <= TLSFP_PART_LEGACY_VERSION && name != NULL) {
        g_string_append(out, name);
    } else if (part == TLSFP_PART_VERSION && value == 0) {
        g_string_append(out, "unknown");
    } else {
        const int n_digits = part == TLSFP_PART_POINT_FORMATS ? 2 : 4;
        g_string_append_printf(out, "0x%0*x", n_digits, value);
        if (name != NULL)
            g_string_append_printf(out, " %s", name);
    }
}

void tlsfp_difference_text(const tlsfp_difference *difference, GString *out)
{
    const tlsfp_part part = difference->part;
    if (part == TLSFP_PART_BODIES) {
        bodies_append_text(difference, out);
        return;
    }
    if (difference->change == TLSFP_ADDED)
        g_string_append(out, "plus ");
    if (difference->change == TLSFP_MISSING)
        g_string_append(out, "without ");
    g_string_append(out, tlsfp_part_name(part));
    g_string_append_c(out, ' ');
    append_value(out, part, difference->value);
    if (difference->change == TLSFP_MOVED && difference->before == difference->after)
        g_string_append(out, " moved"); /* past others that are missing, or were added */
    else if (difference->change == TLSFP_MOVED)
        g_string_append_printf(out, " moved from place %u to %u", difference->before,
                               difference->after);
    if (difference->change == TLSFP_CHANGED) {
        g_string_append(out, " instead of ");
        append_value(out, part, difference->before);
    }
}

void tlsfp_differences_text(const GArray *differences, size_t n_shown, GString *out)
{
    for (guint i = 0; i < MIN(differences->len, n_shown); i++) {
        g_string_append(out, i == 0 ? "" : ", ");
        tlsfp_difference_text(&g_array_index(differences, tlsfp_difference, i), out);
    }
    if (differences->len > n_shown)
        g_string_append_printf(out, ", and %zu more", differences->len - n_shown);
}

/** An extension in the list, or out of it. */
static unsigned touched_by_extension(uint16_t type)
{
    unsigned touched = TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_JA3 | TLSFP_TOUCHES_JA3N;
    if (type == EXTENSION_SERVER_NAME || type == EXTENSION_ALPN)
        return touched | TLSFP_TOUCHES_STABLE;
    return touched | TLSFP_TOUCHES_JA4_C | (shape_is_passing(type) ? 0 : TLSFP_TOUCHES_STABLE);
}

unsigned tlsfp_difference_touches(const tlsfp_difference *difference)
{
    const bool moved = difference->change == TLSFP_MOVED;
    switch (difference->part) {
    case TLSFP_PART_TRANSPORT:
    case TLSFP_PART_VERSION:
    case TLSFP_PART_ALPN:
        return TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_STABLE;
    case TLSFP_PART_CIPHER_SUITES:
        return TLSFP_TOUCHES_JA3 | TLSFP_TOUCHES_JA3N |
               (moved ? 0 : TLSFP_TOUCHES_JA4_A | TLSFP_TOUCHES_JA4_B | TLSFP_TOUCHES_STABLE);
    case TLSFP_PART_EXTENSIONS:
        return moved ? TLSFP_TOUCHES_JA3 : touched_by_extension(difference->value);
    case TLSFP_PART_SIGNATURE_ALGORITHMS:
        return TLSFP_TOUCHES_JA4_C | TLSFP_TOUCHES_STABLE;
    case TLSFP_PART_LEGACY_VERSION:
    case TLSFP_PART_GROUPS:
    case TLSFP_PART_POINT_FORMATS:
        return TLSFP_TOUCHES_JA3 | TLSFP_TOUCHES_JA3N;
    case TLSFP_PART_BODIES:
        return bodies_touch(difference);
    case TLSFP_PART_VERSIONS:
    case TLSFP_PART_KEY_SHARES:
    case TLSFP_N_PARTS:
        break;
    }
    return 0;
}
