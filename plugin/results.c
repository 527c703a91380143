/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "results.h"

static tlsfp_context *context;
static GString *scratch;        /* raw forms are written here first */
static wmem_map_t *known_texts; /* each text is kept once a file: most hellos are of few clients */

void results_start(void)
{
    context = tlsfp_context_new();
    scratch = g_string_new(NULL);
    known_texts =
        wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), wmem_str_hash, g_str_equal);
}

void results_stop(void)
{
    tlsfp_context_free(context);
    g_string_free(scratch, TRUE);
    context = NULL;
    scratch = NULL;
}

static const char *keep(const char *text)
{
    char *known = (char *)wmem_map_lookup(known_texts, text);
    if (known == NULL) {
        known = wmem_strdup(wmem_file_scope(), text);
        wmem_map_insert(known_texts, known, known);
    }
    return known;
}

static const char *keep_scratch(void)
{
    const char *kept = keep(scratch->str);
    g_string_truncate(scratch, 0);
    return kept;
}

/** JA4's parts a, b and c, which '_' joins. */
static void keep_parts(const char *ja4, result *out)
{
    char **parts = g_strsplit(ja4, "_", 3);
    out->values[FIELD_JA4_A] = keep(parts[0]);
    out->values[FIELD_JA4_B] = keep(parts[1]);
    out->values[FIELD_JA4_C] = keep(parts[2]);
    g_strfreev(parts);
}

static void add_client(wmem_array_t *results, const tlsfp_client_hello *hello)
{
    char ja3[TLSFP_JA3_SIZE], ja4[TLSFP_JA4_SIZE], ja4_o[TLSFP_JA4_SIZE], stable[TLSFP_JA4_SIZE];
    tlsfp_ja3(context, hello, ja3);
    tlsfp_ja4(context, hello, TLSFP_SORTED, ja4);
    tlsfp_ja4(context, hello, TLSFP_ORIGINAL, ja4_o);
    tlsfp_stable(context, hello, stable);
    result client = {.title = "JA4"};
    client.values[FIELD_JA3] = keep(ja3);
    client.values[FIELD_JA4] = client.summary = keep(ja4);
    client.values[FIELD_JA4_O] = keep(ja4_o);
    client.values[FIELD_STABLE] = keep(stable);
    keep_parts(ja4, &client);
    tlsfp_ja3_text(context, hello, scratch);
    client.values[FIELD_JA3_R] = keep_scratch();
    tlsfp_ja4_text(context, hello, TLSFP_SORTED, scratch);
    client.values[FIELD_JA4_R] = keep_scratch();
    tlsfp_ja4_text(context, hello, TLSFP_ORIGINAL, scratch);
    client.values[FIELD_JA4_RO] = keep_scratch();
    tlsfp_stable_text(context, hello, scratch);
    client.values[FIELD_STABLE_R] = keep_scratch();
    wmem_array_append_one(results, client);
}

static void add_server(wmem_array_t *results, const tlsfp_server_hello *hello)
{
    char ja3s[TLSFP_JA3_SIZE];
    tlsfp_ja3s(context, hello, ja3s);
    result server = {.title = "JA3S"};
    server.values[FIELD_JA3S] = server.summary = keep(ja3s);
    tlsfp_ja3s_text(context, hello, scratch);
    server.values[FIELD_JA3S_R] = keep_scratch();
    wmem_array_append_one(results, server);
}

void results_add(wmem_array_t *results, tlsfp_span message, tlsfp_transport transport)
{
    tlsfp_client_hello client;
    tlsfp_server_hello server;
    tlsfp_status status = tlsfp_parse(message, transport, &client);
    if (status == TLSFP_OK)
        add_client(results, &client);
    else if (status == TLSFP_MALFORMED)
        wmem_array_append_one(results, (result){.title = "malformed ClientHello"});
    else if (tlsfp_parse_server(message, transport, &server) == TLSFP_OK)
        add_server(results, &server);
}
