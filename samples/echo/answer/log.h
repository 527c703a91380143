/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Logs a line for each handshake and each request. */
#ifndef ECHO_LOG_H
#define ECHO_LOG_H

#include "client.h"
#include "http/request.h"
#include "options.h"

/** A handshake is done. */
void log_handshake(log_format format, const client_info *client);

/** A handshake failed, perhaps before a hello came. */
void log_failure(log_format format, const client_info *client, const char *reason);

/** A request was answered with @p status. */
void log_request(log_format format, const client_info *client, const http_request *request,
                 unsigned status);

#endif
