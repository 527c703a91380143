/* SPDX-License-Identifier: BSD-3-Clause */
#include "answer/compress.h"

#include <zlib.h>

enum {
    WINDOW = 15 + 16, /* the largest, and a header of gzip: deflateInit2() */
    MEMORY = 8,       /* zlib's default */
};

GBytes *compress_bytes(GBytes *bytes)
{
    gsize len;
    z_stream stream = {.next_in = (Bytef *)g_bytes_get_data(bytes, &len)};
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, WINDOW, MEMORY,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        g_error("no memory");
    const uLong size = deflateBound(&stream, len);
    Bytef *out = g_malloc(size);
    stream.avail_in = (uInt)len;
    stream.next_out = out;
    stream.avail_out = (uInt)size;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
        g_assert_not_reached();
    const uLong n = stream.total_out;
    deflateEnd(&stream);
    return g_bytes_new_take(out, n);
}
