/* SPDX-License-Identifier: BSD-3-Clause */
#include "http/request.h"

#include <string.h>

static const struct {
    const char *path;
    request_route route;
} routes[] = {
    {"/", ROUTE_HOME},
    {"/tls", ROUTE_TLS},
    {"/all", ROUTE_ALL},
    {"/api/all", ROUTE_API_ALL},
    {"/ja4", ROUTE_JA4},
    {"/ja3", ROUTE_JA3},
    {"/client-hello", ROUTE_CLIENT_HELLO},
    {"/favicon.ico", ROUTE_ICON},
};

/* RFC 9110 9.1, RFC 5789 */
static const struct {
    const char *name;
    request_method method;
} methods[] = {
    {"GET", METHOD_GET},         {"HEAD", METHOD_HEAD},    {"POST", METHOD_OTHER},
    {"PUT", METHOD_OTHER},       {"DELETE", METHOD_OTHER}, {"CONNECT", METHOD_OTHER},
    {"OPTIONS", METHOD_OPTIONS}, {"TRACE", METHOD_OTHER},  {"PATCH", METHOD_OTHER},
};

static void keep(tlsfp_span text, char *out, size_t size)
{
    const size_t len = MIN(text.len, size - 1);
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

static bool is(tlsfp_span text, const char *word)
{
    return text.len == strlen(word) &&
           g_ascii_strncasecmp((const char *)text.data, word, text.len) == 0;
}

/** Takes the part before the next @p mark, and trims it. */
static bool take_part(tlsfp_span *rest, char mark, tlsfp_span *out)
{
    if (rest->len == 0)
        return false;
    const uint8_t *end = memchr(rest->data, mark, rest->len);
    const size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    tlsfp_span part = {rest->data, len};
    const size_t used = end != NULL ? len + 1 : len;
    *rest = (tlsfp_span){rest->data + used, rest->len - used};
    while (part.len > 0 && g_ascii_isspace(part.data[0]))
        part = (tlsfp_span){part.data + 1, part.len - 1};
    while (part.len > 0 && g_ascii_isspace(part.data[part.len - 1]))
        part.len--;
    *out = part;
    return true;
}

/** RFC 9110 12.4.2: "q=0", "q=0.0" ... */
static bool is_no(tlsfp_span parameter)
{
    if (parameter.len < 3 || !is((tlsfp_span){parameter.data, 3}, "q=0"))
        return false;
    for (size_t i = 3; i < parameter.len; i++)
        if (parameter.data[i] != '.' && parameter.data[i] != '0')
            return false;
    return true;
}

/** RFC 9110 12.5.1. A client that accepts anything, such as curl, gets the plain answer. */
static bool lists_type(tlsfp_span accept, const char *type)
{
    tlsfp_span range, part;
    while (take_part(&accept, ',', &range)) {
        if (!take_part(&range, ';', &part) || !is(part, type))
            continue;
        bool wanted = true;
        while (take_part(&range, ';', &part))
            wanted &= !is_no(part);
        return wanted;
    }
    return false;
}

void request_set_method(http_request *request, tlsfp_span name)
{
    keep(name, request->method_name, sizeof request->method_name);
    request->method = METHOD_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(methods); i++)
        if (name.len == strlen(methods[i].name) &&
            strcmp(request->method_name, methods[i].name) == 0)
            request->method = methods[i].method;
}

void request_set_target(http_request *request, tlsfp_span target)
{
    keep(target, request->target, sizeof request->target);
    const char *authority = request->target[0] != '/' ? strstr(request->target, "://") : NULL;
    if (authority == NULL)
        return;
    authority += strlen("://");
    request->absolute = true;
    g_strlcpy(request->host, authority, MIN(strcspn(authority, "/?#") + 1, sizeof request->host));
}

static void read_field(http_request *request, tlsfp_span name, tlsfp_span value)
{
    if (is(name, "accept")) {
        request->accepts_html |= lists_type(value, "text/html");
        request->accepts_json |= lists_type(value, "application/json");
    } else if (is(name, "accept-encoding")) {
        request->accepts_gzip |= lists_type(value, "gzip");
    } else if (is(name, "host") && !request->absolute) {
        keep(value, request->host, sizeof request->host);
    } else if (is(name, "user-agent")) {
        keep(value, request->user_agent, sizeof request->user_agent);
    }
}

void request_add_field(http_request *request, tlsfp_span name, tlsfp_span value)
{
    fields_add(&request->fields, name, value);
    read_field(request, name, value);
}

/* RFC 9113 8.3.1, RFC 9114 4.3.1 */
void request_add_pseudo_field(http_request *request, tlsfp_span name, tlsfp_span value)
{
    static const char host[] = "host";
    fields_add(&request->fields, name, value);
    if (is(name, ":method"))
        request_set_method(request, value);
    else if (is(name, ":path"))
        request_set_target(request, value);
    else if (is(name, ":authority"))
        read_field(request, (tlsfp_span){(const uint8_t *)host, strlen(host)}, value);
    else
        read_field(request, name, value);
}

void request_clear(http_request *request)
{
    if (request->fields != NULL)
        g_string_free(request->fields, TRUE);
    request->fields = NULL;
}

/** The path of a target in origin form or absolute form (RFC 9112 3.2). */
static const char *path_of(const char *target)
{
    const char *authority = strstr(target, "://");
    if (target[0] == '/' || authority == NULL)
        return target;
    authority += strlen("://");
    const char *path = authority + strcspn(authority, "/?#");
    return *path == '/' ? path : "/";
}

request_route request_route_of(const http_request *request)
{
    const char *path = path_of(request->target);
    const size_t len = strcspn(path, "?#");
    for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
        if (strlen(routes[i].path) == len && strncmp(path, routes[i].path, len) == 0)
            return routes[i].route;
    return ROUTE_UNKNOWN;
}
