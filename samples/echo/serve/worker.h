/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A thread that accepts connections and serves them. */
#ifndef ECHO_WORKER_H
#define ECHO_WORKER_H

#include <event2/event.h>

#include "http/responder.h"
#include "serve/server.h"

typedef struct quic_endpoint quic_endpoint;

typedef struct {
    const echo_server *server;
    struct event_base *base;
    http_env env;
    costly_budget costly;
    GString *out;        /**< Scratch buffer for answers. */
    GQueue connections;  /**< Of TCP, the one that has been quiet for the longest first. */
    quic_endpoint *quic; /**< NULL without HTTP/3. */
    unsigned max_connections;
    unsigned n_peak;        /**< Most connections at once since memory was last given back. */
    GPtrArray *listeners;   /**< Of struct event *. */
    struct event *again;    /**< Resumes listening after a pause. */
    struct event *refusals; /**< Logs the two counts a second after the first. */
    uint64_t n_full;        /**< Connections refused as there were too many, */
    uint64_t n_crowded;     /**< or too many of one address. */
    struct event *stop;     /**< Fires when stop_pipe is written to. */
    int stop_pipe[2];
    bool stopping;
} echo_worker;

/**
 * @param sockets listening sockets (int), owned by the worker from here on.
 * @param datagrams UDP sockets (int), likewise; NULL without HTTP/3.
 * @return owned by the caller, to be freed with worker_free(); NULL with @p error set.
 */
echo_worker *worker_new(const echo_server *server, GArray *sockets, const GArray *datagrams,
                        GError **error);

/** Closes all connections and frees @p worker; NULL is fine. */
void worker_free(echo_worker *worker);

/** A thread's function: serves until worker_stop(), then sends the open answers. */
gpointer worker_run(gpointer worker);

/** Tells a worker to end; may be called from any thread. */
void worker_stop(echo_worker *worker);

/** Counts a refused connection, in one of the worker's counts, for the log. */
void worker_note_refusal(echo_worker *worker, uint64_t *count);

/** Connections that are open, by TCP and QUIC. */
unsigned worker_count(const echo_worker *worker);

/** Closes a quiet connection; false where none is quiet. */
bool worker_make_room(echo_worker *worker);

/** A connection ended. */
void worker_connection_ended(echo_worker *worker);

/** Removes a connection of TCP that ended. */
void worker_forget(echo_worker *worker, GList *link);

#endif
