/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/notices.h"

#include <string.h>

void totals_add_counts(totals *sums, const finder_counts *counts)
{
    totals added = {
        .packets = counts->frames,
        .hellos = counts->hellos,
        .given_up = counts->dropped,
        .ssl2 = counts->ssl2,
        .too_long = counts->too_long,
        .cut_hellos = counts->cut_hellos,
        .cut_len = counts->cut_len,
        .unknown_links = counts->unknown_links,
        .passed_others = counts->passed_others,
    };
    memcpy(added.passed, counts->passed, sizeof added.passed);
    totals_add(sums, &added);
}

/** Adds packets to those of the same kind; false where there is no room for another kind. */
static bool add_packets(passed_packets list[MAX_PASSED], const passed_packets *added)
{
    for (size_t i = 0; i < MAX_PASSED; i++) {
        bool same = list[i].kind == added->kind && list[i].number == added->number;
        if (list[i].packets > 0 && !same)
            continue;
        uint64_t packets = list[i].packets + added->packets;
        list[i] = *added;
        list[i].packets = packets;
        return true;
    }
    return false;
}

static const char *kind_name(passed_kind kind)
{
    return kind == PASSED_ETHERTYPE ? "EtherType" : "IP protocol";
}

void totals_add(totals *sums, const totals *added)
{
    sums->packets += added->packets;
    sums->hellos += added->hellos;
    sums->fitting += added->fitting;
    sums->given_up += added->given_up;
    sums->lost += added->lost;
    sums->ssl2 += added->ssl2;
    sums->too_long += added->too_long;
    sums->cut_hellos += added->cut_hellos;
    sums->cut_len = MAX(sums->cut_len, added->cut_len);
    sums->unknown_links += added->unknown_links;
    sums->passed_others += added->passed_others;
    for (size_t i = 0; i < MAX_PASSED; i++)
        if (added->passed[i].packets > 0 && !add_packets(sums->passed, &added->passed[i]))
            sums->passed_others += added->passed[i].packets;
}

typedef struct {
    uint64_t count;
    char *text;
} notice;

/** Adds a notice, if there is a count: the count, @p what with an "s" where it is not 1, and more.
 */
static void add(GArray *notices, uint64_t count, const char *what, const char *plural,
                const char *more)
{
    if (count == 0)
        return;
    const notice added = {count, g_strdup_printf("%" G_GUINT64_FORMAT " %s%s", count,
                                                 count == 1 ? what : plural, more)};
    g_array_append_val(notices, added);
}

static void add_passed(GArray *notices, const passed_packets *passed)
{
    const char *form =
        passed->kind == PASSED_ETHERTYPE ? " of %s 0x%04x passed over" : " of %s %u passed over";
    char more[64];
    g_snprintf(more, sizeof more, form, kind_name(passed->kind), (unsigned)passed->number);
    add(notices, passed->packets, "packet", "packets", more);
}

static gint compare_notices(gconstpointer a, gconstpointer b)
{
    const notice *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->text, right->text);
}

static void add_all(GArray *notices, const totals *sums)
{
    char snap[48];
    g_snprintf(snap, sizeof snap, " cut when captured (snap length %zu)", sums->cut_len);
    add(notices, sums->cut_hellos, "hello was", "hellos were", snap);
    add(notices, sums->ssl2, "hello", "hellos", " in SSL 2.0 framing");
    add(notices, sums->too_long, "hello", "hellos", " longer than --max-hello");
    add(notices, sums->passed_others, "packet", "packets", " of further protocols passed over");
    for (size_t i = 0; i < MAX_PASSED; i++)
        if (sums->passed[i].packets > 0)
            add_passed(notices, &sums->passed[i]);
}

void append_notices(GString *out, const totals *sums, const char *prefix)
{
    GArray *notices = g_array_new(FALSE, FALSE, sizeof(notice));
    add_all(notices, sums);
    g_array_sort(notices, compare_notices);
    for (guint i = 0; i < notices->len; i++) {
        char *text = g_array_index(notices, notice, i).text;
        g_string_append_printf(out, "%s%s\n", prefix, text);
        g_free(text);
    }
    g_array_free(notices, TRUE);
}

void append_stats(GString *out, const totals *sums)
{
    const struct {
        const char *key;
        uint64_t value;
    } rows[] = {
        {"packets", sums->packets},
        {"hellos", sums->hellos},
        {"fitting", sums->fitting},
        {"given_up", sums->given_up},
        {"dropped_by_kernel", sums->lost},
        {"cut", sums->cut_hellos},
        {"snap_length", sums->cut_len},
        {"ssl2", sums->ssl2},
        {"too_long", sums->too_long},
        {"unknown_link_types", sums->unknown_links},
        {"passed_over_others", sums->passed_others},
    };
    g_string_append_c(out, '{');
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
        g_string_append_printf(out, "\"%s\":%" G_GUINT64_FORMAT ",", rows[i].key, rows[i].value);
    g_string_append(out, "\"passed_over\":[");
    for (size_t i = 0; i < MAX_PASSED && sums->passed[i].packets > 0; i++)
        g_string_append_printf(
            out, "%s{\"protocol\":\"%s\",\"number\":%u,\"packets\":%" G_GUINT64_FORMAT "}",
            i > 0 ? "," : "", kind_name(sums->passed[i].kind), (unsigned)sums->passed[i].number,
            sums->passed[i].packets);
    g_string_append(out, "]}");
}
