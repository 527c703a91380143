/* SPDX-License-Identifier: BSD-3-Clause */
#include "known_clients.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>

#include "writer.h"

enum {
    EXTENSION_SNI = 0,
    EXTENSION_GROUPS = 10,
    EXTENSION_FORMATS = 11,
    EXTENSION_ALGORITHMS = 13
};
enum { EXTENSION_ALPN = 16, EXTENSION_VERSIONS = 43, EXTENSION_KEY_SHARE = 51, KEY_SIZE = 36 };

typedef struct {
    GArray *ciphers, *extensions, *groups, *algorithms; /* uint16_t */
    bool shuffles, is_13;
    char alpn;     /* '0' for none, else the digit behind "h" */
    double weight; /* of this and all before it */
} known_client;

static GArray *clients;
static GByteArray *hello;

/** Numbers between separators, as JA3 and JA4 write them. */
static GArray *read_numbers(const char *text, char separator, int base)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    while (*text != '\0' && *text != '_') {
        char *end;
        uint16_t value = (uint16_t)strtoul(text, &end, base);
        if (end == text)
            break;
        g_array_append_val(out, value);
        text = *end == separator ? end + 1 : end;
    }
    return out;
}

/** Fields of a line of CSV: quotes hold commas. */
static GPtrArray *split_line(const char *line)
{
    GPtrArray *fields = g_ptr_array_new_with_free_func(g_free);
    GString *field = g_string_new(NULL);
    bool quoted = false;
    for (; *line != '\0'; line++) {
        if (*line == '"')
            quoted = !quoted;
        else if (*line == ',' && !quoted) {
            g_ptr_array_add(fields, g_strdup(field->str));
            g_string_truncate(field, 0);
        } else
            g_string_append_c(field, *line);
    }
    g_ptr_array_add(fields, g_string_free(field, FALSE));
    return fields;
}

static const char *field_named(const GPtrArray *header, const GPtrArray *row, const char *name)
{
    for (guint i = 0; i < MIN(header->len, row->len); i++)
        if (strcmp(header->pdata[i], name) == 0)
            return row->pdata[i];
    g_error("samples/clients.csv has no column %s", name);
}

static void add_value(GArray *values, uint16_t value)
{
    g_array_append_val(values, value);
}

/** JA4's raw form has no order; JA3's, of clients that do not shuffle, has. */
static void add_client(const char *ja4, const char *ja4_r, const char *ja3_r)
{
    char **parts = g_strsplit(ja4_r, "_", 4), **lists = g_strsplit(ja3_r, ",", 5);
    known_client client = {.is_13 = strncmp(ja4 + 1, "13", 2) == 0, .alpn = ja4[9]};
    if (g_strv_length(parts) >= 3) {
        client.shuffles = lists[0] == NULL || lists[1] == NULL;
        client.ciphers =
            client.shuffles ? read_numbers(parts[1], ',', 16) : read_numbers(lists[1], '-', 10);
        client.extensions =
            client.shuffles ? read_numbers(parts[2], ',', 16) : read_numbers(lists[2], '-', 10);
        client.groups = read_numbers(client.shuffles ? "29-23-24" : lists[3], '-', 10);
        client.algorithms = read_numbers(parts[3] != NULL ? parts[3] : "", ',', 16);
        if (client.shuffles && ja4[3] == 'd')
            add_value(client.extensions, EXTENSION_SNI);
        if (client.shuffles && client.alpn != '0')
            add_value(client.extensions, EXTENSION_ALPN);
        double before =
            clients->len > 0 ? g_array_index(clients, known_client, clients->len - 1).weight : 0;
        client.weight = before + 1.0 / (clients->len + 1);
        g_array_append_val(clients, client);
    }
    g_strfreev(parts);
    g_strfreev(lists);
}

