/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a client asks for, whichever HTTP it speaks. */
#ifndef ECHO_REQUEST_H
#define ECHO_REQUEST_H

#include <tlsfp/types.h>

typedef enum { METHOD_OTHER, METHOD_GET, METHOD_HEAD } request_method;

typedef enum {
    ROUTE_UNKNOWN,
    ROUTE_HOME,
    ROUTE_TLS,
    ROUTE_JA4,
    ROUTE_JA3,
    ROUTE_CLIENT_HELLO,
    ROUTE_ICON,
    N_ROUTES,
} request_route;

/** How much of a text from the client is kept; what is longer is cut. */
enum { REQUEST_TEXT = 256 };

/** Zeros are the start of one. */
typedef struct {
    request_method method;
    bool accepts_html;             /**< The client asks for text/html. */
    bool has_body;                 /**< Something follows the head. */
    bool keep_alive;               /**< HTTP/1: another request may follow. */
    bool old;                      /**< HTTP/1.0. */
    char method_name[16];          /**< For the log. */
    char target[REQUEST_TEXT];     /**< The path with its query. */
    char host[REQUEST_TEXT];       /**< As the client calls the server; may be empty. */
    char user_agent[REQUEST_TEXT]; /**< For the log. */
} http_request;

/** The method, as it is sent. */
void request_set_method(http_request *request, tlsfp_span name);

/** The request target: path and query, or HTTP/1's absolute form. */
void request_set_target(http_request *request, tlsfp_span target);

/** A field of the head; @p name in any case. */
void request_add_field(http_request *request, tlsfp_span name, tlsfp_span value);

/** Where the target leads; its query does not matter. */
request_route request_route_of(const http_request *request);

#endif
