/* SPDX-License-Identifier: BSD-3-Clause */
#include "hits.h"

#include <pcap/pcap.h>

#include "show/lines.h"

struct hits {
    search_run *run;
    tlsfp_context *context;
    const char *file;
    lane *to;      /* NULL where lines are counted */
    tally *counts; /* NULL where they are printed */
    GString *line;
    uint64_t n_fitting;
    bool ended;
};

hits *hits_new(search_run *run, tlsfp_context *context, const char *file)
{
    hits *of = g_new0(hits, 1);
    of->run = run;
    of->context = context;
    of->file = file;
    of->line = g_string_new(NULL);
    if (run->asked->count)
        of->counts = tally_new();
    else
        of->to = output_lane(run->out);
    return of;
}

static void make_line(hits *of, sighting *seen)
{
    g_string_truncate(of->line, 0);
    if (of->run->asked->json)
        append_json(of->line, seen);
    else
        append_fields(of->line, of->run->asked->fields, seen);
}

static void put_line(hits *of)
{
    if (of->counts != NULL) {
        tally_add(of->counts, of->line->str, of->line->len);
        return;
    }
    g_string_append_c(of->line, '\n');
    lane_put(of->to, of->line->str, of->line->len);
    of->ended = output_failed(of->run->out);
}

static void want_packets(keeper *packets, const endpoints *ends)
{
    keeper_want(packets, ends->connection);
    if (ends->fragments != 0)
        keeper_want(packets, ends->fragments);
}

void hits_add(const found_hello *found, void *data)
{
    hits *of = data;
    sighting seen = sighting_of(found, of->file, of->context);
    seen.labels = of->run->asked->labels;
    if (!match_fits(of->run->asked->criteria, &seen))
        return;
    of->n_fitting++;
    make_line(of, &seen);
    put_line(of);
    if (of->run->packets != NULL)
        want_packets(of->run->packets, found->ends);
}

bool hits_ended(const hits *of)
{
    return of->ended;
}

static void report_unknown_link(const hits *of, const finder_counts *counts)
{
    if (counts->unknown_links == 0)
        return;
    const char *name = pcap_datalink_val_to_name(counts->unknown_link_type);
    char *message = g_strdup_printf(
        "%s: link type %d%s%s is not known here: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
        " packets were passed over; if they are of another type in truth, make a copy that says so "
        "with editcap -T",
        of->file, counts->unknown_link_type, name != NULL ? ", " : "", name != NULL ? name : "",
        counts->unknown_links, counts->frames);
    run_trouble(of->run, message);
    g_free(message);
}

static void add_sums(const hits *of, const finder *search, uint64_t lost)
{
    finder_counts counts = finder_counted(search);
    const totals sums = {
        .packets = counts.frames,
        .hellos = counts.hellos,
        .fitting = of->n_fitting,
        .given_up = counts.dropped,
        .lost = lost,
    };
    run_add(of->run, &sums, of->counts);
    report_unknown_link(of, &counts);
}

void hits_end(hits *of, const finder *search, uint64_t lost)
{
    if (search != NULL)
        add_sums(of, search, lost);
    if (of->to != NULL)
        lane_finish(of->to);
    tally_free(of->counts);
    g_string_free(of->line, TRUE);
    g_free(of);
}
