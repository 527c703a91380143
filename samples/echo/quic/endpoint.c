/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/endpoint.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <openssl/rand.h>
#include <string.h>
#include <unistd.h>

#include "quic/quic_conn.h"

enum {
    RECEIVE_AT_ONCE = 64,
    RETRY_FROM = 64,             /* unvalidated handshakes of one worker */
    QUIET_TIME = G_USEC_PER_SEC, /* a connection quiet for less is not closed to make room */
};

/** A connection ID as a key; clients choose the first one of a connection. */
typedef struct {
    uint8_t len;
    uint8_t bytes[NGTCP2_MAX_CIDLEN];
    const tlsfp_hash_key *hash_key;
} quic_id;

ngtcp2_tstamp quic_now(void)
{
    return (ngtcp2_tstamp)g_get_monotonic_time() * NGTCP2_MICROSECONDS;
}

ngtcp2_path quic_path(const quic_datagram *datagram, quic_listener *listener)
{
    return (ngtcp2_path){
        .local = {(ngtcp2_sockaddr *)&datagram->local.any, quic_address_len(&datagram->local)},
        .remote = {(ngtcp2_sockaddr *)&datagram->remote.any, quic_address_len(&datagram->remote)},
        .user_data = listener,
    };
}

/* -- connection IDs */

static guint hash_id(gconstpointer key)
{
    const quic_id *id = key;
    return (guint)tlsfp_hash(id->hash_key, (tlsfp_span){id->bytes, id->len});
}

static gboolean same_id(gconstpointer a, gconstpointer b)
{
    const quic_id *first = a, *second = b;
    return first->len == second->len && memcmp(first->bytes, second->bytes, first->len) == 0;
}

static quic_id id_of(const quic_endpoint *endpoint, const uint8_t *bytes, size_t len)
{
    quic_id id = {.len = (uint8_t)MIN(len, NGTCP2_MAX_CIDLEN),
                  .hash_key = &endpoint->quic->hash_key};
    memcpy(id.bytes, bytes, id.len);
    return id;
}

void quic_endpoint_add_id(quic_endpoint *endpoint, const ngtcp2_cid *id, quic_conn *conn)
{
    const quic_id key = id_of(endpoint, id->data, id->datalen);
    g_hash_table_replace(endpoint->by_id, g_memdup2(&key, sizeof key), conn);
}

void quic_endpoint_remove_id(quic_endpoint *endpoint, const ngtcp2_cid *id)
{
    const quic_id key = id_of(endpoint, id->data, id->datalen);
    g_hash_table_remove(endpoint->by_id, &key);
}

/** The first byte modulo the number of workers is the number of this one: quic_socket_route(). */
void quic_endpoint_draw_id(const quic_endpoint *endpoint, ngtcp2_cid *out)
{
    const unsigned n = endpoint->quic->n_workers, rounds = (UINT8_MAX + 1) / n;
    if (RAND_bytes(out->data, QUIC_ID_LEN) != 1)
        g_error("no random numbers");
    out->datalen = QUIC_ID_LEN;
    out->data[0] = (uint8_t)(out->data[0] % rounds * n + endpoint->number);
}

/* -- opening */

/** Whether there is room for one more connection, perhaps after another one was closed. */
static bool has_room(quic_endpoint *endpoint)
{
    echo_worker *worker = endpoint->worker;
    return worker_count(worker) < worker->max_connections || worker_make_room(worker);
}

