/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Usage: PORT CERT KEY. */
#include "udp.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { N_PEERS = 64, MAX_DATAGRAM = 65536 };

static int listener;
static udp_peer peers[N_PEERS]; /* the newest push out the oldest */
static unsigned n_opened;

ssize_t send_to(const udp_peer *peer, const void *data, size_t len)
{
    (void)sendto(listener, data, len, 0, (const struct sockaddr *)&peer->address,
                 sizeof peer->address);
    return (ssize_t)len;
}

static udp_peer *peer_at(const struct sockaddr_in *address)
{
    for (size_t i = 0; i < N_PEERS; i++)
        if (peers[i].session != NULL && peers[i].address.sin_port == address->sin_port)
            return &peers[i];
    udp_peer *fresh = &peers[n_opened++ % N_PEERS];
    if (fresh->session != NULL)
        dtls.close(fresh->session);
    *fresh = (udp_peer){.address = *address};
    fresh->session = dtls.open(fresh);
    return fresh->session != NULL ? fresh : NULL;
}

static void listen_on(const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_DGRAM, 0);
    int room = 8 * 1024 * 1024;
    (void)setsockopt(listener, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("port");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    static unsigned char datagram[MAX_DATAGRAM];
    if (argc != 4)
        return 2;
    dtls.set_up(argv[2], argv[3]);
    listen_on(argv[1]);
    for (;;) {
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        ssize_t len =
            recvfrom(listener, datagram, sizeof datagram, 0, (struct sockaddr *)&from, &from_len);
        udp_peer *peer = len < 0 ? NULL : peer_at(&from);
        if (peer == NULL)
            continue;
        peer->datagram = datagram;
        peer->len = (size_t)len;
        dtls.take(peer);
    }
}
