/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Shares over time as an SVG picture: bars of one height, day by day. */
#ifndef CENSUS_PICTURE_H
#define CENSUS_PICTURE_H

#include <glib.h>
#include <stdint.h>

typedef struct picture picture;

/** @return an empty picture; owned by the caller, to be freed with picture_free(). */
picture *picture_new(void);

/** Frees @p shares; NULL is fine. */
void picture_free(picture *shares);

/** Adds to the share of a name on a day; "" are all others. */
void picture_add(picture *shares, int64_t day, const char *name, int64_t n);

/** Appends it, with a legend. */
void picture_write(const picture *shares, GString *out);

#endif
