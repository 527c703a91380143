/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>
#include <tlsfp/claim.h>
#include <tlsfp/names.h>

#include "labels/clients.h"
#include "labels/shape.h"

/** What is compared with what. */
typedef struct {
    const client_family *family;
    named_product claimed;
    const tlsfp_shape *shape;
    unsigned below, above;  /* how far the next version is on each side; G_MAXUINT: none is there */
    unsigned shuffled_from; /* the first version that shuffles its extensions */
} claim_trial;

static const family_member *member_at(const client_family *family, guint i)
{
    return &g_array_index(family->members, family_member, i);
}

/* ---- versions ---- */

/** How far a client's versions are from the one claimed, in majors. */
static unsigned distance_to(const claim_trial *trial, const family_member *member)
{
    const unsigned claimed = trial->claimed.major;
    if (!trial->claimed.has_version || !member->has_versions)
        return 0;
    if (claimed < member->versions.first)
        return member->versions.first - claimed;
    return claimed > member->versions.last ? claimed - member->versions.last : 0;
}

static void find_neighbours(claim_trial *trial)
{
    trial->below = trial->above = G_MAXUINT;
    for (guint i = 0; i < trial->family->members->len; i++) {
        const family_member *member = member_at(trial->family, i);
        const unsigned distance = distance_to(trial, member);
        if (!member->has_versions)
            continue;
        if (member->versions.first <= trial->claimed.major)
            trial->below = MIN(trial->below, distance);
        if (member->versions.last >= trial->claimed.major)
            trial->above = MIN(trial->above, distance);
    }
}

/** Whether the list has versions on both sides of the one claimed, or that one. */
static bool is_between(const claim_trial *trial)
{
    return !trial->claimed.has_version || (trial->below != G_MAXUINT && trial->above != G_MAXUINT);
}

/** Whether a client stands for the version claimed: it has it, or is next to it in the list. */
static bool stands_for(const claim_trial *trial, const family_member *member)
{
    const unsigned distance = distance_to(trial, member);
    if (distance == 0 || trial->below == 0 || trial->above == 0)
        return distance == 0;
    return distance ==
           (member->versions.first > trial->claimed.major ? trial->above : trial->below);
}

/* ---- differences ---- */

/** Whether a client of the list sends its extensions in one order. */
static bool has_order(const family_member *member)
{
    size_t n;
    bool ordered = false;
    return tlsfp_shape_values(member->client->shape, TLSFP_PART_EXTENSIONS, NULL, &n, &ordered) &&
           ordered;
}

/** The first version of a family that shuffles its extensions; 0 where that is not known, G_MAXUINT
 * where all keep an order. */
static unsigned first_shuffled(const client_family *family)
{
    unsigned first = G_MAXUINT;
    for (guint i = 0; i < family->members->len; i++) {
        const family_member *member = member_at(family, i);
        if (!has_order(member))
            first = MIN(first, member->has_versions ? member->versions.first : 0);
    }
    return first;
}

/** Whether the order of its extensions tells a client from others: it keeps one, and its family did
 * not begin to shuffle with the next version, as some users try that before. */
static bool keeps_order(const claim_trial *trial, const family_member *member)
{
    if (!has_order(member))
        return false;
    return trial->shuffled_from == G_MAXUINT ||
           (member->has_versions && member->versions.last + 1 < trial->shuffled_from);
}

static bool holds(const uint16_t *values, size_t n, uint16_t value)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] == value)
            return true;
    return false;
}

/** The next extension that both have, and that does not come and go. */
static bool next_shared(const uint16_t *values, size_t n, size_t *at, const uint16_t *others,
                        size_t n_others, uint16_t *out)
{
    while (*at < n) {
        *out = values[(*at)++];
        if (!shape_is_passing(*out) && holds(others, n_others, *out))
            return true;
    }
    return false;
}

/** Whether two shapes have the extensions that matter in different orders. */
static bool is_reordered(const tlsfp_shape *first, const tlsfp_shape *second)
{
    const uint16_t *a, *b;
    size_t n_a, n_b, at_a = 0, at_b = 0;
    uint16_t value_a, value_b;
    bool ordered_a, ordered_b;
    if (!tlsfp_shape_values(first, TLSFP_PART_EXTENSIONS, &a, &n_a, &ordered_a) ||
        !tlsfp_shape_values(second, TLSFP_PART_EXTENSIONS, &b, &n_b, &ordered_b) || !ordered_a ||
        !ordered_b)
        return false;
    while (next_shared(a, n_a, &at_a, b, n_b, &value_a) &&
           next_shared(b, n_b, &at_b, a, n_a, &value_b))
        if (value_a != value_b)
            return true;
    return false;
}

