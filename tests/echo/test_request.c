/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/request.h"

#include <string.h>

static tlsfp_span span_of(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

typedef struct {
    const char *target;
    request_route route;
} route_case;

static const route_case routes[] = {
    {"/", ROUTE_HOME},
    {"/?", ROUTE_HOME},
    {"/?a=/tls", ROUTE_HOME},
    {"/tls", ROUTE_TLS},
    {"/tls?pretty=1", ROUTE_TLS},
    {"/tls#there", ROUTE_TLS},
    {"/tls/", ROUTE_UNKNOWN},
    {"/TLS", ROUTE_UNKNOWN},
    {"/tl", ROUTE_UNKNOWN},
    {"/tlsx", ROUTE_UNKNOWN},
    {"tls", ROUTE_UNKNOWN},
    {"", ROUTE_UNKNOWN},
    {"*", ROUTE_UNKNOWN},
    {"/ja4", ROUTE_JA4},
    {"/ja3", ROUTE_JA3},
    {"/client-hello", ROUTE_CLIENT_HELLO},
    {"/favicon.ico", ROUTE_ICON},
    {"https://localhost:4433/ja4?x", ROUTE_JA4},
    {"https://localhost", ROUTE_HOME},
    {"https://localhost?/tls", ROUTE_HOME},
    {"/http://a/tls", ROUTE_UNKNOWN},
};

static void test_routes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
        http_request request = {0};
        request_set_target(&request, span_of(routes[i].target));
        g_test_message("%s", routes[i].target);
        g_assert_cmpint(request_route_of(&request), ==, routes[i].route);
    }
}

typedef struct {
    const char *accept;
    bool html;
} accept_case;

static const accept_case accepts[] = {
    {"text/html", true},
    {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
    {"application/json, TEXT/HTML ;q=0.1", true},
    {"text/html;level=1", true},
    {"text/html;q=0", false},
    {"text/html; q=0.000", false},
    {"text/html;q=0.001", true},
    {"*/*", false},
    {"text/*", false},
    {"text/htmlx", false},
    {"application/json;x=text/html", false},
    {"", false},
    {",,;", false},
    {"text/plain", false},
};

static void test_accept(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(accepts); i++) {
        http_request request = {0};
        request_add_field(&request, span_of("Accept"), span_of(accepts[i].accept));
        g_test_message("%s", accepts[i].accept);
        g_assert_true(request.accepts_html == accepts[i].html);
        request_clear(&request);
    }
}

static void test_methods(void)
{
    const struct {
        const char *name;
        request_method method;
    } methods[] = {{"GET", METHOD_GET},     {"HEAD", METHOD_HEAD},   {"POST", METHOD_OTHER},
                   {"PATCH", METHOD_OTHER}, {"get", METHOD_UNKNOWN}, {"GETS", METHOD_UNKNOWN},
                   {"", METHOD_UNKNOWN}};
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++) {
        http_request request = {0};
        request_set_method(&request, span_of(methods[i].name));
        g_assert_cmpint(request.method, ==, methods[i].method);
    }
}

/** What is too long is cut, and never matches by its start. */
static void test_long(void)
{
    char *text = g_strnfill(10000, 'a');
    http_request request = {0};
    request_set_target(&request, span_of(text));
    request_set_method(&request, span_of(text));
    request_add_field(&request, span_of("host"), span_of(text));
    request_add_field(&request, span_of(text), span_of(text));
    g_assert_cmpuint(strlen(request.target), ==, REQUEST_TEXT - 1);
    g_assert_cmpuint(strlen(request.host), ==, REQUEST_TEXT - 1);
    g_assert_cmpint(request.method, ==, METHOD_UNKNOWN);
    request_clear(&request);
    g_free(text);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/request/routes", test_routes);
    g_test_add_func("/request/accept", test_accept);
    g_test_add_func("/request/methods", test_methods);
    g_test_add_func("/request/long", test_long);
    return g_test_run();
}
