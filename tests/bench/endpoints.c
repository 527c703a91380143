/* SPDX-License-Identifier: BSD-3-Clause */
#include "endpoints.h"

#include "client_hellos.h"
#include "initials.h"

#include <glib.h>

enum {
    CLIENTS = 10u << 24,
    SERVERS = 198u << 24 | 18u << 16,
    N_CLIENTS = 1 << 24,
    N_SERVERS = 1 << 17,
    FIRST_PORT = 32768, /* of those that Linux gives to clients */
    END_PORT = 61000,
};

connection endpoints_next(prng *numbers, uint16_t port)
{
    return (connection){
        .address = {(uint32_t)CLIENTS | prng_below(numbers, N_CLIENTS),
                    (uint32_t)SERVERS | prng_below(numbers, N_SERVERS)},
        .port = {(uint16_t)(FIRST_PORT + prng_below(numbers, END_PORT - FIRST_PORT)), port},
        .seq = {prng_below(numbers, UINT64_C(1) << 32), prng_below(numbers, UINT64_C(1) << 32)},
    };
}

/** A record's header, RFC 8446 5.1. */
static void put_record_header(uint8_t type, size_t len, uint8_t *out)
{
    const uint8_t header[] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(out, header, sizeof header);
}

/** ServerHello (RFC 8446 4.1.3), change_cipher_spec, an encrypted record. */
void server_answer(prng *numbers, uint8_t out[SEGMENT_SIZE])
{
    enum {
        HEADER_SIZE = 5,
        RANDOM_SIZE = 32,
        HELLO_SIZE = 90,
        CHANGE_AT = HEADER_SIZE + HELLO_SIZE,
        ENCRYPTED_AT = CHANGE_AT + HEADER_SIZE + 1,
    };
    static const uint8_t hello[] = {2, 0, 0, HELLO_SIZE - 4, 3, 3};
    /* no session ID, TLS_AES_128_GCM_SHA256, supported_versions, key_share up to its key */
    static const uint8_t rest[] = {0, 0x13, 0x01, 0,    0, 46, 0, 0x2b, 0, 2,
                                   3, 0x04, 0,    0x33, 0, 36, 0, 0x1d, 0, 32};
    prng_fill(numbers, out, SEGMENT_SIZE);
    put_record_header(22, HELLO_SIZE, out);
    memcpy(out + HEADER_SIZE, hello, sizeof hello);
    memcpy(out + HEADER_SIZE + sizeof hello + RANDOM_SIZE, rest, sizeof rest);
    put_record_header(20, 1, out + CHANGE_AT);
    out[CHANGE_AT + HEADER_SIZE] = 1;
    put_record_header(23, SEGMENT_SIZE - ENCRYPTED_AT - HEADER_SIZE, out + ENCRYPTED_AT);
}

void client_initials(prng *numbers, const connection *ends)
{
    uint8_t dcid[DCID_SIZE], datagram[DATAGRAM_SIZE];
    prng_fill(numbers, dcid, sizeof dcid);
    initials_key(dcid);
    hello_bytes hello = client_hellos_next(numbers, HELLO_QUIC);
    uint8_t number = 0;
    for (size_t at = 0; at < hello.len; at += MAX_CRYPTO) {
        initials_seal(number++, hello.data + at, at, MIN(MAX_CRYPTO, hello.len - at), datagram);
        packets_udp(ends, CLIENT, datagram, sizeof datagram);
    }
}
