/* SPDX-License-Identifier: BSD-3-Clause */
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "show/lines.h"

enum { MAX_WAITING = 8 * 1024 * 1024 }; /* bytes of lines in memory that wait for earlier ones */

bool run_is_dealt(const search_options *options)
{
    bool is_one = options->files->len == 1 || options->interfaces->len > 0;
    return options->n_threads > 1 && is_one && !options->limits.answers &&
           !options->limits.all_copies;
}

finder_limits run_limits(const search_run *run, size_t memory)
{
    finder_limits limits = run->options->limits;
    limits.memory = memory;
    return limits;
}

/** Finders get what the others do not need. */
static memory_shares share_memory(const search_options *options)
{
    size_t memory = options->limits.memory, n = options->n_threads;
    memory_shares shares = {0};
    if (options->write_to != NULL)
        shares.keeper = memory / 4;
    if (options->count) {
        shares.lines = memory / 8; /* twice while they are sorted */
        shares.batch = memory / 8 / n;
    } else if (n > 1) {
        shares.waiting = MIN(memory / 8, MAX_WAITING);
    }
    size_t others = shares.keeper + 2 * shares.lines + n * shares.batch + shares.waiting;
    shares.finder = (memory - others) / n;
    return shares;
}

static void hide_bar(void *bar)
{
    progress_hide(bar);
}

static void print_header(search_run *run)
{
    GString *line = g_string_new(run->options->count ? "  count " : NULL);
    out_lane *lane = output_lane(run->out);
    append_header(line, run->options->fields);
    g_string_append_c(line, '\n');
    lane_put(lane, line->str, line->len);
    lane_finish(lane);
    g_string_free(line, TRUE);
}

static void start_writing(search_run *run, dump_file *written)
{
    const keeper_options how = {
        .memory = run->shares.keeper,
        .once = packets_come_once(run->options),
        .at_once = run->options->per_line,
    };
    run->written = written;
    run->packets = keeper_new(written, &run->key, &how);
}

static void say(const char *message, void *run)
{
    run_trouble(run, message);
}

search_run *run_new(const search_options *options, GError **error)
{
    dump_file *written = NULL;
    if (options->write_to != NULL) {
        written = dump_open(options->write_to, options->per_line, error);
        if (written == NULL)
            return NULL;
    }
    search_run *run = g_new0(search_run, 1);
    run->options = options;
    run->key = options->limits.key;
    run->shares = share_memory(options);
    run->out = output_new(
        STDOUT_FILENO, options->per_line || options->interfaces->len > 0 || isatty(STDOUT_FILENO),
        run->shares.waiting);
    output_listen(run->out, say, run);
    if (options->output != NULL)
        output_to_files(run->out, log_files_new(options->output, options->json ? ".ndjson" : ".txt",
                                                options->file_size, options->total_size));
    g_mutex_init(&run->lock);
    if (options->count)
        run->counts = tally_new(&run->key, run->shares.lines);
    if (written != NULL)
        start_writing(run, written);
    if (options->header && !options->count)
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

void run_add(search_run *run, const totals *sums)
{
    g_mutex_lock(&run->lock);
    totals_add(&run->sums, sums);
    g_mutex_unlock(&run->lock);
}

static void report_temporary_file(search_run *run)
{
    char *message =
        g_strdup_printf("a temporary file in %s: %s", g_get_tmp_dir(), g_strerror(errno));
    run_trouble(run, message);
    g_free(message);
}

void run_add_counts(search_run *run, line_tally *counts)
{
    g_mutex_lock(&run->lock);
    bool fine = tally_move(run->counts, counts);
    g_mutex_unlock(&run->lock);
    if (!fine)
        report_temporary_file(run);
}

static void put_line(const char *line, size_t len, void *to)
{
    lane_put(to, line, len);
}

static void print_counts(search_run *run)
{
    if (run->options->header)
        print_header(run);
    out_lane *lane = output_lane(run->out);
    if (!tally_print(run->counts, put_line, lane))
        report_temporary_file(run);
    lane_finish(lane);
}

static void close_written(search_run *run)
{
    GError *error = NULL;
    keeper_end(run->packets);
    uint64_t forgotten = keeper_forgotten(run->packets);
    if (forgotten > 0) {
        char *message = g_strdup_printf("%s: packets of %" G_GUINT64_FORMAT
                                        " connections may be missing for want of room (see "
                                        "--memory)",
                                        run->options->write_to, forgotten);
        run_trouble(run, message);
        g_free(message);
    }
    keeper_free(run->packets);
    if (!dump_close(run->written, &error))
        run_error(run, error);
}

/** Returns whether the reader of standard output has closed it, which is not reported. */
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

/** On an interface and on a terminal; anywhere when hellos may be missing. */
static bool wants_summary(const search_run *run)
{
    return !run->options->quiet && (run->options->interfaces->len > 0 || isatty(STDERR_FILENO) ||
                                    run->sums.given_up > 0 || run->sums.lost > 0);
}

static void print_summary(const search_run *run)
{
    const totals *sums = &run->sums;
    fprintf(stderr, "tlsfp: %s%" G_GUINT64_FORMAT " packets, %" G_GUINT64_FORMAT " hellos",
            run->options->interfaces->len > 0 ? "stopped: " : "", sums->packets, sums->hellos);
    if (sums->fitting != sums->hellos)
        fprintf(stderr, ", %" G_GUINT64_FORMAT " of them fit", sums->fitting);
    if (run->options->interfaces->len > 0)
        fprintf(stderr, ", %" G_GUINT64_FORMAT " packets dropped by the kernel", sums->lost);
    if (sums->given_up > 0)
        fprintf(stderr,
                ", %" G_GUINT64_FORMAT " half-seen hellos given up for want of room (see --memory)",
                sums->given_up);
    fputc('\n', stderr);
}

static void print_notices(const search_run *run)
{
    GString *text = g_string_new(NULL);
    if (!run->options->quiet)
        append_notices(text, &run->sums, "tlsfp: ");
    if (run->options->stats) {
        append_stats(text, &run->sums);
        g_string_append_c(text, '\n');
    }
    fputs(text->str, stderr);
    g_string_free(text, TRUE);
}

int run_end(search_run *run)
{
    if (run->counts != NULL)
        print_counts(run);
    if (run->written != NULL)
        close_written(run);
    bool unread = close_output(run);
    progress_free(run->bar);
    print_notices(run);
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
