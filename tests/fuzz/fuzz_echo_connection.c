/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a byte of flags, and what a client sends, in pieces that each begin with their
 * length. A worker serves it on a socket: as it is, or, after a real handshake, inside TLS. When
 * the client has left, the worker has nothing left of it.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz_target.h"
#include "input.h"
#include "serve/connection.h"
#include "serve/worker.h"
#include "tls/tls.h"

enum {
    FLAG_TLS = 1,   /* the bytes go through TLS */
    FLAG_H2 = 2,    /* which settles on h2 */
    FLAG_PROXY = 4, /* the server expects a PROXY header */
    FLAG_TLS_12 = 8,
    N_ROUNDS = 32, /* of both sides; a handshake takes four */
};

/** A server of one thread, this one. */
typedef struct {
    echo_server all;
    echo_worker *only;
} place;

static void start(place *out, const char *option)
{
    char *words[] = {"tlsfp-echo", (char *)option, NULL};
    GError *error = NULL;
    const echo_options *options = options_parse(option != NULL ? 2 : 1, words, &error);
    g_assert_no_error(error);
    out->all = (echo_server){
        .options = options,
        .addresses = addresses_new(options->limits.max_per_address, options->limits.prefix_bits),
        .port = 4433};
    out->all.tls = tls_new(options, &out->all.groups, &error);
    g_assert_no_error(error);
    GArray *sockets = g_array_new(FALSE, FALSE, sizeof(int));
    out->only = worker_new(&out->all, sockets, NULL, &error);
    g_assert_no_error(error);
    g_array_unref(sockets);
}

/** The place that has the flags' options; started once. */
static place *place_for(uint8_t flags)
{
    static place plain, behind_proxy;
    if (plain.only == NULL) {
        signal(SIGPIPE, SIG_IGN);
        start(&plain, NULL);
        start(&behind_proxy, "--proxy-protocol");
    }
    return (flags & FLAG_PROXY) != 0 ? &behind_proxy : &plain;
}

static void turn(const place *here)
{
    event_base_loop(here->only->base, EVLOOP_NONBLOCK);
}

static int open_client(const place *here)
{
    const struct sockaddr_in from = {.sin_family = AF_INET, .sin_port = htons(40000)};
    int ends[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), ==, 0);
    connection_open(here->only, ends[0], (const struct sockaddr *)&from);
    return ends[1];
}

static SSL *new_client(int fd, uint8_t flags)
{
    static SSL_CTX *tls;
    if (tls == NULL)
        tls = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(tls);
    SSL_set_fd(ssl, fd);
    if ((flags & FLAG_TLS_12) != 0)
        SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
    if ((flags & FLAG_H2) != 0)
        SSL_set_alpn_protos(ssl, (const unsigned char *)"\x02h2", 3);
    return ssl;
}

static bool shake_hands(SSL *ssl, const place *here)
{
    for (int i = 0; i < N_ROUNDS; i++) {
        if (SSL_connect(ssl) == 1)
            return true;
        turn(here);
    }
    return false;
}

static void send_plain(int fd, tlsfp_span piece)
{
    uint8_t answer[4096];
    if (write(fd, piece.data, piece.len) < 0)
        return;
    while (read(fd, answer, sizeof answer) > 0)
        ;
}

static void send_inside(SSL *ssl, tlsfp_span piece)
{
    uint8_t answer[4096];
    if (piece.len > 0)
        SSL_write(ssl, piece.data, (int)piece.len);
    while (SSL_read(ssl, answer, sizeof answer) > 0)
        ;
}

static void send_all(tlsfp_span input, SSL *ssl, int fd, const place *here)
{
    while (input.len > 0) {
        const tlsfp_span piece = input_vector(&input);
        if (ssl != NULL)
            send_inside(ssl, piece);
        else
            send_plain(fd, piece);
        turn(here);
        turn(here);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    tlsfp_span input = {data, len};
    const uint8_t flags = input_u8(&input);
    const place *here = place_for(flags);
    int fd = open_client(here);
    if ((flags & FLAG_PROXY) != 0)
        send_plain(fd, input_vector(&input));
    turn(here);
    SSL *ssl = (flags & FLAG_TLS) != 0 ? new_client(fd, flags) : NULL;
    if (ssl == NULL || shake_hands(ssl, here))
        send_all(input, ssl, fd, here);
    else
        g_assert_true((flags & FLAG_PROXY) != 0); /* an honest client is always let in */
    SSL_free(ssl);
    close(fd);
    for (int i = 0; i < N_ROUNDS && here->only->connections.length > 0; i++)
        turn(here);
    g_assert_cmpuint(here->only->connections.length, ==, 0);
    return 0;
}