/** Whether a difference says something of the client, not of one of its connections. */
static bool matters(const tlsfp_difference *difference, bool in_order)
{
    switch (difference->part) {
    case TLSFP_PART_ALPN:
    case TLSFP_PART_KEY_SHARES:
    case TLSFP_PART_VERSIONS:
    case TLSFP_PART_BODIES:
        return false;
    case TLSFP_PART_EXTENSIONS:
        return (in_order || difference->change != TLSFP_MOVED) &&
               !shape_is_passing(difference->value);
    default:
        return true;
    }
}

/** The differences that matter between what a client of the list sends and this hello. */
static void find_differences(const claim_trial *trial, const family_member *member, GArray *out)
{
    const bool in_order =
        keeps_order(trial, member) && is_reordered(member->client->shape, trial->shape);
    g_array_set_size(out, 0);
    tlsfp_shape_compare(member->client->shape, trial->shape, out);
    for (guint i = out->len; i > 0; i--)
        if (!matters(&g_array_index(out, tlsfp_difference, i - 1), in_order))
            g_array_remove_index(out, i - 1);
}

/** What a family has that is like the hello. */
typedef struct {
    const family_member *same;    /* sends this: one of the version claimed, else any; or NULL */
    const family_member *closest; /* of those that stand for the version claimed */
    bool same_version;
    GArray *differences; /* from the closest */
} findings;

static findings compare_family(const claim_trial *trial)
{
    findings found = {.closest = member_at(trial->family, 0)};
    guint fewest = G_MAXUINT;
    found.differences = g_array_new(FALSE, FALSE, sizeof(tlsfp_difference));
    for (guint i = 0; i < trial->family->members->len && !found.same_version; i++) {
        const family_member *member = member_at(trial->family, i);
        const bool stands = stands_for(trial, member);
        find_differences(trial, member, found.differences);
        if (found.differences->len == 0 && (found.same == NULL || stands)) {
            found.same = member;
            found.same_version = stands;
        }
        if (stands && found.differences->len < fewest) {
            fewest = found.differences->len;
            found.closest = member;
        }
    }
    find_differences(trial, found.closest, found.differences);
    return found;
}

/* ---- reasons ---- */

static bool sends(const family_member *member, const tlsfp_difference *difference)
{
    const uint16_t *values;
    size_t n;
    return tlsfp_shape_values(member->client->shape, difference->part, &values, &n, NULL) &&
           holds(values, n, difference->value);
}

/** The version since which every client of the family has sent a value. */
static bool sent_since(const client_family *family, const tlsfp_difference *difference,
                       unsigned *out)
{
    unsigned since = G_MAXUINT, last_without = 0;
    bool without = false;
    for (guint i = 0; i < family->members->len; i++) {
        const family_member *member = member_at(family, i);
        if (!member->has_versions)
            return false;
        if (!sends(member, difference)) {
            last_without = MAX(last_without, member->versions.last);
            without = true;
        }
    }
    for (guint i = 0; i < family->members->len; i++) {
        const version_range *versions = &member_at(family, i)->versions;
        if (!without || versions->first > last_without)
            since = MIN(since, versions->first);
    }
    *out = since;
    return since != G_MAXUINT;
}

static bool nobody_sends(const client_family *family, const tlsfp_difference *difference)
{
    size_t n;
    for (guint i = 0; i < family->members->len; i++) {
        const family_member *member = member_at(family, i);
        if (!tlsfp_shape_values(member->client->shape, difference->part, NULL, &n, NULL) ||
            sends(member, difference))
            return false;
    }
    return true;
}

/** "extension padding", "group 0xabcd". */
static void append_value(GString *out, const tlsfp_difference *difference)
{
    const char *name = tlsfp_part_value_name(difference->part, difference->value);
    g_string_append_printf(out, "the %s ", tlsfp_part_name(difference->part));
    if (name != NULL)
        g_string_append(out, name);
    else
        g_string_append_printf(out, "0x%04x", difference->value);
}

static void append_foreign(const claim_trial *trial, const tlsfp_difference *difference,
                           GString *out)
{
    g_string_append(out, "this hello has ");
    append_value(out, difference);
    g_string_append_printf(out, ", which no %s of the list sends", trial->family->name);
}

/** A sentence on one difference that is true of the whole family. */
static bool append_general_reason(const claim_trial *trial, const tlsfp_difference *difference,
                                  GString *out)
{
    unsigned since;
    if (difference->part < TLSFP_PART_CIPHER_SUITES) /* one value: said as it is */
        return false;
    if (difference->change == TLSFP_MISSING && sent_since(trial->family, difference, &since) &&
        since <= trial->claimed.major) {
        g_string_append_printf(out, "%s has sent ", trial->family->name);
        append_value(out, difference);
        g_string_append_printf(out, " since %u; this hello does not", since);
        return true;
    }
    if (difference->change != TLSFP_ADDED || !nobody_sends(trial->family, difference))
        return false;
    append_foreign(trial, difference, out);
    return true;
}

