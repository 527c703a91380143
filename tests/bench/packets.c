/* SPDX-License-Identifier: BSD-3-Clause */
#include "packets.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

enum {
    ETHERNET_SIZE = 14,
    IPV4_SIZE = 20,
    TCP_SIZE = 32, /* with 12 bytes of time stamps */
    TCP_SYN_SIZE = 40,
    UDP_SIZE = 8,
    RECORD_SIZE = 16, /* pcap's own header of a packet */
    MAX_PACKET = 2048,
    BUFFER_SIZE = 1 << 20,
    GAP_US = 5, /* between two packets */
    FIRST_SECOND = 1700000000,
    SNAPSHOT_SIZE = 262144,
    LINKTYPE_ETHERNET = 1,
    PROTOCOL_TCP = 6,
    PROTOCOL_UDP = 17,
};

static struct {
    uint8_t bytes[BUFFER_SIZE];
    size_t len;
    uint64_t written, time_us;
} out;

static void flush(void)
{
    if (fwrite(out.bytes, 1, out.len, stdout) != out.len)
        g_error("standard output: write failed");
    out.written += out.len;
    out.len = 0;
}

static void put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void put32(uint8_t *at, uint32_t value)
{
    put16(at, (uint16_t)(value >> 16));
    put16(at + 2, (uint16_t)value);
}

/** https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html, in this machine's byte order. */
void packets_start(void)
{
    const uint32_t header[] = {0xa1b2c3d4, 0, 0, 0, SNAPSHOT_SIZE, LINKTYPE_ETHERNET};
    const uint16_t version[] = {2, 4};
    memcpy(out.bytes, header, sizeof header);
    memcpy(out.bytes + 4, version, sizeof version);
    out.len = sizeof header;
}

static uint16_t checksum(const uint8_t *header)
{
    uint32_t sum = 0;
    for (int i = 0; i < IPV4_SIZE; i += 2)
        sum += (uint32_t)header[i] << 8 | header[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t) ~(sum + (sum >> 16));
}

/** Starts a packet of @p len bytes above IP; returns where these go. */
static uint8_t *start_packet(const connection *ends, side from, uint8_t protocol, size_t len)
{
    static const uint8_t ethernet[2][ETHERNET_SIZE] = {
        {0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00},
        {0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2, 0x08, 0x00},
    };
    static const uint8_t ipv4[IPV4_SIZE] = {0x45, [6] = 0x40, [8] = 64};
    size_t frame_len = ETHERNET_SIZE + IPV4_SIZE + len;
    g_assert(frame_len <= MAX_PACKET);
    if (out.len + RECORD_SIZE + frame_len > BUFFER_SIZE)
        flush();
    out.time_us += GAP_US;
    const uint32_t record[] = {FIRST_SECOND + (uint32_t)(out.time_us / 1000000),
                               (uint32_t)(out.time_us % 1000000), (uint32_t)frame_len,
                               (uint32_t)frame_len};
    uint8_t *at = out.bytes + out.len;
    memcpy(at, record, RECORD_SIZE);
    memcpy(at + RECORD_SIZE, ethernet[from], ETHERNET_SIZE);
    uint8_t *ip = at + RECORD_SIZE + ETHERNET_SIZE;
    memcpy(ip, ipv4, IPV4_SIZE);
    put16(ip + 2, (uint16_t)(IPV4_SIZE + len));
    ip[9] = protocol;
    put32(ip + 12, ends->address[from]);
    put32(ip + 16, ends->address[!from]);
    put16(ip + 10, checksum(ip));
    out.len += RECORD_SIZE + frame_len;
    return ip + IPV4_SIZE;
}

/** RFC 9293 3.1, with the options of RFC 7323 and in a SYN those that Linux puts there. */
void packets_tcp(connection *ends, side from, uint8_t flags, const uint8_t *data, size_t len)
{
    static const uint8_t syn_options[] = {2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0,
                                          0, 0, 0, 0,    0, 0, 1, 3,  3, 7};
    static const uint8_t options[] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
    size_t header_len = flags & TCP_SYN ? TCP_SYN_SIZE : TCP_SIZE;
    uint8_t *tcp = start_packet(ends, from, PROTOCOL_TCP, header_len + len);
    put16(tcp, ends->port[from]);
    put16(tcp + 2, ends->port[!from]);
    put32(tcp + 4, ends->seq[from]);
    put32(tcp + 8, flags & TCP_ACK ? ends->seq[!from] : 0);
    tcp[12] = (uint8_t)(header_len / 4 << 4);
    tcp[13] = flags;
    put16(tcp + 14, 64240);
    put32(tcp + 16, 0);
    memcpy(tcp + 20, flags & TCP_SYN ? syn_options : options, header_len - 20);
    if (len > 0)
        memcpy(tcp + header_len, data, len);
    ends->seq[from] += (uint32_t)len + ((flags & (TCP_SYN | TCP_FIN)) != 0);
}

void packets_tcp_open(connection *ends)
{
    packets_tcp(ends, CLIENT, TCP_SYN, NULL, 0);
    packets_tcp(ends, SERVER, TCP_SYN | TCP_ACK, NULL, 0);
    packets_tcp(ends, CLIENT, TCP_ACK, NULL, 0);
}

void packets_udp(const connection *ends, side from, const uint8_t *data, size_t len)
{
    uint8_t *udp = start_packet(ends, from, PROTOCOL_UDP, UDP_SIZE + len);
    put16(udp, ends->port[from]);
    put16(udp + 2, ends->port[!from]);
    put16(udp + 4, (uint16_t)(UDP_SIZE + len));
    put16(udp + 6, 0);
    memcpy(udp + UDP_SIZE, data, len);
}

uint64_t packets_size(void)
{
    return out.written + out.len;
}

void packets_end(void)
{
    flush();
    if (fflush(stdout) != 0)
        g_error("standard output: write failed");
}
