/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/http3_settings.h"

#include <tlsfp/reader.h>

enum {
    STREAM_CONTROL = 0, /* RFC 9114 6.2.1 */
    FRAME_SETTINGS = 4, /* RFC 9114 7.2.4 */
    MOST_BYTES = 1024,  /* of the stream; browsers send 30 to 60 */
};

/** Whether @p stream is a control stream that begins with settings, as far as can be seen. */
static bool may_hold_settings(tlsfp_span stream, tlsfp_span *out_settings)
{
    uint64_t type, frame, len;
    if (!take_varint(&stream, &type))
        return true;
    if (type != STREAM_CONTROL)
        return false;
    if (!take_varint(&stream, &frame))
        return true;
    if (frame != FRAME_SETTINGS)
        return false;
    if (take_varint(&stream, &len) && len <= stream.len)
        *out_settings = (tlsfp_span){stream.data, (size_t)len};
    return true;
}

void http3_control_read(http3_control *control, tlsfp_span bytes, GByteArray *out_settings)
{
    tlsfp_span settings = {NULL, 0};
    if (control->done || bytes.len == 0)
        return;
    if (control->bytes == NULL)
        control->bytes = g_byte_array_new();
    g_byte_array_append(control->bytes, bytes.data,
                        (guint)MIN(bytes.len, MOST_BYTES - control->bytes->len));
    const tlsfp_span stream = {control->bytes->data, control->bytes->len};
    const bool may = may_hold_settings(stream, &settings);
    if (settings.len > 0)
        g_byte_array_append(out_settings, settings.data, (guint)settings.len);
    control->done = !may || settings.data != NULL || stream.len == MOST_BYTES;
    if (control->done)
        http3_control_clear(control);
}

void http3_control_clear(http3_control *control)
{
    g_clear_pointer(&control->bytes, g_byte_array_unref);
}

bool http3_next_setting(tlsfp_span *list, uint64_t *out_id, uint64_t *out_value)
{
    return take_varint(list, out_id) && take_varint(list, out_value);
}

bool http3_setting_is_grease(uint64_t id)
{
    return id % 31 == 2 && id >= 33;
}

const char *http3_setting_name(uint64_t id)
{
    /* https://www.iana.org/assignments/http3-parameters */
    static const struct {
        uint64_t id;
        const char *name;
    } settings[] = {
        {0x01, "QPACK_MAX_TABLE_CAPACITY"},
        {0x06, "MAX_FIELD_SECTION_SIZE"},
        {0x07, "QPACK_BLOCKED_STREAMS"},
        {0x08, "ENABLE_CONNECT_PROTOCOL"},
        {0x33, "H3_DATAGRAM"},
        {0x0276, "H3_DATAGRAM_DRAFT"},
        {0xffd277, "H3_DATAGRAM_DRAFT"},
        {0x4d44, "ENABLE_METADATA"},
        {0x2b603742, "ENABLE_WEBTRANSPORT"},
        {0x2b603743, "WEBTRANSPORT_MAX_SESSIONS_DRAFT"},
        {0xc671706a, "WEBTRANSPORT_MAX_SESSIONS"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(settings); i++)
        if (settings[i].id == id)
            return settings[i].name;
    return NULL;
}

void http3_append_fingerprint(tlsfp_span settings, const char *pseudo_order, GString *out)
{
    uint64_t id, value;
    for (const char *separator = ""; http3_next_setting(&settings, &id, &value); separator = ";") {
        g_string_append(out, separator);
        if (http3_setting_is_grease(id))
            g_string_append(out, "GREASE");
        else
            g_string_append_printf(out, "%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, id, value);
    }
    g_string_append_c(out, '|');
    g_string_append(out, pseudo_order);
}
