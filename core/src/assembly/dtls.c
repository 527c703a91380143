/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/dtls.h>
#include <tlsfp/stream.h>

#include "hello/handshake.h"
#include "hello/iana.h"

enum { MAX_MESSAGES = 4 /* reassembled side by side */ };

/** A message in pieces. */
typedef struct {
    tlsfp_stream *stream; /* NULL where there is none */
    uint8_t type;
    uint16_t message_seq;
    uint32_t length;
    uint64_t used; /* when, in fragments */
} message;

struct tlsfp_dtls {
    size_t limit;
    message messages[MAX_MESSAGES];
    message *at_hand;     /* that of the fragment added last */
    uint64_t n_fragments; /* added */
    size_t n_read; /* bytes already read of the record at the front of the caller's datagram */
};

tlsfp_dtls *tlsfp_dtls_new(size_t limit)
{
    tlsfp_dtls *dtls = g_new0(tlsfp_dtls, 1);
    dtls->limit = limit;
    return dtls;
}

void tlsfp_dtls_free(tlsfp_dtls *dtls)
{
    if (dtls == NULL)
        return;
    for (size_t i = 0; i < MAX_MESSAGES; i++)
        tlsfp_stream_free(dtls->messages[i].stream);
    g_free(dtls);
}

/** RFC 6347 4.1: the payload of the next record, empty where it is no clear handshake. Any version
 * is fine: that of a first record says nothing, and servers ignore it. */
static bool take_record(tlsfp_span *datagram, tlsfp_span *out)
{
    tlsfp_span rest = *datagram, payload;
    uint8_t type;
    uint16_t version, epoch;
    uint64_t sequence_number;
    if (!take_u8(&rest, &type) || !take_u16(&rest, &version) || !take_u16(&rest, &epoch) ||
        !take_integer(&rest, 6, &sequence_number) || !take_vector(&rest, 2, &payload))
        return false;
    if (type != CONTENT_HANDSHAKE || epoch != 0)
        payload.len = 0;
    *datagram = rest;
    *out = payload;
    return true;
}

/** Starts a message, with the header that it would have in one fragment. */
static void start_message(const tlsfp_dtls *dtls, message *part, const handshake_header *header)
{
    uint8_t bytes[DTLS_HANDSHAKE_HEADER_SIZE] = {
        [0] = header->type,
        [1] = (uint8_t)(header->length >> 16),
        [2] = (uint8_t)(header->length >> 8),
        [3] = (uint8_t)header->length,
        [4] = (uint8_t)(header->message_seq >> 8),
        [5] = (uint8_t)header->message_seq,
        [9] = (uint8_t)(header->length >> 16),
        [10] = (uint8_t)(header->length >> 8),
        [11] = (uint8_t)header->length,
    };
    tlsfp_stream_free(part->stream);
    part->stream = tlsfp_stream_new(TLSFP_DTLS, dtls->limit);
    part->type = header->type;
    part->message_seq = header->message_seq;
    part->length = header->length;
    tlsfp_stream_add(part->stream, 0, (tlsfp_span){bytes, sizeof bytes});
}

static bool continues(const message *part, const handshake_header *header)
{
    return part->stream != NULL && header->type == part->type &&
           header->message_seq == part->message_seq && header->length == part->length &&
           tlsfp_stream_message(part->stream, NULL) != TLSFP_OK;
}

/** The message that a fragment belongs to, started if need be in place of the longest unused. */
static message *message_of(tlsfp_dtls *dtls, const handshake_header *header)
{
    message *longest = &dtls->messages[0];
    for (size_t i = 0; i < MAX_MESSAGES; i++) {
        if (continues(&dtls->messages[i], header))
            return &dtls->messages[i];
        if (dtls->messages[i].used < longest->used)
            longest = &dtls->messages[i];
    }
    start_message(dtls, longest, header);
    return longest;
}

/** RFC 6347 4.2.3. */
static bool read_fragment(tlsfp_span *record, handshake_header *out_header, tlsfp_span *out)
{
    return take_handshake_header(record, TLSFP_DTLS, out_header) &&
           out_header->fragment_offset <= out_header->length &&
           out_header->fragment_length <= out_header->length - out_header->fragment_offset &&
           take(record, out_header->fragment_length, out);
}

static tlsfp_status add_fragment(tlsfp_dtls *dtls, const handshake_header *header,
                                 tlsfp_span fragment)
{
    if (header->type != HANDSHAKE_CLIENT_HELLO && header->type != HANDSHAKE_SERVER_HELLO)
        return TLSFP_NOT_HELLO;
    message *part = message_of(dtls, header);
    part->used = ++dtls->n_fragments;
    dtls->at_hand = part;
    return tlsfp_stream_add(
        part->stream, DTLS_HANDSHAKE_HEADER_SIZE + (uint64_t)header->fragment_offset, fragment);
}

/** Adds the fragments in @p record that were not read before, up to one that makes a message whole.
 */
static tlsfp_status add_record(tlsfp_dtls *dtls, tlsfp_span *record, tlsfp_status status)
{
    take_up_to(record, dtls->n_read);
    while (record->len > 0 && status != TLSFP_OK) {
        const size_t n_left = record->len;
        handshake_header header;
        tlsfp_span fragment;
        if (!read_fragment(record, &header, &fragment)) {
            record->len = 0; /* servers drop what follows good fragments */
            return status == TLSFP_NOT_HELLO ? TLSFP_MALFORMED : status;
        }
        dtls->n_read += n_left - record->len;
        tlsfp_status now = add_fragment(dtls, &header, fragment);
        if (now != TLSFP_NOT_HELLO)
            status = now;
    }
    return status;
}

tlsfp_status tlsfp_dtls_add(tlsfp_dtls *dtls, tlsfp_span *datagram, tlsfp_span *out)
{
    tlsfp_status status = TLSFP_NOT_HELLO;
    tlsfp_span rest = *datagram, record;
    while (take_record(&rest, &record)) {
        status = add_record(dtls, &record, status);
        if (record.len == 0) {
            dtls->n_read = 0;
            *datagram = rest;
        }
        if (status == TLSFP_OK)
            return tlsfp_stream_message(dtls->at_hand->stream, out);
    }
    datagram->len = 0;
    return status;
}

bool tlsfp_dtls_is_empty(const tlsfp_dtls *dtls)
{
    for (size_t i = 0; i < MAX_MESSAGES; i++)
        if (dtls->messages[i].stream != NULL &&
            tlsfp_stream_message(dtls->messages[i].stream, NULL) == TLSFP_MORE)
            return false;
    return true;
}

size_t tlsfp_dtls_memory(const tlsfp_dtls *dtls)
{
    size_t memory = sizeof *dtls;
    for (size_t i = 0; i < MAX_MESSAGES; i++)
        if (dtls->messages[i].stream != NULL)
            memory += tlsfp_stream_memory(dtls->messages[i].stream);
    return memory;
}
