/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/live.h"

#include <errno.h>
#include <grp.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

enum {
    SNAP_LEN = 262144, /* whole packets, also those that a network card cuts up later */
    TIMEOUT_MS = 100,  /* after which the kernel hands out what it has */
    NS_PER_US = 1000,
};

typedef struct {
    struct live *live;
    const char *name;
    pcap_t *pcap;
    int link_type;
    int64_t ns_per_unit; /* of the timestamps' second part */
} live_interface;

struct live {
    GArray *interfaces; /* of live_interface */
    uint64_t max_packets, n_packets;
    bool ended;
    bool (*each)(const frame *packet, void *data);
    void (*idle)(void *data);
    void *data;
};

G_DEFINE_QUARK(tlsfp_live_error, live_error)

static volatile sig_atomic_t signalled;

static void stop(int signal_number)
{
    signalled = signal_number;
}

static bool fail(GError **error, const char *interface, const char *what, const char *advice)
{
    g_set_error(error, LIVE_ERROR, 0, "%s: %s%s", interface, what, advice);
    return false;
}

/** Sets what must be set before an interface is activated; nanoseconds are optional. */
static bool set_up(pcap_t *pcap, size_t buffer)
{
    int precision = pcap_set_tstamp_precision(pcap, PCAP_TSTAMP_PRECISION_NANO);
    return (precision == 0 || precision == PCAP_ERROR_TSTAMP_PRECISION_NOTSUP) &&
           pcap_set_snaplen(pcap, SNAP_LEN) == 0 && pcap_set_promisc(pcap, 1) == 0 &&
           pcap_set_timeout(pcap, TIMEOUT_MS) == 0 &&
           pcap_set_buffer_size(pcap, (int)MIN(buffer, G_MAXINT)) == 0;
}

static bool activate(const live_interface *interface, const live_options *options, GError **error)
{
    if (!set_up(interface->pcap, options->buffer))
        return fail(error, interface->name, "cannot be set up", "");
    int status = pcap_activate(interface->pcap);
    if (status >= 0)
        return true;
    const char *advice = "";
    if (status == PCAP_ERROR_PERM_DENIED)
        advice = ": run it as root, or give it the capabilities cap_net_raw and cap_net_admin";
    else if (status == PCAP_ERROR_NO_SUCH_DEVICE)
        advice = ": 'ip link' lists the interfaces there are";
    return fail(error, interface->name, pcap_statustostr(status), advice);
}

