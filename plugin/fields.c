/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fields.h"

#include "compat.h"

#include <tlsfp/names.h>

int hf_client;
int hf_nearest;
int hf_level;
int hf_fields[TLSFP_N_KINDS];
int hf_flags[N_FLAGS];
int hf_lists[N_LISTS];
int ett_lists[N_LISTS] = {-1, -1, -1, -1};

#define FIELD(variable, name, abbreviation, type, base, description)                               \
    {                                                                                              \
        &(variable),                                                                               \
        {                                                                                          \
            name, abbreviation, type, base, NULL, 0, description, HFILL                            \
        }                                                                                          \
    }
#define TEXT(index, name, abbreviation, description)                                               \
    FIELD(hf_fields[index], name, abbreviation, FT_STRING, BASE_NONE, description)
#define FLAG(index, name, abbreviation, description)                                               \
    FIELD(hf_flags[index], name, abbreviation, FT_BOOLEAN, BASE_NONE, description)
#define VALUE(index, name, abbreviation, description)                                              \
    FIELD(hf_lists[index], name, abbreviation, FT_UINT16, BASE_HEX, description)

static void register_texts(int proto)
{
    static hf_register_info hf[] = {
        TEXT(TLSFP_KIND_JA4, "JA4", "tlsfp.ja4",
             "JA4 of the ClientHello: version, SNI, counts and ALPN; hash of the sorted ciphers; "
             "hash of the sorted extensions and the signature algorithms"),
        TEXT(TLSFP_KIND_JA4_A, "JA4 part a", "tlsfp.ja4_a",
             "Transport, TLS version, SNI or not, number of ciphers and of extensions, first ALPN "
             "value"),
        TEXT(TLSFP_KIND_JA4_B, "JA4 part b", "tlsfp.ja4_b", "Hash of the sorted cipher suites"),
        TEXT(TLSFP_KIND_JA4_C, "JA4 part c", "tlsfp.ja4_c",
             "Hash of the sorted extensions, without SNI and ALPN, and the signature algorithms"),
        TEXT(TLSFP_KIND_JA4_BC, "JA4 parts b and c", "tlsfp.ja4_bc",
             "Transport, TLS version, and parts b and c: the same with or without SNI, and for any "
             "ALPN"),
        TEXT(TLSFP_KIND_JA4_R, "JA4 raw", "tlsfp.ja4_r",
             "What JA4 hashes: the sorted lists themselves"),
        TEXT(TLSFP_KIND_JA4_O, "JA4 in original order", "tlsfp.ja4_o",
             "JA4 over ciphers and extensions in the order in which they were sent, SNI and ALPN "
             "included"),
        TEXT(TLSFP_KIND_JA4_RO, "JA4 raw in original order", "tlsfp.ja4_ro",
             "The lists themselves in the order in which they were sent, SNI and ALPN included"),
        TEXT(TLSFP_KIND_STABLE, "Stable value", "tlsfp.stable",
             "JA4 without the extensions that come and go with a connection's state (padding, "
             "session_ticket, pre_shared_key, early_data, cookie); tlsfp's own, not a JA4"),
        TEXT(TLSFP_KIND_STABLE_R, "Stable value raw", "tlsfp.stable_r",
             "What the stable value hashes: the sorted lists themselves"),
        TEXT(TLSFP_KIND_JA3, "JA3", "tlsfp.ja3",
             "MD5 of the ClientHello's version, ciphers, extensions, groups and point formats, as "
             "sent"),
        TEXT(TLSFP_KIND_JA3_R, "JA3 raw", "tlsfp.ja3_r", "The text of which JA3 is the MD5"),
        TEXT(TLSFP_KIND_JA3N, "JA3 with sorted extensions", "tlsfp.ja3n",
             "JA3 over the extensions sorted by number: the same where a client shuffles them"),
        TEXT(TLSFP_KIND_JA3N_R, "JA3 raw with sorted extensions", "tlsfp.ja3n_r",
             "The text of which ja3n is the MD5"),
        TEXT(TLSFP_KIND_JA3S, "JA3S", "tlsfp.ja3s",
             "MD5 of the ServerHello's version, cipher and extensions"),
        TEXT(TLSFP_KIND_JA3S_R, "JA3S raw", "tlsfp.ja3s_r", "The text of which JA3S is the MD5"),
    };
    proto_register_field_array(proto, hf, array_length(hf));
}

