/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/answers.h"

#include <string.h>

#include "answer/page.h"
#include "answer/report.h"

static const char text_type[] = "text/plain; charset=utf-8";
static const char html_type[] = "text/html; charset=utf-8";
static const char fresh[] = "no-store"; /* the next connection may look different */

/* What is made for each client; the page has a place of its own, as "/" has two answers. */
enum { PLACE_PAGE = N_ROUTES, N_PLACES };

struct answers {
    const client *who;
    uint16_t port;
    GBytes *kept[N_PLACES];
    bool asked[N_PLACES]; /* at least once */
};

static const char icon[] =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" "
    "height=\"32\" rx=\"7\" fill=\"#0b6e6e\"/><g fill=\"none\" stroke=\"#fff\" "
    "stroke-width=\"2.2\" stroke-linecap=\"round\"><path d=\"M8 19v-3a8 8 0 0 1 16 0v3\"/><path "
    "d=\"M12 23v-7a4 4 0 0 1 8 0v4\"/><path d=\"M16 16v9\"/></g></svg>\n";

answers *answers_new(const client *who, uint16_t port)
{
    answers *all = g_new0(answers, 1);
    all->who = who;
    all->port = port;
    return all;
}

void answers_free(answers *all)
{
    if (all == NULL)
        return;
    for (size_t i = 0; i < N_PLACES; i++)
        g_clear_pointer(&all->kept[i], g_bytes_unref);
    g_free(all);
}

static GBytes *static_bytes(const char *text)
{
    return g_bytes_new_static(text, strlen(text));
}

static GBytes *copied_bytes(const char *text)
{
    return g_bytes_new(text, strlen(text));
}

/** Whether @p text may stand in a URL as it is. */
static bool fits_url(const char *text)
{
    for (; *text != '\0'; text++)
        if (!g_ascii_isalnum(*text) && strchr("-._~:/?#[]@!$&'()*+,;=%", *text) == NULL)
            return false;
    return true;
}

/** The server as the client calls it, for a URL. To be freed with g_free(). */
static char *host_for(const request *asked, uint16_t port)
{
    return asked->host[0] != '\0' && fits_url(asked->host) ? g_strdup(asked->host)
                                                           : g_strdup_printf("localhost:%u", port);
}

static GBytes *make_page(const answers *all, tlsfp_context *context, const request *asked,
                         const tlsfp_client_hello *hello)
{
    char *host = host_for(asked, all->port);
    GBytes *page = page_html(all->who, host, context, hello);
    g_free(host);
    return page;
}

static GBytes *make_body(const answers *all, tlsfp_context *context, const request *asked,
                         unsigned place)
{
    const client *who = all->who;
    char ja4[TLSFP_JA4_SIZE], ja3[TLSFP_JA3_SIZE];
    tlsfp_client_hello hello;
    if (tlsfp_parse(who->hello, TLSFP_TLS, &hello) != TLSFP_OK)
        return NULL;
    switch (place) {
    case PLACE_PAGE:
        return make_page(all, context, asked, &hello);
    case ROUTE_TLS:
        return report_json(who, context, &hello);
    case ROUTE_JA4:
        tlsfp_ja4(context, &hello, TLSFP_SORTED, ja4);
        return copied_bytes(ja4);
    case ROUTE_JA3:
        tlsfp_ja3(context, &hello, ja3);
        return copied_bytes(ja3);
    default:
        return g_bytes_new(who->hello.data, who->hello.len);
    }
}

/** Most clients ask once and wait, and then nothing is kept for them. */
static GBytes *body_for(answers *all, tlsfp_context *context, const request *asked, unsigned place)
{
    if (all->kept[place] != NULL)
        return g_bytes_ref(all->kept[place]);
    GBytes *body = make_body(all, context, asked, place);
    if (all->asked[place] && body != NULL)
        all->kept[place] = g_bytes_ref(body);
    all->asked[place] = true;
    return body;
}

static answer plain(unsigned status, const char *reason, const char *text)
{
    return (answer){.status = status,
                    .reason = reason,
                    .type = text_type,
                    .cache = fresh,
                    .body = static_bytes(text)};
}

static answer about_client(answers *all, tlsfp_context *context, const request *asked,
                           unsigned place, const char *type)
{
    GBytes *body = body_for(all, context, asked, place);
    if (body == NULL)
        return plain(
            500, "Internal Server Error",
            "OpenSSL takes this ClientHello, but it contradicts itself: no fingerprint.\n");
    return (answer){.status = 200, .reason = "OK", .type = type, .cache = fresh, .body = body};
}

static answer the_page(answers *all, tlsfp_context *context, const request *asked)
{
    answer page = about_client(all, context, asked, PLACE_PAGE, html_type);
    page.policy = page_policy();
    return page;
}

static answer the_icon(void)
{
    return (answer){.status = 200,
                    .reason = "OK",
                    .type = "image/svg+xml",
                    .cache = "max-age=86400",
                    .body = static_bytes(icon)};
}

static answer wrong_method(void)
{
    answer refusal = plain(405, "Method Not Allowed", "Only GET and HEAD are served here.\n");
    refusal.allow = "GET, HEAD";
    return refusal;
}

answer answers_to(answers *all, tlsfp_context *context, const request *asked)
{
    const request_route route = request_route_of(asked);
    if (asked->method == METHOD_OTHER)
        return wrong_method();
    switch (route) {
    case ROUTE_HOME:
        return asked->accepts_html ? the_page(all, context, asked) : plain(200, "OK", "OK");
    case ROUTE_TLS:
        return about_client(all, context, asked, ROUTE_TLS, "application/json");
    case ROUTE_JA4:
    case ROUTE_JA3:
        return about_client(all, context, asked, route, text_type);
    case ROUTE_CLIENT_HELLO:
        return about_client(all, context, asked, route, "application/octet-stream");
    case ROUTE_ICON:
        return the_icon();
    default:
        return plain(404, "Not Found",
                     "Nothing is here. There are /, /tls, /ja4, /ja3 and /client-hello.\n");
    }
}

answer answer_refusing(unsigned status)
{
    switch (status) {
    case 405:
        return wrong_method();
    case 431:
        return plain(431, "Request Header Fields Too Large", "This head is too long.\n");
    default:
        return plain(400, "Bad Request", "This is no HTTP request.\n");
    }
}

answer answer_insecure(const request *asked, uint16_t port)
{
    const bool whole = asked->target[0] == '/' && fits_url(asked->target);
    char *host = host_for(asked, port);
    char *text = g_strdup_printf("This server speaks HTTPS. Ask for https://%s%s\n", host,
                                 whole ? asked->target : "/");
    answer refusal = plain(400, "Bad Request", "");
    g_bytes_unref(refusal.body);
    refusal.body = g_bytes_new_take(text, strlen(text));
    g_free(host);
    return refusal;
}

void answer_clear(answer *one)
{
    g_clear_pointer(&one->body, g_bytes_unref);
}
