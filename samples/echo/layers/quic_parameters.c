/* SPDX-License-Identifier: BSD-3-Clause */
#include "layers/quic_parameters.h"

#include <tlsfp/reader.h>

/* https://www.iana.org/assignments/quic, "QUIC Transport Parameters"; those of Google's QUIC are in
 * Chromium's quiche, transport_parameters.cc. */
static const struct {
    uint64_t id;
    const char *name;
    quic_value kind;
} parameters[] = {
    {0x00, "original_destination_connection_id", QUIC_VALUE_BYTES},
    {0x01, "max_idle_timeout", QUIC_VALUE_NUMBER},
    {0x02, "stateless_reset_token", QUIC_VALUE_BYTES},
    {0x03, "max_udp_payload_size", QUIC_VALUE_NUMBER},
    {0x04, "initial_max_data", QUIC_VALUE_NUMBER},
    {0x05, "initial_max_stream_data_bidi_local", QUIC_VALUE_NUMBER},
    {0x06, "initial_max_stream_data_bidi_remote", QUIC_VALUE_NUMBER},
    {0x07, "initial_max_stream_data_uni", QUIC_VALUE_NUMBER},
    {0x08, "initial_max_streams_bidi", QUIC_VALUE_NUMBER},
    {0x09, "initial_max_streams_uni", QUIC_VALUE_NUMBER},
    {0x0a, "ack_delay_exponent", QUIC_VALUE_NUMBER},
    {0x0b, "max_ack_delay", QUIC_VALUE_NUMBER},
    {0x0c, "disable_active_migration", QUIC_VALUE_FLAG},
    {0x0d, "preferred_address", QUIC_VALUE_BYTES},
    {0x0e, "active_connection_id_limit", QUIC_VALUE_NUMBER},
    {0x0f, "initial_source_connection_id", QUIC_VALUE_BYTES},
    {0x10, "retry_source_connection_id", QUIC_VALUE_BYTES},
    {0x11, "version_information", QUIC_VALUE_VERSIONS},
    {0x20, "max_datagram_frame_size", QUIC_VALUE_NUMBER},
    {0x173e, "discard", QUIC_VALUE_BYTES},
    {0x26ab, "google_handshake_message", QUIC_VALUE_BYTES},
    {0x2ab2, "grease_quic_bit", QUIC_VALUE_FLAG},
    {0x3127, "initial_rtt", QUIC_VALUE_NUMBER},
    {0x3128, "google_connection_options", QUIC_VALUE_BYTES},
    {0x3129, "user_agent", QUIC_VALUE_BYTES},
    {0x4752, "google_version", QUIC_VALUE_BYTES},
    {0x7158, "timestamp_tag", QUIC_VALUE_NUMBER},
    {0xff04de1b, "min_ack_delay_draft", QUIC_VALUE_NUMBER},
    {0xff03de1a, "min_ack_delay_draft", QUIC_VALUE_NUMBER},
    {0xff02de1a, "min_ack_delay_draft", QUIC_VALUE_NUMBER},
    {0xff73db, "version_information_draft", QUIC_VALUE_VERSIONS},
};

tlsfp_span quic_parameters_of(const tlsfp_client_hello *hello)
{
    tlsfp_span block = hello->extensions, body;
    uint16_t type;
    while (tlsfp_next_extension(&block, &type, &body))
        if (type == QUIC_PARAMETERS_EXTENSION)
            return body;
    return (tlsfp_span){NULL, 0};
}

bool quic_next_parameter(tlsfp_span *list, quic_parameter *out)
{
    uint64_t len;
    return take_varint(list, &out->id) && take_varint(list, &len) && take(list, len, &out->value);
}

bool quic_parameter_is_grease(uint64_t id)
{
    return id % 31 == 27;
}

const char *quic_parameter_name(uint64_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++)
        if (parameters[i].id == id)
            return parameters[i].name;
    return NULL;
}

quic_value quic_parameter_kind(uint64_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(parameters); i++)
        if (parameters[i].id == id)
            return parameters[i].kind;
    return QUIC_VALUE_BYTES;
}

bool quic_parameter_number(const quic_parameter *parameter, uint64_t *out)
{
    tlsfp_span value = parameter->value;
    return quic_parameter_kind(parameter->id) == QUIC_VALUE_NUMBER && take_varint(&value, out) &&
           value.len == 0;
}

bool quic_version_is_grease(uint32_t version)
{
    return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

const char *quic_version_name(uint32_t version)
{
    static const struct {
        uint32_t version;
        const char *name;
    } versions[] = {
        {0x00000001, "1"}, /* RFC 9000 */
        {0x6b3343cf, "2"}, /* RFC 9369 */
        {0x709a50c4, "2-draft"},  {0xff00001d, "draft-29"}, {0xff00001e, "draft-30"},
        {0xff00001f, "draft-31"}, {0xff000020, "draft-32"}, {0xff000021, "draft-33"},
        {0xff000022, "draft-34"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++)
        if (versions[i].version == version)
            return versions[i].name;
    return NULL;
}
