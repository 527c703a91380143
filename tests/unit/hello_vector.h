/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The rows of tests/vectors/hellos.ini, and the messages that they describe. */
#ifndef TLSFP_HELLO_VECTOR_H
#define TLSFP_HELLO_VECTOR_H

#include <glib.h>
#include <tlsfp/tlsfp.h>

static inline GKeyFile *load_vectors(void)
{
    char *path = g_build_filename(g_getenv("TLSFP_SOURCE"), "tests", "vectors", "hellos.ini", NULL);
    GKeyFile *vectors = g_key_file_new();
    GError *error = NULL;
    if (!g_key_file_load_from_file(vectors, path, G_KEY_FILE_NONE, &error))
        g_error("%s: %s", path, error->message);
    g_free(path);
    return vectors;
}

/** Appends the bytes that @p hex writes; all that is no hex digit is passed over. */
static inline void append_hex(GByteArray *out, const char *hex)
{
    int high = -1;
    for (; *hex != '\0'; hex++) {
        int digit = g_ascii_xdigit_value(*hex);
        if (digit < 0)
            continue;
        if (high < 0) {
            high = digit;
            continue;
        }
        guint8 byte = (guint8)(high << 4 | digit);
        g_byte_array_append(out, &byte, 1);
        high = -1;
    }
    g_assert_cmpint(high, <, 0);
}

static inline void append_integer(GByteArray *out, guint64 value, guint width)
{
    for (guint i = width; i > 0; i--) {
        guint8 byte = (guint8)(value >> 8 * (i - 1));
        g_byte_array_append(out, &byte, 1);
    }
}

static inline void append_vector(GByteArray *out, guint width, GByteArray *body)
{
    append_integer(out, body->len, width);
    g_byte_array_append(out, body->data, body->len);
    g_byte_array_free(body, TRUE);
}

static inline GByteArray *bytes_of(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();
    append_hex(bytes, hex);
    return bytes;
}

/** "type=body;type=body" as an extension block. */
static inline GByteArray *block_of(const char *extensions)
{
    GByteArray *block = g_byte_array_new();
    char **list = g_strsplit(extensions, ";", -1);
    for (char **extension = list; *extension != NULL; extension++) {
        char **halves = g_strsplit(*extension, "=", 2);
        append_hex(block, halves[0]);
        append_vector(block, 2, bytes_of(halves[1]));
        g_strfreev(halves);
    }
    g_strfreev(list);
    return block;
}

/** RFC 8446 4.1.2 from a row's keys. */
static inline GByteArray *body_of(GKeyFile *vectors, const char *row, tlsfp_transport transport)
{
    char *version = g_key_file_get_string(vectors, row, "version", NULL);
    char *ciphers = g_key_file_get_string(vectors, row, "ciphers", NULL);
    char *extensions = g_key_file_get_string(vectors, row, "extensions", NULL);
    char *block = g_key_file_get_string(vectors, row, "block", NULL);
    char *after = g_key_file_get_string(vectors, row, "after", NULL);
    GByteArray *body = bytes_of(version != NULL ? version : "0303");
    for (int i = 0; i < 32; i++)
        append_integer(body, 0x5a, 1); /* random */
    append_integer(body, 0, 1);        /* session ID */
    if (transport == TLSFP_DTLS)
        append_integer(body, 0, 1); /* cookie */
    append_vector(body, 2, bytes_of(ciphers));
    append_hex(body, "01 00"); /* compression methods */
    if (extensions != NULL)
        append_vector(body, 2, block_of(extensions));
    else if (block != NULL)
        append_vector(body, 2, bytes_of(block));
    if (after != NULL)
        append_hex(body, after);
    g_free(version);
    g_free(ciphers);
    g_free(extensions);
    g_free(block);
    g_free(after);
    return body;
}

static inline tlsfp_transport transport_of(GKeyFile *vectors, const char *row)
{
    char *transport = g_key_file_get_string(vectors, row, "transport", NULL);
    tlsfp_transport value = transport != NULL ? (tlsfp_transport)transport[0] : TLSFP_TLS;
    g_free(transport);
    return value;
}

/** The handshake message that a row describes; owned by the caller. */
static inline GByteArray *message_of(GKeyFile *vectors, const char *row)
{
    char *whole = g_key_file_get_string(vectors, row, "message", NULL);
    GByteArray *message = g_byte_array_new();
    if (whole != NULL) {
        append_hex(message, whole);
        g_free(whole);
        return message;
    }
    tlsfp_transport transport = transport_of(vectors, row);
    GByteArray *body = body_of(vectors, row, transport);
    append_integer(message, 1, 1);
    if (transport == TLSFP_DTLS) {
        append_integer(message, body->len, 3);
        append_hex(message, "0000 000000");
    }
    append_vector(message, 3, body);
    return message;
}

#endif
