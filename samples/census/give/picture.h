/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Shares over time as an SVG picture: bars of one height, day by day. */
#ifndef CENSUS_PICTURE_H
#define CENSUS_PICTURE_H

#include <glib.h>
#include <stdint.h>

struct picture;

/** @return an empty picture; owned by the caller, to be freed with picture_free(). */
struct picture *picture_new(void);

/** Frees @p picture; NULL is fine. */
void picture_free(struct picture *picture);

/** Adds to the share of a name on a day; "" are all others. */
void picture_add(struct picture *picture, int64_t day, const char *name, int64_t n);

/** Appends it, with a legend. */
void picture_write(const struct picture *picture, GString *out);

#endif
