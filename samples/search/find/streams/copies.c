/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Each copy is what a server would read that takes the segment with the hello's start, and then of
 * each byte what comes first. Where a later segment has other bytes behind the start, it is a copy
 * of its own.
 */
#include "find/streams/copies.h"

#include <string.h>

#include "find/streams/hello_start.h"

enum { MAX_COPIES = 6, MAX_TOLD = 8 };

struct copy {
    uint32_t origin;      /* the first sequence number */
    GByteArray *bytes;    /* from there on, without holes */
    tlsfp_stream *stream; /* of them; NULL once it is known what they are */
    uint8_t *message;     /* the hello, owned; NULL without one, or once it is told */
    size_t len;
    uint32_t hash, end; /* of the message; the number behind it */
    endpoints ends;
    frame frame; /* in which it was complete */
};

struct copies {
    struct copy list[MAX_COPIES];
    unsigned n, n_told;
    uint32_t told[MAX_TOLD]; /* hashes */
};

void copies_free(struct copies *copies)
{
    if (copies == NULL)
        return;
    for (unsigned i = 0; i < copies->n; i++) {
        g_byte_array_unref(copies->list[i].bytes);
        tlsfp_stream_free(copies->list[i].stream);
        g_free(copies->list[i].message);
    }
    g_free(copies);
}

size_t copies_memory(const struct copies *copies)
{
    size_t memory = sizeof *copies;
    for (unsigned i = 0; i < copies->n; i++) {
        const struct copy *copy = &copies->list[i];
        memory += 2 * (size_t)copy->bytes->len + copy->len;
        memory += copy->stream != NULL ? tlsfp_stream_memory(copy->stream) : 0;
    }
    return memory;
}

bool copies_wait(const struct copies *copies)
{
    for (unsigned i = 0; i < copies->n; i++)
        if (copies->list[i].message != NULL || copies->list[i].stream != NULL)
            return true;
    return false;
}

static void close_stream(struct copy *copy)
{
    tlsfp_stream_free(copy->stream);
    copy->stream = NULL;
}

static void keep_message(const struct side *side, struct copy *copy)
{
    tlsfp_span message;
    if (tlsfp_stream_message(copy->stream, &message) != TLSFP_OK)
        return;
    copy->message = g_memdup2(message.data, message.len);
    copy->len = message.len;
    copy->hash = hello_hash(&side->finder->hello_key, message);
    copy->end = copy->origin + copy->bytes->len;
    copy->ends = side_ends(side);
    copy->frame = *side->finder->packet;
    copy->frame.bytes = (tlsfp_span){NULL, 0};
}

/** Appends bytes, and looks whether the hello is whole. */
static void extend(const struct side *side, struct copy *copy, tlsfp_span bytes)
{
    uint64_t at = copy->bytes->len;
    if (copy->stream == NULL || bytes.len == 0)
        return;
    g_byte_array_append(copy->bytes, bytes.data, (guint)bytes.len);
    tlsfp_status status = tlsfp_stream_add(copy->stream, at, bytes);
    if (status == TLSFP_OK)
        keep_message(side, copy);
    if (status != TLSFP_MORE)
        close_stream(copy);
}

static struct copy *start(const struct side *side, struct copies *copies, uint32_t origin)
{
    if (copies->n == MAX_COPIES)
        return NULL;
    struct copy *copy = &copies->list[copies->n++];
    *copy = (struct copy){.origin = origin, .bytes = g_byte_array_new()};
    copy->stream = tlsfp_stream_new(TLSFP_TLS, 2 * side->finder->limits.max_hello);
    return copy;
}

/** Where a segment lies in a copy that it touches; false where it does not. */
static bool find_place(const struct copy *copy, uint32_t seq, size_t *out)
{
    int32_t at = (int32_t)(seq - copy->origin);
    *out = (size_t)at;
    return at >= 0 && (size_t)at <= copy->bytes->len;
}

/** Whether the bytes at that place are the copy's, as far as it goes. */
static bool agrees(const struct copy *copy, size_t at, tlsfp_span bytes)
{
    size_t common = MIN(bytes.len, copy->bytes->len - at);
    return common == 0 || memcmp(copy->bytes->data + at, bytes.data, common) == 0;
}

/** Goes on with the copies that a segment touches. False where it starts none anew. */
static bool go_on(const struct side *side, struct copies *copies, const tcp_segment *segment)
{
    tlsfp_span bytes = segment->bytes;
    unsigned n = copies->n;
    bool is_known = false;
    size_t at;
    for (unsigned i = 0; i < n; i++) {
        struct copy *copy = &copies->list[i];
        if (!find_place(copy, segment->seq, &at))
            continue;
        bool same = agrees(copy, at, bytes);
        is_known |= same && at == 0;
        if (same) {
            tlsfp_span rest = bytes;
            if (pass(&rest, copy->bytes->len - at))
                extend(side, copy, rest);
        } else if (at > 0) {
            struct copy *other = start(side, copies, copy->origin);
            if (other == NULL)
                continue;
            extend(side, other, (tlsfp_span){copy->bytes->data, at});
            extend(side, other, bytes);
        }
    }
    return is_known;
}

void copies_add(const struct side *side, const tcp_segment *segment)
{
    tlsfp_span bytes = segment->bytes;
    struct half *half = side->flow->half;
    bool is_start = starts_at_front(bytes, AT_START) == START_FOUND;
    if (bytes.len == 0 || (!is_start && (half == NULL || half->copies == NULL)))
        return;
    half = flows_start_half(side->finder->flows, side->flow);
    if (half->copies == NULL)
        half->copies = g_new0(struct copies, 1);
    if (!go_on(side, half->copies, segment) && is_start) {
        struct copy *copy = start(side, half->copies, segment->seq);
        if (copy != NULL)
            extend(side, copy, bytes);
    }
}

static bool was_told(const struct copies *copies, const struct flow *flow, uint32_t hash)
{
    for (unsigned i = 0; i < copies->n_told; i++)
        if (copies->told[i] == hash)
            return true;
    return hash == flow->told[0] || hash == flow->told[1];
}

static void tell(struct finder *finder, struct flow *flow, struct copies *copies, struct copy *copy)
{
    if (!was_told(copies, flow, copy->hash)) {
        const frame *at_hand = finder->packet;
        finder->packet = &copy->frame;
        report_overlap(finder, &copy->ends, (tlsfp_span){copy->message, copy->len});
        finder->packet = at_hand;
        if (copies->n_told < MAX_TOLD)
            copies->told[copies->n_told++] = copy->hash;
    }
    g_clear_pointer(&copy->message, g_free);
    copy->len = 0;
}

void copies_tell(struct finder *finder, struct flow *flow, bool at_end)
{
    struct half *half = flow->half;
    if (half == NULL || half->copies == NULL)
        return;
    bool is_known = half->doubt == NULL && half->stream == NULL;
    for (unsigned i = 0; i < half->copies->n; i++) {
        struct copy *copy = &half->copies->list[i];
        bool is_behind = is_known && (int32_t)(flow->next - copy->end) >= 0;
        if (copy->message != NULL && (at_end || is_behind))
            tell(finder, flow, half->copies, copy);
    }
}
