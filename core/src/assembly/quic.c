/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/quic.h>
#include <tlsfp/reader.h>
#include <tlsfp/stream.h>

#include "assembly/quic_keys.h"
#include "hello/iana.h"

enum {
    LONG_HEADER = 0x80,     /* RFC 9000 17.2 */
    MAX_CONNECTION_ID = 20, /* RFC 9000 17.2, in the versions known here */
};

typedef enum { PACKET_INITIAL, PACKET_0RTT, PACKET_HANDSHAKE, PACKET_RETRY } packet_type;

struct tlsfp_quic {
    size_t limit;
    bool has_keys;
    uint32_t version; /* of the keys */
    quic_keys keys;
    tlsfp_stream *crypto; /* NULL until a packet was opened */
};

tlsfp_quic *tlsfp_quic_new(size_t limit)
{
    tlsfp_quic *quic = g_new0(tlsfp_quic, 1);
    quic->limit = limit;
    return quic;
}

void tlsfp_quic_free(tlsfp_quic *quic)
{
    if (quic == NULL)
        return;
    tlsfp_stream_free(quic->crypto);
    g_free(quic);
}

/** RFC 9000 17.2; version 2 numbers the types anew, RFC 9369 3.2. */
static packet_type type_of(uint8_t first, uint32_t version)
{
    unsigned bits = first >> 4 & 3;
    return (packet_type)(version == QUIC_VERSION_2 ? (bits + 3) % 4 : bits);
}

/** What the long headers of a known version have in common. */
static bool take_long_header(tlsfp_span *in, packet_type *out_type, quic_initial *out)
{
    uint8_t first;
    uint64_t version;
    tlsfp_span scid;
    if (!take_u8(in, &first) || !(first & LONG_HEADER) || !take_integer(in, 4, &version) ||
        !quic_is_known((uint32_t)version) || !take_vector(in, 1, &out->dcid) ||
        !take_vector(in, 1, &scid) || out->dcid.len > MAX_CONNECTION_ID ||
        scid.len > MAX_CONNECTION_ID)
        return false;
    out->version = (uint32_t)version;
    *out_type = type_of(first, out->version);
    return true;
}

/** Takes one packet with a long header and a length off a datagram: RFC 9000 17.2.2
 * to 17.2.4, 12.2. */
static bool take_packet(tlsfp_span *datagram, packet_type *out_type, quic_initial *out)
{
    tlsfp_span rest = *datagram, token;
    uint64_t len;
    if (!take_long_header(&rest, out_type, out) || *out_type == PACKET_RETRY)
        return false;
    if (*out_type == PACKET_INITIAL && (!take_varint(&rest, &len) || !take(&rest, len, &token)))
        return false;
    if (!take_varint(&rest, &len))
        return false;
    out->header = (tlsfp_span){datagram->data, datagram->len - rest.len};
    if (!take(&rest, len, &out->protected))
        return false;
    *datagram = rest;
    return true;
}

bool tlsfp_quic_is_initial(tlsfp_span datagram)
{
    packet_type type;
    quic_initial packet;
    while (take_packet(&datagram, &type, &packet))
        if (type == PACKET_INITIAL)
            return true;
    return false;
}

/** With the keys at hand, or else with those of this packet's connection ID: a first packet, or one
 * after Retry. */
static bool open_initial(tlsfp_context *context, tlsfp_quic *quic, const quic_initial *packet,
                         tlsfp_span *out)
{
    if (quic->has_keys && quic->version == packet->version &&
        quic_open(context, &quic->keys, packet, out))
        return true;
    quic_keys keys;
    quic_derive_keys(context, packet->version, packet->dcid, &keys);
    if (!quic_open(context, &keys, packet, out))
        return false;
    quic->has_keys = true;
    quic->version = packet->version;
    quic->keys = keys;
    tlsfp_stream_free(quic->crypto);
    quic->crypto = tlsfp_stream_new(TLSFP_QUIC, quic->limit);
    return true;
}

/** RFC 9000 19.3: passes over an ACK frame behind its type. */
static bool pass_ack(tlsfp_span *in, bool with_ecn)
{
    uint64_t largest, delay, n_ranges, n;
    if (!take_varint(in, &largest) || !take_varint(in, &delay) || !take_varint(in, &n_ranges) ||
        !take_varint(in, &n))
        return false;
    for (uint64_t i = 0; i < n_ranges; i++)
        if (!take_varint(in, &n) || !take_varint(in, &n)) /* gap and length */
            return false;
    for (int i = 0; with_ecn && i < 3; i++)
        if (!take_varint(in, &n))
            return false;
    return true;
}

/** RFC 9000 19.6. */
static bool add_crypto(tlsfp_quic *quic, tlsfp_span *in)
{
    uint64_t offset, len;
    tlsfp_span data;
    if (!take_varint(in, &offset) || !take_varint(in, &len) || !take(in, len, &data))
        return false;
    tlsfp_stream_add(quic->crypto, offset, data);
    return true;
}

/** RFC 9000 17.2.2: the frames that an Initial packet may hold. False at the first that is none of
 * them, or cut. */
static bool read_frames(tlsfp_quic *quic, tlsfp_span frames)
{
    uint64_t type;
    while (frames.len > 0) {
        if (!take_varint(&frames, &type))
            return false;
        bool fine;
        switch (type) {
        case FRAME_PADDING:
        case FRAME_PING:
            fine = true;
            break;
        case FRAME_ACK:
        case FRAME_ACK_ECN:
            fine = pass_ack(&frames, type == FRAME_ACK_ECN);
            break;
        case FRAME_CRYPTO:
            fine = add_crypto(quic, &frames);
            break;
        case FRAME_CONNECTION_CLOSE:
            return true; /* the last that a client has to say */
        default:
            fine = false;
        }
        if (!fine)
            return false;
    }
    return true;
}

tlsfp_status tlsfp_quic_add(tlsfp_context *context, tlsfp_quic *quic, tlsfp_span datagram)
{
    bool opened = false, fine = true;
    packet_type type;
    quic_initial packet;
    tlsfp_span frames;
    while (take_packet(&datagram, &type, &packet))
        if (type == PACKET_INITIAL && open_initial(context, quic, &packet, &frames)) {
            opened = true;
            fine = read_frames(quic, frames) && fine;
        }
    if (!opened)
        return TLSFP_UNREADABLE;
    tlsfp_status status = tlsfp_quic_message(quic, NULL);
    return status == TLSFP_MORE && !fine ? TLSFP_MALFORMED : status;
}

tlsfp_status tlsfp_quic_message(const tlsfp_quic *quic, tlsfp_span *out)
{
    return quic->crypto != NULL ? tlsfp_stream_message(quic->crypto, out) : TLSFP_MORE;
}

tlsfp_status tlsfp_quic_next(tlsfp_quic *quic)
{
    return quic->crypto != NULL ? tlsfp_stream_next(quic->crypto) : TLSFP_MORE;
}

bool tlsfp_quic_is_empty(const tlsfp_quic *quic)
{
    return quic->crypto == NULL || tlsfp_stream_is_empty(quic->crypto);
}

size_t tlsfp_quic_memory(const tlsfp_quic *quic)
{
    return sizeof *quic + (quic->crypto != NULL ? tlsfp_stream_memory(quic->crypto) : 0);
}
