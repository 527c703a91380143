/* SPDX-License-Identifier: BSD-3-Clause */
#include "give/formats.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_SID = 9500001, /* from the range for local rules */
    PART_B_AT = 11,      /* in a JA4 */
    PART_C_AT = 24,
};

static const export_value *value_at(const GPtrArray *values, guint i)
{
    return g_ptr_array_index((GPtrArray *)values, i);
}

/** What Suricata calls the protocol of a hello. */
static const char *suricata_protocol(const export_value *value)
{
    return value->is_ja4 && value->text[0] == 'q' ? "quic" : "tls";
}

/**
 * The JA4 that Suricata (7.0 and 8.0) computes: where there are no signature algorithms it puts the
 * underscore in front of them all the same before it hashes part c.
 * @return to be freed with g_free().
 */
static char *suricata_ja4(const export_value *value)
{
    static const char no_extensions[] = "000000000000";
    const char *hashed = NULL;
    if (value->raw != NULL) {
        const char *types = strchr(value->raw + PART_B_AT, '_');
        hashed = types != NULL && strchr(types + 1, '_') == NULL ? types + 1 : NULL;
    } else if (strcmp(value->text + PART_C_AT, no_extensions) == 0) {
        hashed = "";
    }
    if (hashed == NULL)
        return g_strdup(value->text);
    char *text = g_strconcat(hashed, "_", NULL);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
    char *ja4 = g_strdup_printf("%.*s%.12s", PART_C_AT, value->text, digest);
    g_free(text);
    g_free(digest);
    return ja4;
}

/** Why Suricata may see another JA4 than ours, or none; NULL where it does not. */
static const char *suricata_doubt(const export_value *value)
{
    if (value->text[0] == 'd')
        return "Suricata computes no JA4 of DTLS: this rule never fires";
    if (strncmp(value->text + 1, "00", 2) == 0)
        return "Suricata may compute another JA4 where the TLS version is unknown";
    if (value->raw == NULL && memchr("10s", value->text[2], 3) != NULL && value->text[1] != 'd')
        return "Suricata computes another JA4 of clients without signature algorithms, as this one "
               "may be; an export from a census has it";
    return NULL;
}

static void write_suricata_rule(const export_value *value, unsigned sid, GString *out)
{
    char *computed = value->is_ja4 ? suricata_ja4(value) : g_strdup(value->text);
    const char *doubt = value->is_ja4 ? suricata_doubt(value) : NULL;
    if (strcmp(computed, value->text) != 0)
        g_string_append_printf(out,
                               "# Suricata computes another JA4 than %s: it hashes an underscore "
                               "where there are no signature algorithms\n",
                               value->text);
    else if (doubt != NULL)
        g_string_append_printf(out, "# %s\n", doubt);
    g_string_append_printf(out,
                           "alert %s any any -> any any (msg:\"%s %s%s%s\"; %s.hash; "
                           "content:\"%s\"; sid:%u; rev:1;)\n",
                           suricata_protocol(value), value->is_ja4 ? "JA4" : "JA3", value->text,
                           value->name[0] != '\0' ? ", " : "", value->name,
                           value->is_ja4 ? "ja4" : "ja3", computed, sid);
    g_free(computed);
}

static void write_suricata(const GPtrArray *values, GString *out)
{
    g_string_append(out, "# Rules for Suricata 7.0.6 and later, by tlsfp-census.\n");
    for (guint i = 0; i < values->len; i++)
        write_suricata_rule(value_at(values, i), FIRST_SID + i, out);
}

/** Zeek's intelligence framework: tab-separated, the first line names the fields. */
static void write_zeek(const GPtrArray *values, GString *out)
{
    g_string_append(out, "#fields\tindicator\tindicator_type\tmeta.source\tmeta.desc\n");
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        g_string_append_printf(out, "%s\tTLSFP::%s\ttlsfp\t%s\n", value->text,
                               value->is_ja4 ? "JA4" : "JA3",
                               value->name[0] != '\0' ? value->name : "-");
    }
}

