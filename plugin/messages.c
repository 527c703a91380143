/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "messages.h"

enum {
    TLS_HEADER_SIZE = 4,    /* RFC 8446 4 */
    DTLS_HEADER_SIZE = 12,  /* RFC 6347 4.2.2 */
    LENGTH_AT = 1,          /* in both headers, as are the next two in DTLS's */
    FRAGMENT_OFFSET_AT = 6, /* before it: type, length and message_seq */
    FRAGMENT_LENGTH_AT = 9,
    RANDOM_AT = 2, /* in the body, RFC 6347 4.2.1 */
};

static int hf_tls_handshake;
static int hf_dtls_handshake;
static int hf_dtls_random; /* in a hello's body, behind legacy_version */

typedef void (*visitor)(tlsfp_span message, tlsfp_transport transport, void *data);

void messages_start(void)
{
    hf_tls_handshake = proto_registrar_get_id_byname("tls.handshake");
    hf_dtls_handshake = proto_registrar_get_id_byname("dtls.handshake");
    hf_dtls_random = proto_registrar_get_id_byname("dtls.handshake.random");
}

GArray *messages_wanted_hfids(void)
{
    const int hfids[] = {hf_tls_handshake, hf_dtls_handshake, hf_dtls_random};
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int));
    for (size_t i = 0; i < G_N_ELEMENTS(hfids); i++)
        if (hfids[i] > 0)
            g_array_append_val(wanted, hfids[i]);
    return wanted;
}

/** All that a field covers, if the capture holds it: a packet may have been cut when it was
 * captured. */
static bool get_bytes(const field_info *fi, tlsfp_span *out)
{
    if (fi->ds_tvb == NULL || fi->length <= 0 ||
        !tvb_bytes_exist(fi->ds_tvb, fi->start, fi->length))
        return false;
    *out = (tlsfp_span){tvb_get_ptr(fi->ds_tvb, fi->start, fi->length), (size_t)fi->length};
    return true;
}

static uint32_t get_u24(const field_info *fi, int at)
{
    return tvb_get_ntoh24(fi->ds_tvb, fi->start + at);
}

static void visit_tls(const field_info *fi, tlsfp_transport transport, visitor visit, void *data)
{
    tlsfp_span message;
    if (get_bytes(fi, &message) && message.len >= TLS_HEADER_SIZE &&
        TLS_HEADER_SIZE + get_u24(fi, LENGTH_AT) == message.len)
        visit(message, transport, data);
}

/**
 * The body of a reassembled message. The handshake field covers its last fragment only; the fields
 * of the body stand in a data source of their own, which holds nothing else.
 */
static tvbuff_t *find_reassembled(proto_tree *tree, const field_info *fragment, uint32_t length)
{
    GPtrArray *randoms = proto_get_finfo_ptr_array(tree, hf_dtls_random);
    for (unsigned i = 0; randoms != NULL && i < randoms->len; i++) {
        const field_info *fi = (const field_info *)g_ptr_array_index(randoms, i);
        if (fi->ds_tvb != NULL && fi->ds_tvb != fragment->ds_tvb && fi->start == RANDOM_AT &&
            tvb_captured_length(fi->ds_tvb) == length)
            return fi->ds_tvb;
    }
    return NULL;
}

/** Writes a reassembled message with the header that it would have in one fragment. */
static tlsfp_span join(wmem_allocator_t *pool, const field_info *fragment, tvbuff_t *body,
                       uint32_t length)
{
    uint8_t *message = (uint8_t *)wmem_alloc(pool, DTLS_HEADER_SIZE + length);
    tvb_memcpy(fragment->ds_tvb, message, fragment->start, FRAGMENT_OFFSET_AT);
    memset(message + FRAGMENT_OFFSET_AT, 0, FRAGMENT_LENGTH_AT - FRAGMENT_OFFSET_AT);
    memcpy(message + FRAGMENT_LENGTH_AT, message + LENGTH_AT,
           DTLS_HEADER_SIZE - FRAGMENT_LENGTH_AT);
    tvb_memcpy(body, message + DTLS_HEADER_SIZE, 0, length);
    return (tlsfp_span){message, DTLS_HEADER_SIZE + length};
}

/** Whether another fragment of the same message follows in the packet: the message is whole with
 * the last one. */
static bool is_followed(const GPtrArray *found, unsigned index)
{
    const field_info *fi = (const field_info *)g_ptr_array_index(found, index);
    for (unsigned i = index + 1; i < found->len; i++) {
        const field_info *other = (const field_info *)g_ptr_array_index(found, i);
        tlsfp_span bytes;
        if (get_bytes(other, &bytes) && bytes.len >= FRAGMENT_OFFSET_AT &&
            tvb_memeql(fi->ds_tvb, fi->start, bytes.data, FRAGMENT_OFFSET_AT) == 0)
            return true;
    }
    return false;
}

static void visit_dtls(packet_info *pinfo, proto_tree *tree, const GPtrArray *found, unsigned index,
                       visitor visit, void *data)
{
    const field_info *fi = (const field_info *)g_ptr_array_index(found, index);
    tlsfp_span message;
    if (!get_bytes(fi, &message) || message.len < DTLS_HEADER_SIZE)
        return;
    /* In a tree that is not shown, the field goes on to the end of the datagram. */
    size_t fragment_end = DTLS_HEADER_SIZE + get_u24(fi, FRAGMENT_LENGTH_AT);
    if (message.len < fragment_end)
        return;
    message.len = fragment_end;
    uint32_t length = get_u24(fi, LENGTH_AT);
    if (get_u24(fi, FRAGMENT_LENGTH_AT) == length) {
        visit(message, TLSFP_DTLS, data);
        return;
    }
    tvbuff_t *body = is_followed(found, index) ? NULL : find_reassembled(tree, fi, length);
    if (body != NULL)
        visit(join(pinfo->pool, fi, body, length), TLSFP_DTLS, data);
}

void messages_visit(packet_info *pinfo, proto_tree *tree, visitor visit, void *data)
{
    GPtrArray *found = proto_get_finfo_ptr_array(tree, hf_tls_handshake);
    if (found != NULL) {
        tlsfp_transport transport =
            proto_is_frame_protocol(pinfo->layers, "quic") ? TLSFP_QUIC : TLSFP_TLS;
        for (unsigned i = 0; i < found->len; i++)
            visit_tls((const field_info *)g_ptr_array_index(found, i), transport, visit, data);
    }
    found = proto_get_finfo_ptr_array(tree, hf_dtls_handshake);
    for (unsigned i = 0; found != NULL && i < found->len; i++)
        visit_dtls(pinfo, tree, found, i, visit, data);
}
