/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <tlsfp/names.h>

#include "hello/extension.h"
#include "hello/name_tables.h"

static int compare(const void *key, const void *element)
{
    return (int)*(const uint16_t *)key - (int)((const name *)element)->value;
}

static const char *find(uint16_t value, const name *table, size_t n)
{
    if (is_grease(value))
        return "GREASE";
    const name *found = bsearch(&value, table, n, sizeof *table, compare);
    return found != NULL ? found->text : NULL;
}

const char *tlsfp_cipher_suite_name(uint16_t value)
{
    return find(value, cipher_suites, G_N_ELEMENTS(cipher_suites));
}

const char *tlsfp_extension_name(uint16_t type)
{
    return find(type, extensions, G_N_ELEMENTS(extensions));
}

const char *tlsfp_group_name(uint16_t value)
{
    return find(value, groups, G_N_ELEMENTS(groups));
}

const char *tlsfp_signature_algorithm_name(uint16_t value)
{
    return find(value, signature_algorithms, G_N_ELEMENTS(signature_algorithms));
}

const char *tlsfp_version_name(uint16_t value)
{
    static const name versions[] = {
        {0x0002, "SSL 2.0"},  {0x0300, "SSL 3.0"},  {0x0301, "TLS 1.0"},
        {0x0302, "TLS 1.1"},  {0x0303, "TLS 1.2"},  {0x0304, "TLS 1.3"},
        {0xfefc, "DTLS 1.3"}, {0xfefd, "DTLS 1.2"}, {0xfeff, "DTLS 1.0"},
    };
    return find(value, versions, G_N_ELEMENTS(versions));
}

const char *tlsfp_transport_name(tlsfp_transport transport)
{
    switch (transport) {
    case TLSFP_QUIC:
        return "quic";
    case TLSFP_DTLS:
        return "dtls";
    case TLSFP_TLS:
    default:
        return "tls";
    }
}

bool tlsfp_is_post_quantum(uint16_t group)
{
    switch (group) {
    case 0x0200: /* MLKEM512 */
    case 0x0201:
    case 0x0202:
    case 0x11eb: /* SecP256r1MLKEM768 */
    case 0x11ec: /* X25519MLKEM768 */
    case 0x11ed: /* SecP384r1MLKEM1024 */
    case 0x11ee: /* curveSM2MLKEM768 */
    case 0x4138: /* CECPQ2 */
    case 0x6399: /* X25519Kyber768Draft00 */
    case 0x639a: /* SecP256r1Kyber768Draft00 */
    case 0xfe30: /* X25519Kyber512Draft00 */
    case 0xfe31:
    case 0xfe32: /* P256Kyber768Draft00 */
        return true;
    default:
        return false;
    }
}
