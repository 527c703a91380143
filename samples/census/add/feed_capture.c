/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Captures and interfaces, by the search program's own reader. */
#include <arpa/inet.h>
#include <captures.h>
#include <stdio.h>
#include <sys/socket.h>
#include <tlsfp/escape.h>

#include "add/feed_parts.h"

enum {
    MEMORY = 64 * 1024 * 1024,
    MAX_HELLO = 64 * 1024,
    PROGRESS_EVERY = 4096, /* frames */
    KERNEL_BUFFER = 16 * 1024 * 1024,
};

/** Hellos on their way from packets to the batch. */
typedef struct {
    struct feed *feed;
    struct origin *origin;
    tlsfp_context *context;
    struct finder *search;
    GString *text;
    bool whole; /* added in one transaction */
    bool failed;
    GError *error;
} capture_feed;

/** The fingerprints as tlsfp --json writes them. */
static void write_fingerprints(capture_feed *state, const tlsfp_client_hello *hello)
{
    static const tlsfp_kind kinds[] = {
        TLSFP_KIND_JA3_R,  TLSFP_KIND_JA3,   TLSFP_KIND_JA4_R,    TLSFP_KIND_JA4,
        TLSFP_KIND_JA4_RO, TLSFP_KIND_JA4_O, TLSFP_KIND_STABLE_R, TLSFP_KIND_STABLE,
    };
    g_string_assign(state->text, "{");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_string_append_printf(state->text, "%s\"%s\":\"", i > 0 ? "," : "",
                               tlsfp_kind_name(kinds[i]));
        tlsfp_append_value(state->context, hello, kinds[i], state->text);
        g_string_append_c(state->text, '"');
    }
    g_string_append_c(state->text, '}');
}

/** The server's name as tlsfp --json has it; to be freed with g_free(). */
static char *server_of(const tlsfp_client_hello *hello)
{
    GString *name = g_string_new(NULL);
    tlsfp_append_escaped(name, hello->server_name, '\0');
    return g_string_free(name, FALSE);
}

static void take_hello(const found_hello *found, void *data)
{
    capture_feed *state = data;
    char text[INET6_ADDRSTRLEN];
    record added = {.time_ns = found->frame->time_ns};
    if (state->failed ||
        inet_ntop(found->ends->version == 6 ? AF_INET6 : AF_INET, found->ends->src, text,
                  sizeof text) == NULL ||
        !address_text(text, &state->feed->options->key, added.address))
        return;
    char *server = server_of(found->hello);
    write_fingerprints(state, found->hello);
    added.server = server;
    added.fingerprints = (tlsfp_span){(const uint8_t *)state->text->str, state->text->len};
    batch_add(state->feed->batch, &added);
    g_free(server);
    if (batch_is_full(state->feed->batch))
        state->failed = !feed_write(state->feed, state->origin, !state->whole, &state->error);
}

static capture_feed begin(struct feed *feed, struct origin *origin)
{
    capture_feed state = {
        .feed = feed,
        .origin = origin,
        .context = tlsfp_context_new(),
        .text = g_string_new(NULL),
    };
    return state;
}

static void end(capture_feed *state)
{
    finder_free(state->search);
    tlsfp_context_free(state->context);
    g_string_free(state->text, TRUE);
}

static void start_search(capture_feed *state)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = MAX_HELLO};
    state->search = finder_new(&limits, state->context, take_hello, state);
}

static bool read_frames(capture_feed *state, struct capture *capture, GError **error)
{
    frame packet;
    capture_result result = CAPTURE_FRAME;
    while (!state->failed && !feed_is_stopped() &&
           (result = capture_next(capture, &packet, error)) == CAPTURE_FRAME) {
        finder_add(state->search, &packet);
        if (packet.number % PROGRESS_EVERY == 0) {
            uint64_t position, size;
            capture_position(capture, &position, &size);
            if (size > 0)
                feed_progress(state->feed, state->origin->name, (double)position / (double)size);
        }
    }
    finder_end(state->search);
    return result != CAPTURE_FAILED;
}

/** A capture that is cut counts up to there, with a message. */
bool feed_capture(struct feed *feed, struct origin *origin, const char *path, GError **error)
{
    GError *reason = NULL;
    capture_feed state = begin(feed, origin);
    struct capture *capture = capture_open(path, &reason);
    bool fine = capture != NULL;
    state.whole = true;
    if (fine) {
        start_search(&state);
        if (!read_frames(&state, capture, &reason)) {
            fprintf(stderr, "tlsfp-census: %s; what comes before was added\n", reason->message);
            g_clear_error(&reason);
            feed->counts.failed_files++;
        }
        if (feed_is_stopped() && !state.failed)
            g_set_error(&reason, G_FILE_ERROR, 0, "%s: stopped; nothing of it was added", path);
        fine = reason == NULL && !state.failed && feed_write(feed, origin, true, &state.error) &&
               writer_finish(feed->writer, &state.error);
    }
    if (!fine) {
        writer_roll_back(feed->writer);
        g_propagate_error(error, reason != NULL ? reason : state.error);
    }
    capture_close(capture);
    end(&state);
    return fine;
}

/** Writes what waits for longer than WRITE_EVERY_S. */
static bool write_when_due(void *data)
{
    capture_feed *state = data;
    if (!state->failed && feed_is_due(state->feed) && !batch_is_empty(state->feed->batch))
        state->failed = !feed_write(state->feed, state->origin, true, &state->error);
    return !state->failed;
}

static bool take_packet(const frame *packet, void *data)
{
    capture_feed *state = data;
    finder_add(state->search, packet);
    return write_when_due(state);
}

/** A failure ends the run at the next packet. */
static void write_when_idle(void *data)
{
    (void)write_when_due(data);
}

bool feed_interface(struct feed *feed, GError **error)
{
    GPtrArray *interfaces = g_ptr_array_new();
    g_ptr_array_add(interfaces, (gpointer)feed->options->interface);
    const live_options options = {
        .interfaces = interfaces,
        .filter = feed->options->filter,
        .user = feed->options->user,
        .buffer = KERNEL_BUFFER,
        .n_parts = 1,
        .each = take_packet,
        .idle = write_when_idle,
    };
    struct live *live = live_open(&options, error);
    if (live == NULL) {
        g_ptr_array_unref(interfaces);
        return false;
    }
    struct origin origin = origin_new(ORIGIN_INTERFACE, feed->options->interface);
    capture_feed state = begin(feed, &origin);
    live_counts seen;
    start_search(&state);
    bool fine = live_run(live, (void *const[]){&state}, &seen, error);
    if (!state.failed) {
        finder_end(state.search);
        state.failed =
            !batch_is_empty(feed->batch) && !feed_write(feed, &origin, true, &state.error);
    }
    state.failed |= !writer_finish(feed->writer, &state.error);
    if (state.error != NULL && fine)
        g_propagate_error(error, state.error);
    else
        g_clear_error(&state.error);
    end(&state);
    origin_clear(&origin);
    live_close(live);
    g_ptr_array_unref(interfaces);
    return fine && !state.failed;
}
