/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @file
 * The postdissector: TLS fingerprints under the packets whose hellos they are of.
 *
 * Wireshark dissects a packet many times. The fields in which it shows handshake messages are at
 * hand the first time only, so that is when fingerprints are computed (messages.h, results.h). They
 * are kept with the packet, and every pass, the first included, builds the tree from what was kept.
 */
#include "compat.h"
#include "fields.h"
#include "messages.h"
#include "results.h"

#include "version.h"

void proto_register_tlsfp(void);
void proto_reg_handoff_tlsfp(void);

static int proto_tlsfp = -1;
static int ett_tlsfp = -1;
static int hf_tlsfp[N_FIELDS];
static expert_field ei_tlsfp_malformed = EI_INIT;
static dissector_handle_t tlsfp_handle;

static void add_message(tlsfp_span message, tlsfp_transport transport, void *results)
{
    results_add((wmem_array_t *)results, message, transport);
}

static void compute(packet_info *pinfo, proto_tree *tree)
{
    wmem_array_t *results = wmem_array_sized_new(wmem_file_scope(), sizeof(result), 1);
    messages_visit(pinfo, tree, add_message, results);
    if (wmem_array_get_count(results) > 0)
        p_add_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, 0, results);
    else
        wmem_destroy_array(results);
}

/** One subtree. In a tree that is not shown, its items may stand for nothing: they are passed on,
 * never looked at. */
static void show(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (shown->summary == NULL) {
        proto_item *malformed = proto_tree_add_protocol_format(tree, proto_tlsfp, tvb, 0, 0,
                                                               "TLS Fingerprint, %s", shown->title);
        expert_add_info(pinfo, malformed, &ei_tlsfp_malformed);
        return;
    }
    proto_item *item = proto_tree_add_protocol_format(
        tree, proto_tlsfp, tvb, 0, 0, "TLS Fingerprint, %s: %s", shown->title, shown->summary);
    proto_tree *subtree = proto_item_add_subtree(item, ett_tlsfp);
    for (size_t i = 0; i < N_FIELDS; i++)
        if (shown->values[i] != NULL)
            proto_item_set_generated(
                proto_tree_add_string(subtree, hf_tlsfp[i], tvb, 0, 0, shown->values[i]));
}

static int dissect_tlsfp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (tree == NULL)
        return 0;
    if (!PINFO_FD_VISITED(pinfo) &&
        p_get_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, 0) == NULL)
        compute(pinfo, tree);
    wmem_array_t *results =
        (wmem_array_t *)p_get_proto_data(wmem_file_scope(), pinfo, proto_tlsfp, 0);
    for (unsigned i = 0; results != NULL && i < wmem_array_get_count(results); i++)
        show((const result *)wmem_array_index(results, i), tvb, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

#define STRING_FIELD(index, name, abbreviation, description)                                       \
    {                                                                                              \
        &hf_tlsfp[index],                                                                          \
        {                                                                                          \
            name, abbreviation, FT_STRING, BASE_NONE, NULL, 0, description, HFILL                  \
        }                                                                                          \
    }

void proto_register_tlsfp(void)
{
    static hf_register_info hf[] = {
        STRING_FIELD(FIELD_JA4, "JA4", "tlsfp.ja4",
                     "JA4 of the ClientHello: version, SNI, counts and ALPN; hash of the sorted "
                     "ciphers; hash of the "
                     "sorted extensions and the signature algorithms"),
        STRING_FIELD(FIELD_JA4_A, "JA4 part a", "tlsfp.ja4_a",
                     "Transport, TLS version, SNI or not, number of ciphers and of extensions, "
                     "first ALPN value"),
        STRING_FIELD(FIELD_JA4_B, "JA4 part b", "tlsfp.ja4_b", "Hash of the sorted cipher suites"),
        STRING_FIELD(
            FIELD_JA4_C, "JA4 part c", "tlsfp.ja4_c",
            "Hash of the sorted extensions, without SNI and ALPN, and the signature algorithms"),
        STRING_FIELD(FIELD_JA4_R, "JA4 raw", "tlsfp.ja4_r",
                     "What JA4 hashes: the sorted lists themselves"),
        STRING_FIELD(FIELD_JA4_O, "JA4 in original order", "tlsfp.ja4_o",
                     "JA4 over ciphers and extensions in the order in which they were sent, SNI "
                     "and ALPN included"),
        STRING_FIELD(
            FIELD_JA4_RO, "JA4 raw in original order", "tlsfp.ja4_ro",
            "The lists themselves in the order in which they were sent, SNI and ALPN included"),
        STRING_FIELD(FIELD_STABLE, "Stable value", "tlsfp.stable",
                     "JA4 without the extensions that come and go with a connection's state "
                     "(padding, session_ticket, pre_shared_key, early_data, cookie); tlsfp's own, "
                     "not a JA4"),
        STRING_FIELD(FIELD_STABLE_R, "Stable value raw", "tlsfp.stable_r",
                     "What the stable value hashes: the sorted lists themselves"),
        STRING_FIELD(FIELD_JA3, "JA3", "tlsfp.ja3",
                     "MD5 of the ClientHello's version, ciphers, extensions, groups and point "
                     "formats, as sent"),
        STRING_FIELD(FIELD_JA3_R, "JA3 raw", "tlsfp.ja3_r", "The text of which JA3 is the MD5"),
        STRING_FIELD(FIELD_JA3S, "JA3S", "tlsfp.ja3s",
                     "MD5 of the ServerHello's version, cipher and extensions"),
        STRING_FIELD(FIELD_JA3S_R, "JA3S raw", "tlsfp.ja3s_r", "The text of which JA3S is the MD5"),
    };
    static int *ett[] = {&ett_tlsfp};
    static ei_register_info ei[] = {
        {&ei_tlsfp_malformed,
         {"tlsfp.malformed", PI_MALFORMED, PI_ERROR,
          "This ClientHello contradicts itself: a field is longer than what holds it. It has no "
          "fingerprint.",
          EXPFILL}},
    };
    proto_tlsfp = proto_register_protocol("TLS Fingerprint", "TLSFP", "tlsfp");
    proto_register_field_array(proto_tlsfp, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto_tlsfp), ei, array_length(ei));
    tlsfp_handle = register_dissector("tlsfp", dissect_tlsfp, proto_tlsfp);
    register_postdissector(tlsfp_handle);
    results_start();
    register_shutdown_routine(results_stop);
}

void proto_reg_handoff_tlsfp(void)
{
    messages_start();
    set_postdissector_wanted_hfids(tlsfp_handle, messages_wanted_hfids());
}

WS_DLL_PUBLIC_DEF const char plugin_version[] = TLSFP_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);
TLSFP_PLUGIN_DESCRIBE

void plugin_register(void)
{
    static proto_plugin plugin;
    plugin.register_protoinfo = proto_register_tlsfp;
    plugin.register_handoff = proto_reg_handoff_tlsfp;
    proto_register_plugin(&plugin);
}
