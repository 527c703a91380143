/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Where ngtcp2 0.12 (Debian 12), 1.11 (Debian 13) and later ones differ: the names of 1.x are used
 * throughout, and made of 0.12's here.
 */
#ifndef ECHO_QUIC_COMPAT_H
#define ECHO_QUIC_COMPAT_H

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#if NGTCP2_VERSION_NUM < 0x010000

typedef ngtcp2_crypto_level ngtcp2_encryption_level;
#define NGTCP2_ENCRYPTION_LEVEL_INITIAL NGTCP2_CRYPTO_LEVEL_INITIAL

typedef ngtcp2_connection_close_error ngtcp2_ccerr;
#define ngtcp2_ccerr_default ngtcp2_connection_close_error_default
#define ngtcp2_ccerr_set_liberr ngtcp2_connection_close_error_set_transport_error_liberr
#define ngtcp2_ccerr_set_tls_alert ngtcp2_connection_close_error_set_transport_error_tls_alert
#define ngtcp2_ccerr_set_application_error ngtcp2_connection_close_error_set_application_error

static inline void compat_set_token(ngtcp2_settings *settings, const ngtcp2_pkt_hd *header)
{
    settings->token = header->token;
}

static inline void compat_set_original(ngtcp2_transport_params *params, const ngtcp2_cid *id)
{
    params->original_dcid = *id;
}

static inline size_t compat_token(const ngtcp2_pkt_hd *header, const uint8_t **out)
{
    *out = header->token.base;
    return header->token.len;
}

static inline int compat_stop_stream(ngtcp2_conn *conn, int64_t stream, uint64_t code)
{
    return ngtcp2_conn_shutdown_stream_read(conn, stream, code);
}

static inline int compat_reset_stream(ngtcp2_conn *conn, int64_t stream, uint64_t code)
{
    return ngtcp2_conn_shutdown_stream_write(conn, stream, code);
}

#else

static inline void compat_set_token(ngtcp2_settings *settings, const ngtcp2_pkt_hd *header)
{
    settings->token = header->token;
    settings->tokenlen = header->tokenlen;
    settings->token_type = NGTCP2_TOKEN_TYPE_RETRY;
}

static inline void compat_set_original(ngtcp2_transport_params *params, const ngtcp2_cid *id)
{
    params->original_dcid = *id;
    params->original_dcid_present = 1;
}

static inline size_t compat_token(const ngtcp2_pkt_hd *header, const uint8_t **out)
{
    *out = header->token;
    return header->tokenlen;
}

static inline int compat_stop_stream(ngtcp2_conn *conn, int64_t stream, uint64_t code)
{
    return ngtcp2_conn_shutdown_stream_read(conn, 0, stream, code);
}

static inline int compat_reset_stream(ngtcp2_conn *conn, int64_t stream, uint64_t code)
{
    return ngtcp2_conn_shutdown_stream_write(conn, 0, stream, code);
}

#endif
#endif
