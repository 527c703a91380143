/* SPDX-License-Identifier: BSD-3-Clause */
#include "give/formats.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SID = 9500001 }; /* from the range that is left to everybody's own rules */

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
 * Where Suricata computes another JA4 than ours: it knows neither DTLS, nor values of an unknown
 * version ("00").
 */
static const char *suricata_difference(const export_value *value)
{
    if (!value->is_ja4)
        return NULL;
    if (value->text[0] == 'd')
        return "Suricata computes no JA4 of DTLS: this rule never fires";
    if (strncmp(value->text + 1, "00", 2) == 0)
        return "Suricata may compute another JA4 where the TLS version is unknown";
    return NULL;
}

static void write_suricata(const GPtrArray *values, GString *out)
{
    g_string_append(out, "# Rules for Suricata 7.0.6 and later, by tlsfp-census.\n");
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        const char *kind = value->is_ja4 ? "ja4" : "ja3", *difference = suricata_difference(value);
        if (difference != NULL)
            g_string_append_printf(out, "# %s\n", difference);
        g_string_append_printf(out,
                               "alert %s any any -> any any (msg:\"%s %s%s%s\"; %s.hash; "
                               "content:\"%s\"; sid:%u; rev:1;)\n",
                               suricata_protocol(value), value->is_ja4 ? "JA4" : "JA3", value->text,
                               value->name[0] != '\0' ? ", " : "", value->name, kind, value->text,
                               FIRST_SID + i);
    }
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

/** A map from the header that HAProxy sets to the client's name. */
static void write_nginx(const GPtrArray *values, GString *out)
{
    const bool ja4 = values->len == 0 || value_at(values, 0)->is_ja4;
    g_string_append_printf(out,
                           "# Include this in nginx's http { }. A proxy in front of it sets the "
                           "header X-%s.\nmap $http_x_%s $tlsfp_client {\n    default \"\";\n",
                           ja4 ? "JA4" : "JA3", ja4 ? "ja4" : "ja3");
    for (guint i = 0; i < values->len; i++) {
        const export_value *value = value_at(values, i);
        if (value->is_ja4 == ja4)
            g_string_append_printf(out, "    \"%s\" \"%s\";\n", value->text,
                                   value->name[0] != '\0' ? value->name : "listed");
    }
    g_string_append(out, "}\n");
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
