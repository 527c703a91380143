/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <openssl/tls1.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quic/quic.h"

enum {
    DEFAULT_PORT = 4433,
    MAX_PORT = 0xffff,
    MAX_WORKERS = 256,
    DEFAULT_CONNECTIONS = 10000,
    MAX_CONNECTIONS = 1000000,
    DEFAULT_PER_ADDRESS = 1000,
    DEFAULT_PREFIX = 64, /* what one customer usually has */
    MAX_PREFIX = 128,
    DEFAULT_COSTLY_RATE = 20, /* P-384, the costliest default group, takes 2 ms or more */
    MAX_COSTLY_RATE = 100000,
    DEFAULT_HEAD_KIB = 16,
    MAX_HEAD_KIB = 1024,
    DEFAULT_HELLO_KIB = 64,
    MAX_HELLO_KIB = 128, /* OpenSSL's own limit is 131,396 bytes */
    KIB = 1024,
};

static const double default_handshake_time = 10, default_head_time = 10, default_idle_time = 30;
static const double shortest_time = 0.01, longest_time = 86400;

/** What GOption fills before it is checked. */
typedef struct {
    echo_options *out;
    gboolean proxy_protocol, tickets, version, cors, json_only, no_quic, inetd;
    gint64 quic_port, port, n_workers, connections, per_address, prefix, costly_rate, head_kib,
        hello_kib;
    double handshake_time, head_time, idle_time;
    char *tls_min, *tls_max, *log;
    char **labels;
} command_line;

static const char summary[] =
    "Serves HTTPS, and tells each client the fingerprints of its TLS handshake.";

static const char description[] =
    "Without options it listens on 127.0.0.1 and [::1], port 4433, with a certificate\n"
    "of its own.\n"
    "\n"
    "  /              a page for people; OK for everything else\n"
    "  /all           JSON: every layer, from TCP or QUIC to HTTP\n"
    "  /tls           JSON: what the client sent in TLS, and its fingerprints\n"
    "  /ja4, /ja3     the bare value\n"
    "  /client-hello  the message itself\n"
    "  /api/all       JSON in the keys of tls.peet.ws\n"
    "\n"
    "Exit status: 0 after SIGTERM or SIGINT, 2 where it could not start.\n"
    "\n"
    "Examples:\n"
    "  tlsfp-echo & curl -sk https://localhost:4433/tls\n"
    "  tlsfp-echo --host 0.0.0.0 --host :: --port 443 --cert chain.pem --key key.pem";

void options_free(echo_options *options)
{
    if (options == NULL)
        return;
    g_strfreev(options->hosts);
    g_free(options->cert);
    g_free(options->key);
    g_free(options->groups);
    g_free(options->unix_path);
    tlsfp_labels_free(options->labels);
    known_clients_free(options->known);
    g_free(options);
}

static bool refuse(GError **error, const char *option, const char *why)
{
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: %s", option, why);
    return false;
}

