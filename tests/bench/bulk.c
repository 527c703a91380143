/* SPDX-License-Identifier: BSD-3-Clause */
#include "bulk.h"

#include "client_hellos.h"
#include "endpoints.h"
#include "initials.h"
#include "packets.h"

#include <glib.h>
#include <stdbool.h>

enum {
    N_TLS = 300,
    N_HTTP = 40,
    N_QUIC = 40,

    /* Of a hundred packets: TLS data in full segments 20, acknowledgments 50; the rest is shared.
     */
    SHARE_DATA = 20,
    SHARE_ACK = 50,
    SHARE_HTTP = 10,
    SHARE_DNS = 6,

    MIN_LENGTH = 100, /* packets of a connection */
    MAX_LENGTH = 1000,
    RECORD_HEADER_SIZE = 5,
    RECORD_SIZE = 16384 + 17, /* RFC 8446 5.2, as full as it gets */
    NOISE_SIZE = 1 << 16,
};

typedef enum { CLOSED, OPENED, GREETED, ANSWERED } progress;

typedef struct {
    connection ends;
    progress done;
    uint32_t left;           /* packets until it ends */
    uint32_t record_left[2]; /* bytes of the record that each side is in */
    side unacknowledged;     /* who sent last */
    uint8_t quic_dcid[DCID_SIZE];
} traffic;

static struct {
    prng *numbers;
    uint64_t hellos;
    uint8_t noise[NOISE_SIZE + SEGMENT_SIZE]; /* stands for what is encrypted */
    traffic tls[N_TLS], http[N_HTTP], quic[N_QUIC];
} bulk;

static uint32_t below(uint32_t end)
{
    return prng_below(bulk.numbers, end);
}

static const uint8_t *noise(void)
{
    return bulk.noise + below(NOISE_SIZE);
}

/** The next @p len bytes of application data records. */
static void fill_records(uint32_t *record_left, uint8_t *out, size_t len)
{
    static const uint8_t header[RECORD_HEADER_SIZE] = {23, 3, 3, RECORD_SIZE >> 8,
                                                       RECORD_SIZE & 0xff};
    memcpy(out, noise(), len);
    for (size_t at = *record_left; at < len; at += RECORD_HEADER_SIZE + RECORD_SIZE) {
        memcpy(out + at, header, MIN(sizeof header, len - at));
        *record_left = (uint32_t)(at + RECORD_HEADER_SIZE + RECORD_SIZE);
    }
    *record_left -= (uint32_t)len;
}

static void write_hello(traffic *of)
{
    hello_bytes hello = client_hellos_next(bulk.numbers, HELLO_RECORD);
    for (size_t at = 0; at < hello.len; at += SEGMENT_SIZE)
        packets_tcp(&of->ends, CLIENT, TCP_ACK | TCP_PSH, hello.data + at,
                    MIN(SEGMENT_SIZE, hello.len - at));
    bulk.hellos++;
}

static void write_answer(traffic *of)
{
    uint8_t segment[SEGMENT_SIZE];
    server_answer(bulk.numbers, segment);
    packets_tcp(&of->ends, SERVER, TCP_ACK, segment, sizeof segment);
    packets_tcp(&of->ends, CLIENT, TCP_ACK, NULL, 0);
}

static void write_data(traffic *of)
{
    if (below(SHARE_DATA + SHARE_ACK) >= SHARE_DATA) {
        packets_tcp(&of->ends, !of->unacknowledged, TCP_ACK, NULL, 0);
        return;
    }
    uint8_t segment[SEGMENT_SIZE];
    side from = below(8) == 0 ? CLIENT : SERVER;
    fill_records(&of->record_left[from], segment, sizeof segment);
    packets_tcp(&of->ends, from, TCP_ACK, segment, sizeof segment);
    of->unacknowledged = from;
}

static void open_tcp(traffic *of, uint16_t port, uint32_t left)
{
    *of = (traffic){.ends = endpoints_next(bulk.numbers, port), .done = OPENED, .left = left};
    packets_tcp_open(&of->ends);
}

static void close_tcp(traffic *of)
{
    packets_tcp(&of->ends, CLIENT, TCP_ACK | TCP_FIN, NULL, 0);
    packets_tcp(&of->ends, SERVER, TCP_ACK | TCP_FIN, NULL, 0);
    packets_tcp(&of->ends, CLIENT, TCP_ACK, NULL, 0);
    of->done = CLOSED;
}

