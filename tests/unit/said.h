/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a comparison of two shapes says. */
#ifndef TLSFP_SAID_H
#define TLSFP_SAID_H

#include <tlsfp/nearest.h>

/** What the comparison says, each difference a line. */
static inline char *said(const tlsfp_shape *first, const tlsfp_shape *second)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    tlsfp_shape_compare(first, second, found);
    for (guint i = 0; i < found->len; i++) {
        GString *line = g_string_new(NULL);
        tlsfp_difference_text(&g_array_index(found, tlsfp_difference, i), line);
        g_ptr_array_add(lines, g_string_free(line, FALSE));
    }
    g_ptr_array_add(lines, NULL);
    char *text = g_strjoinv("\n", (char **)lines->pdata);
    g_ptr_array_unref(lines);
    g_array_unref(found);
    return text;
}

#endif