static void register_names(int proto)
{
    static hf_register_info hf[] = {
        FIELD(hf_client, "Client", "tlsfp.client", FT_STRING, BASE_NONE,
              "A name of clients with this fingerprint, from your lists or the installed one"),
        FIELD(hf_nearest, "Nearest known client", "tlsfp.client.nearest", FT_STRING, BASE_NONE,
              "The client of the lists whose hello differs least from this one"),
        FIELD(hf_level, "Level", "tlsfp.level", FT_STRING, BASE_NONE,
              "How much attention the client wants, after its names' lists: none, note or warn"),
    };
    proto_register_field_array(proto, hf, array_length(hf));
}

/** The names of values, for Wireshark to look up; they live until it ends. */
static const value_string *names_of(const char *(*name_of)(uint16_t value))
{
    GArray *names = g_array_new(TRUE, TRUE, sizeof(value_string));
    for (unsigned value = 0; value <= UINT16_MAX; value++) {
        value_string entry = {value, name_of((uint16_t)value)};
        if (entry.strptr != NULL)
            g_array_append_val(names, entry);
    }
    return (const value_string *)(const void *)g_array_free(names, FALSE);
}

static void register_flags(int proto)
{
    static hf_register_info hf[] = {
        FLAG(FLAG_RETRY, "Second hello", "tlsfp.retry",
             "The client's second hello, after the server's HelloRetryRequest"),
        FLAG(FLAG_RESUMPTION, "Offers resumption", "tlsfp.resumption",
             "The client offers a session ticket or a pre-shared key"),
        FLAG(FLAG_GREASE, "GREASE", "tlsfp.grease",
             "The client sends values that no server may know (RFC 8701)"),
        FLAG(FLAG_PQ, "Post-quantum", "tlsfp.pq", "The client offers a post-quantum group"),
        FLAG(FLAG_ECH, "Encrypted ClientHello", "tlsfp.ech",
             "The client encrypts a hello within this one, or pretends to"),
    };
    proto_register_field_array(proto, hf, array_length(hf));
}

static void register_lists(int proto)
{
    static hf_register_info hf[N_LISTS] = {
        [LIST_CIPHERS] = VALUE(LIST_CIPHERS, "Cipher suite", "tlsfp.cipher",
                               "A cipher suite that the client offers"),
        [LIST_EXTENSIONS] = VALUE(LIST_EXTENSIONS, "Extension", "tlsfp.extension",
                                  "An extension of the ClientHello"),
        [LIST_GROUPS] =
            VALUE(LIST_GROUPS, "Group", "tlsfp.group", "A group that the client supports"),
        [LIST_SIGNATURE_ALGORITHMS] =
            VALUE(LIST_SIGNATURE_ALGORITHMS, "Signature algorithm", "tlsfp.signature_algorithm",
                  "A signature algorithm that the client accepts"),
    };
    static const char *(*const names[N_LISTS])(uint16_t value) = {
        [LIST_CIPHERS] = tlsfp_cipher_suite_name,
        [LIST_EXTENSIONS] = tlsfp_extension_name,
        [LIST_GROUPS] = tlsfp_group_name,
        [LIST_SIGNATURE_ALGORITHMS] = tlsfp_signature_algorithm_name,
    };
    static int *ett[N_LISTS];
    for (size_t i = 0; i < N_LISTS; i++) {
        hf[i].hfinfo.strings = VALS(names_of(names[i]));
        ett[i] = &ett_lists[i];
    }
    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

void fields_register(int proto)
{
    register_texts(proto);
    register_names(proto);
    register_flags(proto);
    register_lists(proto);
}