static void step_tls(traffic *of)
{
    switch (of->done) {
    case CLOSED:
        open_tcp(of, 443, MIN_LENGTH + below(MAX_LENGTH - MIN_LENGTH));
        break;
    case OPENED:
        write_hello(of);
        of->done = GREETED;
        break;
    case GREETED:
        write_answer(of);
        of->done = ANSWERED;
        break;
    case ANSWERED:
        write_data(of);
        if (--of->left == 0)
            close_tcp(of);
        break;
    }
}

static void write_text(traffic *of, side from, const char *head, size_t body_len)
{
    uint8_t segment[SEGMENT_SIZE];
    size_t head_len = strlen(head);
    memcpy(segment, head, head_len);
    memset(segment + head_len, 'x', body_len);
    packets_tcp(&of->ends, from, TCP_ACK | TCP_PSH, segment, head_len + body_len);
}

static void step_http(traffic *of)
{
    switch (of->done) {
    case CLOSED:
        open_tcp(of, 80, 4 + below(8));
        break;
    case OPENED:
        write_text(of, CLIENT, "GET /index.html HTTP/1.1\r\nHost: www.example.org\r\n\r\n",
                   below(200));
        of->done = GREETED;
        break;
    default:
        write_text(of, SERVER, of->done == GREETED ? "HTTP/1.1 200 OK\r\n\r\n" : "", below(1200));
        packets_tcp(&of->ends, CLIENT, TCP_ACK, NULL, 0);
        of->done = ANSWERED;
        if (--of->left == 0)
            close_tcp(of);
    }
}

/** RFC 1035 4: a query for an address, and its answer. */
static void write_dns(void)
{
    static const uint8_t question[] = "\3www\7example\3org\0\0\1\0";
    static const uint8_t answer[] = "\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\xc6\x33\x64";
    uint8_t message[12 + sizeof question + sizeof answer] = {[2] = 1, [5] = 1};
    connection ends = endpoints_next(bulk.numbers, 53);
    prng_fill(bulk.numbers, message, 2);
    memcpy(message + 12, question, sizeof question);
    message[12 + sizeof question - 1] = 1;
    packets_udp(&ends, CLIENT, message, 12 + sizeof question);
    message[2] = 0x81;
    message[3] = 0x80;
    message[7] = 1;
    memcpy(message + 12 + sizeof question, answer, sizeof answer);
    packets_udp(&ends, SERVER, message, sizeof message);
}

static void open_quic(traffic *of)
{
    *of = (traffic){.ends = endpoints_next(bulk.numbers, 443),
                    .done = ANSWERED,
                    .left = MIN_LENGTH + below(MAX_LENGTH - MIN_LENGTH)};
    client_initials(bulk.numbers, &of->ends);
    prng_fill(bulk.numbers, of->quic_dcid, DCID_SIZE);
    bulk.hellos++;
}

/** Short headers, RFC 9000 17.3.1: full datagrams from the server, small ones from the client. */
static void step_quic(traffic *of)
{
    if (of->done == CLOSED) {
        open_quic(of);
        return;
    }
    uint8_t datagram[DATAGRAM_SIZE];
    bool full = below(4) == 0;
    size_t len = full ? DATAGRAM_SIZE : 30 + below(60);
    memcpy(datagram, noise(), len);
    datagram[0] = 0x40 | (datagram[0] & 0x3f);
    if (!full)
        memcpy(datagram + 1, of->quic_dcid, DCID_SIZE);
    packets_udp(&of->ends, full ? SERVER : CLIENT, datagram, len);
    if (--of->left == 0)
        of->done = CLOSED;
}

static void step(void)
{
    uint32_t which = below(100);
    if (which < SHARE_DATA + SHARE_ACK)
        step_tls(&bulk.tls[below(N_TLS)]);
    else if (which < SHARE_DATA + SHARE_ACK + SHARE_HTTP / 2) /* two packets in a step */
        step_http(&bulk.http[below(N_HTTP)]);
    else if (which < SHARE_DATA + SHARE_ACK + SHARE_HTTP / 2 + SHARE_DNS / 2)
        write_dns();
    else
        step_quic(&bulk.quic[below(N_QUIC)]);
}

uint64_t bulk_write(prng *numbers, uint64_t megabytes)
{
    bulk.numbers = numbers;
    prng_fill(numbers, bulk.noise, sizeof bulk.noise);
    while (packets_size() < megabytes * 1000 * 1000)
        step();
    return bulk.hellos;
}
