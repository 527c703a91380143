/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quic/quic.h"
#include "serve/announce.h"
#include "serve/given.h"
#include "serve/listener.h"
#include "serve/notify.h"
#include "serve/worker.h"
#include "tls/tls.h"

enum {
    OTHER_DESCRIPTORS = 64, /* for each worker, besides connections; a generous guess */
    PORT_TRIES = 20,        /* to find one that is free for TCP and UDP */
};

/** Raises the limit of open files to what the connections need, as far as the system allows. */
static void raise_descriptor_limit(const echo_options *options)
{
    const rlim_t wanted = options->limits.max_connections + OTHER_DESCRIPTORS * options->n_workers;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : MIN(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static sigset_t handled_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    return signals;
}

static void free_worker(gpointer worker)
{
    worker_free(worker);
}

/** @param datagrams NULL without HTTP/3. */
static GPtrArray *make_workers(const echo_server *server, const GPtrArray *sockets,
                               const GPtrArray *datagrams, GError **error)
{
    GPtrArray *workers = g_ptr_array_new_with_free_func(free_worker);
    for (guint i = 0; i < sockets->len; i++) {
        echo_worker *worker = worker_new(server, sockets->pdata[i],
                                         datagrams != NULL ? datagrams->pdata[i] : NULL, error);
        if (worker == NULL) {
            g_ptr_array_unref(workers);
            return NULL;
        }
        g_ptr_array_add(workers, worker);
    }
    return workers;
}

SSL_CTX *server_tls(const echo_server *server)
{
    GMutex *lock = (GMutex *)&server->lock;
    g_mutex_lock(lock);
    SSL_CTX *tls = server->tls;
    SSL_CTX_up_ref(tls);
    g_mutex_unlock(lock);
    return tls;
}

bool server_reload(echo_server *server, GError **error)
{
    key_groups groups;
    SSL_CTX *fresh = tls_new(server->options, &groups, error);
    if (fresh == NULL)
        return false;
    key_groups_clear(&groups); /* as before */
    tls_keep_tickets(server->tls, fresh);
    g_mutex_lock(&server->lock);
    SSL_CTX *old = server->tls;
    server->tls = fresh;
    g_mutex_unlock(&server->lock);
    SSL_CTX_free(old);
    return quic_server_reload(server->quic, error);
}

static void on_hangup(echo_server *server)
{
    GError *error = NULL;
    if (server->options->cert == NULL)
        return; /* a made certificate stays */
    if (server_reload(server, &error)) {
        fprintf(stderr, "tlsfp-echo: %s: read again\n", server->options->cert);
        return;
    }
    fprintf(stderr, "tlsfp-echo: %s; the certificate read before stays\n", error->message);
    g_error_free(error);
}

/** Returns when the server is to end. */
static void wait_for_end(echo_server *server)
{
    const sigset_t signals = handled_signals();
    int number;
    while (sigwait(&signals, &number) == 0 && number == SIGHUP) {
        notify_reloading();
        on_hangup(server);
        notify_ready();
    }
    notify_stopping();
    sigset_t others = signals;
    sigdelset(&others, SIGHUP);
    pthread_sigmask(SIG_UNBLOCK, &others, NULL);
}

/** The threads inherit the blocked signals, so only this one receives them. */
static void run(echo_server *server, const GPtrArray *workers)
{
    GPtrArray *threads = g_ptr_array_new();
    for (guint i = 0; i < workers->len; i++)
        g_ptr_array_add(threads, g_thread_new("worker", worker_run, workers->pdata[i]));
    wait_for_end(server);
    for (guint i = 0; i < workers->len; i++)
        worker_stop(workers->pdata[i]);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    g_ptr_array_unref(threads);
}

/** Sockets for all workers. */
typedef struct {
    GPtrArray *streams, *datagrams; /* of GArray of int; datagrams are NULL without HTTP/3 */
} server_sockets;

/** Opens UDP where TCP is. */
static bool open_datagrams(echo_server *server, server_sockets *out, GError **error)
{
    const uint16_t port =
        server->options->quic_port != 0 ? server->options->quic_port : server->port;
    out->datagrams = listener_open(server->options, SOCK_DGRAM, port, &server->quic_port, error);
    return out->datagrams != NULL;
}

/** Where any port will do, one is looked for that both have free. */
static bool open_ports(echo_server *server, server_sockets *out, GError **error)
{
    const echo_options *options = server->options;
    const bool any = options->port == 0 && options->quic_port == 0;
    for (int i = 0;; i++) {
        *out = (server_sockets){NULL, NULL};
        out->streams = listener_open(options, SOCK_STREAM, options->port, &server->port, error);
        if (out->streams == NULL)
            return false;
        if (server->quic == NULL ||
            open_datagrams(server, out, any && i < PORT_TRIES ? NULL : error))
            return true;
        listener_close(out->streams);
        if (!any || i == PORT_TRIES)
            return false;
    }
}

/** Those that the server was given; else a Unix socket, or ports of its own. */
static bool open_sockets(echo_server *server, server_sockets *out, GError **error)
{
    GError *reason = NULL;
    given_sockets given;
    *out = (server_sockets){NULL, NULL};
    if (given_take(server->options, &given, &reason)) {
        *out = (server_sockets){given.streams, given.datagrams};
        server->port = given.port;
        server->quic_port = given.quic_port;
        return true;
    }
    if (reason != NULL) {
        g_propagate_error(error, reason);
        return false;
    }
    if (server->options->unix_path == NULL)
        return open_ports(server, out, error);
    out->streams = given_open_unix(server->options, error);
    return out->streams != NULL;
}

static bool serve_on(echo_server *server, GError **error)
{
    server_sockets sockets;
    if (!open_sockets(server, &sockets, error))
        return false;
    if (server->quic == NULL)
        g_clear_pointer(&sockets.datagrams, g_ptr_array_unref);
    if (sockets.datagrams != NULL)
        server->alternative = g_strdup_printf("h3=\":%u\"; ma=86400", server->quic_port);
    GPtrArray *workers = make_workers(server, sockets.streams, sockets.datagrams, error);
    if (workers != NULL)
        announce(server->options, server->port, sockets.streams->pdata[0]);
    g_ptr_array_unref(sockets.streams);
    g_clear_pointer(&sockets.datagrams, g_ptr_array_unref);
    if (workers == NULL)
        return false;
    notify_ready();
    run(server, workers);
    g_ptr_array_unref(workers);
    if (server->options->unix_path != NULL)
        unlink(server->options->unix_path);
    return true;
}

/** HTTP/3 needs TLS 1.3, and UDP, which load balancers with the PROXY protocol do not pass on. */
static void begin_quic(echo_server *server)
{
    const echo_options *options = server->options;
    GError *error = NULL;
    if (!options->quic || options->proxy_protocol || options->tls_max < TLS1_3_VERSION ||
        quic_libraries() == NULL)
        return;
    server->quic = quic_server_new(server, &error);
    if (server->quic == NULL)
        fprintf(stderr, "tlsfp-echo: %s; HTTP/3 is not served\n", error->message);
    g_clear_error(&error);
}

bool server_run(const echo_options *options, GError **error)
{
    const sigset_t signals = handled_signals();
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    raise_descriptor_limit(options);
    echo_server server = {.options = options};
    server.tls = tls_new(options, &server.groups, error);
    if (server.tls == NULL)
        return false;
    g_mutex_init(&server.lock);
    server.addresses = addresses_new(options->limits.max_per_address, options->limits.prefix_bits);
    event_log_begin(&server.log, options->log);
    begin_quic(&server);
    const bool fine = serve_on(&server, error);
    quic_server_free(server.quic);
    g_free(server.alternative);
    event_log_end(&server.log);
    addresses_free(server.addresses);
    key_groups_clear(&server.groups);
    SSL_CTX_free(server.tls);
    g_mutex_clear(&server.lock);
    return fine;
}