/** "Chromium 131–133". */
static void append_member(const claim_trial *trial, const family_member *member, GString *out)
{
    g_string_append(out, trial->family->name);
    if (member->client->versions != NULL)
        g_string_append_printf(out, " %s", member->client->versions);
}

/** Why a hello is not that of the version claimed. */
static void append_reason(const claim_trial *trial, const findings *found, GString *out)
{
    if (found->same != NULL) {
        g_string_append(out, "this is what ");
        append_member(trial, found->same, out);
        g_string_append_printf(out, " sends, not %u", trial->claimed.major);
        return;
    }
    for (guint i = 0; trial->claimed.has_version && i < found->differences->len; i++)
        if (append_general_reason(trial, &g_array_index(found->differences, tlsfp_difference, i),
                                  out))
            return;
    g_string_append(out, "unlike ");
    append_member(trial, found->closest, out);
    g_string_append(out, ": ");
    tlsfp_difference_text(&g_array_index(found->differences, tlsfp_difference, 0), out);
}

/** An extension that no client of the family sends, with whatever library. */
static bool append_foreign_extension(const claim_trial *trial, const findings *found, GString *out)
{
    for (guint i = 0; i < found->differences->len; i++) {
        const tlsfp_difference *difference =
            &g_array_index(found->differences, tlsfp_difference, i);
        if (difference->part == TLSFP_PART_EXTENSIONS && difference->change == TLSFP_ADDED &&
            nobody_sends(trial->family, difference)) {
            append_foreign(trial, difference, out);
            return true;
        }
    }
    return false;
}

/** That the version claimed is beyond those in the list. */
static void append_beyond(const claim_trial *trial, GString *out)
{
    g_string_append_printf(out, "the list has no %s of this version or %s ones",
                           trial->family->name, trial->above == G_MAXUINT ? "later" : "earlier");
}

/* ---- the verdict ---- */

static tlsfp_claim judge(const claim_trial *trial, const findings *found, GString *out)
{
    const bool own_library = trial->family->brings_its_library;
    const bool beyond = !is_between(trial);
    const bool has_versions = trial->below != G_MAXUINT || trial->above != G_MAXUINT;
    const bool fits = found->same != NULL && (found->same_version || !own_library);
    if (found->same != NULL && (fits || beyond)) {
        append_member(trial, found->same, out);
        g_string_append(out, " sends this");
        g_string_append(out, beyond && has_versions ? "; " : "");
    }
    if (beyond && (has_versions || !fits))
        append_beyond(trial, out);
    if (fits || beyond)
        return fits ? TLSFP_CLAIM_FITS : TLSFP_CLAIM_UNKNOWN;
    if (own_library) {
        append_reason(trial, found, out);
        return TLSFP_CLAIM_DOES_NOT_FIT;
    }
    if (append_foreign_extension(trial, found, out))
        return TLSFP_CLAIM_DOES_NOT_FIT;
    g_string_append_printf(out,
                           "%s takes the TLS library of the system, and the list does not have "
                           "all of them",
                           trial->family->name);
    return TLSFP_CLAIM_UNKNOWN;
}

tlsfp_claim tlsfp_claim_judge(const tlsfp_clients *clients, const char *user_agent,
                              const tlsfp_shape *shape, GString *out_why)
{
    claim_trial trial = {.claimed = product_of(user_agent), .shape = shape};
    trial.family = clients_family(clients, trial.claimed.name);
    if (trial.family == NULL) {
        g_string_append_printf(out_why, "no %s was run for the list",
                               trial.claimed.name[0] != '\0' ? trial.claimed.name : "such client");
        return TLSFP_CLAIM_UNKNOWN;
    }
    find_neighbours(&trial);
    trial.shuffled_from = first_shuffled(trial.family);
    findings found = compare_family(&trial);
    const tlsfp_claim verdict = judge(&trial, &found, out_why);
    g_array_unref(found.differences);
    return verdict;
}

const char *tlsfp_claim_name(tlsfp_claim claim)
{
    static const char *const names[] = {"fits", "does not fit", "unknown"};
    return names[claim];
}

void tlsfp_claim_product(const char *user_agent, GString *out)
{
    const named_product claimed = product_of(user_agent);
    g_string_append(out, claimed.name);
    if (claimed.has_version)
        g_string_append_printf(out, "/%u", claimed.major);
}
