/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

static int proto_tlsfp;
static int ett_tlsfp = -1;
static expert_field ei_malformed = EI_INIT;

/** How a list is called, and its values. */
static const struct {
    const char *title;
    const char *(*name_of)(uint16_t value);
} list_texts[N_LISTS] = {
    [LIST_CIPHERS] = {"Cipher suites", tlsfp_cipher_suite_name},
    [LIST_EXTENSIONS] = {"Extensions", tlsfp_extension_name},
    [LIST_GROUPS] = {"Supported groups", tlsfp_group_name},
    [LIST_SIGNATURE_ALGORITHMS] = {"Signature algorithms", tlsfp_signature_algorithm_name},
};

void tree_register(int proto)
{
    static int *ett[] = {&ett_tlsfp};
    static ei_register_info ei[] = {
        {&ei_malformed,
         {"tlsfp.malformed", PI_MALFORMED, PI_ERROR,
          "This ClientHello contradicts itself: a field is longer than what holds it. It has no "
          "fingerprint.",
          EXPFILL}},
    };
    proto_tlsfp = proto;
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto), ei, array_length(ei));
}

static void show_list(list_index which, const value_list *shown, tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item;
    proto_tree *subtree = proto_tree_add_subtree_format(
        tree, tvb, 0, 0, ett_lists[which], &item, "%s: %u", list_texts[which].title, shown->n_sent);
    proto_item_set_generated(item);
    for (unsigned i = 0; i < shown->n_kept; i++) {
        uint16_t value = shown->values[i];
        const char *name = list_texts[which].name_of(value);
        proto_item_set_generated(proto_tree_add_uint_format_value(
            subtree, hf_lists[which], tvb, 0, 0, value, "%s (0x%04x)",
            name != NULL ? name : "unknown", value));
    }
}

static void show_details(const hello_details *shown, tvbuff_t *tvb, proto_tree *tree)
{
    for (size_t i = 0; i < N_FLAGS; i++)
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_flags[i], tvb, 0, 0, shown->flags[i]));
    for (unsigned i = 0; i < N_LISTS; i++)
        show_list((list_index)i, &shown->lists[i], tvb, tree);
}

static void show_malformed(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_tlsfp, tvb, 0, 0,
                                                      "TLS Fingerprint, %s", shown->title);
    expert_add_info(pinfo, item, &ei_malformed);
}

void tree_show(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (shown->summary == NULL) {
        show_malformed(shown, tvb, pinfo, tree);
        return;
    }
    proto_item *item = proto_tree_add_protocol_format(
        tree, proto_tlsfp, tvb, 0, 0, "TLS Fingerprint, %s: %s", shown->title, shown->summary);
    proto_tree *subtree = proto_item_add_subtree(item, ett_tlsfp);
    for (size_t i = 0; i < N_FIELDS; i++)
        if (shown->values[i] != NULL)
            proto_item_set_generated(
                proto_tree_add_string(subtree, hf_fields[i], tvb, 0, 0, shown->values[i]));
    if (shown->details != NULL)
        show_details(shown->details, tvb, subtree);
}
