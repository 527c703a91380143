/* SPDX-License-Identifier: BSD-3-Clause */
/** @file libgcrypt, ready for use. */
#ifndef TLSFP_GCRYPT_START_H
#define TLSFP_GCRYPT_START_H

#include <gcrypt.h>

/** Initializes libgcrypt, unless the program (Wireshark) has done so; any thread may call it, any
 * number of times. */
void gcrypt_start(void);

#endif
