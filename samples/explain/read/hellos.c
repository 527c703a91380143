/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Hellos as bytes, in hex, and in captures. */
#include <captures.h>
#include <stdio.h>
#include <string.h>

#include "read/carrier.h"
#include "read/parts.h"

enum {
    MEMORY = 64 * 1024 * 1024,
    MIN_HEX = 80,   /* digits of the shortest hello, about */
    MAX_FRAMES = 8, /* named in a message */
};

/* ---- bytes ---- */

static const char *why_none(tlsfp_status status, tlsfp_span bytes)
{
    if (bytes.len == 0)
        return "there is nothing in it";
    if (status == TLSFP_MORE)
        return "the hello goes on after these bytes";
    return status == TLSFP_MALFORMED ? "this hello contradicts itself"
                                     : "neither a ClientHello nor what carries one in TLS, DTLS "
                                       "or QUIC";
}

static bool read_bytes(struct subjects *subjects, const char *name, tlsfp_span bytes,
                       GError **error)
{
    tlsfp_client_hello hello;
    hello_carrier carrier;
    const tlsfp_status status = carrier_open(&carrier, bytes, &hello);
    if (status == TLSFP_OK) {
        struct subject *subject = subject_new(name);
        subject_take_hello(subject, carrier.context, &hello);
        subjects_add(subjects, subject);
    }
    carrier_close(&carrier);
    return status == TLSFP_OK || subjects_fail(error, name, why_none(status, bytes));
}

bool is_hex(const char *text)
{
    size_t n = 0;
    for (; *text != '\0'; text++) {
        if (g_ascii_isxdigit(*text))
            n++;
        else if (!g_ascii_isspace(*text) && *text != ':')
            return false;
    }
    return n >= MIN_HEX;
}

bool read_hex(struct subjects *subjects, const char *name, const char *text, GError **error)
{
    GByteArray *bytes = g_byte_array_new();
    int high = -1;
    for (; *text != '\0'; text++) {
        const int digit = g_ascii_xdigit_value(*text);
        if (digit >= 0 && high >= 0) {
            const guint8 byte = (guint8)(high << 4 | digit);
            g_byte_array_append(bytes, &byte, 1);
        }
        if (digit >= 0)
            high = high < 0 ? digit : -1;
    }
    const bool fine = read_bytes(subjects, name, (tlsfp_span){bytes->data, bytes->len}, error);
    g_byte_array_unref(bytes);
    return fine;
}

static bool is_json(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '{';
}

bool looks_like_hello(const char *start, size_t len)
{
    if (carrier_may_be((tlsfp_span){(const uint8_t *)start, len}))
        return true;
    return strlen(start) == len && (is_json(start) || is_hex(start));
}

bool read_hello_text(struct subjects *subjects, const char *name, const char *text, size_t len,
                     GError **error)
{
    const bool is_text = strlen(text) == len;
    if (is_text && is_json(text))
        return read_lines(subjects, name, text, error);
    if (is_text && is_hex(text))
        return read_hex(subjects, name, text, error);
    return read_bytes(subjects, name, (tlsfp_span){(const uint8_t *)text, len}, error);
}

/* ---- captures ---- */

struct search {
    struct subjects *subjects;
    const char *name;
    uint64_t frame;  /* 0: all */
    GString *frames; /* numbers of those that have a hello: "4, 17" */
    unsigned n_frames;
    tlsfp_context *context;
};

/** Notes the first frames that have a hello, for who asked for another one. */
static void note_frame(struct search *search, uint64_t number)
{
    if (search->n_frames++ < MAX_FRAMES)
        g_string_append_printf(search->frames, "%s%" G_GUINT64_FORMAT,
                               search->frames->len > 0 ? ", " : "", number);
}

static void take_hello(const found_hello *found, void *data)
{
    struct search *search = data;
    if (search->frame != 0 && found->frame->number != search->frame) {
        note_frame(search, found->frame->number);
        return;
    }
    char *title = g_strdup_printf("%s:%" G_GUINT64_FORMAT, search->name, found->frame->number);
    struct subject *subject = subject_new(title);
    subject_take_hello(subject, search->context, found->hello);
    subjects_count_client(search->subjects, subject);
    g_free(title);
}

/** Reads a capture to its end. @return false with @p error set where it is cut or broken. */
static bool search_capture(struct search *search, const char *path, GError **error)
{
    const finder_limits limits = {.memory = MEMORY, .max_hello = MAX_HELLO};
    frame packet;
    GError *reason = NULL;
    struct capture *capture = capture_open(path, &reason);
    if (capture != NULL) {
        struct finder *finder = finder_new(&limits, search->context, take_hello, search);
        while (capture_next(capture, &packet, &reason) == CAPTURE_FRAME)
            finder_add(finder, &packet);
        finder_end(finder);
        finder_free(finder);
        capture_close(capture);
    }
    if (reason != NULL)
        g_propagate_error(error, reason);
    return reason == NULL;
}

/** Calls a capture by its name in a message that begins with its path. */
static void call_by_name(GError *reason, const char *path, const char *name)
{
    if (reason == NULL || !g_str_has_prefix(reason->message, path))
        return;
    char *message = g_strconcat(name, reason->message + strlen(path), NULL);
    g_free(reason->message);
    reason->message = message;
}

static bool fail_without_hello(const struct search *search, GError **error)
{
    if (search->n_frames == 0)
        return subjects_fail(error, search->name, "no hello in it");
    char *why =
        g_strdup_printf("no hello ends in frame %" G_GUINT64_FORMAT "; hellos end in %s%s%s",
                        search->frame, search->n_frames > 1 ? "frames " : "frame ",
                        search->frames->str, search->n_frames > MAX_FRAMES ? " ..." : "");
    subjects_fail(error, search->name, why);
    g_free(why);
    return false;
}

bool read_capture(struct subjects *subjects, const char *path, const char *name, uint64_t number,
                  GError **error)
{
    const size_t n_before = subjects_count(subjects);
    struct search search = {.subjects = subjects,
                            .name = name,
                            .frame = number,
                            .frames = g_string_new(NULL),
                            .context = tlsfp_context_new()};
    GError *reason = NULL;
    const bool whole = search_capture(&search, path, &reason);
    call_by_name(reason, path, name);
    const bool any = subjects_count(subjects) > n_before;
    tlsfp_context_free(search.context);
    if (!whole && any) { /* what came before is explained */
        fprintf(stderr, "tlsfp-explain: %s\n", reason->message);
        g_clear_error(&reason);
    }
    if (reason != NULL)
        g_propagate_error(error, reason);
    const bool fine = any || (whole && fail_without_hello(&search, error));
    g_string_free(search.frames, TRUE);
    return fine;
}
