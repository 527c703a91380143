/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/carrier.h"

enum {
    HANDSHAKE_RECORD = 22,
    DTLS_MAJOR = 0xfe, /* first byte of a DTLS version, RFC 6347 4.1 */
    TYPE_CLIENT_HELLO = 1,
};

static bool is_dtls_record(tlsfp_span bytes)
{
    return bytes.len > 1 && bytes.data[0] == HANDSHAKE_RECORD && bytes.data[1] == DTLS_MAJOR;
}

bool carrier_may_be(tlsfp_span bytes)
{
    return bytes.len == 0 || bytes.data[0] == HANDSHAKE_RECORD ||
           bytes.data[0] == TYPE_CLIENT_HELLO || tlsfp_quic_is_initial(bytes);
}

static tlsfp_status open_records(hello_carrier *carrier, tlsfp_span bytes, tlsfp_span *out)
{
    carrier->stream = tlsfp_stream_new(TLSFP_TLS, MAX_HELLO);
    tlsfp_stream_add(carrier->stream, 0, bytes);
    return tlsfp_stream_message(carrier->stream, out);
}

static tlsfp_status open_dtls(hello_carrier *carrier, tlsfp_span bytes, tlsfp_span *out)
{
    carrier->dtls = tlsfp_dtls_new(MAX_HELLO);
    return tlsfp_dtls_add(carrier->dtls, &bytes, out);
}

static tlsfp_status open_quic(hello_carrier *carrier, tlsfp_span bytes, tlsfp_span *out)
{
    carrier->quic = tlsfp_quic_new(MAX_HELLO);
    const tlsfp_status status = tlsfp_quic_add(carrier->context, carrier->quic, bytes);
    return status == TLSFP_OK ? tlsfp_quic_message(carrier->quic, out) : status;
}

/** A message without records: of TLS and QUIC its header has 4 bytes, of DTLS 12. */
static tlsfp_status parse_message(tlsfp_span bytes, tlsfp_client_hello *out)
{
    const tlsfp_status status = tlsfp_parse(bytes, TLSFP_TLS, out);
    return status == TLSFP_OK || tlsfp_parse(bytes, TLSFP_DTLS, out) != TLSFP_OK ? status
                                                                                 : TLSFP_OK;
}

tlsfp_status carrier_open(hello_carrier *carrier, tlsfp_span bytes, tlsfp_client_hello *out)
{
    tlsfp_span message = bytes;
    tlsfp_transport transport = TLSFP_TLS;
    tlsfp_status status;
    *carrier = (hello_carrier){.context = tlsfp_context_new()};
    if (is_dtls_record(bytes)) {
        transport = TLSFP_DTLS;
        status = open_dtls(carrier, bytes, &message);
    } else if (bytes.len > 0 && bytes.data[0] == HANDSHAKE_RECORD) {
        status = open_records(carrier, bytes, &message);
    } else if (tlsfp_quic_is_initial(bytes)) {
        transport = TLSFP_QUIC;
        status = open_quic(carrier, bytes, &message);
    } else {
        return parse_message(bytes, out);
    }
    return status == TLSFP_OK ? tlsfp_parse(message, transport, out) : status;
}

void carrier_close(hello_carrier *carrier)
{
    tlsfp_stream_free(carrier->stream);
    tlsfp_dtls_free(carrier->dtls);
    tlsfp_quic_free(carrier->quic);
    tlsfp_context_free(carrier->context);
}