static void open_connection(quic_listener *listener, const quic_datagram *datagram,
                            const quic_start *start)
{
    quic_endpoint *endpoint = listener->endpoint;
    if (!has_room(endpoint)) {
        worker_note_refusal(endpoint->worker, &endpoint->worker->n_full);
        quic_answer_refusal(listener, datagram, start->header, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    quic_conn *conn = quic_conn_new(endpoint, listener, datagram, start);
    if (conn != NULL)
        quic_conn_read(conn, listener, datagram);
    else
        quic_answer_refusal(listener, datagram, start->header, NGTCP2_CONNECTION_REFUSED);
}

static void receive_first(quic_listener *listener, const quic_datagram *datagram)
{
    quic_endpoint *endpoint = listener->endpoint;
    ngtcp2_pkt_hd header;
    ngtcp2_cid original;
    if (ngtcp2_accept(&header, datagram->bytes.data, datagram->bytes.len) != 0)
        return;
    if (endpoint->ending) {
        quic_answer_refusal(listener, datagram, &header, NGTCP2_CONNECTION_REFUSED);
        return;
    }
    const quic_token token = quic_check_token(endpoint, datagram, &header, &original);
    if (token == QUIC_TOKEN_WRONG)
        quic_answer_refusal(listener, datagram, &header, NGTCP2_INVALID_TOKEN);
    else if (token == QUIC_TOKEN_NONE && endpoint->n_unvalidated >= RETRY_FROM)
        quic_answer_retry(listener, datagram, &header);
    else
        open_connection(listener, datagram,
                        &(quic_start){&header, token == QUIC_TOKEN_FINE ? &original : NULL});
}

static bool is_long(tlsfp_span bytes)
{
    return (bytes.data[0] & 0x80) != 0; /* RFC 8999 5.1 */
}

void quic_endpoint_receive(quic_listener *listener, const quic_datagram *datagram)
{
    quic_endpoint *endpoint = listener->endpoint;
    const tlsfp_span bytes = datagram->bytes;
    ngtcp2_version_cid header;
    if (bytes.len == 0)
        return;
    const int error = ngtcp2_pkt_decode_version_cid(&header, bytes.data, bytes.len, QUIC_ID_LEN);
    if (error == NGTCP2_ERR_VERSION_NEGOTIATION)
        quic_answer_version(listener, datagram, &header);
    if (error != 0)
        return;
    const quic_id id = id_of(endpoint, header.dcid, header.dcidlen);
    quic_conn *conn = g_hash_table_lookup(endpoint->by_id, &id);
    if (conn != NULL)
        quic_conn_read(conn, listener, datagram);
    else if (is_long(bytes))
        receive_first(listener, datagram);
    else
        quic_answer_reset(listener, datagram, &header);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    quic_listener *listener = data;
    quic_endpoint *endpoint = listener->endpoint;
    quic_datagram datagram;
    for (int i = 0; i < RECEIVE_AT_ONCE; i++) {
        if (!quic_receive(&listener->socket, endpoint->room, sizeof endpoint->room, &datagram))
            return;
        quic_endpoint_receive(listener, &datagram);
    }
}

/* -- life */

static void free_listener(gpointer data)
{
    quic_listener *listener = data;
    event_free(listener->readable);
    close(listener->socket.fd);
    g_free(listener);
}

static void add_listener(quic_endpoint *endpoint, int fd)
{
    quic_listener *listener = g_new0(quic_listener, 1);
    listener->endpoint = endpoint;
    quic_socket_init(&listener->socket, fd);
    if (endpoint->quic->n_workers > 1)
        quic_socket_route(fd, endpoint->quic->n_workers);
    listener->readable =
        event_new(endpoint->worker->base, fd, EV_READ | EV_PERSIST, on_readable, listener);
    event_add(listener->readable, NULL);
    g_ptr_array_add(endpoint->listeners, listener);
}

quic_endpoint *quic_endpoint_new(quic_server *quic, echo_worker *worker, const GArray *sockets)
{
    quic_endpoint *endpoint = g_new0(quic_endpoint, 1);
    endpoint->quic = quic;
    endpoint->worker = worker;
    endpoint->number = (unsigned)g_atomic_int_add(&quic->n_numbered, 1);
    endpoint->by_id = g_hash_table_new_full(hash_id, same_id, g_free, NULL);
    endpoint->listeners = g_ptr_array_new_with_free_func(free_listener);
    for (guint i = 0; i < sockets->len; i++)
        add_listener(endpoint, g_array_index(sockets, int, i));
    return endpoint;
}

void quic_endpoint_free(quic_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    while (endpoint->connections.head != NULL)
        quic_conn_drop(endpoint->connections.head->data);
    g_ptr_array_unref(endpoint->listeners);
    g_hash_table_unref(endpoint->by_id);
    g_free(endpoint);
}

void quic_endpoint_end(quic_endpoint *endpoint)
{
    if (endpoint == NULL)
        return;
    GList *next;
    endpoint->ending = true;
    for (GList *link = endpoint->connections.head; link != NULL; link = next) {
        next = link->next;
        quic_conn_end(link->data);
    }
}

unsigned quic_endpoint_count(const quic_endpoint *endpoint)
{
    return endpoint != NULL ? endpoint->connections.length : 0;
}

bool quic_endpoint_make_room(quic_endpoint *endpoint)
{
    quic_conn *quietest = endpoint != NULL ? g_queue_peek_head(&endpoint->connections) : NULL;
    if (quietest == NULL || quic_conn_quiet_time(quietest) < QUIET_TIME)
        return false;
    quic_conn_drop(quietest);
    return true;
}
