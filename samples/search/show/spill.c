/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct spill {
    int fd; /* -1: no file yet */
    uint64_t size;
};

spill *spill_new(void)
{
    spill *aside = g_new0(spill, 1);
    aside->fd = -1;
    return aside;
}

void spill_free(spill *aside)
{
    if (aside == NULL)
        return;
    if (aside->fd >= 0)
        close(aside->fd);
    g_free(aside);
}

static bool make_file(spill *aside)
{
    char *path = g_build_filename(g_get_tmp_dir(), "tlsfp-XXXXXX", NULL);
    aside->fd = mkstemp(path);
    if (aside->fd >= 0)
        unlink(path);
    g_free(path);
    return aside->fd >= 0;
}

bool spill_put(spill *aside, const char *text, size_t len, uint64_t *out_at)
{
    if (aside->fd < 0 && !make_file(aside))
        return false;
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(aside->fd, text + done, len - done, (off_t)(aside->size + done));
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    *out_at = aside->size;
    aside->size += len;
    return true;
}

bool spill_get(const spill *aside, uint64_t at, char *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(aside->fd, out + done, len - done, (off_t)(at + done));
        if (n == 0)
            errno = EIO; /* somebody cut the file */
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}
