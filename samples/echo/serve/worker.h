/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A thread that accepts connections and serves them. */
#ifndef ECHO_WORKER_H
#define ECHO_WORKER_H

#include <event2/event.h>
#include <openssl/ssl.h>

#include "http/session.h"
#include "options.h"
#include "serve/addresses.h"

/** What all workers share; it must stay as long as they. */
typedef struct {
    const options *asked;
    SSL_CTX *tls;
    addresses *addresses;
    uint16_t port; /**< That they listen on. */
} server;

/** Its connections use all of this. */
typedef struct {
    const server *server;
    struct event_base *base;
    session_room room;
    GString *out;         /**< Where an answer is written before it is sent. */
    GQueue connections;   /**< The one that has been quiet for the longest first. */
    unsigned n_most;      /**< Its share of all connections. */
    unsigned n_rush;      /**< The most there were since memory was given back. */
    GPtrArray *listeners; /**< Of struct event *. */
    struct event *again;  /**< Listens again after a while. */
    struct event *stop;   /**< When the other end of the pipe is written to. */
    int stop_pipe[2];
    bool stopping;
} worker;

/**
 * @param sockets ints: listening sockets, which now belong to the worker.
 * @return owned by the caller, to be freed with worker_free(); NULL with @p error set.
 */
worker *worker_new(const server *all, GArray *sockets, GError **error);

/** Frees @p one, and closes what it has; NULL is fine. */
void worker_free(worker *one);

/** Serves until worker_stop(), and then until all open answers are sent; returns @p one. */
gpointer worker_run(gpointer one);

/** Tells a worker, from any thread, to end. */
void worker_stop(worker *one);

/** A connection ended. */
void worker_forget(worker *one, GList *link);

#endif
