/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/names.h>
#include <tlsfp/traits.h>

#include "hello/extension.h"
#include "hello/iana.h"

/** The first extension of that type; false where there is none. */
static bool find_extension(const tlsfp_client_hello *hello, uint16_t wanted, tlsfp_span *out)
{
    tlsfp_span block = hello->extensions;
    uint16_t type;
    while (take_extension(&block, &type, out))
        if (type == wanted)
            return true;
    return false;
}

bool tlsfp_has_extension(const tlsfp_client_hello *hello, uint16_t type)
{
    tlsfp_span body;
    return find_extension(hello, type, &body);
}

uint16_t tlsfp_highest_version(const tlsfp_client_hello *hello)
{
    tlsfp_span list = hello->supported_versions;
    bool found = false;
    uint16_t highest = 0, version;
    while (take_u16(&list, &version))
        if (!is_grease(version)) {
            found = true;
            highest = MAX(highest, version);
        }
    return found ? highest : hello->legacy_version;
}

bool tlsfp_offers_resumption(const tlsfp_client_hello *hello)
{
    tlsfp_span ticket;
    return tlsfp_has_extension(hello, EXTENSION_PRE_SHARED_KEY) ||
           (find_extension(hello, EXTENSION_SESSION_TICKET, &ticket) && ticket.len > 0);
}

static bool any_grease(tlsfp_span list)
{
    uint16_t value;
    while (take_u16(&list, &value))
        if (is_grease(value))
            return true;
    return false;
}

bool tlsfp_has_grease(const tlsfp_client_hello *hello)
{
    tlsfp_span block = hello->extensions, body;
    uint16_t type;
    while (take_extension(&block, &type, &body))
        if (is_grease(type))
            return true;
    return any_grease(hello->cipher_suites) || any_grease(hello->supported_groups) ||
           any_grease(hello->supported_versions) || any_grease(hello->signature_algorithms);
}

bool tlsfp_offers_post_quantum(const tlsfp_client_hello *hello)
{
    tlsfp_span groups = hello->supported_groups;
    uint16_t group;
    while (take_u16(&groups, &group))
        if (tlsfp_is_post_quantum(group))
            return true;
    return false;
}

bool tlsfp_has_ech(const tlsfp_client_hello *hello)
{
    return tlsfp_has_extension(hello, EXTENSION_ENCRYPTED_CLIENT_HELLO);
}

bool tlsfp_has_cookie_extension(const tlsfp_client_hello *hello)
{
    return tlsfp_has_extension(hello, EXTENSION_COOKIE);
}
