/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/json_out.h"

#include <string.h>
#include <tlsfp/escape.h>

void json_item(GString *out)
{
    const char last = out->len > 0 ? out->str[out->len - 1] : '[';
    if (last != '[' && last != '{' && last != ':')
        g_string_append_c(out, ',');
}

void json_key(GString *out, const char *key)
{
    json_item(out);
    g_string_append_c(out, '"');
    g_string_append(out, key);
    g_string_append(out, "\":");
}

void json_text(GString *out, const char *text)
{
    if (text != NULL)
        tlsfp_append_json_string(out, text);
    else
        g_string_append(out, "null");
}

void json_wire(GString *out, tlsfp_span text)
{
    if (text.data != NULL)
        tlsfp_append_json_escaped(out, text);
    else
        g_string_append(out, "null");
}

void json_number(GString *out, uint64_t number)
{
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
}

void json_bool(GString *out, bool value)
{
    g_string_append(out, value ? "true" : "false");
}

void json_hex(GString *out, tlsfp_span bytes)
{
    static const char digits[] = "0123456789abcdef";
    g_string_append_c(out, '"');
    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_c(out, digits[bytes.data[i] >> 4]);
        g_string_append_c(out, digits[bytes.data[i] & 0xf]);
    }
    g_string_append_c(out, '"');
}

void json_put_text(GString *out, const char *key, const char *text)
{
    json_key(out, key);
    json_text(out, text);
}

void json_put_wire(GString *out, const char *key, tlsfp_span text)
{
    json_key(out, key);
    json_wire(out, text);
}

void json_put_number(GString *out, const char *key, uint64_t number)
{
    json_key(out, key);
    json_number(out, number);
}

void json_put_bool(GString *out, const char *key, bool value)
{
    json_key(out, key);
    json_bool(out, value);
}

void json_put_md5(GString *out, const char *key, const char *text)
{
    char *sum = *text != '\0' ? g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1) : NULL;
    json_put_text(out, key, sum);
    g_free(sum);
}
