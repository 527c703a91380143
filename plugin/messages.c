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
static int hf_tls_type;     /* of a message, in its first byte */
static int hf_ssl2_ciphers; /* length of an SSL 2.0 ClientHello's cipher specs */
static int hf_dtls_handshake;
static int hf_dtls_random; /* in a hello's body, behind legacy_version */

void messages_start(void)
{
    hf_tls_handshake = proto_registrar_get_id_byname("tls.handshake");
    hf_tls_type = proto_registrar_get_id_byname("tls.handshake.type");
    hf_ssl2_ciphers = proto_registrar_get_id_byname("tls.handshake.cipher_spec_len");
    hf_dtls_handshake = proto_registrar_get_id_byname("dtls.handshake");
    hf_dtls_random = proto_registrar_get_id_byname("dtls.handshake.random");
}

void messages_want_hfids(GArray *wanted)
{
    const int hfids[] = {hf_tls_handshake, hf_tls_type, hf_ssl2_ciphers, hf_dtls_handshake,
                         hf_dtls_random};
    for (size_t i = 0; i < G_N_ELEMENTS(hfids); i++)
        if (hfids[i] > 0)
            g_array_append_val(wanted, hfids[i]);
}

static unsigned count(const GPtrArray *found)
{
    return found != NULL ? found->len : 0;
}

