/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/dtls.h>
#include <tlsfp/stream.h>

#include "hello/handshake.h"
#include "hello/iana.h"

enum {
    DTLS_1_MAJOR = 0xfe,     /* DTLS 1.0 to 1.3 */
    DTLS_0_VERSION = 0x0100, /* OpenSSL's DTLS1_BAD_VER, still sent by some VPN clients */
};

struct tlsfp_dtls {
    size_t limit;
    tlsfp_stream *stream; /* the message in pieces; NULL while there is none */
    uint8_t type;         /* of that message, as are the next two */
    uint16_t message_seq;
    uint32_t length;
    size_t n_read; /* fragments of the record at the front of the caller's datagram read already */
};

tlsfp_dtls *tlsfp_dtls_new(size_t limit)
{
    tlsfp_dtls *dtls = g_new0(tlsfp_dtls, 1);
    dtls->limit = limit;
    return dtls;
}

static void forget_message(tlsfp_dtls *dtls)
{
    tlsfp_stream_free(dtls->stream);
    dtls->stream = NULL;
}

void tlsfp_dtls_free(tlsfp_dtls *dtls)
{
    if (dtls == NULL)
        return;
    forget_message(dtls);
    g_free(dtls);
}

/** RFC 6347 4.1: the payload of the next record, empty where it is no clear handshake. */
static bool take_record(tlsfp_span *datagram, tlsfp_span *out)
{
    tlsfp_span rest = *datagram, payload;
    uint8_t type;
    uint16_t version, epoch;
    uint64_t sequence_number;
    if (!take_u8(&rest, &type) || !take_u16(&rest, &version) || !take_u16(&rest, &epoch) ||
        !take_integer(&rest, 6, &sequence_number) || !take_vector(&rest, 2, &payload))
        return false;
    if (version >> 8 != DTLS_1_MAJOR && version != DTLS_0_VERSION)
        return false;
    if (type != CONTENT_HANDSHAKE || epoch != 0)
        payload.len = 0;
    *datagram = rest;
    *out = payload;
    return true;
}

/** Starts putting a message together, with the header that it would have in one fragment. */
static void start_message(tlsfp_dtls *dtls, const handshake_header *header)
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
    forget_message(dtls);
    dtls->stream = tlsfp_stream_new(TLSFP_DTLS, dtls->limit);
    dtls->type = header->type;
    dtls->message_seq = header->message_seq;
    dtls->length = header->length;
    tlsfp_stream_add(dtls->stream, 0, (tlsfp_span){bytes, sizeof bytes});
}

static bool continues(const tlsfp_dtls *dtls, const handshake_header *header)
{
    return dtls->stream != NULL && header->type == dtls->type &&
           header->message_seq == dtls->message_seq && header->length == dtls->length &&
           tlsfp_stream_message(dtls->stream, NULL) != TLSFP_OK;
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
    if (!continues(dtls, header))
        start_message(dtls, header);
    return tlsfp_stream_add(
        dtls->stream, DTLS_HANDSHAKE_HEADER_SIZE + (uint64_t)header->fragment_offset, fragment);
}

/** Adds the fragments in @p record that were not read before, up to one that makes a message whole.
 */
static tlsfp_status add_record(tlsfp_dtls *dtls, tlsfp_span *record, tlsfp_status status)
{
    for (size_t n = 0; record->len > 0 && status != TLSFP_OK; n++) {
        handshake_header header;
        tlsfp_span fragment;
        if (!read_fragment(record, &header, &fragment)) {
            record->len = 0;
            return TLSFP_MALFORMED;
        }
        if (n < dtls->n_read)
            continue;
        dtls->n_read++;
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
            return tlsfp_stream_message(dtls->stream, out);
    }
    datagram->len = 0;
    return status;
}

size_t tlsfp_dtls_memory(const tlsfp_dtls *dtls)
{
    return sizeof *dtls + (dtls->stream != NULL ? tlsfp_stream_memory(dtls->stream) : 0);
}
