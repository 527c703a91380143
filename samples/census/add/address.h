/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Addresses as a census keeps them: IPv4 whole, IPv6 by its first 64 bits; or pseudonyms of
 * these, which only who has the key can make. */
#ifndef CENSUS_ADDRESS_H
#define CENSUS_ADDRESS_H

#include <tlsfp/types.h>

enum { ADDRESS_SIZE = 64, PSEUDONYM_KEY_MIN = 16 };

/** A key for pseudonyms. */
typedef struct {
    bool used;
    uint8_t bytes[32]; /**< SHA-256 of the key file. */
} pseudonym_key;

/** Reads a key file of at least PSEUDONYM_KEY_MIN bytes. @return false with @p error set. */
bool pseudonym_key_read(const char *path, pseudonym_key *out, GError **error);

/** A hash that tells keys apart, in hex. */
void pseudonym_key_check(const pseudonym_key *key, char out[ADDRESS_SIZE]);

/**
 * "192.0.2.1", "2001:db8:1:2::/64", or "~" and 32 hex digits.
 * @return false where @p text is no address.
 */
bool address_text(const char *text, const pseudonym_key *key, char out[ADDRESS_SIZE]);

/** A network: the addresses whose first @p len bits are these. */
typedef struct {
    uint8_t bytes[16];
    unsigned len;
    bool v6;
} network;

/** Reads "192.0.2.0/24", "2001:db8::/32", or an address, which is a network of one (IPv6: a /64).
 */
bool network_read(const char *text, network *out);

/** Whether an address, as address_text() writes it without a key, is in the network. */
bool network_has(const network *net, const char *address);

#endif
