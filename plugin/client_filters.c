/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client_filters.h"

#include "connections.h"

#include <epan/conversation_filter.h>
#include <epan/funnel.h>

enum { MAX_NUMBERS = 1000 }; /* in a filter */

/** The numbers of connections, by the field that has them. */
typedef struct {
    const result *wanted;
    tlsfp_kind by;
    GString *sets[N_STREAM_FIELDS];
    unsigned n;
} connection_sets;

static void add_number(stream_field field, uint32_t number, const result *client, void *data)
{
    connection_sets *sets = (connection_sets *)data;
    if (strcmp(client->values[sets->by], sets->wanted->values[sets->by]) != 0 ||
        sets->n == MAX_NUMBERS)
        return;
    sets->n++;
    GString *set = sets->sets[field];
    g_string_append_printf(set, "%s%u", set->len > 0 ? ", " : "", number);
}

/** E.g. "tcp.stream in {0, 3} or udp.stream in {1}"; to be freed by the caller. */
static char *join_sets(connection_sets *sets)
{
    GString *filter = g_string_new(NULL);
    for (unsigned i = 0; i < N_STREAM_FIELDS; i++) {
        if (sets->sets[i]->len > 0)
            g_string_append_printf(filter, "%s%s in {%s}", filter->len > 0 ? " or " : "",
                                   connections_field_name((stream_field)i), sets->sets[i]->str);
        g_string_free(sets->sets[i], TRUE);
    }
    return g_string_free(filter, FALSE);
}

/** All packets of the connections whose client has the same value as this packet's. */
static char *filter_by(packet_info *pinfo, tlsfp_kind by)
{
    connection_sets sets = {.wanted = connections_client(pinfo), .by = by};
    if (sets.wanted == NULL)
        return NULL;
    for (unsigned i = 0; i < N_STREAM_FIELDS; i++)
        sets.sets[i] = g_string_new(NULL);
    connections_visit(add_number, &sets);
    return join_sets(&sets);
}

static wireshark_bool has_client(packet_info *pinfo TLSFP_FILTER_DATA)
{
    return connections_client(pinfo) != NULL;
}

static char *filter_by_ja4(packet_info *pinfo TLSFP_FILTER_DATA)
{
    return filter_by(pinfo, TLSFP_KIND_JA4);
}

static char *filter_by_stable(packet_info *pinfo TLSFP_FILTER_DATA)
{
    return filter_by(pinfo, TLSFP_KIND_STABLE);
}

#if TLSFP_HAS_PACKET_MENUS
/** A line of a list with the columns ja4, name, level and comment: the packet's first client. */
static void copy_label_line(void *data _U_, GPtrArray *fields)
{
    const funnel_ops_t *window = funnel_get_funnel_ops();
    for (unsigned i = 0; i < fields->len; i++) {
        const field_info *fi = (const field_info *)g_ptr_array_index(fields, i);
        if (fi->hfinfo->id != hf_fields[TLSFP_KIND_JA4])
            continue;
        GString *line = g_string_new(NULL);
        g_string_printf(line, "%s,name,none,comment\n", fvalue_get_string(fi->value));
        window->copy_to_clipboard(line);
        g_string_free(line, TRUE);
        return;
    }
}
#endif

void client_filters_register(void)
{
    TLSFP_REGISTER_FILTER("tlsfp", "TLS client, by JA4", has_client, filter_by_ja4);
    TLSFP_REGISTER_FILTER("tlsfp", "TLS client, by stable value", has_client, filter_by_stable);
#if TLSFP_HAS_PACKET_MENUS
    funnel_register_packet_menu("TLS Fingerprint/Copy as Line of a List of Names", "tlsfp.ja4",
                                copy_label_line, NULL, FALSE);
#endif
}
