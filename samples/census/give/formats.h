/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Lists of values in other programs' languages. */
#ifndef CENSUS_FORMATS_H
#define CENSUS_FORMATS_H

#include <glib.h>
#include <stdbool.h>

enum { EXPORT_JA3_LEN = 32, EXPORT_JA4_LEN = 36 };

/** A value to look for. */
typedef struct {
    char *text; /**< A JA4 or JA3. */
    char *name; /**< Without quotes, backslashes and the like; "" without one. */
    char *raw;  /**< Of a JA4 its ja4_r; NULL where it is not known. */
    bool is_ja4;
} export_value;

/** Writes @p values, an array of export_value. */
typedef void (*export_writer)(const GPtrArray *values, GString *out);

/** "suricata", "zeek-intel", "misp", "haproxy", "nginx-map", "wireshark"; else NULL. */
export_writer export_writer_named(const char *name);

#endif
