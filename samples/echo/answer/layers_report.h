/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the layers around TLS show, as JSON; packaging/schema/tlsfp-echo.schema.json. */
#ifndef ECHO_LAYERS_REPORT_H
#define ECHO_LAYERS_REPORT_H

#include "client.h"
#include "http/request.h"

/** Appends an object: the version of HTTP, what the connection began with, the request's fields. */
void report_append_http(GString *out, const http_facts *facts, const http_request *request);

/** Appends an object, what the client's SYN says; null where it is not known. */
void report_append_tcp(GString *out, const client_info *client);

/** Appends an object: QUIC's version and transport parameters; of a client that came by QUIC. */
void report_append_quic(GString *out, const client_info *client);

#endif