static const field_info *at(const GPtrArray *found, unsigned i)
{
    return (const field_info *)g_ptr_array_index(found, i);
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

static uint32_t get_u24(const field_info *fi, int offset)
{
    return tvb_get_ntoh24(fi->ds_tvb, fi->start + offset);
}

/** By data source, then place. */
static int compare_places(const void *left, const void *right)
{
    const field_info *a = *(const field_info *const *)left;
    const field_info *b = *(const field_info *const *)right;
    if (a->ds_tvb != b->ds_tvb)
        return (uintptr_t)a->ds_tvb < (uintptr_t)b->ds_tvb ? -1 : 1;
    return (a->start > b->start) - (a->start < b->start);
}

/** The fields in the order of their places; in the packet's memory. */
static const field_info **sort_places(wmem_allocator_t *pool, const GPtrArray *found)
{
    unsigned n = count(found);
    const field_info **sorted = wmem_alloc_array(pool, const field_info *, MAX(n, 1));
    for (unsigned i = 0; i < n; i++)
        sorted[i] = at(found, i);
    qsort(sorted, n, sizeof *sorted, compare_places);
    return sorted;
}

static void visit_tls(const field_info *fi, tlsfp_transport transport,
                      const message_visitor *visitor, void *data)
{
    tlsfp_span message;
    if (get_bytes(fi, &message) && message.len >= TLS_HEADER_SIZE &&
        TLS_HEADER_SIZE + get_u24(fi, LENGTH_AT) == message.len)
        visitor->message(message, transport, data);
}

/** Wireshark shows fragments in the field of whole messages, too; these do not start with a type.
 */
static void visit_all_tls(packet_info *pinfo, proto_tree *tree, const message_visitor *visitor,
                          void *data)
{
    const GPtrArray *found = proto_get_finfo_ptr_array(tree, hf_tls_handshake);
    const GPtrArray *types = proto_get_finfo_ptr_array(tree, hf_tls_type);
    if (count(found) == 0 || count(types) == 0)
        return;
    const field_info **starts = sort_places(pinfo->pool, types);
    tlsfp_transport transport =
        proto_is_frame_protocol(pinfo->layers, "quic") ? TLSFP_QUIC : TLSFP_TLS;
    for (unsigned i = 0; i < found->len; i++) {
        const field_info *fi = at(found, i);
        if (bsearch(&fi, starts, types->len, sizeof *starts, compare_places) != NULL)
            visit_tls(fi, transport, visitor, data);
    }
}

/** A DTLS fragment's place among those of its packet. */
typedef struct {
    uint64_t message; /* type, length and message_seq, which its fragments have in common */
    unsigned index;
} fragment;

static int compare_fragments(const void *left, const void *right)
{
    const fragment *a = (const fragment *)left, *b = (const fragment *)right;
    if (a->message != b->message)
        return a->message < b->message ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/** Whether each fragment is the last one of its message in the packet, with which the message may
 * be whole. In the packet's memory. */
static const bool *find_last(wmem_allocator_t *pool, const GPtrArray *found)
{
    fragment *fragments = wmem_alloc_array(pool, fragment, found->len);
    bool *is_last = wmem_alloc0_array(pool, bool, found->len);
    unsigned n = 0;
    for (unsigned i = 0; i < found->len; i++) {
        tlsfp_span bytes;
        if (get_bytes(at(found, i), &bytes) && bytes.len >= DTLS_HEADER_SIZE)
            fragments[n++] =
                (fragment){tvb_get_ntoh48(at(found, i)->ds_tvb, at(found, i)->start), i};
    }
    qsort(fragments, n, sizeof *fragments, compare_fragments);
    for (unsigned i = 0; i < n; i++)
        is_last[fragments[i].index] =
            i + 1 == n || fragments[i].message != fragments[i + 1].message;
    return is_last;
}

/** Where the search for reassembled hellos goes on. */
typedef struct {
    const GPtrArray *randoms;
    unsigned next;
} hello_bodies;

/**
 * The body of a reassembled hello. The handshake field covers its last fragment only; the fields of
 * the body stand in a data source of their own, which holds nothing else. Bodies come in the order
 * of their last fragments, so the next one is this fragment's or that of a later one.
 */
static tvbuff_t *take_body(hello_bodies *bodies, const field_info *last)
{
    const field_info *random = NULL;
    for (; bodies->next < count(bodies->randoms); bodies->next++) {
        random = at(bodies->randoms, bodies->next);
        if (random->ds_tvb != NULL && random->ds_tvb != last->ds_tvb && random->start == RANDOM_AT)
            break;
    }
    if (bodies->next == count(bodies->randoms))
        return NULL;
    tvbuff_t *body = random->ds_tvb;
    uint32_t offset = get_u24(last, FRAGMENT_OFFSET_AT), len = get_u24(last, FRAGMENT_LENGTH_AT);
    if (tvb_captured_length(body) != get_u24(last, LENGTH_AT) ||
        !tvb_bytes_exist(body, (int)offset, (int)len) ||
        (len > 0 &&
         tvb_memeql(body, (int)offset,
                    tvb_get_ptr(last->ds_tvb, last->start + DTLS_HEADER_SIZE, (int)len), len) != 0))
        return NULL;
    bodies->next++;
    return body;
}

/** Writes a reassembled message with the header that it would have in one fragment. */
static tlsfp_span join(wmem_allocator_t *pool, const field_info *last, tvbuff_t *body)
{
    uint32_t length = tvb_captured_length(body);
    uint8_t *message = (uint8_t *)wmem_alloc(pool, DTLS_HEADER_SIZE + length);
    tvb_memcpy(last->ds_tvb, message, last->start, FRAGMENT_OFFSET_AT);
    memset(message + FRAGMENT_OFFSET_AT, 0, FRAGMENT_LENGTH_AT - FRAGMENT_OFFSET_AT);
    memcpy(message + FRAGMENT_LENGTH_AT, message + LENGTH_AT,
           DTLS_HEADER_SIZE - FRAGMENT_LENGTH_AT);
    tvb_memcpy(body, message + DTLS_HEADER_SIZE, 0, length);
    return (tlsfp_span){message, DTLS_HEADER_SIZE + length};
}

static void visit_dtls(packet_info *pinfo, const field_info *fi, bool is_last, hello_bodies *bodies,
                       const message_visitor *visitor, void *data)
{
    tlsfp_span message;
    if (!get_bytes(fi, &message) || message.len < DTLS_HEADER_SIZE)
        return;
    /* In a tree that is not shown, the field goes on to the end of the datagram. */
    size_t fragment_end = DTLS_HEADER_SIZE + get_u24(fi, FRAGMENT_LENGTH_AT);
    if (message.len < fragment_end)
        return;
    message.len = fragment_end;
    if (get_u24(fi, FRAGMENT_LENGTH_AT) == get_u24(fi, LENGTH_AT)) {
        visitor->message(message, TLSFP_DTLS, data);
        return;
    }
    tvbuff_t *body = is_last ? take_body(bodies, fi) : NULL;
    if (body != NULL)
        visitor->message(join(pinfo->pool, fi, body), TLSFP_DTLS, data);
}

static void visit_all_dtls(packet_info *pinfo, proto_tree *tree, const message_visitor *visitor,
                           void *data)
{
    const GPtrArray *found = proto_get_finfo_ptr_array(tree, hf_dtls_handshake);
    if (count(found) == 0)
        return;
    hello_bodies bodies = {proto_get_finfo_ptr_array(tree, hf_dtls_random), 0};
    const bool *is_last = find_last(pinfo->pool, found);
    for (unsigned i = 0; i < found->len; i++)
        visit_dtls(pinfo, at(found, i), is_last[i], &bodies, visitor, data);
}

static bool is_icmp(const packet_info *pinfo)
{
    return proto_is_frame_protocol(pinfo->layers, "icmp") ||
           proto_is_frame_protocol(pinfo->layers, "icmpv6");
}

void messages_visit(packet_info *pinfo, proto_tree *tree, const message_visitor *visitor,
                    void *data)
{
    if (is_icmp(pinfo))
        return;
    visit_all_tls(pinfo, tree, visitor, data);
    visit_all_dtls(pinfo, tree, visitor, data);
    unsigned n = count(proto_get_finfo_ptr_array(tree, hf_ssl2_ciphers));
    for (unsigned i = 0; i < n; i++)
        visitor->ssl2(data);
}
