/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 20 }; /* to find a port that is free on all addresses */

/** An address to listen on. */
typedef struct {
    struct sockaddr_storage address;
    socklen_t len;
    const char *host; /* as given on the command line */
    bool optional;    /* skipped where the system lacks it */
} listen_place;

static const char *const loopback[] = {"127.0.0.1", "::1", NULL};

enum { FIRST_FREE_FOR_ALL = 1024 }; /* ports below need a privilege */

/** What to do about it, or "". */
static const char *hint(int type, uint16_t port, int reason)
{
    if (reason == EADDRINUSE && type == SOCK_DGRAM)
        return "; --quic-port takes another one";
    if (reason == EADDRINUSE)
        return "; --port takes another one, --port 0 one that is free";
    if (reason == EACCES && port < FIRST_FREE_FOR_ALL)
        return "; ports below 1024 need root's rights or CAP_NET_BIND_SERVICE";
    return "";
}

/** @param reason an errno. */
static bool fail(GError **error, int type, const char *host, uint16_t port, int reason)
{
    g_set_error(error, G_FILE_ERROR, 0, "%s port %u%s: %s%s", host, port,
                type == SOCK_DGRAM ? " of UDP (--no-quic does without)" : "", g_strerror(reason),
                hint(type, port, reason));
    return false;
}

static bool add_places(GArray *out, const char *host, bool optional, GError **error)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    const int reason = getaddrinfo(host, NULL, &hints, &found);
    if (reason != 0) {
        g_set_error(error, G_FILE_ERROR, 0, "--host: %s: %s", host, gai_strerror(reason));
        return false;
    }
    for (const struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        listen_place place = {.len = at->ai_addrlen, .host = host, .optional = optional};
        memcpy(&place.address, at->ai_addr, at->ai_addrlen);
        g_array_append_val(out, place);
    }
    freeaddrinfo(found);
    return true;
}

static GArray *list_places(const echo_options *options, GError **error)
{
    GArray *places = g_array_new(FALSE, FALSE, sizeof(listen_place));
    const char *const *hosts =
        options->hosts != NULL ? (const char *const *)options->hosts : loopback;
    for (size_t i = 0; hosts[i] != NULL; i++)
        if (!add_places(places, hosts[i], options->hosts == NULL, error)) {
            g_array_unref(places);
            return NULL;
        }
    return places;
}

/** The port field of an address. */
static in_port_t *port_in(struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? &((struct sockaddr_in6 *)address)->sin6_port
                                          : &((struct sockaddr_in *)address)->sin_port;
}

/** @return a socket bound to @p place, or -1 with errno set. */
static int bind_to(const listen_place *place, int type, uint16_t port, bool shared)
{
    struct sockaddr_storage address = place->address;
    *port_in(&address) = htons(port);
    int fd = socket(address.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (type == SOCK_STREAM) { /* for UDP it would let another server take the port */
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
        setsockopt(fd, IPPROTO_TCP, TCP_SAVE_SYN, &(int){1}, sizeof(int)); /* layers/tcp_syn.h */
    }
    if (shared)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &(int){1}, sizeof(int));
    if (address.ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, place->len) == 0)
        return fd;
    const int reason = errno;
    close(fd);
    errno = reason;
    return -1;
}

/** With SO_REUSEPORT, binding succeeds on a port that another server shares: check without. */
static bool is_free(const listen_place *place, int type, uint16_t port)
{
    int fd = bind_to(place, type, port, false);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &len);
    return ntohs(*port_in(&address));
}

static void close_all(GPtrArray *sockets)
{
    for (guint i = 0; i < sockets->len; i++) {
        GArray *list = g_ptr_array_index(sockets, i);
        for (guint k = 0; k < list->len; k++)
            close(g_array_index(list, int, k));
        g_array_set_size(list, 0);
    }
}

/** Opens a socket for each worker; false with errno set. */
static bool open_place(const listen_place *place, int type, GPtrArray *sockets, uint16_t *port)
{
    const bool shared = sockets->len > 1;
    if (shared && *port != 0 && !is_free(place, type, *port))
        return false;
    for (guint i = 0; i < sockets->len; i++) {
        int fd = bind_to(place, type, *port, shared);
        if (fd < 0)
            return false;
        g_array_append_val((GArray *)g_ptr_array_index(sockets, i), fd);
        if (type == SOCK_STREAM && listen(fd, SOMAXCONN) != 0)
            return false;
        *port = port_of(fd);
    }
    return true;
}

static bool is_missing(int reason)
{
    return reason == EADDRNOTAVAIL || reason == EAFNOSUPPORT;
}

static bool open_all(const GArray *places, int type, GPtrArray *sockets, uint16_t *port,
                     GError **error)
{
    for (guint i = 0; i < places->len; i++) {
        const listen_place *place = &g_array_index(places, listen_place, i);
        if (!open_place(place, type, sockets, port) && !(place->optional && is_missing(errno)))
            return fail(error, type, place->host, *port, errno);
    }
    if (((GArray *)g_ptr_array_index(sockets, 0))->len == 0)
        return fail(error, type, "localhost", *port, EADDRNOTAVAIL);
    return true;
}

static void unref_array(gpointer array)
{
    g_array_unref(array);
}

static bool try_ports(const GArray *places, int type, uint16_t port, GPtrArray *sockets,
                      uint16_t *out_port, GError **error)
{
    for (int i = 0;; i++) {
        const bool last = port != 0 || i == TRIES;
        *out_port = port;
        if (open_all(places, type, sockets, out_port, last ? error : NULL))
            return true;
        close_all(sockets);
        if (last)
            return false;
    }
}

GPtrArray *listener_open(const echo_options *options, int type, uint16_t port, uint16_t *out_port,
                         GError **error)
{
    GArray *places = list_places(options, error);
    if (places == NULL)
        return NULL;
    GPtrArray *sockets = g_ptr_array_new_with_free_func(unref_array);
    for (unsigned i = 0; i < options->n_workers; i++)
        g_ptr_array_add(sockets, g_array_new(FALSE, FALSE, sizeof(int)));
    if (!try_ports(places, type, port, sockets, out_port, error))
        g_clear_pointer(&sockets, g_ptr_array_unref);
    g_array_unref(places);
    return sockets;
}

void listener_close(GPtrArray *sockets)
{
    close_all(sockets);
    g_ptr_array_unref(sockets);
}
