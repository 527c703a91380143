/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wanted.h"

#include <string.h>

#include "connections.h"
#include "messages.h"
#include "preferences.h"

static dissector_handle_t postdissector;
static GArray *fields; /* of int */
static bool asks_itself;

/** A field is asked for everywhere, whatever the tree: until one that has it is given back. */
static void ask(void)
{
    epan_dissect_t nobody = {0};
    epan_dissect_prime_with_hfid_array(&nobody, fields);
}

static wireshark_bool ask_again(wmem_allocator_t *pool _U_, wmem_cb_event_t event _U_,
                                void *data _U_)
{
    ask();
    return FALSE; /* once */
}

static bool is_in_tshark(void)
{
    const char *name = g_get_prgname();
    return name != NULL && strcmp(name, "tshark") == 0;
}

/** Before each first pass. What packets show of their connections takes the hellos of all others.
 */
static void decide(void)
{
    asks_itself = is_in_tshark() && !preferences_stream();
    set_postdissector_wanted_hfids(postdissector, asks_itself ? NULL : g_array_copy(fields));
    if (asks_itself)
        ask();
}

void wanted_start(dissector_handle_t handle)
{
    postdissector = handle;
    fields = messages_wanted_hfids();
    connections_want_hfids(fields);
    register_init_routine(decide);
}

bool wanted_are_there(const packet_info *pinfo)
{
    return asks_itself || !PINFO_FD_VISITED(pinfo);
}

void wanted_go_on(packet_info *pinfo)
{
    if (asks_itself) /* the pool is emptied right after the tree is given back */
        wmem_register_callback(pinfo->pool, ask_again, NULL);
}
