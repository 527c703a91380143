/* SPDX-License-Identifier: BSD-3-Clause */
#include <openssl/rand.h>
#include <string.h>

#include "quic/endpoint.h"

enum {
    MIN_INITIAL = 1200, /* RFC 9000 14.1 */
    MIN_RESET = 21,     /* RFC 9000 10.3 */
    RESET_RANDOM = 22,  /* bytes in front of the token, at most */
    TOKEN_TIME = 10,    /* seconds */
};

static const uint32_t versions[] = {
    NGTCP2_PROTO_VER_V1,
#ifdef NGTCP2_PROTO_VER_V2
    NGTCP2_PROTO_VER_V2,
#endif
    0x1a2a3a4a, /* one for clients to pass over: RFC 9000 15 */
};

static void answer(quic_listener *listener, const quic_datagram *to, ngtcp2_ssize len)
{
    const tlsfp_span bytes = {listener->endpoint->out, (size_t)MAX(len, 0)};
    if (len > 0)
        quic_send(&listener->socket, &to->local, &to->remote, 0, bytes, bytes.len);
}

void quic_answer_version(quic_listener *listener, const quic_datagram *datagram,
                         const ngtcp2_version_cid *header)
{
    uint8_t random = 0;
    if (datagram->bytes.len < MIN_INITIAL || RAND_bytes(&random, 1) != 1)
        return;
    answer(listener, datagram,
           ngtcp2_pkt_write_version_negotiation(
               listener->endpoint->out, sizeof listener->endpoint->out, random, header->scid,
               header->scidlen, header->dcid, header->dcidlen, versions, G_N_ELEMENTS(versions)));
}

void quic_answer_retry(quic_listener *listener, const quic_datagram *datagram,
                       const ngtcp2_pkt_hd *header)
{
    const quic_endpoint *endpoint = listener->endpoint;
    uint8_t token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN];
    ngtcp2_cid id;
    quic_endpoint_draw_id(endpoint, &id);
    const ngtcp2_ssize len = ngtcp2_crypto_generate_retry_token(
        token, endpoint->quic->secret, QUIC_SECRET_LEN, header->version, &datagram->remote.any,
        quic_address_len(&datagram->remote), &id, &header->dcid, quic_now());
    if (len > 0)
        answer(listener, datagram,
               ngtcp2_crypto_write_retry(listener->endpoint->out, MIN_INITIAL, header->version,
                                         &header->scid, &id, &header->dcid, token, (size_t)len));
}

/** RFC 9000 10.3.3: shorter than what it answers, so that two endpoints do not go on for ever. */
void quic_answer_reset(quic_listener *listener, const quic_datagram *datagram,
                       const ngtcp2_version_cid *header)
{
    const quic_endpoint *endpoint = listener->endpoint;
    uint8_t token[NGTCP2_STATELESS_RESET_TOKENLEN], random[RESET_RANDOM];
    const size_t len = MIN(datagram->bytes.len, sizeof token + sizeof random + 1);
    ngtcp2_cid id;
    if (len <= MIN_RESET || header->dcidlen != QUIC_ID_LEN || RAND_bytes(random, RESET_RANDOM) != 1)
        return;
    ngtcp2_cid_init(&id, header->dcid, header->dcidlen);
    if (ngtcp2_crypto_generate_stateless_reset_token(token, endpoint->quic->reset_secret,
                                                     QUIC_SECRET_LEN, &id) != 0)
        return;
    answer(listener, datagram,
           ngtcp2_pkt_write_stateless_reset(listener->endpoint->out, len - 1, token, random,
                                            len - 1 - sizeof token));
}

void quic_answer_refusal(quic_listener *listener, const quic_datagram *datagram,
                         const ngtcp2_pkt_hd *header, uint64_t code)
{
    answer(listener, datagram,
           ngtcp2_crypto_write_connection_close(listener->endpoint->out, MIN_INITIAL,
                                                header->version, &header->scid, &header->dcid, code,
                                                NULL, 0));
}

quic_token quic_check_token(const quic_endpoint *endpoint, const quic_datagram *datagram,
                            const ngtcp2_pkt_hd *header, ngtcp2_cid *out_id)
{
    const uint8_t *token;
    const size_t len = compat_token(header, &token);
    if (len == 0 || token[0] != NGTCP2_CRYPTO_TOKEN_MAGIC_RETRY)
        return QUIC_TOKEN_NONE; /* of another server, perhaps */
    return ngtcp2_crypto_verify_retry_token(out_id, token, len, endpoint->quic->secret,
                                            QUIC_SECRET_LEN, header->version, &datagram->remote.any,
                                            quic_address_len(&datagram->remote), &header->dcid,
                                            TOKEN_TIME * NGTCP2_SECONDS, quic_now()) == 0
               ? QUIC_TOKEN_FINE
               : QUIC_TOKEN_WRONG;
}
