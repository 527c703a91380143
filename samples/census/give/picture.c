/* SPDX-License-Identifier: BSD-3-Clause */
#include "give/picture.h"

#include <string.h>

#include "ask/print.h"

enum { WIDTH = 920, HEIGHT = 260, BOTTOM = 24, LEFT = 44, MAX_BARS = 120, N_COLOURS = 7 };

typedef struct {
    int64_t day;
    guint series;
    int64_t n;
} point;

struct picture {
    GPtrArray *names;
    GArray *points; /* of point, by day */
    int64_t first, last;
};

struct picture *picture_new(void)
{
    struct picture *picture = g_new0(struct picture, 1);
    picture->names = g_ptr_array_new_with_free_func(g_free);
    picture->points = g_array_new(FALSE, FALSE, sizeof(point));
    return picture;
}

void picture_free(struct picture *picture)
{
    if (picture == NULL)
        return;
    g_ptr_array_unref(picture->names);
    g_array_unref(picture->points);
    g_free(picture);
}

static guint series_of(struct picture *picture, const char *name)
{
    for (guint i = 0; i < picture->names->len; i++)
        if (strcmp(g_ptr_array_index(picture->names, i), name) == 0)
            return i;
    g_ptr_array_add(picture->names, g_strdup(name));
    return picture->names->len - 1;
}

void picture_add(struct picture *picture, int64_t day, const char *name, int64_t n)
{
    const point added = {day, series_of(picture, name), n};
    if (picture->points->len == 0)
        picture->first = day;
    picture->last = day;
    g_array_append_val(picture->points, added);
}

static char *date_of(int64_t day)
{
    GDateTime *time = g_date_time_new_from_unix_utc(day * 86400);
    char *text = time != NULL ? g_date_time_format(time, "%Y-%m-%d") : g_strdup("?");
    if (time != NULL)
        g_date_time_unref(time);
    return text;
}

/** Days for each bar, so that no more than MAX_BARS are needed. */
static int64_t days_of_bar(const struct picture *picture)
{
    return (picture->last - picture->first) / MAX_BARS + 1;
}

static const char *name_of(const struct picture *picture, guint series)
{
    const char *name = g_ptr_array_index(picture->names, series);
    return name[0] != '\0' ? name : "all others";
}

/** Colours by rank; all others have the last one. */
static guint colour_of(const struct picture *picture, guint series)
{
    const char *name = g_ptr_array_index(picture->names, series);
    return name[0] == '\0' ? N_COLOURS - 1 : series % (N_COLOURS - 1);
}

static void append_escaped(GString *out, const char *text)
{
    char *shown = printable(text), *escaped = g_markup_escape_text(shown, -1);
    g_string_append(out, escaped);
    g_free(escaped);
    g_free(shown);
}

static void write_bar(const struct picture *picture, int64_t start, int64_t days, double x,
                      double width, GString *out)
{
    int64_t *sums = g_new0(int64_t, picture->names->len), all = 0;
    for (guint i = 0; i < picture->points->len; i++) {
        const point *at = &g_array_index(picture->points, point, i);
        if (at->day >= start && at->day < start + days) {
            sums[at->series] += at->n;
            all += at->n;
        }
    }
    double y = HEIGHT;
    char *date = date_of(start);
    for (guint i = 0; all > 0 && i < picture->names->len; i++) {
        const double height = HEIGHT * (double)sums[i] / (double)all;
        if (sums[i] == 0)
            continue;
        y -= height;
        g_string_append_printf(out,
                               "<rect class=c%u x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
                               "height=\"%.2f\"><title>%s: ",
                               colour_of(picture, i), x, y, width, height, date);
        append_escaped(out, name_of(picture, i));
        g_string_append_printf(out, " %.1f %% of %" G_GINT64_FORMAT "</title></rect>\n",
                               100.0 * (double)sums[i] / (double)all, all);
    }
    g_free(date);
    g_free(sums);
}

static void write_axes(const struct picture *picture, int64_t last, GString *out)
{
    char *from = date_of(picture->first), *to = date_of(last);
    for (int percent = 0; percent <= 100; percent += 25)
        g_string_append_printf(
            out, "<text x=\"%d\" y=\"%d\" text-anchor=end>%d %%</text>\n", LEFT - 6,
            HEIGHT - HEIGHT * percent / 100 + (percent == 100 ? 10 : 4), percent);
    g_string_append_printf(out, "<text x=\"%d\" y=\"%d\">%s</text>\n", LEFT, HEIGHT + 17, from);
    if (last > picture->first)
        g_string_append_printf(out, "<text x=\"%d\" y=\"%d\" text-anchor=end>%s</text>\n", WIDTH,
                               HEIGHT + 17, to);
    g_free(from);
    g_free(to);
}

static void write_legend(const struct picture *picture, GString *out)
{
    g_string_append(out, "<ul class=legend>");
    for (guint i = 0; i < picture->names->len; i++) {
        g_string_append_printf(out,
                               "<li><svg viewBox=\"0 0 10 10\" aria-hidden=true><rect "
                               "class=c%u width=10 height=10 /></svg>",
                               colour_of(picture, i));
        append_escaped(out, name_of(picture, i));
        g_string_append(out, "</li>");
    }
    g_string_append(out, "</ul>\n");
}

void picture_write(const struct picture *picture, GString *out)
{
    if (picture->points->len == 0) {
        g_string_append(out, "<p>There are no connections.</p>\n");
        return;
    }
    const int64_t days = days_of_bar(picture);
    const int64_t n_bars = (picture->last - picture->first) / days + 1;
    const double step = (double)(WIDTH - LEFT) / (double)n_bars;
    g_string_append_printf(out, "<svg class=shares role=img viewBox=\"0 0 %d %d\">\n", WIDTH,
                           HEIGHT + BOTTOM);
    for (int64_t i = 0; i < n_bars; i++)
        write_bar(picture, picture->first + i * days, days, LEFT + step * (double)i,
                  step > 4 ? step - 1 : step, out);
    write_axes(picture, picture->last, out);
    g_string_append(out, "</svg>\n");
    write_legend(picture, out);
}
