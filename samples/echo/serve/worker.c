/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/worker.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "serve/connection.h"

enum {
    ACCEPT_AT_ONCE = 64,
    RUSH = 100,                  /* connections */
    QUIET_TIME = G_USEC_PER_SEC, /* what has been quiet for less is not closed to make room */
};

/* How long not to accept where no descriptor is left. */
static const struct timeval pause_time = {.tv_usec = 50000};

/** Closes the quietest connection; false where all of them are busy. */
static bool make_room(worker *one)
{
    connection *quietest = g_queue_peek_head(&one->connections);
    if (quietest == NULL || connection_quiet_time(quietest) < QUIET_TIME)
        return false;
    connection_drop(quietest);
    return true;
}

static void listen_again(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    worker *one = data;
    for (guint i = 0; i < one->listeners->len; i++)
        event_add(g_ptr_array_index(one->listeners, i), NULL);
}

/** No descriptor or no memory is left: whoever wants in waits until there is. */
static void pause_listening(worker *one)
{
    make_room(one);
    for (guint i = 0; i < one->listeners->len; i++)
        event_del(g_ptr_array_index(one->listeners, i));
    event_add(one->again, &pause_time);
}

static bool is_full(int reason)
{
    return reason == EMFILE || reason == ENFILE || reason == ENOBUFS || reason == ENOMEM;
}

static void take_in(worker *one, int fd, const struct sockaddr *from)
{
    if (one->connections.length >= one->n_most && !make_room(one))
        close(fd);
    else
        connection_open(one, fd, from);
    one->n_rush = MAX(one->n_rush, one->connections.length);
}

static void accept_some(evutil_socket_t listener, short what, void *data)
{
    (void)what;
    worker *one = data;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage from;
        socklen_t len = sizeof from;
        int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            take_in(one, fd, (struct sockaddr *)&from);
        else if (is_full(errno))
            return pause_listening(one);
        else if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
}

static void stop_listening(worker *one)
{
    for (guint i = 0; i < one->listeners->len; i++) {
        struct event *listener = g_ptr_array_index(one->listeners, i);
        const int fd = event_get_fd(listener);
        event_free(listener);
        close(fd);
    }
    g_ptr_array_set_size(one->listeners, 0);
    event_del(one->again);
}

static void end_if_idle(worker *one)
{
    if (one->stopping && one->connections.length == 0)
        event_base_loopexit(one->base, NULL);
}

static void on_stop(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    worker *one = data;
    event_del(one->stop);
    one->stopping = true;
    stop_listening(one);
    GList *next;
    for (GList *link = one->connections.head; link != NULL; link = next) {
        next = link->next;
        connection_end(link->data);
    }
    end_if_idle(one);
}

/** After a rush, glibc would keep what it freed below anything that is still used. */
static void give_memory_back(worker *one)
{
    if (one->n_rush < RUSH || one->connections.length > one->n_rush / 4)
        return;
    one->n_rush = one->connections.length;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void worker_forget(worker *one, GList *link)
{
    g_queue_unlink(&one->connections, link);
    give_memory_back(one);
    end_if_idle(one);
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

static void add_listeners(worker *one, GArray *sockets)
{
    one->listeners = g_ptr_array_new();
    for (guint i = 0; i < sockets->len; i++) {
        struct event *listener = event_new(one->base, g_array_index(sockets, int, i),
                                           EV_READ | EV_PERSIST, accept_some, one);
        g_ptr_array_add(one->listeners, listener);
        event_add(listener, NULL);
    }
}

worker *worker_new(const server *all, GArray *sockets, GError **error)
{
    const options *asked = all->asked;
    worker *one = g_new0(worker, 1);
    one->server = all;
    one->n_most = asked->limits.max_connections / asked->n_workers;
    one->base = make_base();
    if (one->base == NULL || pipe(one->stop_pipe) != 0) {
        g_set_error(error, G_FILE_ERROR, 0, "starting a worker: %s", g_strerror(errno));
        g_free(one);
        return NULL;
    }
    one->room = (session_room){.context = tlsfp_context_new(),
                               .log = asked->log,
                               .max_head = asked->limits.max_head,
                               .port = all->port};
    one->out = g_string_new(NULL);
    one->again = event_new(one->base, -1, 0, listen_again, one);
    one->stop = event_new(one->base, one->stop_pipe[0], EV_READ, on_stop, one);
    event_add(one->stop, NULL);
    add_listeners(one, sockets);
    return one;
}

void worker_free(worker *one)
{
    if (one == NULL)
        return;
    stop_listening(one);
    while (one->connections.head != NULL)
        connection_drop(one->connections.head->data);
    event_base_loop(one->base, EVLOOP_NONBLOCK); /* libevent frees what is pending */
    event_free(one->again);
    event_free(one->stop);
    event_base_free(one->base);
    close(one->stop_pipe[0]);
    close(one->stop_pipe[1]);
    g_ptr_array_unref(one->listeners);
    g_string_free(one->out, TRUE);
    tlsfp_context_free(one->room.context);
    g_free(one);
}

gpointer worker_run(gpointer data)
{
    worker *one = data;
    event_base_dispatch(one->base);
    return one;
}

void worker_stop(worker *one)
{
    while (write(one->stop_pipe[1], "", 1) < 0 && errno == EINTR)
        ;
}
