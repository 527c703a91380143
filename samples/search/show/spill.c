/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct spill_file {
    int fd; /* -1: no file yet */
    uint64_t size;
};

spill_file *spill_new(void)
{
    spill_file *spill = g_new0(spill_file, 1);
    spill->fd = -1;
    return spill;
}

void spill_free(spill_file *spill)
{
    if (spill == NULL)
        return;
    if (spill->fd >= 0)
        close(spill->fd);
    g_free(spill);
}

static bool make_file(spill_file *spill)
{
    char *path = g_build_filename(g_get_tmp_dir(), "tlsfp-XXXXXX", NULL);
    spill->fd = mkstemp(path);
    if (spill->fd >= 0)
        unlink(path);
    g_free(path);
    return spill->fd >= 0;
}

bool spill_put(spill_file *spill, const char *text, size_t len, uint64_t *out_at)
{
    if (spill->fd < 0 && !make_file(spill))
        return false;
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(spill->fd, text + done, len - done, (off_t)(spill->size + done));
        if (n < 0 && errno != EINTR)
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    *out_at = spill->size;
    spill->size += len;
    return true;
}

bool spill_get(const spill_file *spill, uint64_t at, char *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pread(spill->fd, out + done, len - done, (off_t)(at + done));
        if (n == 0)
            errno = EIO; /* somebody cut the file */
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        done += n > 0 ? (size_t)n : 0;
    }
    return true;
}
