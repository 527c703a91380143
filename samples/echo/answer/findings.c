/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/findings.h"

#include <string.h>
#include <tlsfp/json.h>

enum { USUAL_LEN = 4 * 1024 }; /* of the fingerprints as JSON */

struct known_clients {
    GMutex lock; /* a search keeps things for the next one */
    tlsfp_clients *clients;
};

known_clients *known_clients_new(void)
{
    known_clients *known = g_new0(known_clients, 1);
    g_mutex_init(&known->lock);
    known->clients = tlsfp_clients_new();
    return known;
}

void known_clients_free(known_clients *known)
{
    if (known == NULL)
        return;
    tlsfp_clients_free(known->clients);
    g_mutex_clear(&known->lock);
    g_free(known);
}

bool known_clients_load(known_clients *known, const char *path, tlsfp_labels *labels,
                        tlsfp_label_report report, GError **error)
{
    return tlsfp_lists_load(path, labels, known->clients, report, NULL, error);
}

void findings_clear(findings *found)
{
    if (found->fingerprints != NULL)
        g_string_free(found->fingerprints, TRUE);
    found->fingerprints = NULL;
    g_clear_pointer(&found->shape, tlsfp_shape_free);
    g_clear_pointer(&found->differences, g_array_unref);
}

const GString *findings_fingerprints(findings *found)
{
    if (found->fingerprints == NULL) {
        found->fingerprints = g_string_sized_new(USUAL_LEN);
        tlsfp_append_json_tls_fingerprints(found->context, &found->client->hello,
                                           found->fingerprints);
    }
    return found->fingerprints;
}

/** Fingerprints hold no character that JSON escapes, so that a value ends with the next quote. */
tlsfp_span findings_value(findings *found, tlsfp_kind kind)
{
    char key[64];
    const int len = g_snprintf(key, sizeof key, "\"%s\":\"", tlsfp_kind_name(kind));
    const char *at = strstr(findings_fingerprints(found)->str, key);
    if (at == NULL)
        return (tlsfp_span){NULL, 0};
    return (tlsfp_span){(const uint8_t *)at + len, strcspn(at + len, "\"")};
}

static const tlsfp_shape *shape_of(findings *found)
{
    if (found->shape == NULL)
        found->shape = tlsfp_shape_of_hello(&found->client->hello);
    return found->shape;
}

const tlsfp_client *findings_nearest(findings *found)
{
    if (found->known == NULL || found->compared)
        return found->nearest.client;
    found->compared = true;
    g_mutex_lock(&found->known->lock);
    const size_t n =
        tlsfp_clients_nearest(found->known->clients, shape_of(found), &found->nearest, 1);
    g_mutex_unlock(&found->known->lock);
    if (n == 0)
        return found->nearest.client = NULL;
    found->differences = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    tlsfp_shape_compare(found->nearest.client->shape, shape_of(found), found->differences);
    return found->nearest.client;
}

tlsfp_claim findings_judge(findings *found, const char *user_agent, GString *out_why)
{
    return tlsfp_claim_judge(found->known->clients, user_agent, shape_of(found), out_why);
}
