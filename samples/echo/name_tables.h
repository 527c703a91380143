/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Long tables of names; each is sorted by value. */
#ifndef ECHO_NAME_TABLES_H
#define ECHO_NAME_TABLES_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    uint16_t value;
    const char *name;
} named_value;

extern const named_value cipher_suite_names[];
extern const size_t n_cipher_suite_names;

#endif
