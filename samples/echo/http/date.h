/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The time, in the formats of HTTP and of logs. */
#ifndef ECHO_DATE_H
#define ECHO_DATE_H

#include <glib.h>
#include <time.h>

enum { DATE_SIZE = sizeof "Sun, 06 Nov 1994 08:49:37 GMT" };

/** The text of the current second; starts as zeros. */
typedef struct {
    time_t second;
    char text[DATE_SIZE];
} date_line;

/** The time for a Date field (RFC 9110 5.6.7), kept in @p line. */
const char *date_now(date_line *line);

/** Appends the time in UTC as in RFC 3339, with milliseconds. */
void date_append(GString *out);

#endif
