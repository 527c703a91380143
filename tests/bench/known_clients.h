/* SPDX-License-Identifier: BSD-3-Clause */
/** @file ClientHellos of the clients in samples/clients.csv, made of their values: as often as a
 * few clients send most of a network's (Zipf's law), extensions in any order where a client
 * shuffles them. */
#ifndef BENCH_KNOWN_CLIENTS_H
#define BENCH_KNOWN_CLIENTS_H

#include "client_hellos.h"

/** Reads them; TLSFP_SOURCE names the repository. */
void known_clients_load(void);

/** The next one, in a record; good until the next call. */
hello_bytes known_clients_next(prng *numbers);

#endif
