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

/** Room for the values of a hello's list, to be filled one by one. */
static uint16_t *make_list(unsigned n_sent, value_list *out)
{
    unsigned n_kept = MIN(n_sent, MAX_LISTED);
    uint16_t *values = wmem_alloc_array(wmem_file_scope(), uint16_t, MAX(n_kept, 1));
    *out = (value_list){values, n_kept, n_sent};
    return values;
}

static value_list list_values(tlsfp_span list)
{
    value_list kept;
    uint16_t *values = make_list((unsigned)(list.len / 2), &kept);
    for (unsigned i = 0; i < kept.n_kept && tlsfp_next_value(&list, &values[i]); i++)
        ;
    return kept;
}

static value_list list_extensions(tlsfp_span block)
{
    value_list kept;
    tlsfp_span rest = block, body;
    uint16_t type;
    unsigned n = 0;
    while (tlsfp_next_extension(&rest, &type, &body))
        n++;
    uint16_t *values = make_list(n, &kept);
    for (unsigned i = 0; i < kept.n_kept && tlsfp_next_extension(&block, &values[i], &body); i++)
        ;
    return kept;
}

/** The name as text that is safe to show: what is not printable ASCII is escaped. */
static const char *keep_name(tlsfp_span name)
{
    if (name.len == 0)
        return NULL;
    for (size_t i = 0; i < name.len; i++)
        if (g_ascii_isgraph((char)name.data[i]) && name.data[i] != '\\')
            g_string_append_c(scratch, (char)name.data[i]);
        else
            g_string_append_printf(scratch, "\\x%02x", name.data[i]);
    return keep_scratch();
}

static hello_details *keep_details(const tlsfp_client_hello *hello)
{
    hello_details *details = wmem_new0(wmem_file_scope(), hello_details);
    details->transport = hello->transport;
    details->server_name = keep_name(hello->server_name);
    details->lists[LIST_CIPHERS] = list_values(hello->cipher_suites);
    details->lists[LIST_EXTENSIONS] = list_extensions(hello->extensions);
    details->lists[LIST_GROUPS] = list_values(hello->supported_groups);
    details->lists[LIST_SIGNATURE_ALGORITHMS] = list_values(hello->signature_algorithms);
    details->flags[FLAG_RETRY] = tlsfp_has_cookie_extension(hello);
    details->flags[FLAG_RESUMPTION] = tlsfp_offers_resumption(hello);
    details->flags[FLAG_GREASE] = tlsfp_has_grease(hello);
    details->flags[FLAG_PQ] = tlsfp_offers_post_quantum(hello);
    details->flags[FLAG_ECH] = tlsfp_has_ech(hello);
    return details;
}

static result client_result(const tlsfp_client_hello *hello)
{
    char ja4[TLSFP_JA4_SIZE];
    result client = {.title = "JA4", .details = keep_details(hello)};
    tlsfp_ja4(context, hello, TLSFP_SORTED, ja4);
    for (unsigned kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        if (tlsfp_kind_is_part((tlsfp_kind)kind))
            tlsfp_append_part(ja4, (tlsfp_kind)kind, scratch);
        else
            tlsfp_append_value(context, hello, (tlsfp_kind)kind, scratch);
        client.values[kind] = keep_scratch();
    }
    client.summary = client.values[TLSFP_KIND_JA4];
    return client;
}

static result server_result(const tlsfp_server_hello *hello)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA3S, TLSFP_KIND_JA3S_R};
    result server = {.title = "JA3S", .is_retry_request = tlsfp_is_retry_request(hello)};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        tlsfp_append_server_value(context, hello, kinds[i], scratch);
        server.values[kinds[i]] = keep_scratch();
    }
    server.summary = server.values[TLSFP_KIND_JA3S];
    return server;
}

bool results_of(tlsfp_span message, tlsfp_transport transport, result *out)
{
    tlsfp_client_hello client;
    tlsfp_server_hello server;
    tlsfp_status status = tlsfp_parse(message, transport, &client);
    if (status == TLSFP_OK)
        *out = client_result(&client);
    else if (status == TLSFP_MALFORMED)
        *out = (result){.title = "malformed ClientHello"};
    else if (tlsfp_parse_server(message, transport, &server) == TLSFP_OK)
        *out = server_result(&server);
    else
        return false;
    return true;
}
