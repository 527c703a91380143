/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

#include <stdio.h>
#include <unistd.h>

#include "show/lines.h"

enum { WINDOW = 16 * 1024 * 1024 }; /* bytes of packets that wait where they come once */

/** Whether the packets come once only. */
static bool comes_once(const search_options *options)
{
    return options->interface != NULL || reads_standard_input(options);
}

static void hide_bar(void *bar)
{
    progress_hide(bar);
}

static void print_header(search_run *run)
{
    GString *line = g_string_new(NULL);
    out_lane *first = output_lane(run->out);
    append_header(line, run->options->fields);
    g_string_append_c(line, '\n');
    lane_put(first, line->str, line->len);
    lane_finish(first);
    g_string_free(line, TRUE);
}

search_run *run_new(const search_options *options, GError **error)
{
    dump_file *written = options->write_to != NULL ? dump_open(options->write_to, error) : NULL;
    if (options->write_to != NULL && written == NULL)
        return NULL;
    search_run *run = g_new0(search_run, 1);
    run->options = options;
    run->out = output_new(STDOUT_FILENO,
                          options->per_line || options->interface != NULL || isatty(STDOUT_FILENO));
    g_mutex_init(&run->lock);
    if (options->count)
        run->counts = tally_new();
    run->written = written;
    if (written != NULL)
        run->packets = keeper_new(written, comes_once(options) ? WINDOW : 0);
    if (options->header)
        print_header(run);
    return run;
}

void run_show(search_run *run, progress_bar *bar)
{
    run->bar = bar;
    if (bar != NULL && isatty(STDOUT_FILENO))
        output_watch(run->out, hide_bar, bar);
}

void run_trouble(search_run *run, const char *message)
{
    g_mutex_lock(&run->lock);
    run->trouble = true;
    progress_hide(run->bar);
    fprintf(stderr, "tlsfp: %s\n", message);
    g_mutex_unlock(&run->lock);
}

void run_error(search_run *run, GError *error)
{
    run_trouble(run, error->message);
    g_error_free(error);
}

void run_add(search_run *run, const totals *sums, const line_tally *counts)
{
    g_mutex_lock(&run->lock);
    run->sums.packets += sums->packets;
    run->sums.hellos += sums->hellos;
    run->sums.fitting += sums->fitting;
    run->sums.given_up += sums->given_up;
    run->sums.lost += sums->lost;
    if (counts != NULL)
        tally_merge(run->counts, counts);
    g_mutex_unlock(&run->lock);
}

static void put_line(const char *line, size_t len, void *to)
{
    lane_put(to, line, len);
}

static void print_counts(search_run *run)
{
    out_lane *last = output_lane(run->out);
    tally_print(run->counts, put_line, last);
    lane_finish(last);
}

static void close_written(search_run *run)
{
    GError *error = NULL;
    keeper_end(run->packets);
    keeper_free(run->packets);
    if (!dump_close(run->written, &error))
        run_error(run, error);
}

/** Returns whether nobody reads on, which is no news to anybody. */
static bool close_output(search_run *run)
{
    GError *error = NULL;
    bool broken = output_is_broken(run->out);
    if (output_close(run->out, &error))
        return false;
    if (broken)
        g_error_free(error);
    else
        run_error(run, error);
    return broken;
}

/** Where somebody looks on, or a hello may be missing. */
static bool wants_summary(const search_run *run)
{
    return !run->options->quiet && (run->options->interface != NULL || isatty(STDERR_FILENO) ||
                                    run->sums.given_up > 0 || run->sums.lost > 0);
}

static void print_summary(const search_run *run)
{
    const totals *sums = &run->sums;
    fprintf(stderr, "tlsfp: %" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " hellos",
            sums->packets, sums->hellos);
    if (sums->fitting != sums->hellos)
        fprintf(stderr, ", %" G_GUINT64_FORMAT " of them fit", sums->fitting);
    if (run->options->interface != NULL)
        fprintf(stderr, ", %" G_GUINT64_FORMAT " packets dropped by the kernel", sums->lost);
    if (sums->given_up > 0)
        fprintf(stderr,
                ", %" G_GUINT64_FORMAT " half-seen hellos given up for want of room (see --memory)",
                sums->given_up);
    fputc('\n', stderr);
}

int run_end(search_run *run)
{
    if (run->counts != NULL)
        print_counts(run);
    if (run->written != NULL)
        close_written(run);
    bool unread = close_output(run);
    progress_free(run->bar);
    if (wants_summary(run))
        print_summary(run);
    int status = unread                  ? STATUS_UNREAD
                 : run->trouble          ? STATUS_TROUBLE
                 : run->sums.fitting > 0 ? STATUS_FOUND
                                         : STATUS_NONE;
    tally_free(run->counts);
    g_mutex_clear(&run->lock);
    g_free(run);
    return status;
}
