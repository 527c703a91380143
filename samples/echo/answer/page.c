/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/page.h"

#include <openssl/evp.h>
#include <string.h>

#include "answer/page_assets.h"
#include "answer/page_parts.h"

static const char opening[] = "{{", closing[] = "}}";

/** Takes the part before @p mark, and the mark, off @p rest; all of it without a mark. */
static tlsfp_span take_until(tlsfp_span *rest, const char *mark)
{
    const uint8_t *found = memmem(rest->data, rest->len, mark, strlen(mark));
    const size_t len = found != NULL ? (size_t)(found - rest->data) : rest->len;
    const tlsfp_span part = {rest->data, len};
    const size_t used = found != NULL ? len + strlen(mark) : len;
    *rest = (tlsfp_span){rest->data + used, rest->len - used};
    return part;
}

GBytes *page_html(findings *found, const http_request *request, const char *host)
{
    const page_subject subject = {
        .client = found->client, .found = found, .request = request, .host = host};
    GString *out = g_string_sized_new(page_template.len + page_style.len + page_script.len);
    tlsfp_span rest = page_template;
    while (rest.len > 0) {
        const tlsfp_span literal = take_until(&rest, opening);
        g_string_append_len(out, (const char *)literal.data, (gssize)literal.len);
        if (rest.len > 0 && !page_append_part(out, take_until(&rest, closing), &subject))
            g_assert_not_reached();
    }
    return g_string_free_to_bytes(out);
}

/** Content Security Policy Level 3, 2.3.1 "hash-source". */
static char *hash_source(tlsfp_span bytes)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(bytes.data, bytes.len, hash, &len, EVP_sha256(), NULL) != 1)
        g_error("no SHA-256");
    char *text = g_base64_encode(hash, len);
    char *source = g_strdup_printf("'sha256-%s'", text);
    g_free(text);
    return source;
}

static char *make_policy(void)
{
    char *style = hash_source(page_style), *script = hash_source(page_script);
    char *policy = g_strdup_printf("default-src 'none'; style-src %s; script-src %s; "
                                   "img-src 'self'; base-uri 'none'; form-action 'none'; "
                                   "frame-ancestors 'none'",
                                   style, script);
    g_free(style);
    g_free(script);
    return policy;
}

const char *page_policy(void)
{
    static gsize policy;
    if (g_once_init_enter(&policy))
        g_once_init_leave(&policy, (gsize)make_policy());
    return (const char *)policy;
}
