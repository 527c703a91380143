/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/announce.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_ADDRESSES = 8 }; /* shown of this computer; containers have hundreds */

static bool is_any(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static void say_url(const echo_options *options, uint16_t port)
{
    const char *check = options->cert != NULL ? "" : "k";
    const char *host = options->hosts != NULL ? options->hosts[0] : "localhost";
    if (is_any(host))
        host = "localhost";
    const bool is_6 = strchr(host, ':') != NULL;
    char *url = g_strdup_printf(is_6 ? "https://[%s]:%u/" : "https://%s:%u/", host, port);
    fprintf(stderr, "tlsfp-echo: %s\n  curl -s%s %stls\n", url, check, url);
    g_free(url);
}

/** @return false for a family without addresses, such as Unix sockets. */
static bool address_text(const struct sockaddr *address, char out[INET6_ADDRSTRLEN])
{
    if (address->sa_family == AF_INET)
        return inet_ntop(AF_INET, &((const struct sockaddr_in *)address)->sin_addr, out,
                         INET6_ADDRSTRLEN) != NULL;
    return address->sa_family == AF_INET6 &&
           inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)address)->sin6_addr, out,
                     INET6_ADDRSTRLEN) != NULL;
}

/** An address that works without the name of an interface beside it. */
static bool is_own(const struct ifaddrs *at, sa_family_t family)
{
    return at->ifa_addr != NULL && at->ifa_addr->sa_family == family &&
           (at->ifa_flags & IFF_UP) != 0 &&
           (family != AF_INET6 ||
            !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)at->ifa_addr)->sin6_addr));
}

static void append_own(GString *out, sa_family_t family)
{
    struct ifaddrs *all;
    char text[INET6_ADDRSTRLEN];
    unsigned n = 0;
    if (getifaddrs(&all) != 0)
        return;
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next)
        if (is_own(at, family) && address_text(at->ifa_addr, text) && n++ < MOST_ADDRESSES)
            g_string_append_printf(out, "%s%s", n == 1 ? " (" : ", ", text);
    if (n > 0)
        g_string_append(out, n > MOST_ADDRESSES ? ", ...)" : ")");
    freeifaddrs(all);
}

static void append_place(GString *out, int fd)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char text[INET6_ADDRSTRLEN];
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        !address_text((const struct sockaddr *)&address, text))
        return;
    const bool is_6 = address.ss_family == AF_INET6;
    const in_port_t port = is_6 ? ((const struct sockaddr_in6 *)&address)->sin6_port
                                : ((const struct sockaddr_in *)&address)->sin_port;
    g_string_append(out, out->len > 0 ? ", " : "");
    g_string_append_printf(out, is_6 ? "[%s]:%u" : "%s:%u", text, ntohs(port));
    if (is_any(text))
        append_own(out, address.ss_family);
}

void announce(const echo_options *options, uint16_t port, const GArray *sockets)
{
    if (options->unix_path != NULL)
        fprintf(stderr, "tlsfp-echo: %s\n  curl -s%s --unix-socket %s https://localhost/tls\n",
                options->unix_path, options->cert != NULL ? "" : "k", options->unix_path);
    if (port == 0)
        return;
    say_url(options, port);
    GString *places = g_string_new(NULL);
    for (guint i = 0; i < sockets->len; i++)
        append_place(places, g_array_index(sockets, int, i));
    if (places->len > 0)
        fprintf(stderr, "  listening at %s\n", places->str);
    g_string_free(places, TRUE);
}
