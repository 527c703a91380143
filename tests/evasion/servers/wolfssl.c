/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A TLS server of wolfSSL: answers one client after the other. Usage: PORT CERT KEY. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 64) != 0) {
        perror("port");
        exit(2);
    }
    return listener;
}

static WOLFSSL_CTX *set_up(const char *cert_path, const char *key_path)
{
    (void)wolfSSL_Init();
    WOLFSSL_CTX *context = wolfSSL_CTX_new(wolfSSLv23_server_method());
    if (context == NULL ||
        wolfSSL_CTX_use_certificate_file(context, cert_path, SSL_FILETYPE_PEM) != SSL_SUCCESS ||
        wolfSSL_CTX_use_PrivateKey_file(context, key_path, SSL_FILETYPE_PEM) != SSL_SUCCESS) {
        fputs("certificate\n", stderr);
        exit(2);
    }
    return context;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    WOLFSSL_CTX *context = set_up(argv[2], argv[3]);
    int listener = listen_on((uint16_t)strtoul(argv[1], NULL, 10));
    for (;;) {
        int client = accept(listener, NULL, NULL);
        struct timeval patience = {.tv_sec = 2};
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        WOLFSSL *ssl = wolfSSL_new(context);
        if (ssl != NULL && wolfSSL_set_fd(ssl, client) == SSL_SUCCESS)
            (void)wolfSSL_accept(ssl);
        wolfSSL_free(ssl);
        close(client);
    }
}
