/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/live.h"

#include <errno.h>
#include <grp.h>
#include <pcap/pcap.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

enum {
    SNAP_LEN = 262144, /* whole packets, also those that a network card cuts up later */
    BUFFER_SIZE = 16 * 1024 * 1024,
    TIMEOUT_MS = 100, /* after which the kernel hands out what it has */
};

struct live {
    pcap_t *pcap;
    int link_type;
    uint64_t max_packets, n_packets;
    bool (*each)(const frame *packet, void *data);
    void *data;
};

G_DEFINE_QUARK(tlsfp_live_error, live_error)

static pcap_t *running; /* what the signal handler has to stop */

static void stop(int signal_number)
{
    (void)signal_number;
    if (running != NULL)
        pcap_breakloop(running); /* only sets a flag */
}

static bool fail(GError **error, const char *interface, const char *what, const char *advice)
{
    g_set_error(error, LIVE_ERROR, 0, "%s: %s%s", interface, what, advice);
    return false;
}

/** What can be set before an interface is activated; it may do without nanoseconds. */
static bool set_up(pcap_t *pcap)
{
    int precision = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    return (precision == 0 || precision == PCAP_ERROR_TSTAMP_PRECISION_NOTSUP) &&
           pcap_set_snaplen(pcap, SNAP_LEN) == 0 && pcap_set_promisc(pcap, 1) == 0 &&
           pcap_set_timeout(pcap, TIMEOUT_MS) == 0 && pcap_set_buffer_size(pcap, BUFFER_SIZE) == 0;
}

static bool activate(struct live *live, const live_options *options, GError **error)
{
    if (!set_up(live->pcap))
        return fail(error, options->interface, "cannot be set up", "");
    int status = pcap_activate(live->pcap);
    if (status >= 0)
        return true;
    const char *advice = "";
    if (status == PCAP_ERROR_PERM_DENIED)
        advice = ": run it as root, or give it the capabilities cap_net_raw and cap_net_admin";
    else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
        advice = ": 'ip link' lists the interfaces there are";
    return fail(error, options->interface, pcap_statustostr(status), advice);
}

static bool set_filter(struct live *live, const live_options *options, GError **error)
{
    struct bpf_program program;
    if (options->filter == NULL)
        return true;
    if (pcap_compile(live->pcap, &program, options->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fail(error, "-f", pcap_geterr(live->pcap), "");
    int status = pcap_setfilter(live->pcap, &program);
    pcap_freecode(&program);
    return status == 0 || fail(error, "-f", pcap_geterr(live->pcap), "");
}

/** Becomes another user, for good. */
static bool become(const char *name, GError **error)
{
    if (name == NULL)
        return true;
    errno = 0;
    struct passwd *user = getpwnam(name);
    if (user == NULL)
        return fail(error, "-Z", "there is no user ", name);
    if (initgroups(name, user->pw_gid) != 0 || setgid(user->pw_gid) != 0 ||
        setuid(user->pw_uid) != 0)
        return fail(error, "-Z", "cannot become another user: ", g_strerror(errno));
    return true;
}

struct live *live_open(const live_options *options, GError **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    struct live *live = g_new0(struct live, 1);
    live->max_packets = options->max_packets;
    live->pcap = pcap_create(options->interface, reason);
    if (live->pcap == NULL)
        fail(error, options->interface, reason, "");
    else if (activate(live, options, error) && set_filter(live, options, error) &&
             become(options->user, error)) {
        live->link_type = pcap_datalink(live->pcap);
        return live;
    }
    live_close(live);
    return NULL;
}

void live_close(struct live *live)
{
    if (live == NULL)
        return;
    if (live->pcap != NULL)
        pcap_close(live->pcap);
    g_free(live);
}

static void take_packet(u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
    struct live *live = (struct live *)data;
    const frame packet = {
        .number = ++live->n_packets,
        .time_ns = (int64_t)header->ts.tv_sec * 1000000000 +
                   header->ts.tv_usec, /* nanoseconds were asked for */
        .link_type = live->link_type,
        .wire_len = header->len,
        .bytes = {bytes, header->caplen},
    };
    if (!live->each(&packet, live->data) || live->n_packets == live->max_packets)
        pcap_breakloop(live->pcap);
}

static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

/** A signal that whoever started the program ignores, as nohup does SIGHUP, stays ignored. */
static void set_handlers(struct sigaction old[G_N_ELEMENTS(end_signals)])
{
    struct sigaction action = {.sa_handler = stop};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(end_signals); i++) {
        sigaction(end_signals[i], &action, &old[i]);
        if (old[i].sa_handler == SIG_IGN)
            sigaction(end_signals[i], &old[i], NULL);
    }
}

static void restore_handlers(const struct sigaction old[G_N_ELEMENTS(end_signals)])
{
    for (size_t i = 0; i < G_N_ELEMENTS(end_signals); i++)
        sigaction(end_signals[i], &old[i], NULL);
}

bool live_run(struct live *live, bool (*each)(const frame *packet, void *data), void *data,
              live_counts *out, GError **error)
{
    struct sigaction old[G_N_ELEMENTS(end_signals)];
    struct pcap_stat counts = {0};
    live->each = each;
    live->data = data;
    running = live->pcap;
    set_handlers(old);
    int status = pcap_loop(live->pcap, -1, take_packet, (u_char *)live);
    restore_handlers(old);
    running = NULL;
    if (pcap_stats(live->pcap, &counts) == 0)
        *out = (live_counts){live->n_packets, (uint64_t)counts.ps_drop + counts.ps_ifdrop};
    else
        *out = (live_counts){live->n_packets, 0};
    return status != PCAP_ERROR || fail(error, "capture", pcap_geterr(live->pcap), "");
}
