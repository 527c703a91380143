/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/escape.h>

#include <string.h>

enum { LAST_UNICODE_PLANE = 0x10ffff };

static bool is_shown(gunichar character)
{
    /* Noncharacters: the last two of each plane, and U+FDD0–U+FDEF. */
    if ((character & 0xfffe) == 0xfffe || (character >= 0xfdd0 && character <= 0xfdef))
        return false;
    /* Invisible, those of them included that have no meaning yet. */
    if (character >= 0x2060 && character <= 0x206f)
        return false;
    switch (g_unichar_type(character)) {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
        return false;
    default:
        return true;
    }
}

/** Takes the character at the front, which is no ASCII; false where the bytes there are none. */
static bool read_character(tlsfp_span text, gunichar *out, size_t *out_len)
{
    const char *at = (const char *)text.data;
    gunichar character = g_utf8_get_char_validated(at, (gssize)text.len);
    if (character > LAST_UNICODE_PLANE) /* -1 and -2 */
        return false;
    *out = character;
    *out_len = (size_t)(g_utf8_next_char(at) - at);
    return true;
}

/** How many bytes at the front of @p text are shown as they are in every form. */
static size_t plain_run(tlsfp_span text, char separator)
{
    size_t n = 0;
    while (n < text.len && text.data[n] >= ' ' && text.data[n] <= '~' && text.data[n] != '\\' &&
           text.data[n] != '"' && (char)text.data[n] != separator)
        n++;
    return n;
}

static tlsfp_span behind(tlsfp_span text, size_t n)
{
    return (tlsfp_span){text.data + n, text.len - n};
}

static void append_plain(GString *out, tlsfp_span text, size_t n)
{
    g_string_append_len(out, (const char *)text.data, (gssize)n);
}

static const char hex_digits[] = "0123456789abcdef";

/** @param backslash one, or two in JSON. */
static void append_hex_bytes(GString *out, tlsfp_span text, size_t n, const char *backslash)
{
    for (size_t i = 0; i < n; i++) {
        const char escape[] = {'x', hex_digits[text.data[i] >> 4], hex_digits[text.data[i] & 0xf]};
        g_string_append(out, backslash);
        g_string_append_len(out, escape, sizeof escape);
    }
}

static void append_ascii(GString *out, tlsfp_span text, char separator, const char *backslash)
{
    const char byte = (char)text.data[0];
    const bool in_json = backslash[1] != '\0';
    const char letter = byte == '\t' ? 't' : byte == '\n' ? 'n' : '\0';
    if (byte == '\\') {
        g_string_append(out, backslash);
        g_string_append(out, backslash);
    } else if (letter != '\0') {
        g_string_append(out, backslash);
        g_string_append_c(out, letter);
    } else if (byte != '"' || byte == separator) {
        append_hex_bytes(out, text, 1, backslash);
    } else {
        g_string_append(out, in_json ? "\\\"" : "\"");
    }
}

/** Appends what is at the front of @p text, which is no plain run; returns how many bytes. */
static size_t append_special(GString *out, tlsfp_span text, char separator, const char *backslash)
{
    gunichar character;
    size_t len = 1;
    if (text.data[0] < 0x80)
        append_ascii(out, text, separator, backslash);
    else if (read_character(text, &character, &len) && is_shown(character))
        append_plain(out, text, len);
    else
        append_hex_bytes(out, text, len, backslash);
    return len;
}

static void append_escaped(GString *out, tlsfp_span text, char separator, const char *backslash)
{
    while (text.len > 0) {
        const size_t n = plain_run(text, separator);
        append_plain(out, text, n);
        text = behind(text, n);
        if (text.len > 0)
            text = behind(text, append_special(out, text, separator, backslash));
    }
}

void tlsfp_append_escaped(GString *out, tlsfp_span text, char separator)
{
    append_escaped(out, text, separator, "\\");
}

static tlsfp_span span_of_string(const char *text)
{
    return (tlsfp_span){(const uint8_t *)text, strlen(text)};
}

void tlsfp_append_escaped_string(GString *out, const char *text)
{
    tlsfp_append_escaped(out, span_of_string(text), '\0');
}

void tlsfp_append_json_escaped(GString *out, tlsfp_span text)
{
    g_string_append_c(out, '"');
    append_escaped(out, text, '\0', "\\\\");
    g_string_append_c(out, '"');
}

/** RFC 8259 7: "\uHHHH", of which a character above U+FFFF needs two. */
static void append_json_code(GString *out, gunichar character)
{
    if (character > 0xffff) {
        append_json_code(out, 0xd800 + ((character - 0x10000) >> 10));
        character = 0xdc00 + (character & 0x3ff);
    }
    g_string_append(out, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4)
        g_string_append_c(out, hex_digits[character >> shift & 0xf]);
}

/** RFC 8259 7: the characters that have an escape of two letters. */
static char short_escape(uint8_t byte)
{
    switch (byte) {
    case '"':
    case '\\':
        return (char)byte;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

static size_t append_json_special(GString *out, tlsfp_span text)
{
    gunichar character = text.data[0];
    size_t len = 1;
    const char letter = short_escape(text.data[0]);
    if (letter != '\0') {
        g_string_append_c(out, '\\');
        g_string_append_c(out, letter);
    } else if (character < 0x80) {
        append_json_code(out, character);
    } else if (!read_character(text, &character, &len)) {
        g_string_append(out, "\xef\xbf\xbd"); /* U+FFFD */
    } else if (is_shown(character)) {
        append_plain(out, text, len);
    } else {
        append_json_code(out, character);
    }
    return len;
}

void tlsfp_append_json_string(GString *out, const char *string)
{
    tlsfp_span text = span_of_string(string);
    g_string_append_c(out, '"');
    while (text.len > 0) {
        const size_t n = plain_run(text, '\0');
        append_plain(out, text, n);
        text = behind(text, n);
        if (text.len > 0)
            text = behind(text, append_json_special(out, text));
    }
    g_string_append_c(out, '"');
}