static void add_server_entries(GOptionContext *context, command_line *line)
{
    echo_options *out = line->out;
    const GOptionEntry entries[] = {
        {"host", 0, 0, G_OPTION_ARG_STRING_ARRAY, &out->hosts,
         "Listen on ADDRESS; may be given several times", "ADDRESS"},
        {"port", 0, 0, G_OPTION_ARG_INT64, &line->port,
         "Listen on PORT (4433); 0: one that is free", "PORT"},
        {"unix", 0, 0, G_OPTION_ARG_FILENAME, &out->unix_path,
         "Listen on a Unix socket at PATH, not TCP and UDP", "PATH"},
        {"inetd", 0, 0, G_OPTION_ARG_NONE, &line->inetd,
         "Listen on the socket that is standard input", NULL},
        {"quic-port", 0, 0, G_OPTION_ARG_INT64, &line->quic_port,
         "Serve HTTP/3 on PORT of UDP (that of TCP)", "PORT"},
        {"no-quic", 0, 0, G_OPTION_ARG_NONE, &line->no_quic, "Serve no HTTP/3", NULL},
        {"workers", 0, 0, G_OPTION_ARG_INT64, &line->n_workers, "Serve with N threads (1)", "N"},
        {"proxy-protocol", 0, 0, G_OPTION_ARG_NONE, &line->proxy_protocol,
         "Expect a PROXY header from a load balancer", NULL},
        {"log", 0, 0, G_OPTION_ARG_STRING, &line->log, "Log handshakes and requests: json or text",
         "FORMAT"},
        {"labels", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &line->labels,
         "Tell clients their names in FILE; repeatable", "FILE"},
        {"cors", 0, 0, G_OPTION_ARG_NONE, &line->cors, "Let scripts of other sites read the JSON",
         NULL},
        {"json-only", 0, 0, G_OPTION_ARG_NONE, &line->json_only,
         "Serve JSON in place of the page, for programs", NULL},
        {"version", 0, 0, G_OPTION_ARG_NONE, &line->version, "Print the version and end", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_option_context_add_main_entries(context, entries, NULL);
}

static void add_tls_entries(GOptionContext *context, command_line *line)
{
    echo_options *out = line->out;
    const GOptionEntry entries[] = {
        {"cert", 0, 0, G_OPTION_ARG_FILENAME, &out->cert,
         "Certificates in PEM, the server's own first", "FILE"},
        {"key", 0, 0, G_OPTION_ARG_FILENAME, &out->key,
         "Private key in PEM (in the file of --cert)", "FILE"},
        {"tls-min", 0, 0, G_OPTION_ARG_STRING, &line->tls_min,
         "Lowest version: 1.0, 1.1, 1.2 (default) or 1.3", "VERSION"},
        {"tls-max", 0, 0, G_OPTION_ARG_STRING, &line->tls_max,
         "Highest version: 1.0, 1.1, 1.2 or 1.3 (default)", "VERSION"},
        {"groups", 0, 0, G_OPTION_ARG_STRING, &out->groups,
         "Only these groups, for example X25519:P-256", "LIST"},
        {"tickets", 0, 0, G_OPTION_ARG_NONE, &line->tickets,
         "Let clients resume, which changes their JA4", NULL},
        G_OPTION_ENTRY_NULL,
    };
    g_option_context_add_main_entries(context, entries, NULL);
}

static void add_limit_entries(GOptionContext *context, command_line *line)
{
    const GOptionEntry entries[] = {
        {"max-connections", 0, 0, G_OPTION_ARG_INT64, &line->connections,
         "Keep at most N (10000); the quietest makes room", "N"},
        {"max-per-address", 0, 0, G_OPTION_ARG_INT64, &line->per_address,
         "Keep at most N connections of one address (1000)", "N"},
        {"ipv6-prefix", 0, 0, G_OPTION_ARG_INT64, &line->prefix,
         "Count IPv6 addresses alike in BITS as one (64)", "BITS"},
        {"max-costly", 0, 0, G_OPTION_ARG_INT64, &line->costly_rate,
         "Key exchanges in costly groups a second (20)", "N"},
        {"max-hello", 0, 0, G_OPTION_ARG_INT64, &line->hello_kib,
         "Refuse hellos longer than KIB (64)", "KIB"},
        {"max-head", 0, 0, G_OPTION_ARG_INT64, &line->head_kib,
         "Refuse request heads longer than KIB (16)", "KIB"},
        {"handshake-time", 0, 0, G_OPTION_ARG_DOUBLE, &line->handshake_time,
         "Close what has not shaken hands in SECONDS (10)", "SECONDS"},
        {"head-time", 0, 0, G_OPTION_ARG_DOUBLE, &line->head_time,
         "Close what has sent no whole head in SECONDS (10)", "SECONDS"},
        {"idle-time", 0, 0, G_OPTION_ARG_DOUBLE, &line->idle_time,
         "Close what asks nothing for SECONDS (30)", "SECONDS"},
        G_OPTION_ENTRY_NULL,
    };
    g_option_context_add_main_entries(context, entries, NULL);
}

static bool parse_words(command_line *line, int argc, char **argv, GError **error)
{
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_set_summary(context, summary);
    g_option_context_set_description(context, description);
    add_server_entries(context, line);
    add_tls_entries(context, line);
    add_limit_entries(context, line);
    char **words = g_new0(char *, (gsize)argc + 1);
    for (int i = 0; i < argc; i++)
        words[i] = g_strdup(argv[i]);
    bool fine = g_option_context_parse_strv(context, &words, error);
    if (fine && g_strv_length(words) > 1)
        fine = refuse(error, words[1], "this is no option");
    g_strfreev(words);
    g_option_context_free(context);
    return fine;
}

static bool check_number(gint64 value, gint64 least, gint64 most, const char *option,
                         GError **error)
{
    if (least <= value && value <= most)
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT
                " and %" G_GINT64_FORMAT,
                option, value, least, most);
    return false;
}

static bool check_time(double value, const char *option, GError **error)
{
    if (shortest_time <= value && value <= longest_time)
        return true;
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: %g is not between %g and %g",
                option, value, shortest_time, longest_time);
    return false;
}

static bool check_numbers(const command_line *line, GError **error)
{
    return check_number(line->port, 0, MAX_PORT, "--port", error) &&
           check_number(line->quic_port, 0, MAX_PORT, "--quic-port", error) &&
           check_number(line->n_workers, 1, MAX_WORKERS, "--workers", error) &&
           check_number(line->connections, line->n_workers, MAX_CONNECTIONS, "--max-connections",
                        error) &&
           check_number(line->per_address, 1, MAX_CONNECTIONS, "--max-per-address", error) &&
           check_number(line->prefix, 1, MAX_PREFIX, "--ipv6-prefix", error) &&
           check_number(line->costly_rate, 0, MAX_COSTLY_RATE, "--max-costly", error) &&
           check_number(line->hello_kib, 1, MAX_HELLO_KIB, "--max-hello", error) &&
           check_number(line->head_kib, 1, MAX_HEAD_KIB, "--max-head", error) &&
           check_time(line->handshake_time, "--handshake-time", error) &&
           check_time(line->head_time, "--head-time", error) &&
           check_time(line->idle_time, "--idle-time", error);
}

