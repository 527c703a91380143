/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/live.h"

#include <errno.h>
#include <grp.h>
#include <linux/if_packet.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SNAP_LEN = 262144, /* whole packets, also those that a network card cuts up later */
    TIMEOUT_MS = 100,  /* after which the kernel hands out what it has */
    NS_PER_US = 1000,
};

/** An interface, as one part sees it. */
typedef struct {
    struct live_part *part;
    const char *name;
    pcap_t *pcap;
    int link_type;
    int64_t ns_per_unit; /* of the timestamps' second part */
} live_interface;

/** What one thread listens to. */
struct live_part {
    struct live *live;
    GArray *interfaces; /* of live_interface */
    void *data;
    GError *error;
};

struct live {
    GPtrArray *parts; /* of struct live_part */
    uint64_t max_packets;
    atomic_uint_least64_t n_packets;
    atomic_bool ended;
    bool (*each)(const frame *packet, void *data);
    void (*idle)(void *data);
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
    if (!set_up(interface->pcap, options->buffer / MAX(options->n_parts, 1)))
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

/** Opens one interface; @p part owns it, also on failure. */
static bool open_interface(struct live_part *part, const char *name, const live_options *options,
                           GError **error)
{
    char reason[PCAP_ERRBUF_SIZE];
    live_interface interface = {.part = part, .name = name, .pcap = pcap_create(name, reason)};
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
    g_array_append_val(part->interfaces, interface);
    return fine;
}

static live_interface *interface_at(const struct live_part *part, guint i)
{
    return &g_array_index(part->interfaces, live_interface, i);
}

static struct live_part *part_at(const struct live *live, guint i)
{
    return g_ptr_array_index(live->parts, i);
}

static void free_part(void *data)
{
    struct live_part *part = data;
    for (guint i = 0; i < part->interfaces->len; i++)
        pcap_close(interface_at(part, i)->pcap);
    g_array_free(part->interfaces, TRUE);
    g_clear_error(&part->error);
    g_free(part);
}

/** Adds a part, which listens to all interfaces. */
static bool open_part(struct live *live, const live_options *options, GError **error)
{
    struct live_part *part = g_new0(struct live_part, 1);
    part->live = live;
    part->interfaces = g_array_new(FALSE, FALSE, sizeof(live_interface));
    g_ptr_array_add(live->parts, part);
    bool fine = true;
    for (guint i = 0; i < options->interfaces->len && fine; i++)
        fine = open_interface(part, g_ptr_array_index(options->interfaces, i), options, error);
    return fine;
}

/**
 * Has the kernel deal packets out among the parts, packet(7): by connection, fragments put together
 * before. A group has a number; that of the first socket is given to the others.
 */
static bool join_group(const struct live_part *part, guint i, int *group)
{
    int fd = pcap_fileno(interface_at(part, i)->pcap);
    unsigned how = PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG,
             flags = *group < 0 ? how | PACKET_FANOUT_FLAG_UNIQUEID : how;
    int value = (int)(flags << 16 | (*group < 0 ? 0 : (unsigned)*group));
    socklen_t len = sizeof value;
    if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, sizeof value) != 0 ||
        getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &value, &len) != 0)
        return false;
    *group = value & 0xffff;
    return true;
}

/** Adds the other parts, or none where packets cannot be dealt out. */
static void open_parts(struct live *live, const live_options *options)
{
    bool fine = true;
    while (fine && live->parts->len < options->n_parts)
        fine = open_part(live, options, NULL);
    for (guint i = 0; i < options->interfaces->len && fine && live->parts->len > 1; i++) {
        int group = -1;
        for (guint j = 0; j < live->parts->len && fine; j++)
            fine = join_group(part_at(live, j), i, &group);
    }
    if (!fine)
        g_ptr_array_set_size(live->parts, 1);
}

struct live *live_open(const live_options *options, GError **error)
{
    struct live *live = g_new0(struct live, 1);
    live->max_packets = options->max_packets;
    live->each = options->each;
    live->idle = options->idle;
    live->parts = g_ptr_array_new_with_free_func(free_part);
    bool fine = open_part(live, options, error);
    if (fine)
        open_parts(live, options);
    if (fine && become(options->user, error))
        return live;
    live_close(live);
    return NULL;
}

void live_close(struct live *live)
{
    if (live == NULL)
        return;
    g_ptr_array_free(live->parts, TRUE);
    g_free(live);
}

