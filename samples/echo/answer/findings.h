/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What is computed about a client when an answer first needs it, once for a connection. */
#ifndef ECHO_FINDINGS_H
#define ECHO_FINDINGS_H

#include <tlsfp/claim.h>

#include "client.h"
#include "layers/http_facts.h"

/** Known clients, which all threads share. */
typedef struct known_clients known_clients;

/** @return without clients; owned by the caller, to be freed with known_clients_free(). */
known_clients *known_clients_new(void);

/** Frees @p known; NULL is fine. */
void known_clients_free(known_clients *known);

/** Adds the clients of a list, and its labels, as tlsfp_lists_load() does; before threads share
 * it. */
bool known_clients_load(known_clients *known, const char *path, tlsfp_labels *labels,
                        tlsfp_label_report report, GError **error);

/** Starts with its first fields set, the rest zeros; to be cleared with findings_clear(). */
typedef struct {
    const client_info *client; /**< Whose hello was parsed. */
    const http_facts *facts;
    tlsfp_context *context;
    known_clients *known; /**< NULL where there are no lists. */

    GString *fingerprints; /**< JSON, NULL before it is asked for. */
    tlsfp_shape *shape;    /**< Likewise. */
    bool compared;         /**< The two below are known. */
    tlsfp_near nearest;    /**< Without a client where none is known. */
    GArray *differences;   /**< Of tlsfp_difference: what tells the client from that one. */
} findings;

/** Frees what @p found holds. */
void findings_clear(findings *found);

/** The object tls_fingerprints of tlsfp/json.h. */
const GString *findings_fingerprints(findings *found);

/** One of its values; good as long as @p found. */
tlsfp_span findings_value(findings *found, tlsfp_kind kind);

/** The known client that is nearest; NULL where there is none. The distance and the differences
 * are in @p found from then on. */
const tlsfp_client *findings_nearest(findings *found);

/**
 * Whether the hello fits a User-Agent; only where there are lists.
 * @param out_why a sentence is appended.
 */
tlsfp_claim findings_judge(findings *found, const char *user_agent, GString *out_why);

#endif
