/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    INTERVAL_US = 100000, /* between two drawings */
    US_PER_S = 1000000,
    BAR_WIDTH = 20,
    NUMBERS_WIDTH = 52, /* of the line without the bar */
    DEFAULT_COLUMNS = 80,
};

static const char WIPE[] = "\r\033[K";

struct progress_bar {
    int fd;
    uint64_t total, bytes, packets, hellos;
    gint64 start_us, drawn_us;
    bool shown;
    GMutex lock;
};

/** Errors of drawing are ignored. */
static void write_text(const progress_bar *bar, const char *text, size_t len)
{
    ssize_t n = write(bar->fd, text, len);
    (void)n;
}

static unsigned columns(const progress_bar *bar)
{
    struct winsize size;
    return ioctl(bar->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                     : DEFAULT_COLUMNS;
}

static void append_bar(GString *line, unsigned percent)
{
    unsigned n_full = percent * BAR_WIDTH / 100;
    g_string_append(line, " [");
    for (unsigned i = 0; i < BAR_WIDTH; i++)
        g_string_append_c(line, i < n_full ? '=' : ' ');
    g_string_append(line, "]");
}

/** "950", "12.3k", "1.9M" */
static void append_rate(GString *line, double rate)
{
    if (rate < 1e3)
        g_string_append_printf(line, "%.0f", rate);
    else if (rate < 1e6)
        g_string_append_printf(line, "%.1fk", rate / 1e3);
    else
        g_string_append_printf(line, "%.1fM", rate / 1e6);
}

static void draw(progress_bar *bar, gint64 now_us)
{
    GString *line = g_string_new(WIPE);
    unsigned width = columns(bar);
    unsigned percent =
        bar->total == 0 ? 0 : (unsigned)(100 * ((double)bar->bytes / (double)bar->total));
    gint64 passed_us = MAX(now_us - bar->start_us, 1);
    g_string_append_printf(line, "%3u%%", MIN(percent, 100));
    if (width > NUMBERS_WIDTH + BAR_WIDTH)
        append_bar(line, MIN(percent, 100));
    g_string_append(line, "  ");
    append_rate(line, (double)bar->packets * US_PER_S / (double)passed_us);
    g_string_append_printf(line, " packets/s  %" G_GUINT64_FORMAT " hellos", bar->hellos);
    if (line->len > strlen(WIPE) + width - 1) /* a second line could not be wiped off */
        g_string_truncate(line, strlen(WIPE) + width - 1);
    write_text(bar, line->str, line->len);
    g_string_free(line, TRUE);
    bar->shown = true;
    bar->drawn_us = now_us;
}

static void wipe(progress_bar *bar)
{
    if (bar->shown)
        write_text(bar, WIPE, strlen(WIPE));
    bar->shown = false;
}

progress_bar *progress_new(int fd, uint64_t total)
{
    progress_bar *bar = g_new0(progress_bar, 1);
    bar->fd = fd;
    bar->total = total;
    bar->start_us = g_get_monotonic_time();
    g_mutex_init(&bar->lock);
    draw(bar, bar->start_us);
    return bar;
}

void progress_free(progress_bar *bar)
{
    if (bar == NULL)
        return;
    wipe(bar);
    g_mutex_clear(&bar->lock);
    g_free(bar);
}

void progress_add(progress_bar *bar, uint64_t bytes, uint64_t packets, uint64_t hellos)
{
    gint64 now_us = g_get_monotonic_time();
    g_mutex_lock(&bar->lock);
    bar->bytes += bytes;
    bar->packets += packets;
    bar->hellos += hellos;
    if (now_us - bar->drawn_us >= INTERVAL_US)
        draw(bar, now_us);
    g_mutex_unlock(&bar->lock);
}

void progress_hide(progress_bar *bar)
{
    if (bar == NULL)
        return;
    g_mutex_lock(&bar->lock);
    wipe(bar);
    g_mutex_unlock(&bar->lock);
}
