/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/worker.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "quic/quic.h"
#include "serve/connection.h"

enum {
    ACCEPT_AT_ONCE = 64,
    RUSH = 100,                  /* connections; fewer leave little memory behind */
    QUIET_TIME = G_USEC_PER_SEC, /* a connection quiet for less is not closed to make room */
};

/* Refusals of so long are logged as one line. */
static const struct timeval refusal_time = {.tv_sec = 1};

/* Pause in accepting when no descriptor is left. */
static const struct timeval pause_time = {.tv_usec = 50000};

void worker_note_refusal(echo_worker *worker, uint64_t *count)
{
    if (worker->n_full + worker->n_crowded == 0)
        event_add(worker->refusals, &refusal_time);
    ++*count;
}

unsigned worker_count(const echo_worker *worker)
{
    return worker->connections.length + quic_endpoint_count(worker->quic);
}

/** Closes the quietest connection of the transport that has more of them. */
bool worker_make_room(echo_worker *worker)
{
    connection *quietest = g_queue_peek_head(&worker->connections);
    if (quic_endpoint_count(worker->quic) > worker->connections.length &&
        quic_endpoint_make_room(worker->quic))
        return true;
    if (quietest == NULL || connection_quiet_time(quietest) < QUIET_TIME)
        return quic_endpoint_make_room(worker->quic);
    connection_drop(quietest);
    return true;
}

static void listen_again(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    echo_worker *worker = data;
    for (guint i = 0; i < worker->listeners->len; i++)
        event_add(g_ptr_array_index(worker->listeners, i), NULL);
}

/** No descriptor or no memory is left: new connections wait in the backlog. */
static void pause_listening(echo_worker *worker)
{
    worker_make_room(worker);
    for (guint i = 0; i < worker->listeners->len; i++)
        event_del(g_ptr_array_index(worker->listeners, i));
    event_add(worker->again, &pause_time);
}

static bool is_full(int reason)
{
    return reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM;
}

static void take_in(echo_worker *worker, int fd, const struct sockaddr *from)
{
    if (worker_count(worker) >= worker->max_connections && !worker_make_room(worker)) {
        worker_note_refusal(worker, &worker->n_full);
        close(fd);
    } else {
        connection_open(worker, fd, from);
    }
    worker->n_peak = MAX(worker->n_peak, worker_count(worker));
}

static void accept_some(evutil_socket_t listener, short what, void *data)
{
    (void)what;
    echo_worker *worker = data;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            take_in(worker, fd, (struct sockaddr *)&from);
        else if (is_full(errno))
            return pause_listening(worker);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static void log_refusals(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    echo_worker *worker = data;
    const event_log *log = &worker->server->log;
    if (worker->n_full > 0)
        log_refused(log, worker->n_full, "the server is full");
    if (worker->n_crowded > 0)
        log_refused(log, worker->n_crowded, "too many connections of one address");
    worker->n_full = worker->n_crowded = 0;
}

static void stop_listening(echo_worker *worker)
{
    for (guint i = 0; i < worker->listeners->len; i++) {
        struct event *listener = g_ptr_array_index(worker->listeners, i);
        const int fd = event_get_fd(listener);
        event_free(listener);
        close(fd);
    }
    g_ptr_array_set_size(worker->listeners, 0);
    event_del(worker->again);
}

static void end_if_idle(echo_worker *worker)
{
    if (worker->stopping && worker_count(worker) == 0)
        event_base_loopexit(worker->base, NULL);
}

static void on_stop(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    echo_worker *worker = data;
    event_del(worker->stop);
    worker->stopping = true;
    stop_listening(worker);
    GList *next;
    for (GList *link = worker->connections.head; link != NULL; link = next) {
        next = link->next;
        connection_end(link->data);
    }
    quic_endpoint_end(worker->quic);
    end_if_idle(worker);
}

/** After a peak, glibc keeps freed memory that lies below memory still in use. */
static void give_memory_back(echo_worker *worker)
{
    if (worker->n_peak < RUSH || worker_count(worker) > worker->n_peak / 4)
        return;
    worker->n_peak = worker_count(worker);
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void worker_connection_ended(echo_worker *worker)
{
    give_memory_back(worker);
    end_if_idle(worker);
}

void worker_forget(echo_worker *worker, GList *link)
{
    g_queue_unlink(&worker->connections, link);
    worker_connection_ended(worker);
}

static struct event_base *make_base(void)
{
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST |
                                      EVENT_BASE_FLAG_IGNORE_ENV);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static void add_listeners(echo_worker *worker, GArray *sockets)
{
    worker->listeners = g_ptr_array_new();
    for (guint i = 0; i < sockets->len; i++) {
        struct event *listener = event_new(worker->base, g_array_index(sockets, int, i),
                                           EV_READ | EV_PERSIST, accept_some, worker);
        g_ptr_array_add(worker->listeners, listener);
        event_add(listener, NULL);
    }
}

echo_worker *worker_new(const echo_server *server, GArray *sockets, const GArray *datagrams,
                        GError **error)
{
    const echo_options *options = server->options;
    echo_worker *worker = g_new0(echo_worker, 1);
    worker->server = server;
    worker->max_connections = options->limits.max_connections / options->n_workers;
    worker->base = make_base();
    if (worker->base == NULL || pipe(worker->stop_pipe) != 0) {
        g_set_error(error, G_FILE_ERROR, 0, "starting a worker: %s", g_strerror(errno));
        g_free(worker);
        return NULL;
    }
    worker->env = (http_env){.context = tlsfp_context_new(),
                             .log = &server->log,
                             .max_head = options->limits.max_head,
                             .alternative = server->alternative,
                             .answers = {.port = server->port,
                                         .known = options->known,
                                         .cors = options->cors,
                                         .json_only = options->json_only}};
    worker->out = g_string_new(NULL);
    worker->again = event_new(worker->base, -1, 0, listen_again, worker);
    worker->refusals = event_new(worker->base, -1, 0, log_refusals, worker);
    worker->stop = event_new(worker->base, worker->stop_pipe[0], EV_READ, on_stop, worker);
    event_add(worker->stop, NULL);
    add_listeners(worker, sockets);
    if (datagrams != NULL)
        worker->quic = quic_endpoint_new(server->quic, worker, datagrams);
    return worker;
}

void worker_free(echo_worker *worker)
{
    if (worker == NULL)
        return;
    stop_listening(worker);
    while (worker->connections.head != NULL)
        connection_drop(worker->connections.head->data);
    g_clear_pointer(&worker->quic, quic_endpoint_free);
    event_base_loop(worker->base, EVLOOP_NONBLOCK); /* libevent frees pending events */
    log_refusals(-1, 0, worker);
    event_free(worker->refusals);
    event_free(worker->again);
    event_free(worker->stop);
    event_base_free(worker->base);
    close(worker->stop_pipe[0]);
    close(worker->stop_pipe[1]);
    g_ptr_array_unref(worker->listeners);
    g_string_free(worker->out, TRUE);
    tlsfp_context_free(worker->env.context);
    g_free(worker);
}

gpointer worker_run(gpointer data)
{
    echo_worker *worker = data;
    event_base_dispatch(worker->base);
    return worker;
}

void worker_stop(echo_worker *worker)
{
    while (write(worker->stop_pipe[1], "", 1) < 0 && errno == EINTR)
        ;
}
