/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/answers.h"

#include <string.h>

#include "answer/compress.h"
#include "answer/page.h"
#include "answer/report.h"

static const char text_type[] = "text/plain; charset=utf-8";
static const char html_type[] = "text/html; charset=utf-8";
static const char fresh[] = "no-store"; /* another connection has other values */

/* Bodies about the client: a route's, or the page's ("/" also has a plain answer). */
enum {
    PLACE_PAGE = N_ROUTES,
    PLACE_TLS_INDENTED,
    PLACE_ALL_INDENTED,
    PLACE_API_INDENTED,
    N_PLACES
};

/** A body that was asked for. */
typedef struct {
    GBytes *body;   /* NULL before it is kept */
    GString *asked; /* the request that it is about; NULL where any one gets the same */
    bool wanted;    /* at least once */
    bool compressed;
} kept_body;

struct client_answers {
    const answer_setup *setup;
    findings found;
    kept_body kept[N_PLACES];
    bool has_compressed; /* once for a connection: it costs more than it saves for a body or two */
};

static const char icon[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" "
    "height=\"32\" rx=\"7\" fill=\"#0b6e6e\"/><g fill=\"none\" stroke=\"#fff\" "
    "stroke-width=\"2.2\" stroke-linecap=\"round\"><path d=\"M8 19v-3a8 8 0 0 1 16 0v3\"/><path "
    "d=\"M12 23v-7a4 4 0 0 1 8 0v4\"/><path d=\"M16 16v9\"/></g></svg>\n";

client_answers *answers_new(const client_info *client, const http_facts *facts,
                            const answer_setup *setup)
{
    client_answers *answers = g_new0(client_answers, 1);
    answers->setup = setup;
    answers->found = (findings){.client = client, .facts = facts, .known = setup->known};
    return answers;
}

static void clear_body(kept_body *kept)
{
    g_clear_pointer(&kept->body, g_bytes_unref);
    if (kept->asked != NULL)
        g_string_free(kept->asked, TRUE);
    kept->asked = NULL;
    kept->compressed = false;
}

void answers_free(client_answers *answers)
{
    if (answers == NULL)
        return;
    for (size_t i = 0; i < N_PLACES; i++)
        clear_body(&answers->kept[i]);
    findings_clear(&answers->found);
    g_free(answers);
}

static GBytes *static_bytes(const char *text)
{
    return g_bytes_new_static(text, strlen(text));
}

static GBytes *copied_bytes(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

/** Whether @p text needs no escaping in a URL. */
static bool fits_url(const char *text)
{
    for (; *text != '\0'; text++)
        if (!g_ascii_isalnum(*text) && strchr("-._~:/?#[]@!$&'()*+,;=%", *text) == NULL)
            return false;
    return true;
}

/** The server as the client calls it; to be freed with g_free(). */
static char *host_for(const http_request *request, uint16_t port)
{
    return request->host[0] != '\0' && fits_url(request->host)
               ? g_strdup(request->host)
               : g_strdup_printf("localhost:%u", port);
}

static GBytes *make_page(client_answers *answers, const http_request *request)
{
    char *host = host_for(request, answers->setup->port);
    GBytes *page = page_html(&answers->found, request, host);
    g_free(host);
    return page;
}

static GBytes *make_body(client_answers *answers, const http_request *request, unsigned place)
{
    findings *found = &answers->found;
    const client_info *client = found->client;
    switch (place) {
    case PLACE_PAGE:
        return make_page(answers, request);
    case ROUTE_TLS:
    case PLACE_TLS_INDENTED:
        return report_json(found, place == PLACE_TLS_INDENTED);
    case ROUTE_ALL:
    case PLACE_ALL_INDENTED:
        return report_all(found, request, place == PLACE_ALL_INDENTED);
    case ROUTE_API_ALL:
    case PLACE_API_INDENTED:
        return report_api_all(found, request, place == PLACE_API_INDENTED);
    case ROUTE_JA4:
        return copied_bytes(client->ja4);
    case ROUTE_JA3:
        return copied_bytes(client->ja3);
    default:
        return g_bytes_new(client->message.data, client->message.len);
    }
}

/** Whether a body tells of the request, too. */
static bool is_about_request(unsigned place)
{
    return place >= N_ROUTES ? place != PLACE_TLS_INDENTED
                             : place == ROUTE_ALL || place == ROUTE_API_ALL;
}

static bool is_same_request(const kept_body *kept, const http_request *request)
{
    return kept->asked == NULL ||
           (request->fields != NULL && g_string_equal(kept->asked, request->fields));
}

/** Keeps a body, a page in gzip where the client takes that. */
static GBytes *keep_body(client_answers *answers, const http_request *request, unsigned place,
                         GBytes *body)
{
    kept_body *kept = &answers->kept[place];
    clear_body(kept);
    kept->compressed = place == PLACE_PAGE && request->accepts_gzip && !answers->has_compressed;
    kept->body = kept->compressed ? compress_bytes(body) : g_bytes_ref(body);
    answers->has_compressed |= kept->compressed;
    if (is_about_request(place) && request->fields != NULL)
        kept->asked = g_string_new_len(request->fields->str, (gssize)request->fields->len);
    g_bytes_unref(body);
    return g_bytes_ref(kept->body);
}

/** Keeps a body from its second request on: most clients ask once, then stay idle. */
static GBytes *body_for(client_answers *answers, const http_request *request, unsigned place)
{
    kept_body *kept = &answers->kept[place];
    const bool whole = request->method == METHOD_GET || !is_about_request(place);
    if (kept->body != NULL && whole && is_same_request(kept, request))
        return g_bytes_ref(kept->body);
    GBytes *body = make_body(answers, request, place);
    if (kept->wanted && whole)
        body = keep_body(answers, request, place, body);
    kept->wanted = true;
    return body;
}

static http_answer plain(unsigned status, const char *reason, const char *text)
{
    return (http_answer){.status = status,
                         .reason = reason,
                         .type = text_type,
                         .cache = fresh,
                         .body = static_bytes(text)};
}

static http_answer about_client(client_answers *answers, const http_request *request,
                                unsigned place, const char *type)
{
    if (!answers->found.client->parsed)
        return plain(
            500, "Internal Server Error",
            "OpenSSL takes this ClientHello, but it contradicts itself: no fingerprint.\n");
    http_answer answer = {.status = 200,
                          .reason = "OK",
                          .type = type,
                          .cache = fresh,
                          .body = body_for(answers, request, place)};
    const kept_body *kept = &answers->kept[place];
    answer.compressed = kept->compressed && kept->body == answer.body;
    return answer;
}

static http_answer the_page(client_answers *answers, const http_request *request)
{
    http_answer page = about_client(answers, request, PLACE_PAGE, html_type);
    page.policy = page_policy();
    return page;
}

/** Indented for browsers. */
static http_answer the_json(client_answers *answers, const http_request *request,
                            request_route route)
{
    unsigned place = route;
    if (request->accepts_html)
        place = route == ROUTE_TLS   ? PLACE_TLS_INDENTED
                : route == ROUTE_ALL ? PLACE_ALL_INDENTED
                                     : PLACE_API_INDENTED;
    http_answer answer = about_client(answers, request, place, "application/json");
    answer.shared = answers->setup->cors;
    return answer;
}

static http_answer home(client_answers *answers, const http_request *request)
{
    if (answers->setup->json_only)
        return the_json(answers, request, ROUTE_ALL);
    if (request->accepts_html)
        return the_page(answers, request);
    return request->accepts_json ? the_json(answers, request, ROUTE_TLS) : plain(200, "OK", "OK");
}

static const char lost_text[] =
    "Nothing is here. There are /, /all, /tls, /ja4, /ja3, /client-hello and /api/all.\n";

static const char lost_html[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Not found · tlsfp-echo</title>\n"
    "<h1>Nothing is here</h1>\n<p><a href=\"/\">How your TLS client looks</a></p>\n"
    "<p>Or bare: <a href=\"/all\">JSON</a>, <a href=\"/tls\">JSON of TLS</a>, <a "
    "href=\"/ja4\">JA4</a>, <a href=\"/ja3\">JA3</a>, "
    "<a href=\"/client-hello\">ClientHello</a></p>\n";

static http_answer not_found(bool page)
{
    http_answer answer = plain(404, "Not Found", page ? lost_html : lost_text);
    if (!page)
        return answer;
    answer.type = html_type;
    answer.policy = "default-src 'none'; frame-ancestors 'none'";
    return answer;
}

static http_answer the_icon(void)
{
    return (http_answer){.status = 200,
                         .reason = "OK",
                         .type = "image/svg+xml",
                         .cache = "max-age=86400",
                         .body = static_bytes(icon)};
}

static bool is_json(request_route route)
{
    return route == ROUTE_TLS || route == ROUTE_ALL || route == ROUTE_API_ALL;
}

/** A browser asks whether scripts of other sites may ask: Fetch, "CORS-preflight request". */
static http_answer preflight(void)
{
    http_answer answer = plain(204, "No Content", "");
    answer.shared = answer.preflight = true;
    answer.cache = NULL;
    return answer;
}

static http_answer wrong_method(void)
{
    http_answer refusal = plain(405, "Method Not Allowed", "Only GET and HEAD are served here.\n");
    refusal.allow = "GET, HEAD";
    return refusal;
}

static http_answer answer_get(client_answers *answers, const http_request *request,
                              request_route route)
{
    switch (route) {
    case ROUTE_HOME:
        return home(answers, request);
    case ROUTE_TLS:
    case ROUTE_ALL:
    case ROUTE_API_ALL:
        return the_json(answers, request, route);
    case ROUTE_JA4:
    case ROUTE_JA3:
        return about_client(answers, request, route, text_type);
    case ROUTE_CLIENT_HELLO:
        return about_client(answers, request, route, "application/octet-stream");
    case ROUTE_ICON:
        return the_icon();
    default:
        return not_found(request->accepts_html && !answers->setup->json_only);
    }
}

http_answer answers_to(client_answers *answers, tlsfp_context *context, const http_request *request)
{
    const request_route route = request_route_of(request);
    answers->found.context = context;
    if (request->method == METHOD_UNKNOWN)
        return answer_refusing(501);
    if (request->method == METHOD_OPTIONS && answers->setup->cors && is_json(route))
        return preflight();
    if (request->method == METHOD_OTHER || request->method == METHOD_OPTIONS)
        return wrong_method();
    return answer_get(answers, request, route);
}

http_answer answer_refusing(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason, *text;
    } refusals[] = {
        {400, "Bad Request", "This is no HTTP request.\n"},
        {414, "URI Too Long", "This target is too long.\n"},
        {431, "Request Header Fields Too Large", "This head is too long.\n"},
        {501, "Not Implemented", "This method is not known here.\n"},
        {505, "HTTP Version Not Supported", "HTTP/1.1 and HTTP/2 are served here.\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++)
        if (refusals[i].status == status)
            return plain(status, refusals[i].reason, refusals[i].text);
    g_assert_not_reached();
}

http_answer answer_insecure(const http_request *request, uint16_t port)
{
    const bool whole = request->target[0] == '/' && fits_url(request->target);
    char *host = host_for(request, port);
    char *text = g_strdup_printf("This server speaks HTTPS. Ask for https://%s%s\n", host,
                                 whole ? request->target : "/");
    http_answer refusal = plain(400, "Bad Request", "");
    g_bytes_unref(refusal.body);
    refusal.body = g_bytes_new_take(text, strlen(text));
    g_free(host);
    return refusal;
}

void answer_clear(http_answer *answer)
{
    g_clear_pointer(&answer->body, g_bytes_unref);
}
