/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The parser of HTTP/1 heads: llhttp, or its predecessor http-parser on systems without it. Both
 * have the same callbacks; this header holds the differences.
 */
#ifndef ECHO_HEAD_PARSER_H
#define ECHO_HEAD_PARSER_H

#include <tlsfp/types.h>

typedef enum {
    HEAD_PARSER_FINE, /* all input was read, or the parser was paused */
    HEAD_PARSER_BAD_METHOD,
    HEAD_PARSER_BAD,
} head_parser_result;

/** What on_headers_complete returns. */
enum {
    HEAD_PARSER_REFUSE = -1,
    HEAD_PARSER_NO_BODY = 1, /* treat the request as if it had no body */
};

#ifdef ECHO_LLHTTP

#include <llhttp.h>

typedef llhttp_t head_parser;
typedef llhttp_settings_t head_parser_settings;

static inline void head_parser_init(head_parser *parser, const head_parser_settings *settings)
{
    llhttp_init(parser, HTTP_REQUEST, settings);
}

/** What on_message_complete returns. */
static inline int head_parser_pause(head_parser *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static inline const char *head_parser_method(const head_parser *parser)
{
    return llhttp_method_name((llhttp_method_t)parser->method);
}

static inline bool head_parser_has_body(const head_parser *parser)
{
    return (parser->flags & (F_CHUNKED | F_TRANSFER_ENCODING)) != 0 || parser->content_length > 0;
}

static inline bool head_parser_keeps_alive(const head_parser *parser)
{
    return llhttp_should_keep_alive(parser) != 0;
}

static inline head_parser_result head_parser_read(head_parser *parser,
                                                  const head_parser_settings *settings,
                                                  tlsfp_span bytes, size_t *out_read)
{
    (void)settings;
    const char *data = (const char *)bytes.data, *at = data, *end = data + bytes.len;
    llhttp_errno_t reason;
    /* After a request with Upgrade llhttp stops once more, where the request ended. */
    while ((reason = llhttp_execute(parser, at, (size_t)(end - at))) == HPE_PAUSED_UPGRADE) {
        at = llhttp_get_error_pos(parser);
        llhttp_resume_after_upgrade(parser);
    }
    *out_read = reason == HPE_OK ? bytes.len : (size_t)(llhttp_get_error_pos(parser) - data);
    if (reason == HPE_PAUSED)
        llhttp_resume(parser);
    else if (reason != HPE_OK)
        return reason == HPE_INVALID_METHOD ? HEAD_PARSER_BAD_METHOD : HEAD_PARSER_BAD;
    return HEAD_PARSER_FINE;
}

#else

#include <http_parser.h>

typedef struct http_parser head_parser;
typedef struct http_parser_settings head_parser_settings;

static inline void head_parser_init(head_parser *parser, const head_parser_settings *settings)
{
    (void)settings;
    http_parser_init(parser, HTTP_REQUEST);
}

/** What on_message_complete returns. */
static inline int head_parser_pause(head_parser *parser)
{
    http_parser_pause(parser, 1);
    return 0;
}

static inline const char *head_parser_method(const head_parser *parser)
{
    return http_method_str((enum http_method)parser->method);
}

static inline bool head_parser_has_body(const head_parser *parser)
{
    return (parser->flags & F_CHUNKED) != 0 || parser->uses_transfer_encoding ||
           (parser->content_length > 0 && parser->content_length != UINT64_MAX);
}

static inline bool head_parser_keeps_alive(const head_parser *parser)
{
    return http_should_keep_alive(parser) != 0;
}

static inline head_parser_result head_parser_read(head_parser *parser,
                                                  const head_parser_settings *settings,
                                                  tlsfp_span bytes, size_t *out_read)
{
    *out_read = http_parser_execute(parser, settings, (const char *)bytes.data, bytes.len);
    const enum http_errno reason = HTTP_PARSER_ERRNO(parser);
    if (reason == HPE_PAUSED)
        http_parser_pause(parser, 0);
    else if (reason != HPE_OK)
        return reason == HPE_INVALID_METHOD ? HEAD_PARSER_BAD_METHOD : HEAD_PARSER_BAD;
    return HEAD_PARSER_FINE;
}

#endif

#endif
