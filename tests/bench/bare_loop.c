/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What reading a capture costs at least: libpcap's loop with nothing in it. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE];
    if (argc != 2) {
        fprintf(stderr, "Usage: bare_loop FILE\n");
        return 2;
    }
    pcap_t *capture = pcap_open_offline(argv[1], error);
    if (capture == NULL) {
        fprintf(stderr, "bare_loop: %s\n", error);
        return 2;
    }
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    unsigned long long packets = 0;
    int status;
    while ((status = pcap_next_ex(capture, &header, &bytes)) == 1)
        packets++;
    if (status == PCAP_ERROR)
        fprintf(stderr, "bare_loop: %s: %s\n", argv[1], pcap_geterr(capture));
    pcap_close(capture);
    printf("%llu\n", packets);
    return status == PCAP_ERROR ? 2 : 0;
}
