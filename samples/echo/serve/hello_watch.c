/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/hello_watch.h"

#include <tlsfp/reader.h>

static void set_too_large(hello_watch *watch)
{
    if (watch->too_large)
        return;
    watch->too_large = true;
    watch->refuse(watch->data);
}

/** OpenSSL shows a message only once it is whole, up to 128 KiB: its records tell earlier. */
static void see_record(hello_watch *watch, tlsfp_span header)
{
    uint8_t type;
    uint16_t version, len;
    if (watch->message.len > 0 || !take_u8(&header, &type) || !take_u16(&header, &version) ||
        !take_u16(&header, &len))
        return;
    if (watch->record_version == 0)
        watch->record_version = version;
    watch->n_carried += len;
    if (watch->n_carried > watch->limit + SSL3_RT_MAX_PLAIN_LENGTH)
        set_too_large(watch);
}

static void see_hello(hello_watch *watch, tlsfp_span message)
{
    if (watch->message.len > 0) {
        watch->retried = true;
        return;
    }
    if (message.len > watch->limit)
        set_too_large(watch);
    if (!watch->too_large)
        watch->message = (tlsfp_span){g_memdup2(message.data, message.len), message.len};
}

static void see(int sent, int version, int type, const void *bytes, size_t len, SSL *ssl,
                void *data)
{
    (void)version;
    (void)ssl;
    if (sent)
        return;
    const tlsfp_span seen = {bytes, len};
    if (type == SSL3_RT_HEADER)
        see_record(data, seen);
    else if (type == SSL3_RT_HANDSHAKE && len > 0 && get_u8(seen, 0) == SSL3_MT_CLIENT_HELLO)
        see_hello(data, seen);
}

void hello_watch_start(hello_watch *watch, SSL *ssl, size_t limit, void (*refuse)(void *data),
                       void *data)
{
    *watch = (hello_watch){.limit = limit, .refuse = refuse, .data = data};
    SSL_set_msg_callback(ssl, see);
    SSL_set_msg_callback_arg(ssl, watch);
}

void hello_watch_stop(SSL *ssl)
{
    SSL_set_msg_callback(ssl, NULL);
}

void hello_watch_clear(hello_watch *watch)
{
    g_free((uint8_t *)watch->message.data);
    watch->message = (tlsfp_span){NULL, 0};
}
