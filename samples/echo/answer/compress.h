/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Content-Encoding: gzip. */
#ifndef ECHO_COMPRESS_H
#define ECHO_COMPRESS_H

#include <glib.h>

/** The same in gzip, RFC 1952; to be released with g_bytes_unref(). */
GBytes *compress_bytes(GBytes *bytes);

#endif
