/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The server as a whole. */
#ifndef ECHO_SERVE_H
#define ECHO_SERVE_H

#include "options.h"

/**
 * Serves until SIGTERM or SIGINT; a second one ends the program at once.
 * @return false with @p error set where it could not start.
 */
bool serve(const options *asked, GError **error);

#endif
