/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Asks for a path over TLS by wolfSSL, with its defaults: wolfssl HOST PORT PATH. */
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET};
    struct addrinfo *found;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = socket(found->ai_family, found->ai_socktype, 0);
    return connect(fd, found->ai_addr, found->ai_addrlen) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    char text[4096];
    int n;
    if (argc != 4)
        return 2;
    wolfSSL_Init();
    WOLFSSL_CTX *all = wolfSSL_CTX_new(wolfTLS_client_method());
    wolfSSL_CTX_set_verify(all, WOLFSSL_VERIFY_NONE, NULL);
    WOLFSSL *tls = wolfSSL_new(all);
    wolfSSL_UseSNI(tls, WOLFSSL_SNI_HOST_NAME, argv[1], (unsigned short)strlen(argv[1]));
    wolfSSL_set_fd(tls, connect_to(argv[1], argv[2]));
    if (wolfSSL_connect(tls) != WOLFSSL_SUCCESS) {
        fprintf(stderr, "handshake: %d\n", wolfSSL_get_error(tls, 0));
        return 1;
    }
    n = snprintf(text, sizeof text, "GET %s HTTP/1.0\r\n\r\n", argv[3]);
    wolfSSL_write(tls, text, n);
    while ((n = wolfSSL_read(tls, text, sizeof text)) > 0)
        fwrite(text, 1, (size_t)n, stdout);
    return 0;
}
