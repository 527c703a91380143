/* SPDX-License-Identifier: BSD-3-Clause */
#include "quic/socket.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103 /* Linux 4.18 */
#endif

enum {
    BUFFER_SIZE = 1024 * 1024, /* for bursts of a whole congestion window */
    ECN_BITS = 3,
    LONG_HEADER = 0x80, /* RFC 8999 5.1 */
    LONG_ID_AT = 6,     /* first byte of the destination connection ID */
    SHORT_ID_AT = 1,    /* RFC 8999 5.2 */
    CONTROL_SIZE = 128,
};

socklen_t quic_address_len(const quic_address *address)
{
    return address->any.sa_family == AF_INET6 ? sizeof address->v6 : sizeof address->v4;
}

static void switch_on(int fd, int level, int option)
{
    setsockopt(fd, level, option, &(int){1}, sizeof(int));
}

void quic_socket_init(quic_socket *out, int fd)
{
    socklen_t len = sizeof out->bound;
    *out = (quic_socket){.fd = fd};
    getsockname(fd, &out->bound.any, &len);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){BUFFER_SIZE}, sizeof(int));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){BUFFER_SIZE}, sizeof(int));
    if (out->bound.any.sa_family == AF_INET6) {
        switch_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
        switch_on(fd, IPPROTO_IPV6, IPV6_RECVTCLASS);
        setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &(int){IPV6_PMTUDISC_PROBE}, sizeof(int));
    } else {
        switch_on(fd, IPPROTO_IP, IP_PKTINFO);
        switch_on(fd, IPPROTO_IP, IP_RECVTOS);
        setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &(int){IP_PMTUDISC_PROBE}, sizeof(int));
    }
}

void quic_socket_route(int fd, unsigned n)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), /* of the datagram */
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, LONG_HEADER, 2, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SHORT_ID_AT),
        BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, LONG_ID_AT),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, n),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    const struct sock_fprog program = {G_N_ELEMENTS(code), code};
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

/** Reads what the system says beside a datagram. */
static void read_control(struct msghdr *message, quic_datagram *out)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
        const void *data = CMSG_DATA(at);
        if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, data, sizeof info);
            out->local.v4.sin_addr = info.ipi_addr;
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, data, sizeof info);
            out->local.v6.sin6_addr = info.ipi6_addr;
        } else if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TOS) {
            out->ecn = *(const uint8_t *)data & ECN_BITS;
        } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_TCLASS) {
            int traffic_class;
            memcpy(&traffic_class, data, sizeof traffic_class);
            out->ecn = traffic_class & ECN_BITS;
        }
    }
}

bool quic_receive(const quic_socket *from, uint8_t *room, size_t size, quic_datagram *out)
{
    struct iovec bytes = {room, size};
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE];
    struct msghdr message = {.msg_name = &out->remote,
                             .msg_namelen = sizeof out->remote,
                             .msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    ssize_t n;
    do
        n = recvmsg(from->fd, &message, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return false;
    out->local = from->bound;
    out->ecn = 0;
    out->bytes = (tlsfp_span){room, (size_t)n};
    read_control(&message, out);
    return true;
}

static struct cmsghdr *put_control(struct msghdr *message, int level, int type, const void *data,
                                   size_t len)
{
    struct cmsghdr *at =
        (struct cmsghdr *)((uint8_t *)message->msg_control + message->msg_controllen);
    at->cmsg_level = level;
    at->cmsg_type = type;
    at->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(at), data, len);
    message->msg_controllen += CMSG_SPACE(len);
    return at;
}

/** Sends from the address that the client's datagrams came to. */
static void put_source(struct msghdr *message, const quic_address *local)
{
    if (local->any.sa_family == AF_INET6) {
        const struct in6_pktinfo info = {.ipi6_addr = local->v6.sin6_addr};
        put_control(message, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    } else {
        const struct in_pktinfo info = {.ipi_spec_dst = local->v4.sin_addr};
        put_control(message, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    }
}

static bool send_once(const quic_socket *socket, const quic_address *local,
                      const quic_address *remote, uint8_t ecn, tlsfp_span bytes, size_t segment_len)
{
    struct iovec part = {(void *)bytes.data, bytes.len};
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_SIZE] = {0};
    struct msghdr message = {.msg_name = (void *)remote,
                             .msg_namelen = quic_address_len(remote),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control};
    const bool is_6 = local->any.sa_family == AF_INET6;
    const int traffic_class = ecn;
    const uint16_t segment = (uint16_t)segment_len;
    put_source(&message, local);
    if (ecn != 0)
        put_control(&message, is_6 ? IPPROTO_IPV6 : IPPROTO_IP, is_6 ? IPV6_TCLASS : IP_TOS,
                    &traffic_class, sizeof traffic_class);
    if (bytes.len > segment_len)
        put_control(&message, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
    ssize_t n;
    do
        n = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n >= 0 || (errno != EIO && errno != EINVAL);
}

void quic_send(const quic_socket *socket, const quic_address *local, const quic_address *remote,
               uint8_t ecn, tlsfp_span bytes, size_t segment_len)
{
    if (send_once(socket, local, remote, ecn, bytes, segment_len) || bytes.len <= segment_len)
        return;
    /* The system or the device cannot cut it into segments. */
    for (size_t at = 0; at < bytes.len; at += segment_len)
        send_once(socket, local, remote, ecn,
                  (tlsfp_span){bytes.data + at, MIN(segment_len, bytes.len - at)}, segment_len);
}