unsigned live_parts(const struct live *live)
{
    return live->parts->len;
}

static bool is_over(struct live *live)
{
    return atomic_load(&live->ended) || signalled;
}

static void take_packet(u_char *data, const struct pcap_pkthdr *header, const u_char *bytes)
{
    const live_interface *from = (const live_interface *)data;
    struct live *live = from->part->live;
    const frame packet = {
        .number = atomic_fetch_add(&live->n_packets, 1) + 1,
        .time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec * from->ns_per_unit,
        .link_type = from->link_type,
        .wire_len = header->len,
        .bytes = {bytes, header->caplen},
        .interface = from->name,
    };
    bool is_wanted = live->max_packets == 0 || packet.number <= live->max_packets;
    if ((is_wanted && !live->each(&packet, from->part->data)) ||
        (live->max_packets > 0 && packet.number >= live->max_packets))
        atomic_store(&live->ended, true);
    if (is_over(live))
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
static void wait_for_packets(const struct live_part *part, struct pollfd *descriptors)
{
    for (guint i = 0; i < part->interfaces->len; i++)
        descriptors[i] = (struct pollfd){
            .fd = pcap_get_selectable_fd(interface_at(part, i)->pcap),
            .events = POLLIN,
        };
    (void)poll(descriptors, part->interfaces->len, TIMEOUT_MS);
}

/** Takes what an interface has; how many packets, or a negative number with the error set. */
static int dispatch(struct live_part *part, live_interface *from)
{
    int status = pcap_dispatch(from->pcap, -1, take_packet, (u_char *)from);
    if (status != PCAP_ERROR)
        return MAX(status, 0);
    if (part->error == NULL)
        (void)fail(&part->error, from->name, pcap_geterr(from->pcap), "");
    atomic_store(&part->live->ended, true);
    return 0;
}

/** Reads from each interface in turn, until it is time to end. */
static gpointer take_packets(gpointer data)
{
    struct live_part *part = data;
    struct live *live = part->live;
    struct pollfd *descriptors = g_new0(struct pollfd, part->interfaces->len);
    while (!is_over(live)) {
        int n = 0;
        for (guint i = 0; i < part->interfaces->len && !is_over(live); i++)
            n += dispatch(part, interface_at(part, i));
        if (n > 0 || is_over(live))
            continue;
        if (live->idle != NULL)
            live->idle(part->data);
        wait_for_packets(part, descriptors);
    }
    g_free(descriptors);
    return NULL;
}

/** The calling thread takes the first part. */
static void run_parts(const struct live *live, void *const *data)
{
    GPtrArray *threads = g_ptr_array_new();
    for (guint i = 0; i < live->parts->len; i++)
        part_at(live, i)->data = data[i];
    for (guint i = 1; i < live->parts->len; i++)
        g_ptr_array_add(threads, g_thread_new("listen", take_packets, part_at(live, i)));
    take_packets(part_at(live, 0));
    for (guint i = 0; i < threads->len; i++)
        g_thread_join(g_ptr_array_index(threads, i));
    g_ptr_array_free(threads, TRUE);
}

/** What the kernel dropped; the interface's own drops are the same for all parts. */
static uint64_t count_drops(const struct live *live)
{
    uint64_t dropped = 0;
    for (guint i = 0; i < live->parts->len; i++)
        for (guint j = 0; j < part_at(live, i)->interfaces->len; j++) {
            struct pcap_stat counts = {0};
            if (pcap_stats(interface_at(part_at(live, i), j)->pcap, &counts) == 0)
                dropped += (uint64_t)counts.ps_drop + (i == 0 ? counts.ps_ifdrop : 0);
        }
    return dropped;
}

bool live_run(struct live *live, void *const *data, live_counts *out, GError **error)
{
    struct sigaction old[G_N_ELEMENTS(end_signals)];
    signalled = 0;
    set_handlers(old);
    run_parts(live, data);
    restore_handlers(old);
    *out = (live_counts){.packets = atomic_load(&live->n_packets), .dropped = count_drops(live)};
    for (guint i = 0; i < live->parts->len; i++) {
        struct live_part *part = part_at(live, i);
        if (part->error == NULL)
            continue;
        g_propagate_error(error, part->error);
        part->error = NULL;
        return false;
    }
    return true;
}
