/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include <stdio.h>
#include <tlsfp/escape.h>

#include "captures.h"
#include "hits.h"

/** One thread that listens. */
typedef struct {
    search_run *run;
    tlsfp_context *context;
    struct finder *finder;
    file_hits *whole, *hits; /* the same where one thread does all */
    GString *line;           /* of a part */
    GMutex *lock;            /* for printing by several */
} listener;

static bool add_packet(const frame *packet, void *data)
{
    const listener *state = data;
    finder_add(state->finder, packet);
    if (state->run->packets != NULL)
        keeper_add(state->run->packets, packet);
    return !hits_ended(state->whole);
}

/** Lines that wait for an answer do not wait for the next packet. */
static void pass_time(void *data)
{
    const listener *state = data;
    finder_tick(state->finder, g_get_real_time() * 1000);
}

/** Prints the line of a part at once. */
static void print_line(void *data)
{
    const listener *state = data;
    g_mutex_lock(state->lock);
    hits_print(state->whole, state->line->str, state->line->len);
    g_mutex_unlock(state->lock);
    g_string_truncate(state->line, 0);
}

/** The interfaces' names, for messages; to be freed. */
static char *join_names(const GPtrArray *interfaces)
{
    GString *names = g_string_new(NULL);
    for (guint i = 0; i < interfaces->len; i++) {
        g_string_append(names, i > 0 ? ", " : "");
        tlsfp_append_escaped_string(names, g_ptr_array_index(interfaces, i));
    }
    return g_string_free(names, FALSE);
}

static void start_part(listener *state)
{
    state->line = g_string_new(NULL);
    state->hits = hits_new_part(state->whole, state->context, print_line, state);
    hits_keep_in(state->hits, state->line);
}

static void start(listener *state, search_run *run, bool is_part)
{
    finder_limits limits = run_limits(run, run->shares.finder);
    state->run = run;
    state->context = tlsfp_context_new();
    state->hits = state->whole;
    if (is_part)
        start_part(state);
    state->finder = finder_new(&limits, state->context, hits_add, state->hits);
    if (run->packets != NULL)
        finder_watch(state->finder, keeper_see, run->packets);
}

/** Of a part; the whole is ended last. */
static void end(listener *state, uint64_t lost)
{
    hits_end(state->hits, state->finder, lost);
    finder_free(state->finder);
    tlsfp_context_free(state->context);
    if (state->line != NULL)
        g_string_free(state->line, TRUE);
}

static void listen_in_parts(search_run *run, struct live *live, file_hits *whole)
{
    GError *error = NULL;
    GMutex lock;
    live_counts counts = {0};
    unsigned n = live_parts(live);
    listener *parts = g_new0(listener, n);
    void **data = g_new0(void *, n);
    g_mutex_init(&lock);
    for (unsigned i = 0; i < n; i++) {
        parts[i] = (listener){.whole = whole, .lock = &lock};
        start(&parts[i], run, n > 1);
        data[i] = &parts[i];
    }
    if (!live_run(live, data, &counts, &error))
        run_error(run, error);
    for (unsigned i = 0; i < n; i++)
        finder_end(parts[i].finder);
    for (unsigned i = 0; i < n; i++)
        end(&parts[i], i == 0 ? counts.dropped : 0);
    if (n > 1)
        hits_end(whole, NULL, 0);
    g_mutex_clear(&lock);
    g_free(data);
    g_free(parts);
}

static void listen_to(search_run *run, struct live *live)
{
    char *names = join_names(run->options->interfaces);
    tlsfp_context *context = tlsfp_context_new();
    file_hits *hits = hits_new(run, context, names);
    if (!run->options->quiet)
        fprintf(stderr, "tlsfp: listening on %s\n", names);
    listen_in_parts(run, live, hits);
    tlsfp_context_free(context);
    g_free(names);
}

int run_interface(const search_options *options, GError **error)
{
    const live_options how = {
        .interfaces = options->interfaces,
        .filter = options->filter,
        .user = options->user,
        .max_packets = options->max_packets,
        .buffer = options->buffer,
        .n_parts = run_is_dealt(options) ? options->n_threads : 1,
        .each = add_packet,
        .idle = pass_time,
    };
    struct live *live = live_open(&how, error);
    search_run *run = live != NULL ? run_new(options, error) : NULL;
    int status = STATUS_TROUBLE;
    if (run != NULL) {
        listen_to(run, live);
        status = run_end(run);
    }
    live_close(live);
    return status;
}
