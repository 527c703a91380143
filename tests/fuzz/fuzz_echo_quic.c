/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is datagrams that come to a QUIC endpoint from one address, each a byte for its kind
 * and a vector: sent as it is, or as the frames of a client's Initial packet, sealed here. When all
 * connections are dropped, the endpoint has nothing left of them.
 */
#include <arpa/inet.h>
#include <gcrypt.h>
#include <sys/socket.h>

#include "exact_block.h"
#include "fuzz_target.h"
#include "input.h"
#include "quic/quic_conn.h"
#include "quic_seal.h"
#include "tls/tls.h"

enum {
    KIND_SEALED = 1, /* else as it is */
    KIND_NEW = 2,    /* with another connection ID from here on */
    KIND_V2 = 4,
    MIN_DATAGRAM = 1200,
    MAX_DATAGRAMS = 64,
};

static echo_server server;
static echo_worker *worker;

static int bind_socket(void)
{
    const struct sockaddr_in any = {.sin_family = AF_INET,
                                    .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    g_assert_cmpint(bind(fd, (const struct sockaddr *)&any, sizeof any), ==, 0);
    return fd;
}

static void start(void)
{
    char *words[] = {"tlsfp-echo", NULL};
    GError *error = NULL;
    const echo_options *options = options_parse(1, words, &error);
    g_assert_no_error(error);
    server = (echo_server){
        .options = options,
        .addresses = addresses_new(options->limits.max_per_address, options->limits.prefix_bits),
        .port = 4433};
    server.tls = tls_new(options, &server.groups, &error);
    g_assert_no_error(error);
    server.quic = quic_server_new(&server, &error);
    g_assert_no_error(error);
    GArray *none = g_array_new(FALSE, FALSE, sizeof(int)),
           *datagrams = g_array_new(FALSE, FALSE, sizeof(int));
    const int fd = bind_socket();
    g_array_append_val(datagrams, fd);
    worker = worker_new(&server, none, datagrams, &error);
    g_assert_no_error(error);
    g_array_unref(none);
    g_array_unref(datagrams);
}

/** Seals frames, padded to the size that a first packet has. */
static void seal(GByteArray *out, tlsfp_span frames, uint8_t kind, uint8_t id, uint32_t number)
{
    uint8_t dcid[] = {'A', 'B', 'C', 'D', 'E', 'F', 'G', id};
    GByteArray *padded = g_byte_array_new();
    const seal_packet packet = {.version = (kind & KIND_V2) != 0 ? SEAL_VERSION_2 : SEAL_VERSION_1,
                                .key_dcid = {dcid, sizeof dcid},
                                .dcid = {dcid, sizeof dcid},
                                .number = number,
                                .number_len = 2};
    put_span(padded, frames);
    if (padded->len < MIN_DATAGRAM)
        put_times(padded, MIN_DATAGRAM - padded->len, 0);
    seal_put(out, &packet, span_of(padded));
    g_byte_array_unref(padded);
}

static void receive(tlsfp_span bytes)
{
    quic_listener *listener = worker->quic->listeners->pdata[0];
    tlsfp_span block = exact_block(bytes);
    quic_datagram datagram = {.local = listener->socket.bound, .bytes = block};
    datagram.remote.v4 = (struct sockaddr_in){.sin_family = AF_INET,
                                              .sin_port = htons(40000),
                                              .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    quic_endpoint_receive(listener, &datagram);
    exact_block_free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (worker == NULL)
        start();
    tlsfp_span input = {data, len};
    uint8_t id = 0;
    for (uint32_t n = 0; input.len > 0 && n < MAX_DATAGRAMS; n++) {
        const uint8_t kind = input_u8(&input);
        const tlsfp_span bytes = input_vector(&input);
        GByteArray *sealed = g_byte_array_new();
        id = (uint8_t)(id + ((kind & KIND_NEW) != 0));
        if ((kind & KIND_SEALED) != 0)
            seal(sealed, bytes, kind, id, n);
        receive((kind & KIND_SEALED) != 0 ? span_of(sealed) : bytes);
        event_base_loop(worker->base, EVLOOP_NONBLOCK);
        g_byte_array_unref(sealed);
    }
    while (worker->quic->connections.head != NULL)
        quic_conn_drop(worker->quic->connections.head->data);
    g_assert_cmpuint(g_hash_table_size(worker->quic->by_id), ==, 0);
    g_assert_cmpuint(worker->quic->n_unvalidated, ==, 0);
    return 0;
}
