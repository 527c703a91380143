/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "statistics.h"

#include "client_names.h"

#include <epan/stats_tree.h>
#include <epan/tap.h>

static const char ja4_title[] = "JA4";
static const char part_a_title[] = "JA4 part a";
static const char ja3_title[] = "JA3";
static const char transport_title[] = "Transport";
static const char servers_title[] = "Servers by JA4";

static int tap = -1;

#define MOST_FREQUENT_FIRST (ST_SORT_COL_COUNT << ST_FLG_SRTCOL_SHIFT | ST_FLG_SORT_DESC)

/* The tree's own numbers of its topmost rows. */
static int ja4_row, part_a_row, ja3_row, transport_row, servers_row;

static void make_tree(stats_tree *tree)
{
    ja4_row = stats_tree_create_node(tree, ja4_title, 0, STAT_DT_INT, TRUE);
    stat_node_set_flags(tree, ja4_title, 0, TRUE, ST_FLG_SORT_TOP);
    part_a_row = stats_tree_create_node(tree, part_a_title, 0, STAT_DT_INT, TRUE);
    ja3_row = stats_tree_create_node(tree, ja3_title, 0, STAT_DT_INT, TRUE);
    transport_row = stats_tree_create_node(tree, transport_title, 0, STAT_DT_INT, TRUE);
    servers_row = stats_tree_create_node(tree, servers_title, 0, STAT_DT_INT, TRUE);
    stat_node_set_flags(tree, servers_title, 0, TRUE, ST_FLG_DEF_NOEXPAND);
}

static void tick(stats_tree *tree, const char *title, int row, const char *value)
{
    tick_stat_node(tree, title, 0, TRUE);
    tick_stat_node(tree, value, row, FALSE);
}

/** The JA4, and beneath it whose it is. */
static void tick_ja4(stats_tree *tree, packet_info *pinfo, const result *client)
{
    const client_labels *names = client_names_of(client);
    tick_stat_node(tree, ja4_title, 0, TRUE);
    int row = tick_stat_node(tree, client->values[TLSFP_KIND_JA4], ja4_row, TRUE);
    for (unsigned i = 0; names != NULL && i < names->n; i++)
        tick_stat_node(tree, client_names_short(pinfo->pool, names->labels[i].name), row, FALSE);
}

/** The JA4 again, and beneath it which servers it asked for. */
static void tick_server(stats_tree *tree, packet_info *pinfo, const result *client)
{
    const char *server = client->details->server_name;
    tick_stat_node(tree, servers_title, 0, TRUE);
    int row = tick_stat_node(tree, client->values[TLSFP_KIND_JA4], servers_row, TRUE);
    tick_stat_node(tree, client_names_short(pinfo->pool, server != NULL ? server : "(none)"), row,
                   FALSE);
}

static tap_packet_status count(stats_tree *tree, packet_info *pinfo, epan_dissect_t *edt _U_,
                               const void *data, tap_flags_t flags _U_)
{
    const tapped_client *tapped = (const tapped_client *)data;
    const result *client = tapped->client;
    if (!tapped->is_hello)
        return TAP_PACKET_DONT_REDRAW;
    tick_ja4(tree, pinfo, client);
    tick(tree, part_a_title, part_a_row, client->values[TLSFP_KIND_JA4_A]);
    tick(tree, ja3_title, ja3_row, client->values[TLSFP_KIND_JA3]);
    char *transport = g_ascii_strup(tlsfp_transport_name(client->details->transport), -1);
    tick(tree, transport_title, transport_row, transport);
    g_free(transport);
    tick_server(tree, pinfo, client);
    return TAP_PACKET_REDRAW;
}

int statistics_register(void)
{
    tap = register_tap("tlsfp");
    stats_tree_register_plugin("tlsfp", "tlsfp", "TLS Fingerprints",
                               TL_REQUIRES_PROTO_TREE | MOST_FREQUENT_FIRST, count, make_tree,
                               NULL);
    return tap;
}

void statistics_count(packet_info *pinfo, tapped_client tapped)
{
    if (have_tap_listener(tap))
        tap_queue_packet(tap, pinfo, wmem_memdup(pinfo->pool, &tapped, sizeof tapped));
}
