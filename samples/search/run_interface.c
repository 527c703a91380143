/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include <stdio.h>
#include <tlsfp/escape.h>

#include "captures.h"
#include "hits.h"

typedef struct {
    search_run *run;
    file_hits *hits;
    struct finder *finder;
} listening;

static bool add_packet(const frame *packet, void *data)
{
    listening *state = data;
    finder_add(state->finder, packet);
    if (state->run->packets != NULL)
        keeper_add(state->run->packets, packet);
    return !hits_ended(state->hits);
}

/** Lines that wait for an answer do not wait for the next packet. */
static void pass_time(void *data)
{
    const listening *state = data;
    finder_tick(state->finder, g_get_real_time() * 1000);
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

static void listen_to(search_run *run, struct live *live, tlsfp_context *context)
{
    GError *error = NULL;
    live_counts counts = {0};
    finder_limits limits = run->options->limits;
    char *names = join_names(run->options->interfaces);
    listening state = {.run = run, .hits = hits_new(run, context, names)};
    limits.memory = run->shares.finder;
    state.finder = finder_new(&limits, context, hits_add, state.hits);
    if (run->packets != NULL)
        finder_watch(state.finder, keeper_see, run->packets);
    if (!run->options->quiet)
        fprintf(stderr, "tlsfp: listening on %s\n", names);
    if (!live_run(live, add_packet, &state, &counts, &error))
        run_error(run, error);
    finder_end(state.finder);
    hits_end(state.hits, state.finder, counts.dropped);
    finder_free(state.finder);
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
        .idle = pass_time,
    };
    struct live *live = live_open(&how, error);
    search_run *run = live != NULL ? run_new(options, error) : NULL;
    int status = STATUS_TROUBLE;
    if (run != NULL) {
        tlsfp_context *context = tlsfp_context_new();
        listen_to(run, live, context);
        tlsfp_context_free(context);
        status = run_end(run);
    }
    live_close(live);
    return status;
}
