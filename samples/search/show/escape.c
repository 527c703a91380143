/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/escape.h"

#include <string.h>

static void append_bytes(GString *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        g_string_append_printf(out, "\\x%02x", (unsigned)(uint8_t)bytes[i]);
}

static void append_ascii(GString *out, char byte, char separator)
{
    if (byte == '\t')
        g_string_append(out, "\\t");
    else if (byte == '\n')
        g_string_append(out, "\\n");
    else if (byte == '\\')
        g_string_append(out, "\\\\");
    else if (g_ascii_iscntrl(byte) || byte == separator)
        append_bytes(out, &byte, 1);
    else
        g_string_append_c(out, byte);
}

static bool is_printed(gunichar character)
{
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* U+202E and its like */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return false;
    default:
        return true;
    }
}

/** Appends the character at @p at, which is no ASCII, or its first byte where it is no character;
 * returns its length. */
static size_t append_character(GString *out, const char *at, size_t left)
{
    gunichar character = g_utf8_get_char_validated(at, (gssize)left);
    if (character == (gunichar)-1 || character == (gunichar)-2) {
        append_bytes(out, at, 1);
        return 1;
    }
    size_t len = (size_t)(g_utf8_next_char(at) - at);
    if (is_printed(character))
        g_string_append_len(out, at, (gssize)len);
    else
        append_bytes(out, at, len);
    return len;
}

void append_escaped(GString *out, tlsfp_span text, char separator)
{
    const char *bytes = (const char *)text.data;
    for (size_t at = 0; at < text.len;) {
        if ((uint8_t)bytes[at] < 0x80)
            append_ascii(out, bytes[at++], separator);
        else
            at += append_character(out, bytes + at, text.len - at);
    }
}

void append_escaped_string(GString *out, const char *text)
{
    append_escaped(out, (tlsfp_span){(const uint8_t *)text, strlen(text)}, '\0');
}
