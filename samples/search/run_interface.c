/* SPDX-License-Identifier: BSD-3-Clause */
#include "runs.h"

#include "captures.h"
#include "hits.h"

typedef struct {
    search_run *run;
    file_hits *hits;
    struct finder *search;
} listening;

static bool add_packet(const frame *packet, void *data)
{
    listening *at = data;
    finder_add(at->search, packet);
    if (at->run->packets != NULL)
        keeper_add(at->run->packets, packet);
    return !hits_ended(at->hits);
}

static void listen_to(search_run *run, struct live *opened, tlsfp_context *context)
{
    GError *error = NULL;
    live_counts counts = {0};
    listening at = {.run = run, .hits = hits_new(run, context, run->options->interface)};
    at.search = finder_new(&run->options->limits, context, hits_add, at.hits);
    if (run->packets != NULL)
        finder_watch(at.search, keeper_see, run->packets);
    if (!live_run(opened, add_packet, &at, &counts, &error))
        run_error(run, error);
    finder_end(at.search);
    hits_end(at.hits, at.search, counts.dropped);
    finder_free(at.search);
}

int run_interface(const search_options *options, GError **error)
{
    const live_options how = {options->interface, options->filter, options->user,
                              options->max_packets};
    struct live *opened = live_open(&how, error);
    search_run *run = opened != NULL ? run_new(options, error) : NULL;
    int status = STATUS_TROUBLE;
    if (run != NULL) {
        tlsfp_context *context = tlsfp_context_new();
        listen_to(run, opened, context);
        tlsfp_context_free(context);
        status = run_end(run);
    }
    live_close(opened);
    return status;
}
