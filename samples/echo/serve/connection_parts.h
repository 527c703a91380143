/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A connection, for the files that take it through its stages: arrival.c, handshake.c, serving.c;
 * connection.c opens and frees it, and watches the time.
 */
#ifndef ECHO_CONNECTION_PARTS_H
#define ECHO_CONNECTION_PARTS_H

#include <event2/bufferevent.h>
#include <event2/event_struct.h>

#include "serve/connection.h"
#include "serve/hello_watch.h"

typedef enum {
    STAGE_ARRIVED,   /**< Nothing is known yet, or a part of the PROXY header. */
    STAGE_HANDSHAKE, /**< TLS. */
    STAGE_SERVING,
    STAGE_CLOSING,   /**< The last answer is being sent. */
    STAGE_LINGERING, /**< It was; what still comes is thrown away, lest TCP reset the answer. */
} stage;

struct connection {
    GList link; /**< Among its worker's connections. */
    worker *home;
    int fd;
    stage stage;
    struct event arrival, timer;
    int64_t deadline, timer_at, last_progress;
    struct bufferevent *stream; /**< From the handshake on. */
    SSL *ssl;                   /**< Belongs to the stream; NULL without TLS. */
    hello_watch watch;
    client who;
    session_language language;
    session *session; /**< From the first byte on that it has to read. */
    uint64_t n_requests;
    GByteArray *header; /**< The start of a PROXY header. */
    bool awaits_header;
    bool counted;    /**< Among its address's connections. */
    bool in_head;    /**< When the deadline was set. */
    bool gives_more; /**< The session waits until its answers are sent. */
    bool unread;     /**< The client may be sending when the connection closes. */
    bool doomed;     /**< Its hello is too long. */
    bool busy;       /**< It is being served further up the stack, */
    bool dead;       /**< and is to be freed there. */
};

/** Counts the connection among its address's; false, and it is gone, where there are too many. */
bool connection_count(connection *one);

/** Sets the end of the stage, @p time microseconds from now. */
void connection_set_deadline(connection *one, int64_t time);

/** It got somewhere: others are quieter now. */
void connection_note_progress(connection *one);

/** Logs why, and ends it at once. */
void connection_fail(connection *one, const char *reason);

/** Sends TLS's close_notify, where there is TLS. */
void connection_say_goodbye(connection *one);

/** Frees it, whatever it is doing. */
void connection_free(connection *one);

/** Takes what came on a new connection: a libevent callback. */
void arrival_read(evutil_socket_t fd, short what, void *data);

/** Begins TLS on it. */
void handshake_begin(connection *one);

/** Takes over what was seen of the hello, also where the handshake will not end. */
void handshake_see_hello(connection *one);

/** Serves what comes over the stream. */
void serving_begin(connection *one, session_language language);

/** Tells the client that it ends, and ends it when the answers that are open are sent. */
void serving_end(connection *one);

/** Tells the client that it ends, as far as it takes that now. */
void serving_part(connection *one);

#endif
