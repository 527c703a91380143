/* SPDX-License-Identifier: BSD-3-Clause */
#include "bytes/gcrypt_start.h"

#include <glib.h>

void gcrypt_start(void)
{
    static gsize started;
    if (!g_once_init_enter(&started))
        return;
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        gcry_check_version(NULL);
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    g_once_init_leave(&started, 1);
}
