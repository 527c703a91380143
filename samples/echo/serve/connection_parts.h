/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A TCP connection, for the files that take it through its stages: arrival.c, handshake.c and
 * exchange.c. connection.c opens and frees it, and keeps its deadlines.
 */
#ifndef ECHO_CONNECTION_PARTS_H
#define ECHO_CONNECTION_PARTS_H

#include <event2/bufferevent.h>
#include <event2/event_struct.h>

#include "client.h"
#include "http/http_conn.h"
#include "serve/connection.h"
#include "serve/hello_gate.h"

typedef enum {
    STAGE_ARRIVED,   /**< Its first bytes, or the rest of a PROXY header, are still to come. */
    STAGE_HANDSHAKE, /**< TLS. */
    STAGE_SERVING,   /**< Requests and answers. */
    STAGE_CLOSING,   /**< The last answer is being sent. */
    STAGE_LINGERING, /**< It is sent. Input is discarded, or TCP would reset the answer away. */
} stage;

struct connection {
    GList link; /**< In worker->connections. */
    echo_worker *worker;
    int fd;
    stage stage;
    struct event arrival, timer;
    int64_t deadline, timer_at, last_progress; /**< Microseconds; g_get_monotonic_time(). */
    struct bufferevent *stream;                /**< NULL before the handshake. */
    SSL *ssl;                                  /**< Owned by the stream; NULL without TLS. */
    hello_gate *gate;
    client_info client;
    http_version version;
    http_conn *http; /**< NULL before the first byte of a request. */
    uint64_t n_requests;
    GByteArray *header; /**< The part of a PROXY header that has come. */
    bool awaits_header;
    bool counted;     /**< By its address. */
    bool in_head;     /**< A part of a request's head had come when the deadline was set. */
    bool gives_more;  /**< There are more answers once the output is sent. */
    bool unread;      /**< The client may still be sending when the connection closes. */
    bool input_ended; /**< The client sends no more: close_notify, or the end of its stream. */
    bool broken;      /**< TLS failed: no more records can be sent. */
    const char *doom; /**< Why the timer refuses it: connection_doom(). */
    uint8_t doom_alert;
    unsigned n_handshake_messages; /**< Since the last request. */
    bool busy;                     /**< A caller further up the stack serves it, */
    bool dead;                     /**< and frees it when it returns. */
};

/** Counts the connection for its address. Where there are too many, frees it and returns false. */
bool connection_count(connection *conn);

/** Sets the deadline of the current stage, @p time microseconds from now. */
void connection_set_deadline(connection *conn, int64_t time);

/** Notes that the connection made progress: others are the first to make room. */
void connection_note_progress(connection *conn);

/** Logs @p reason and drops the connection. */
void connection_fail(connection *conn, const char *reason);

/** Logs @p reason, sends a fatal alert in plain text, and closes the connection. */
void connection_refuse(connection *conn, uint8_t alert, const char *reason);

/** As connection_refuse(), from the event loop: for callers inside OpenSSL. */
void connection_doom(connection *conn, uint8_t alert, const char *reason);

/** Frees the connection, whatever its stage. */
void connection_free(connection *conn);

/** Reads the first bytes of a connection: a libevent callback. */
void arrival_read(evutil_socket_t fd, short what, void *data);

/** Starts the TLS handshake. */
void handshake_begin(connection *conn);

/** Sends close_notify, where TLS allows it. */
void closing_notify(connection *conn);

/** Sends a fatal alert (RFC 8446 6.2) as a plain-text record. */
void closing_alert(connection *conn, uint8_t alert);

/** Sends FIN, discards input for a while, then frees the connection: a socket that closes with
 * unread input sends a reset, which may overtake the last bytes. */
void closing_linger(connection *conn);

/** Starts to serve requests. */
void exchange_begin(connection *conn, http_version version);

/** Tells the client that the connection ends (GOAWAY), and closes it after the open answers. */
void exchange_end(connection *conn);

/** Tells the client that the connection ends, as far as the socket takes it, and drops it. */
void exchange_cut(connection *conn);

#endif
