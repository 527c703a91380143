/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A client's requests and their answers, from the first decrypted byte on. It knows bytes only: no
 * sockets, no clock but for the Date field.
 */
#ifndef ECHO_SESSION_H
#define ECHO_SESSION_H

#include "http/date.h"
#include "options.h"
#include "serve/client.h"
#include <tlsfp/fingerprint.h>

typedef enum {
    SPEAK_HTTP1,
    SPEAK_HTTP2,
    SPEAK_INSECURE, /**< HTTP/1 without TLS: is told where to go. */
} session_language;

/** What sessions of one thread share. */
typedef struct {
    tlsfp_context *context;
    date_line date;
    log_format log;
    size_t max_head;
    uint16_t port; /**< That the server listens on. */
} session_room;

typedef enum {
    SESSION_GOES_ON,
    SESSION_ENDS,        /**< Send what was given, and close. */
    SESSION_ENDS_UNREAD, /**< Likewise, and the client may be sending still. */
    SESSION_BROKEN,      /**< Close at once. */
} session_status;

typedef struct session session;

/**
 * @param room, @param who must stay as long as the session.
 * @return owned by the caller, to be freed with session_free().
 */
session *session_new(session_language language, session_room *room, const client *who);

/** Frees @p one; NULL is fine. */
void session_free(session *one);

/** Once it has given so many bytes, a session waits until they are sent. */
enum { SESSION_ENOUGH = 32 * 1024 };

/**
 * Takes requests off @p input, and appends answers to @p out until it holds SESSION_ENOUGH bytes.
 * Call again, with what is left of the input or none, once those are sent.
 */
session_status session_receive(session *one, tlsfp_span *input, GString *out);

/** Serves no more requests but those that came; appends what tells the client so. */
session_status session_end(session *one, GString *out);

/** Whether a part of a head came, and the rest is missing. */
bool session_in_head(const session *one);

/** How many requests were answered. */
uint64_t session_n_requests(const session *one);

#endif