/** A MISP event. There is an attribute type for JA3; a JA4 is text, and says so. */
static void write_misp(const GPtrArray *values, GString *out)
{
    json_t *attributes = json_array();
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        char *comment = g_strdup_printf("%s%s%s", value->is_ja4 ? "JA4" : "JA3",
                                        value->name[0] != '\0' ? ": " : "", value->name);
        json_array_append_new(attributes,
                              json_pack("{s:s, s:s, s:s, s:s, s:b}", "type",
                                        value->is_ja4 ? "other" : "ja3-fingerprint-md5", "category",
                                        value->is_ja4 ? "Other" : "Network activity", "value",
                                        value->text, "comment", comment, "to_ids", !value->is_ja4));
        g_free(comment);
    }
    json_t *event = json_pack("{s:{s:s, s:s, s:s, s:s, s:o}}", "Event", "info",
                              "TLS client fingerprints", "analysis", "0", "threat_level_id", "4",
                              "distribution", "0", "Attribute", attributes);
    char *text = json_dumps(event, JSON_INDENT(2));
    g_string_append_printf(out, "%s\n", text);
    free(text);
    json_decref(event);
}

/** A file of patterns for "-f": one value a line. */
static void write_haproxy(const GPtrArray *values, GString *out)
{
    g_string_append(out, "# Fingerprints for HAProxy's ACLs, by tlsfp-census.\n");
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        if (value->name[0] != '\0')
            g_string_append_printf(out, "# %s\n", value->name);
        g_string_append_printf(out, "%s\n", value->text);
    }
}

static guint count_ja4(const GPtrArray *values)
{
    guint n = 0;
    for (guint i = 0; i < values->len; i++)
        n += value_at(values, i)->is_ja4;
    return n;
}

static void append_map(const GPtrArray *values, bool ja4, const char *variable,
                       const char *otherwise, GString *out)
{
    g_string_append_printf(out, "map $http_x_%s %s {\n    default \"%s\";\n", ja4 ? "ja4" : "ja3",
                           variable, otherwise);
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        if (value->is_ja4 == ja4)
            g_string_append_printf(out, "    \"%s\" \"%s\";\n", value->text,
                                   value->name[0] != '\0' ? value->name : "listed");
    }
    g_string_append(out, "}\n");
}

/** A map from the header that HAProxy sets to the client's name; of values of both kinds, one map
 * takes what it does not have from the other. */
static void write_nginx(const GPtrArray *values, GString *out)
{
    const guint n_ja4 = count_ja4(values);
    const bool ja4 = values->len == 0 || n_ja4 > 0, ja3 = n_ja4 < values->len;
    g_string_append_printf(out,
                           "# Include this in nginx's http { }. A proxy in front of it sets the "
                           "header%s X-%s%s.\n",
                           ja3 && ja4 ? "s" : "", ja4 ? "JA4" : "JA3",
                           ja3 && ja4 ? " and X-JA3" : "");
    if (ja3)
        append_map(values, false, ja4 ? "$tlsfp_client_ja3" : "$tlsfp_client", "", out);
    if (ja4)
        append_map(values, true, "$tlsfp_client", ja3 ? "$tlsfp_client_ja3" : "", out);
}

static void append_set(const GPtrArray *values, bool ja4, GString *out)
{
    const gsize start = out->len;
    for (guint i = 0; i < values->len; i++)
        if (value_at(values, i)->is_ja4 == ja4)
            g_string_append_printf(out, "%s\"%s\"", out->len > start ? ", " : "",
                                   value_at(values, i)->text);
    if (out->len == start)
        return;
    g_string_insert(out, (gssize)start, ja4 ? "tlsfp.ja4 in {" : "tlsfp.ja3 in {");
    if (start > 0)
        g_string_insert(out, (gssize)start, " or ");
    g_string_append_c(out, '}');
}

/** A display filter. */
static void write_wireshark(const GPtrArray *values, GString *out)
{
    append_set(values, true, out);
    append_set(values, false, out);
    if (out->len > 0)
        g_string_append_c(out, '\n');
}

export_writer export_writer_named(const char *name)
{
    static const struct {
        const char *name;
        export_writer write;
    } writers[] = {
        {"suricata", write_suricata}, {"zeek-intel", write_zeek}, {"misp", write_misp},
        {"haproxy", write_haproxy},   {"nginx-map", write_nginx}, {"wireshark", write_wireshark},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(writers); i++)
        if (strcmp(writers[i].name, name) == 0)
            return writers[i].write;
    return NULL;
}
