/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A request, whichever version of HTTP carried it. */
#ifndef ECHO_REQUEST_H
#define ECHO_REQUEST_H

#include "layers/http_facts.h"

typedef enum {
    METHOD_UNKNOWN, /**< None that RFC 9110 or 5789 has. */
    METHOD_OTHER,
    METHOD_GET,
    METHOD_HEAD,
    METHOD_OPTIONS,
} request_method;

typedef enum {
    ROUTE_UNKNOWN,
    ROUTE_HOME,
    ROUTE_TLS,
    ROUTE_ALL,
    ROUTE_API_ALL, /**< As another service answers there. */
    ROUTE_JA4,
    ROUTE_JA3,
    ROUTE_CLIENT_HELLO,
    ROUTE_ICON,
    N_ROUTES,
} request_route;

/** Size of a text that is kept; longer ones are cut. */
enum { REQUEST_TEXT = 256 };

/** Starts as zeros; to be cleared with request_clear(). */
typedef struct {
    request_method method;
    bool accepts_html;             /**< Accept lists text/html; a browser. */
    bool accepts_json;             /**< Accept lists application/json. */
    bool accepts_gzip;             /**< Accept-Encoding lists it. */
    bool has_body;                 /**< A body follows the head. */
    bool keep_alive;               /**< HTTP/1: the connection stays open. */
    bool old;                      /**< HTTP/1.0. */
    char method_name[16];          /**< For the log. */
    char target[REQUEST_TEXT];     /**< Path and query. */
    bool absolute;                 /**< The target names the host: RFC 9112 3.2.2. */
    char host[REQUEST_TEXT];       /**< The server as the client calls it; may be empty. */
    char user_agent[REQUEST_TEXT]; /**< For the log. */
    GString *fields;               /**< In the order sent: layers/http_facts.h. Owned. */
} http_request;

/** Sets the method, as it was sent. */
void request_set_method(http_request *request, tlsfp_span name);

/** Sets the target: path and query, or HTTP/1's absolute form. */
void request_set_target(http_request *request, tlsfp_span target);

/** Adds a header field; @p name in any case, kept as it is. */
void request_add_field(http_request *request, tlsfp_span name, tlsfp_span value);

/** Adds one of the fields in which HTTP/2 and 3 have the request line, or any other one. */
void request_add_pseudo_field(http_request *request, tlsfp_span name, tlsfp_span value);

/** Frees what @p request holds. */
void request_clear(http_request *request);

/** The route of the target's path. */
request_route request_route_of(const http_request *request);

#endif
