/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Logs handshakes, requests and what was refused, a line each. */
#ifndef ECHO_LOG_H
#define ECHO_LOG_H

#include "answer/log_writer.h"
#include "client.h"
#include "http/request.h"
#include "options.h"

/** Where lines go, and how; all threads share it. */
typedef struct {
    log_format format;
    log_writer *writer; /**< NULL with LOG_NONE. */
} event_log;

/** Starts to log to standard output; @p out is to be cleared with event_log_end(). */
void event_log_begin(event_log *out, log_format format);

/** Writes what waits, and ends. */
void event_log_end(event_log *log);

/** A handshake is done. */
void log_handshake(const event_log *log, const client_info *client);

/** A handshake failed, perhaps before a hello came. */
void log_failure(const event_log *log, const client_info *client, const char *reason);

/** A request was answered with @p status. */
void log_request(const event_log *log, const client_info *client, const http_request *request,
                 unsigned status);

/** Connections were closed unserved. */
void log_refused(const event_log *log, uint64_t n_connections, const char *reason);

#endif
