/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wanted.h"

#include "connections.h"
#include "messages.h"
#include "preferences.h"

#include <epan/epan.h>
#include <epan/tap.h>

static dissector_handle_t postdissector;
static GArray *fields; /* of int */

static void ask_wireshark(void)
{
    set_postdissector_wanted_hfids(postdissector, g_array_copy(fields));
}

static void find_fields(dissector_handle_t handle)
{
    postdissector = handle;
    fields = g_array_new(FALSE, FALSE, sizeof(int));
    messages_want_hfids(fields);
    connections_want_hfids(fields);
}

#if TLSFP_MEASURED

static int listened_tap;
static bool asks_itself;

/** A field is asked for in all trees at once, and until one that has it is freed. */
static void ask(void)
{
    epan_dissect_t any = {0};
    epan_dissect_prime_with_hfid_array(&any, fields);
}

static wireshark_bool ask_again(wmem_allocator_t *pool _U_, wmem_cb_event_t event _U_,
                                void *data _U_)
{
    ask();
    return FALSE; /* once */
}

/** By the name that a program gives itself; its file may have another one. */
static bool dissects_in_order(void)
{
    const char *name = g_get_prgname();
    return g_strcmp0(name, "tshark") == 0 || g_strcmp0(name, "rawshark") == 0;
}

/** Before each first pass. tlsfp.stream and the Info column need the hellos of packets whose trees
 * are not shown, too. */
static void decide(void)
{
    asks_itself = dissects_in_order() && !preferences_stream() && !preferences_info();
    if (asks_itself) {
        set_postdissector_wanted_hfids(postdissector, NULL);
        ask();
    } else {
        ask_wireshark();
    }
}

/** Gives the dissection the tree that it would have if it had been made with one. */
static void plant_tree(epan_dissect_t *edt)
{
    epan_dissect_t *donor = epan_dissect_new(edt->session, TRUE, FALSE);
    edt->tree = donor->tree;
    PTREE_DATA(edt->tree)->pinfo = &edt->pi;
    donor->tree = NULL;
    epan_dissect_free(donor);
}

/**
 * Called for each new dissection, after listeners were added to taps, which decide() is not. Some
 * listeners do not ask for a tree, those of endpoints among them.
 */
static void start_dissection(epan_dissect_t *edt)
{
    if (asks_itself && edt->tree == NULL && have_tap_listener(listened_tap))
        plant_tree(edt);
}

static void do_nothing(void)
{
}

static void end_dissection(epan_dissect_t *edt _U_)
{
}

static void register_nothing(register_cb callback _U_, void *data _U_)
{
}

/** Wireshark 4.0 calls each of these without a check for NULL. */
void wanted_register(void)
{
    static const epan_plugin hooks = {
        .init = do_nothing,
        .post_init = do_nothing,
        .dissect_init = start_dissection,
        .dissect_cleanup = end_dissection,
        .cleanup = do_nothing,
        .register_all_protocols = register_nothing,
        .register_all_handoffs = register_nothing,
        .register_all_tap_listeners = do_nothing,
    };
    epan_register_plugin(&hooks);
}

void wanted_start(dissector_handle_t handle, int tap)
{
    listened_tap = tap;
    find_fields(handle);
    register_init_routine(decide);
}

bool wanted_are_there(const packet_info *pinfo)
{
    return asks_itself || !PINFO_FD_VISITED(pinfo);
}

void wanted_go_on(packet_info *pinfo)
{
    if (asks_itself) /* the pool is emptied right after the tree is freed */
        wmem_register_callback(pinfo->pool, ask_again, NULL);
}

#else

void wanted_register(void)
{
}

void wanted_start(dissector_handle_t handle, int tap _U_)
{
    find_fields(handle);
    ask_wireshark();
}

bool wanted_are_there(const packet_info *pinfo)
{
    return !PINFO_FD_VISITED(pinfo);
}

void wanted_go_on(packet_info *pinfo _U_)
{
}

#endif
