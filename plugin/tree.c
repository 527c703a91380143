/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tree.h"

#include "client_names.h"

enum { MAX_IN_SUMMARY = 3 }; /* names */

static int proto_tlsfp;
static int ett_tlsfp = -1;
static expert_field ei_malformed = EI_INIT;
static expert_field ei_ssl2 = EI_INIT;
static expert_field ei_warning = EI_INIT;
static expert_field ei_labels = EI_INIT;

static const char *const list_titles[N_LISTS] = {
    [LIST_CIPHERS] = "Cipher suites",
    [LIST_EXTENSIONS] = "Extensions",
    [LIST_GROUPS] = "Supported groups",
    [LIST_SIGNATURE_ALGORITHMS] = "Signature algorithms",
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
        {&ei_ssl2,
         {"tlsfp.ssl2", PI_PROTOCOL, PI_NOTE,
          "This ClientHello is in SSL 2.0 framing. It has no fingerprint: tools agree on none.",
          EXPFILL}},
        {&ei_warning,
         {"tlsfp.warning", PI_SECURITY, PI_WARN, "A list of names warns of this client", EXPFILL}},
        {&ei_labels,
         {"tlsfp.labels.broken", PI_COMMENTS_GROUP, PI_WARN,
          "A list of client names could not be read as a whole", EXPFILL}},
    };
    proto_tlsfp = proto;
    proto_register_subtree_array(ett, array_length(ett));
    expert_register_field_array(expert_register_protocol(proto), ei, array_length(ei));
}

static void show_list(list_index which, const value_list *shown, tvbuff_t *tvb, proto_tree *tree)
{
    proto_item *item;
    if (!proto_field_is_referenced(tree, hf_lists[which]))
        return;
    proto_tree *subtree = proto_tree_add_subtree_format(
        tree, tvb, 0, 0, ett_lists[which], &item, "%s: %u", list_titles[which], shown->n_sent);
    proto_item_set_generated(item);
    unsigned n_grease = 0;
    for (unsigned i = 0; i < shown->n_kept; i++) {
        proto_item *value =
            proto_tree_add_uint(subtree, hf_lists[which], tvb, 0, 0, shown->values[i]);
        proto_item_set_generated(value);
        if (tlsfp_is_grease(shown->values[i])) {
            proto_item_append_text(value, ", not counted");
            n_grease++;
        }
    }
    if (n_grease > 0)
        proto_item_append_text(item, ", %u of them GREASE, not counted", n_grease);
}

static void show_details(const hello_details *shown, tvbuff_t *tvb, proto_tree *tree)
{
    for (size_t i = 0; i < N_FLAGS; i++)
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_flags[i], tvb, 0, 0, shown->flags[i]));
    for (unsigned i = 0; i < N_LISTS; i++)
        show_list((list_index)i, &shown->lists[i], tvb, tree);
}

static void show_refused(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    proto_item *item = proto_tree_add_protocol_format(tree, proto_tlsfp, tvb, 0, 0,
                                                      "TLS Fingerprint, %s", shown->title);
    expert_add_info(pinfo, item, shown->is_ssl2 ? &ei_ssl2 : &ei_malformed);
}

/** The first names that fit, joined; or NULL. */
static const char *join_names(const client_labels *names, packet_info *pinfo)
{
    if (names == NULL)
        return NULL;
    wmem_strbuf_t *joined = wmem_strbuf_new(pinfo->pool, names->labels[0].name);
    for (unsigned i = 1; i < MIN(names->n, MAX_IN_SUMMARY); i++)
        wmem_strbuf_append_printf(joined, ", %s", names->labels[i].name);
    if (names->n > MAX_IN_SUMMARY)
        wmem_strbuf_append_printf(joined, " and %u more", names->n - MAX_IN_SUMMARY);
    return wmem_strbuf_finalize(joined);
}

static void show_names(const client_labels *names, tvbuff_t *tvb, packet_info *pinfo,
                       proto_tree *tree)
{
    for (unsigned i = 0; i < names->n; i++) {
        const tlsfp_label *label = &names->labels[i];
        proto_item *item = proto_tree_add_string(tree, hf_client, tvb, 0, 0, label->name);
        proto_item_set_generated(item);
        if (label->level == TLSFP_LEVEL_WARN)
            expert_add_info_format(pinfo, item, &ei_warning, "%s%s%s", label->name,
                                   label->comment != NULL ? ": " : "",
                                   label->comment != NULL ? label->comment : "");
    }
    proto_item_set_generated(
        proto_tree_add_string(tree, hf_level, tvb, 0, 0, tlsfp_level_name(names->level)));
}

static void show_nearest(const result *client, tvbuff_t *tvb, proto_tree *tree)
{
    if (!proto_field_is_referenced(tree, hf_nearest))
        return;
    const nearest_client *nearest = client_names_nearest(client);
    if (nearest->name == NULL)
        return;
    proto_item *item = proto_tree_add_string(tree, hf_nearest, tvb, 0, 0, nearest->name);
    proto_item_append_text(item, " (%s)", nearest->differences);
    proto_item_set_generated(item);
}

/** The subtree's line: what kind of fingerprint, the fingerprint, and whose it is. */
static proto_item *add_summary(const result *shown, const char *joined, tvbuff_t *tvb,
                               proto_tree *tree)
{
    return proto_tree_add_protocol_format(
        tree, proto_tlsfp, tvb, 0, 0, "TLS Fingerprint, %s: %s%s%s%s", shown->title, shown->summary,
        joined != NULL ? " (" : "", joined != NULL ? joined : "", joined != NULL ? ")" : "");
}

static void show_trouble(const result *client, packet_info *pinfo, proto_item *item)
{
    const char *trouble = client_names_trouble(client);
    if (trouble != NULL)
        expert_add_info_format(pinfo, item, &ei_labels, "%s", trouble);
}

void tree_show(const result *shown, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    if (shown->summary == NULL) {
        show_refused(shown, tvb, pinfo, tree);
        return;
    }
    const client_labels *names = client_names_of(shown);
    proto_item *item = add_summary(shown, join_names(names, pinfo), tvb, tree);
    proto_tree *subtree = proto_item_add_subtree(item, ett_tlsfp);
    for (size_t i = 0; i < TLSFP_N_KINDS; i++)
        if (shown->values[i] != NULL && proto_field_is_referenced(tree, hf_fields[i]))
            proto_item_set_generated(
                proto_tree_add_string(subtree, hf_fields[i], tvb, 0, 0, shown->values[i]));
    if (names != NULL)
        show_names(names, tvb, pinfo, subtree);
    if (shown->details != NULL) {
        show_nearest(shown, tvb, subtree);
        show_details(shown->details, tvb, subtree);
        show_trouble(shown, pinfo, item);
    }
}
