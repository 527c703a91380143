/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/serve.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "serve/listener.h"
#include "serve/tls.h"
#include "serve/worker.h"

enum { OTHER_DESCRIPTORS = 64 }; /* besides connections; a guess, and on the safe side */

/** Lets the process have as many descriptors as its connections need, where the system does. */
static void raise_descriptor_limit(const options *asked)
{
    const rlim_t wanted = asked->limits.max_connections + OTHER_DESCRIPTORS * asked->n_workers;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY ? wanted : MIN(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}

static bool is_any(const char *host)
{
    return strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

static void print_urls(const options *asked, uint16_t port)
{
    const char *host = asked->hosts != NULL ? asked->hosts[0] : "localhost";
    if (is_any(host))
        host = "localhost";
    const bool is_6 = strchr(host, ':') != NULL;
    char *url = g_strdup_printf(is_6 ? "https://[%s]:%u/" : "https://%s:%u/", host, port);
    fprintf(stderr, "tlsfp-echo: %s\n  curl -s%s %stls\n", url, asked->cert != NULL ? "" : "k",
            url);
    g_free(url);
}

static sigset_t end_signals(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

static void free_worker(gpointer one)
{
    worker_free(one);
}

static GPtrArray *make_workers(const server *all, const GPtrArray *sockets, GError **error)
{
    GPtrArray *workers = g_ptr_array_new_with_free_func(free_worker);
    for (guint i = 0; i < sockets->len; i++) {
        worker *one = worker_new(all, g_ptr_array_index(sockets, i), error);
        if (one == NULL) {
            g_ptr_array_unref(workers);
            return NULL;
        }
        g_ptr_array_add(workers, one);
    }
    return workers;
}

/** The threads inherit the blocked signals: they come here alone. */
static void run(const GPtrArray *workers)
{
    const sigset_t signals = end_signals();
    int signal_number;
    GPtrArray *threads = g_ptr_array_new();
    for (guint i = 0; i < workers->len; i++)
        g_ptr_array_add(threads, g_thread_new("worker", worker_run, workers->pdata[i]));
    sigwait(&signals, &signal_number);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    for (guint i = 0; i < workers->len; i++)
        worker_stop(workers->pdata[i]);
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(threads->pdata[i]);
    g_ptr_array_unref(threads);
}

static bool serve_on(server *all, GError **error)
{
    GPtrArray *sockets = listener_open(all->asked, &all->port, error);
    if (sockets == NULL)
        return false;
    GPtrArray *workers = make_workers(all, sockets, error);
    g_ptr_array_unref(sockets);
    if (workers == NULL)
        return false;
    print_urls(all->asked, all->port);
    run(workers);
    g_ptr_array_unref(workers);
    return true;
}

bool serve(const options *asked, GError **error)
{
    const sigset_t signals = end_signals();
    signal(SIGPIPE, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    raise_descriptor_limit(asked);
    server all = {.asked = asked, .tls = tls_new(asked, error)};
    if (all.tls == NULL)
        return false;
    all.addresses = addresses_new(asked->limits.max_per_address);
    const bool fine = serve_on(&all, error);
    addresses_free(all.addresses);
    SSL_CTX_free(all.tls);
    return fine;
}
