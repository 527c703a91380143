/* SPDX-License-Identifier: BSD-3-Clause */
/* The .xz file format, by liblzma, which stops where its memory limit is reached and goes on once
 * that is raised. */
#include "read/decoder_parts.h"

#include <lzma.h>

struct xz_decoder {
    lzma_stream stream;
    lzma_ret status; /* what went wrong, said once all that was decoded before it is read */
};

xz_decoder *unxz_new(void)
{
    xz_decoder *decoder = g_new0(xz_decoder, 1);
    decoder->stream = (lzma_stream)LZMA_STREAM_INIT;
    decoder->status = lzma_stream_decoder(&decoder->stream, 1, LZMA_CONCATENATED);
    return decoder;
}

void unxz_free(xz_decoder *decoder)
{
    if (decoder == NULL)
        return;
    lzma_end(&decoder->stream);
    g_free(decoder);
}

static bool raise_limit(xz_decoder *decoder, size_t *reserved, GError **error)
{
    uint64_t needed = lzma_memusage(&decoder->stream);
    return decoder_reserve(needed > SIZE_MAX ? SIZE_MAX : (size_t)needed, reserved, "xz -dc",
                           error) &&
           lzma_memlimit_set(&decoder->stream, needed) == LZMA_OK;
}

static const char *reason_of(lzma_ret status)
{
    switch (status) {
    case LZMA_BUF_ERROR:
        return "the compressed data ends too early";
    case LZMA_OPTIONS_ERROR:
        return "compressed with options that liblzma does not know";
    case LZMA_MEM_ERROR:
        return "no memory";
    default:
        return "the compressed data is damaged";
    }
}

/** Decodes into the room that the stream knows of, which starts at @p out; false with @p error set
 * where memory or the file fails. */
static bool decode(xz_decoder *decoder, decoder_input *input, size_t *reserved, const uint8_t *out,
                   GError **error)
{
    lzma_stream *stream = &decoder->stream;
    if (!input_fill(input, error))
        return false;
    stream->next_in = input->bytes;
    stream->avail_in = input->len;
    lzma_ret status = lzma_code(stream, input->at_end ? LZMA_FINISH : LZMA_RUN);
    input->bytes = stream->next_in;
    input->len = stream->avail_in;
    if (status != LZMA_MEMLIMIT_ERROR)
        decoder->status = status;
    else if (stream->next_out == out) /* else: read what there is first */
        return raise_limit(decoder, reserved, error);
    return true;
}

ssize_t unxz_read(xz_decoder *decoder, decoder_input *input, size_t *reserved, uint8_t *out,
                  size_t len, GError **error)
{
    decoder->stream.next_out = out;
    decoder->stream.avail_out = len;
    while (decoder->stream.avail_out == len && decoder->status == LZMA_OK)
        if (!decode(decoder, input, reserved, out, error))
            return -1;
    size_t n = len - decoder->stream.avail_out;
    if (n == 0 && decoder->status != LZMA_STREAM_END)
        return decoder_fail(error, reason_of(decoder->status));
    return (ssize_t)n;
}
