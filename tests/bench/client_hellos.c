/* SPDX-License-Identifier: BSD-3-Clause */
#include "client_hellos.h"

#include "hello_vector.h"

enum {
    RECORD_HEADER_SIZE = 5,
    MESSAGE_HEADER_SIZE = 4,
    RANDOM_AT = MESSAGE_HEADER_SIZE + 2, /* behind the version */
    SESSION_ID_AT = RANDOM_AT + 32 + 1,
    QUIC_TRANSPORT_PARAMETERS = 57, /* RFC 9001 8.2 */
};

/* RFC 9000 18.2, a few of them. */
static const char transport_parameters[] =
    "01 04 80007530 03 02 45c0 04 04 80100000 05 04 80100000 06 04 80100000 07 04 80100000"
    "08 02 4064 09 02 4064 0e 01 08 0f 00";

/** Of each form, the same clients in the same order. */
static GPtrArray *forms[2];

static void overwrite(GByteArray *bytes, size_t at, size_t width, size_t value)
{
    for (size_t i = 0; i < width; i++)
        bytes->data[at + i] = (uint8_t)(value >> 8 * (width - 1 - i));
}

/** RFC 8446 5.1; a client's first record says TLS 1.0. */
static GByteArray *with_record_header(const GByteArray *message)
{
    GByteArray *record = g_byte_array_new();
    append_hex(record, "16 0301");
    append_integer(record, message->len, 2);
    g_byte_array_append(record, message->data, message->len);
    return record;
}

/** Where the extension block's length is: RFC 8446 4.1.2. */
static size_t extensions_at(const GByteArray *message)
{
    size_t at = SESSION_ID_AT + message->data[SESSION_ID_AT - 1];
    at += 2 + ((size_t)message->data[at] << 8 | message->data[at + 1]);
    return at + 1 + message->data[at];
}

/** The message with one more extension at its end. */
static GByteArray *with_transport_parameters(const GByteArray *message)
{
    GByteArray *longer = g_byte_array_new();
    g_byte_array_append(longer, message->data, message->len);
    append_integer(longer, QUIC_TRANSPORT_PARAMETERS, 2);
    append_vector(longer, 2, bytes_of(transport_parameters));
    size_t block = extensions_at(longer);
    overwrite(longer, block, 2, longer->len - block - 2);
    overwrite(longer, 1, 3, longer->len - MESSAGE_HEADER_SIZE);
    return longer;
}

void client_hellos_load(void)
{
    GKeyFile *vectors = load_vectors();
    char **rows = g_key_file_get_groups(vectors, NULL);
    forms[HELLO_RECORD] = g_ptr_array_new();
    forms[HELLO_QUIC] = g_ptr_array_new();
    for (char **row = rows; *row != NULL; row++) {
        if (!g_str_has_prefix(*row, "capture/") || transport_of(vectors, *row) != TLSFP_TLS)
            continue;
        GByteArray *message = message_of(vectors, *row);
        g_ptr_array_add(forms[HELLO_RECORD], with_record_header(message));
        g_ptr_array_add(forms[HELLO_QUIC], with_transport_parameters(message));
        g_byte_array_unref(message);
    }
    g_strfreev(rows);
    g_key_file_free(vectors);
    g_assert(forms[HELLO_RECORD]->len > 0);
}

hello_bytes client_hellos_next(prng *numbers, hello_form form)
{
    GByteArray *hello = forms[form]->pdata[prng_below(numbers, forms[form]->len)];
    uint8_t *message = hello->data + (form == HELLO_RECORD ? RECORD_HEADER_SIZE : 0);
    prng_fill(numbers, message + RANDOM_AT, 32);
    prng_fill(numbers, message + SESSION_ID_AT, message[SESSION_ID_AT - 1]);
    return (hello_bytes){hello->data, hello->len};
}