static bool take_version(const char *text, const char *option, int *out, GError **error)
{
    static const struct {
        const char *text;
        int version;
    } versions[] = {
        {"1.0", TLS1_VERSION},
        {"1.1", TLS1_1_VERSION},
        {"1.2", TLS1_2_VERSION},
        {"1.3", TLS1_3_VERSION},
    };
    for (size_t i = 0; text != NULL && i < G_N_ELEMENTS(versions); i++)
        if (strcmp(text, versions[i].text) == 0) {
            *out = versions[i].version;
            return true;
        }
    return text == NULL || refuse(error, option, "the versions are 1.0, 1.1, 1.2 and 1.3");
}

static bool take_log(const char *text, log_format *out, GError **error)
{
    if (text == NULL)
        return true;
    if (strcmp(text, "json") != 0 && strcmp(text, "text") != 0)
        return refuse(error, "--log", "the formats are json and text");
    *out = *text == 'j' ? LOG_JSON : LOG_TEXT;
    return true;
}

static bool take_tls(const command_line *line, GError **error)
{
    echo_options *out = line->out;
    if (out->key != NULL && out->cert == NULL)
        return refuse(error, "--key", "only together with --cert");
    if (!take_version(line->tls_min, "--tls-min", &out->tls_min, error) ||
        !take_version(line->tls_max, "--tls-max", &out->tls_max, error))
        return false;
    if (out->tls_min > out->tls_max && line->tls_min == NULL)
        out->tls_min = out->tls_max;
    if (out->tls_min > out->tls_max)
        return refuse(error, "--tls-min", "this is above --tls-max");
    return true;
}

static void tell_broken_row(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "tlsfp-echo: %s\n", message);
}

static bool take_labels(const command_line *line, GError **error)
{
    echo_options *out = line->out;
    if (line->labels != NULL) {
        tlsfp_hash_key key;
        tlsfp_hash_key_draw(&key);
        out->labels = tlsfp_labels_new(&key);
        out->known = known_clients_new();
    }
    for (char **file = line->labels; file != NULL && *file != NULL; file++)
        if (!known_clients_load(out->known, *file, out->labels, tell_broken_row, error)) {
            g_prefix_error(error, "--labels: ");
            return false;
        }
    return true;
}

static int64_t microseconds(double seconds)
{
    return (int64_t)(seconds * G_USEC_PER_SEC);
}

static void take_numbers(const command_line *line)
{
    echo_options *out = line->out;
    out->port = (uint16_t)line->port;
    out->quic = !line->no_quic;
    out->quic_port = (uint16_t)line->quic_port;
    out->n_workers = (unsigned)line->n_workers;
    out->proxy_protocol = line->proxy_protocol;
    out->tickets = line->tickets;
    out->cors = line->cors;
    out->json_only = line->json_only;
    out->inetd = line->inetd;
    out->limits = (echo_limits){
        .max_connections = (unsigned)line->connections,
        .max_per_address = (unsigned)line->per_address,
        .prefix_bits = (unsigned)line->prefix,
        .costly_rate = (unsigned)line->costly_rate,
        .max_head = (size_t)line->head_kib * KIB,
        .max_hello = (size_t)line->hello_kib * KIB,
        .handshake_time = microseconds(line->handshake_time),
        .head_time = microseconds(line->head_time),
        .idle_time = microseconds(line->idle_time),
    };
}

static bool parse(command_line *line, int argc, char **argv, GError **error)
{
    if (!parse_words(line, argc, argv, error))
        return false;
    if (line->version) {
        const char *libraries = quic_libraries();
        printf("tlsfp-echo " TLSFP_VERSION "\nHTTP/3: %s\n",
               libraries != NULL ? libraries : "no (built without ngtcp2 and nghttp3)");
        exit(EXIT_SUCCESS);
    }
    if (!check_numbers(line, error) || !take_tls(line, error) ||
        !take_log(line->log, &line->out->log, error) || !take_labels(line, error))
        return false;
    take_numbers(line);
    return true;
}

echo_options *options_parse(int argc, char **argv, GError **error)
{
    command_line line = {
        .out = g_new0(echo_options, 1),
        .port = DEFAULT_PORT,
        .n_workers = 1,
        .connections = DEFAULT_CONNECTIONS,
        .per_address = DEFAULT_PER_ADDRESS,
        .prefix = DEFAULT_PREFIX,
        .costly_rate = DEFAULT_COSTLY_RATE,
        .head_kib = DEFAULT_HEAD_KIB,
        .hello_kib = DEFAULT_HELLO_KIB,
        .handshake_time = default_handshake_time,
        .head_time = default_head_time,
        .idle_time = default_idle_time,
    };
    line.out->tls_min = TLS1_2_VERSION;
    line.out->tls_max = TLS1_3_VERSION;
    bool fine = parse(&line, argc, argv, error);
    g_free(line.tls_min);
    g_free(line.tls_max);
    g_free(line.log);
    g_strfreev(line.labels);
    if (fine)
        return line.out;
    options_free(line.out);
    return NULL;
}
