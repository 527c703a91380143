/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A line for each handshake and each request, on standard output. */
#ifndef ECHO_LOG_H
#define ECHO_LOG_H

#include <tlsfp/fingerprint.h>

#include "answer/answers.h"
#include "http/request.h"
#include "options.h"
#include "serve/client.h"

/** A handshake is done; @p context is the thread's own. */
void log_handshake(log_format format, const client *who, tlsfp_context *context);

/** A handshake failed, and @p reason says why; the client may not even have sent a hello. */
void log_failure(log_format format, const client *who, tlsfp_context *context, const char *reason);

/** A request was answered with @p status. */
void log_request(log_format format, const client *who, tlsfp_context *context, const request *asked,
                 unsigned status);

#endif
