/* SPDX-License-Identifier: BSD-3-Clause */
#include "hits.h"

#include <pcap/pcap.h>

#include "show/lines.h"

struct file_hits {
    search_run *run;
    tlsfp_context *context;
    const char *file;
    out_lane *to;
    bool is_part;       /* of several: its lines are kept, then printed by the whole */
    line_tally *counts; /* NULL where lines are printed */
    GString *line;      /* where they are counted; of a part, borrowed, where lines are kept */
    void (*kept)(void *data);
    void *kept_data;
    uint64_t n_fitting;
    bool ended;
};

static file_hits *make_hits(search_run *run, tlsfp_context *context, const char *file)
{
    file_hits *hits = g_new0(file_hits, 1);
    hits->run = run;
    hits->context = context;
    hits->file = file;
    if (run->options->count) {
        hits->counts = tally_new(&run->key, run->shares.batch);
        hits->line = g_string_new(NULL);
    }
    return hits;
}

file_hits *hits_new(search_run *run, tlsfp_context *context, const char *file)
{
    file_hits *hits = make_hits(run, context, file);
    hits->to = output_lane(run->out);
    return hits;
}

file_hits *hits_new_part(const file_hits *whole, tlsfp_context *context, void (*kept)(void *data),
                         void *data)
{
    file_hits *hits = make_hits(whole->run, context, whole->file);
    hits->to = whole->to;
    hits->is_part = true;
    hits->kept = kept;
    hits->kept_data = data;
    return hits;
}

void hits_keep_in(file_hits *hits, GString *text)
{
    if (hits->counts == NULL)
        hits->line = text;
}

static void append_line(const file_hits *hits, sighting *seen, GString *out)
{
    if (hits->run->options->json)
        append_json(out, seen, hits->run->options->limits.answers);
    else
        append_fields(out, hits->run->options->fields, seen);
}

static void count_line(file_hits *hits, sighting *seen)
{
    g_string_truncate(hits->line, 0);
    append_line(hits, seen, hits->line);
    tally_add(hits->counts, hits->line->str, hits->line->len);
    if (tally_is_full(hits->counts))
        run_add_counts(hits->run, hits->counts);
}

static void keep_line(const file_hits *hits, sighting *seen)
{
    append_line(hits, seen, hits->line);
    g_string_append_c(hits->line, '\n');
    hits->kept(hits->kept_data);
}

static void note_failure(file_hits *hits)
{
    hits->ended = output_failed(hits->run->out);
}

static void print_line(file_hits *hits, sighting *seen)
{
    GString *out = lane_text(hits->to);
    append_line(hits, seen, out);
    g_string_append_c(out, '\n');
    lane_end_line(hits->to);
    note_failure(hits);
}

static void put_line(file_hits *hits, sighting *seen)
{
    if (hits->counts != NULL)
        count_line(hits, seen);
    else if (hits->is_part)
        keep_line(hits, seen);
    else
        print_line(hits, seen);
}

void hits_print(file_hits *hits, const char *line, size_t len)
{
    lane_put(hits->to, line, len);
    note_failure(hits);
}

static void want_packets(packet_keeper *packets, const endpoints *ends)
{
    keeper_want(packets, ends->connection);
    if (ends->fragments != 0)
        keeper_want(packets, ends->fragments);
}

void hits_set_file(file_hits *hits, const char *file)
{
    hits->file = file;
}

/** The interface stands for the file; several files may be one capture. */
static const char *file_of(const file_hits *hits, const frame *packet)
{
    if (packet->interface != NULL)
        return packet->interface;
    return packet->file != NULL ? packet->file : hits->file;
}

void hits_add(const found_hello *found, void *data)
{
    file_hits *hits = data;
    sighting seen = sighting_of(found, file_of(hits, found->frame), hits->context);
    seen.names = &hits->run->options->names;
    if (!match_fits(hits->run->options->criteria, &seen))
        return;
    if (found->is_overlap) { /* printed, and no more */
        if (hits->counts == NULL)
            put_line(hits, &seen);
        return;
    }
    hits->n_fitting++;
    put_line(hits, &seen);
    if (hits->run->packets != NULL)
        want_packets(hits->run->packets, found->ends);
}

bool hits_ended(const file_hits *hits)
{
    return hits->ended;
}

void hits_say(const file_hits *hits, const char *message)
{
    lane_say(hits->to, message);
}

static void report_unknown_link(const file_hits *hits, const finder_counts *counts)
{
    if (counts->unknown_links == 0)
        return;
    const char *name = pcap_datalink_val_to_name(counts->unknown_link_type);
    char *message = g_strdup_printf(
        "%s: link type %d%s%s is not known here: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
        " packets were passed over; if they are of another type in truth, make a copy that says so "
        "with editcap -T; tshark with the plugin knows more types",
        hits->file, counts->unknown_link_type, name != NULL ? ", " : "", name != NULL ? name : "",
        counts->unknown_links, counts->frames);
    hits_say(hits, message);
    g_free(message);
}

static void add_sums(const file_hits *hits, const struct finder *search, uint64_t lost)
{
    finder_counts counts = finder_counted(search);
    totals sums = {.fitting = hits->n_fitting, .lost = lost};
    totals_add_counts(&sums, &counts);
    run_add(hits->run, &sums);
    report_unknown_link(hits, &counts);
}

void hits_end(file_hits *hits, const struct finder *search, uint64_t lost)
{
    if (search != NULL)
        add_sums(hits, search, lost);
    if (!hits->is_part)
        lane_finish(hits->to);
    if (hits->counts != NULL) {
        run_add_counts(hits->run, hits->counts);
        tally_free(hits->counts);
        g_string_free(hits->line, TRUE);
    }
    g_free(hits);
}
