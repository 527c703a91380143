/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/given.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_GIVEN = 3, MAX_GIVEN = 64 };

static bool fail(GError **error, const char *about, const char *why)
{
    g_set_error(error, G_FILE_ERROR, 0, "%s: %s", about, why);
    return false;
}

static void unref_array(gpointer array)
{
    g_array_unref(array);
}

/** An array without sockets for each worker. */
static GPtrArray *make_arrays(const echo_options *options)
{
    GPtrArray *arrays = g_ptr_array_new_with_free_func(unref_array);
    for (unsigned i = 0; i < options->n_workers; i++)
        g_ptr_array_add(arrays, g_array_new(FALSE, FALSE, sizeof(int)));
    return arrays;
}

static void add_socket(GPtrArray *arrays, guint worker, int fd)
{
    g_array_append_val((GArray *)arrays->pdata[worker], fd);
}

/** Workers that share a socket each accept from a descriptor of their own. */
static void share(GPtrArray *arrays, int fd)
{
    for (guint i = 0; i < arrays->len; i++) {
        const int own = i == 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (own >= 0)
            add_socket(arrays, i, own);
    }
}

static void prepare(int fd)
{
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/** Its port; 0 for a socket of another family. */
static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &len);
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    return address.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&address)->sin_port) : 0;
}

static int option_of(int fd, int option)
{
    int value = -1;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &len) == 0 ? value : -1;
}

static bool take_one(int fd, given_sockets *out, const echo_options *options, GError **error)
{
    char about[32];
    g_snprintf(about, sizeof about, "descriptor %d", fd);
    const int type = option_of(fd, SO_TYPE);
    if (type == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1) {
        setsockopt(fd, IPPROTO_TCP, TCP_SAVE_SYN, &(int){1}, sizeof(int));
        prepare(fd);
        share(out->streams, fd);
        out->port = out->port != 0 ? out->port : port_of(fd);
        return true;
    }
    if (type != SOCK_DGRAM || port_of(fd) == 0)
        return fail(error, about, "this is no socket that listens");
    prepare(fd);
    if (out->datagrams == NULL)
        out->datagrams = make_arrays(options);
    add_socket(out->datagrams, 0, fd);
    out->quic_port = out->quic_port != 0 ? out->quic_port : port_of(fd);
    return true;
}

/** How many were passed to this process. */
static int count_given(void)
{
    const char *pid = g_getenv("LISTEN_PID"), *n = g_getenv("LISTEN_FDS");
    if (pid == NULL || n == NULL || strtol(pid, NULL, 10) != getpid())
        return 0;
    return (int)CLAMP(strtol(n, NULL, 10), 0, MAX_GIVEN);
}

bool given_take(const echo_options *options, given_sockets *out, GError **error)
{
    const int first = options->inetd ? STDIN_FILENO : FIRST_GIVEN;
    const int n = options->inetd ? 1 : count_given();
    if (n == 0)
        return false;
    *out = (given_sockets){.streams = make_arrays(options)};
    for (int fd = first; fd < first + n; fd++)
        if (!take_one(fd, out, options, error)) {
            g_ptr_array_unref(out->streams);
            g_clear_pointer(&out->datagrams, g_ptr_array_unref);
            return false;
        }
    return true;
}

/** A path that a server has left behind is free. */
static void remove_old(const struct sockaddr_un *address)
{
    struct stat status;
    if (lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 &&
        errno == ECONNREFUSED)
        unlink(address->sun_path);
    close(fd);
}

GPtrArray *given_open_unix(const echo_options *options, GError **error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(options->unix_path) >= sizeof address.sun_path) {
        fail(error, "--unix", "this path is too long");
        return NULL;
    }
    strcpy(address.sun_path, options->unix_path);
    remove_old(&address);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        fail(error, options->unix_path, g_strerror(errno));
        close(fd);
        return NULL;
    }
    GPtrArray *arrays = make_arrays(options);
    share(arrays, fd);
    return arrays;
}
