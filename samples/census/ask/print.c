/* SPDX-License-Identifier: BSD-3-Clause */
#include "ask/print.h"

#include <stdio.h>
#include <string.h>
#include <tlsfp/escape.h>

/** Escaped text is UTF-8: cut between two characters. */
static void cut(GString *text)
{
    if (g_utf8_strlen(text->str, -1) <= SHOWN_CHARACTERS)
        return;
    g_string_truncate(text,
                      (gsize)(g_utf8_offset_to_pointer(text->str, SHOWN_CHARACTERS) - text->str));
    g_string_append(text, "…");
}

char *printable(const char *text)
{
    GString *out = g_string_new(NULL);
    tlsfp_append_escaped_string(out, text);
    cut(out);
    return g_string_free(out, FALSE);
}

char *thousands(int64_t n)
{
    char *digits = g_strdup_printf("%" G_GINT64_FORMAT, n);
    GString *out = g_string_new(NULL);
    const size_t len = strlen(digits);
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
            g_string_append_c(out, ',');
        g_string_append_c(out, digits[i]);
    }
    g_free(digits);
    return g_string_free(out, FALSE);
}

char *share_text(int64_t part, int64_t all)
{
    if (all < ENOUGH)
        return g_strdup("too few to say");
    const double percent = 100.0 * (double)part / (double)all;
    if (part > 0 && percent < 0.1)
        return g_strdup("<0.1 %");
    return g_strdup_printf("%.1f %%", percent);
}

void print_share(const char *what, int64_t part, int64_t all)
{
    char *part_text = thousands(part), *all_text = thousands(all), *share = share_text(part, all);
    printf("  %-12s %s of %s (%s)\n", what, part_text, all_text, share);
    g_free(part_text);
    g_free(all_text);
    g_free(share);
}

text_table text_table_new(unsigned n_columns, unsigned n_right)
{
    return (text_table){g_ptr_array_new_with_free_func(g_free), n_columns, n_right};
}

void text_table_add(text_table *cells, char *text)
{
    g_ptr_array_add(cells->cells, text);
}

/** Characters, not bytes. */
static int width_of(const char *text)
{
    return (int)g_utf8_strlen(text, -1);
}

void text_table_print(text_table *cells, const char *indent)
{
    int *widths = g_new0(int, cells->n_columns);
    for (guint i = 0; i < cells->cells->len; i++)
        widths[i % cells->n_columns] =
            MAX(widths[i % cells->n_columns], width_of(g_ptr_array_index(cells->cells, i)));
    for (guint i = 0; i < cells->cells->len; i++) {
        const char *text = g_ptr_array_index(cells->cells, i);
        const guint column = i % cells->n_columns;
        const bool last = column + 1 == cells->n_columns;
        const int padding = widths[column] - width_of(text);
        printf("%s%*s%s%*s", column == 0 ? indent : "  ", column < cells->n_right ? padding : 0, "",
               text, column < cells->n_right || last ? 0 : padding, "");
        if (last)
            putchar('\n');
    }
    g_free(widths);
    g_ptr_array_unref(cells->cells);
}