void known_clients_load(void)
{
    char *path = g_build_filename(g_getenv("TLSFP_SOURCE"), "samples/clients.csv", NULL), *text;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        g_error("%s cannot be read", path);
    GPtrArray *header = NULL;
    clients = g_array_new(FALSE, FALSE, sizeof(known_client));
    hello = g_byte_array_new();
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        if (**line == '#' || **line == '\0')
            continue;
        GPtrArray *row = split_line(*line);
        if (header == NULL) {
            header = row;
            continue;
        }
        if (strcmp(field_named(header, row, "transport"), "t") == 0)
            add_client(field_named(header, row, "ja4"), field_named(header, row, "ja4_r"),
                       field_named(header, row, "ja3_r"));
        g_ptr_array_unref(row);
    }
    g_assert(clients->len > 100);
    g_ptr_array_unref(header);
    g_strfreev(lines);
    g_free(text);
    g_free(path);
}

static const known_client *choose(prng *numbers)
{
    double highest = g_array_index(clients, known_client, clients->len - 1).weight;
    double wanted = highest * prng_below(numbers, UINT64_C(1) << 32) / 4294967296.0;
    guint low = 0, high = clients->len - 1;
    while (low < high) {
        guint middle = (low + high) / 2;
        if (g_array_index(clients, known_client, middle).weight > wanted)
            high = middle;
        else
            low = middle + 1;
    }
    return &g_array_index(clients, known_client, low);
}

static void shuffle(prng *numbers, GArray *values)
{
    for (guint i = values->len; i > 1; i--) {
        guint j = prng_below(numbers, i);
        uint16_t value = g_array_index(values, uint16_t, i - 1);
        g_array_index(values, uint16_t, i - 1) = g_array_index(values, uint16_t, j);
        g_array_index(values, uint16_t, j) = value;
    }
}

static void put_list(GByteArray *out, size_t width, const GArray *values)
{
    size_t list = begin_vector(out, width);
    for (guint i = 0; i < values->len; i++)
        put_integer(out, 2, g_array_index(values, uint16_t, i));
    end_vector(out, width, list);
}

static void put_body(GByteArray *out, const known_client *client, uint16_t type)
{
    switch (type) {
    case EXTENSION_SNI:
        put_hex(out, "000e 00 000b");
        g_byte_array_append(out, (const guint8 *)"example.org", 11);
        break;
    case EXTENSION_GROUPS:
        put_list(out, 2, client->groups);
        break;
    case EXTENSION_FORMATS:
        put_hex(out, "01 00");
        break;
    case EXTENSION_ALGORITHMS:
        put_list(out, 2, client->algorithms);
        break;
    case EXTENSION_ALPN:
        put_hex(out, client->alpn == '2' ? "000c 02 6832 08 687474702f312e31"
                                         : "0009 08 687474702f312e31");
        break;
    case EXTENSION_VERSIONS:
        put_hex(out, client->is_13 ? "04 0304 0303" : "02 0303");
        break;
    case EXTENSION_KEY_SHARE:
        put_times(out, KEY_SIZE, 1);
        break;
    default:
        break;
    }
}

hello_bytes known_clients_next(prng *numbers)
{
    const known_client *client = choose(numbers);
    uint8_t random[32];
    prng_fill(numbers, random, sizeof random);
    if (client->shuffles)
        shuffle(numbers, client->extensions);
    g_byte_array_set_size(hello, 0);
    put_hex(hello, "16 0301");
    size_t record = begin_vector(hello, 2);
    put_hex(hello, "01");
    size_t message = begin_vector(hello, 3);
    put_hex(hello, "0303");
    g_byte_array_append(hello, random, sizeof random);
    put_hex(hello, "00");
    put_list(hello, 2, client->ciphers);
    put_hex(hello, "01 00");
    size_t block = begin_vector(hello, 2);
    for (guint i = 0; i < client->extensions->len; i++) {
        uint16_t type = g_array_index(client->extensions, uint16_t, i);
        put_integer(hello, 2, type);
        size_t body = begin_vector(hello, 2);
        put_body(hello, client, type);
        end_vector(hello, 2, body);
    }
    end_vector(hello, 2, block);
    end_vector(hello, 3, message);
    end_vector(hello, 2, record);
    return (hello_bytes){hello->data, hello->len};
}