static bool set_filter(pcap_t *pcap, const live_options *options, GError **error)
{
    struct bpf_program program;
    if (options->filter == NULL)
        return true;
    if (pcap_compile(pcap, &program, options->filter, 1, PCAP_NETMASK_UNKNOWN) != 0)
        return fail(error, "-f", pcap_geterr(pcap), "");
    int status = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    return status == 0 || fail(error, "-f", pcap_geterr(pcap), "");
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

/** Opens one interface; @p live owns it, also on failure. */
static bool open_interface(struct live *live, const char *name, const live_options *options,
                           GError **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    live_interface interface = {.live = live, .name = name, .pcap = pcap_create(name, reason)};
    if (interface.pcap == NULL)
        return fail(error, name, reason, "");
    bool fine = activate(&interface, options, error) &&
                set_filter(interface.pcap, options, error) &&
                (pcap_setnonblock(interface.pcap, 1, reason) == 0 || fail(error, name, reason, ""));
    if (fine) {
        bool has_ns = pcap_get_tstamp_precision(interface.pcap) == PCAP_TSTAMP_PRECISION_NANO;
        interface.link_type = pcap_datalink(interface.pcap);
        interface.ns_per_unit = has_ns ? 1 : NS_PER_US;
    }
    g_array_append_val(live->interfaces, interface);
    return fine;
}

struct live *live_open(const live_options *options, GError **error)
{
    struct live *live = g_new0(struct live, 1);
    live->max_packets = options->max_packets;
    live->idle = options->idle;
    live->interfaces = g_array_new(FALSE, FALSE, sizeof(live_interface));
    bool fine = true;
    for (guint i = 0; i < options->interfaces->len && fine; i++)
        fine = open_interface(live, g_ptr_array_index(options->interfaces, i), options, error);
    if (fine && become(options->user, error))
        return live;
    live_close(live);
    return NULL;
}

static live_interface *interface_at(const struct live *live, guint i)
{
    return &g_array_index(live->interfaces, live_interface, i);
}

void live_close(struct live *live)
{
    if (live == NULL)
        return;
    for (guint i = 0; i < live->interfaces->len; i++)
        pcap_close(interface_at(live, i)->pcap);
    g_array_free(live->interfaces, TRUE);
    g_free(live);
}

static void take_packet(u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
    const live_interface *from = (const live_interface *)data;
    struct live *live = from->live;
    const frame packet = {
        .number = ++live->n_packets,
        .time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec * from->ns_per_unit,
        .link_type = from->link_type,
        .wire_len = header->len,
        .bytes = {bytes, header->caplen},
        .interface = from->name,
    };
    live->ended = !live->each(&packet, live->data) || live->n_packets == live->max_packets;
    if (live->ended || signalled)
        pcap_breakloop(from->pcap);
}

static const int end_signals[] = {SIGINT, SIGTERM, SIGHUP};

/** A signal that was ignored from the start stays ignored, as SIGHUP is under nohup. */
static void set_handlers(struct sigaction old[G_N_ELEMENTS(end_signals)])
{
    struct sigaction action = {.sa_handler = stop};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < G_N_ELEMENTS(end_signals); i++) {
        sigaction(end_signals[i], &action, &old[i]);
        if (end_signals[i] == SIGHUP && old[i].sa_handler == SIG_IGN)
            sigaction(end_signals[i], &old[i], NULL);
    }
}

static void restore_handlers(const struct sigaction old[G_N_ELEMENTS(end_signals)])
{
    for (size_t i = 0; i < G_N_ELEMENTS(end_signals); i++)
        sigaction(end_signals[i], &old[i], NULL);
}

/** Waits until an interface has packets, a signal comes, or a moment has passed. */
static void wait_for_packets(const struct live *live, struct pollfd *descriptors)
{
    for (guint i = 0; i < live->interfaces->len; i++)
        descriptors[i] = (struct pollfd){
            .fd = pcap_get_selectable_fd(interface_at(live, i)->pcap),
            .events = POLLIN,
        };
    (void)poll(descriptors, live->interfaces->len, TIMEOUT_MS);
}

/** Reads from each interface in turn, until it is time to end. */
static bool take_packets(const struct live *live, GError **error)
{
    struct pollfd *descriptors = g_new0(struct pollfd, live->interfaces->len);
    bool fine = true;
    while (fine && !live->ended && !signalled) {
        int n = 0;
        for (guint i = 0; i < live->interfaces->len && fine && !live->ended && !signalled; i++) {
            live_interface *from = interface_at(live, i);
            int status = pcap_dispatch(from->pcap, -1, take_packet, (u_char *)from);
            fine = status != PCAP_ERROR || fail(error, from->name, pcap_geterr(from->pcap), "");
            n += MAX(status, 0);
        }
        if (n > 0 || !fine || live->ended || signalled)
            continue;
        if (live->idle != NULL)
            live->idle(live->data);
        wait_for_packets(live, descriptors);
    }
    g_free(descriptors);
    return fine;
}

bool live_run(struct live *live, bool (*each)(const frame *packet, void *data), void *data,
              live_counts *out, GError **error)
{
    struct sigaction old[G_N_ELEMENTS(end_signals)];
    live->each = each;
    live->data = data;
    signalled = 0;
    set_handlers(old);
    bool fine = take_packets(live, error);
    restore_handlers(old);
    *out = (live_counts){.packets = live->n_packets};
    for (guint i = 0; i < live->interfaces->len; i++) {
        struct pcap_stat counts = {0};
        if (pcap_stats(interface_at(live, i)->pcap, &counts) == 0)
            out->dropped += (uint64_t)counts.ps_drop + counts.ps_ifdrop;
    }
    return fine;
}
