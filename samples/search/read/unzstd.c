/* SPDX-License-Identifier: BSD-3-Clause */
/* Zstandard, RFC 8878. A file is a sequence of frames, each with its own window; the header says
 * how large it is, before libzstd makes room for it. */
#include "read/decoder_parts.h"

#include <string.h>
#include <tlsfp/reader.h>
#include <zstd.h>

enum {
    MAX_HEADER = 18, /* RFC 8878 3.1.1, magic number included */
    MAGIC_SIZE = 4,
    DESCRIPTOR_AT = MAGIC_SIZE,
    SINGLE_SEGMENT = 0x20,
    BESIDE_WINDOW = 1024 * 1024, /* what libzstd takes beside the window, at most */
};

static const uint8_t FRAME_MAGIC[MAGIC_SIZE] = {0x28, 0xb5, 0x2f, 0xfd};

struct zstd_decoder {
    ZSTD_DStream *stream;
    bool in_frame;
    uint8_t head[MAX_HEADER]; /* of the next frame, before it is decoded */
    size_t n_head, head_at;
};

zstd_decoder *unzstd_new(void)
{
    zstd_decoder *decoder = g_new0(zstd_decoder, 1);
    decoder->stream = ZSTD_createDStream();
    return decoder;
}

void unzstd_free(zstd_decoder *decoder)
{
    if (decoder == NULL)
        return;
    ZSTD_freeDStream(decoder->stream);
    g_free(decoder);
}

/** A little-endian number. */
static uint64_t number_in(tlsfp_span bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes.len; i > 0; i--)
        value = value << 8 | get_u8(bytes, i - 1);
    return value;
}

/** RFC 8878 3.1.1.1.2: the window is 2^(10+exponent) and mantissa/8 more. */
static uint64_t window_in(uint8_t descriptor)
{
    uint64_t base = UINT64_C(1) << (10 + (descriptor >> 3));
    return base + base / 8 * (descriptor & 7);
}

/** The window that a frame asks for; 0 where there is none, as in a skippable frame. */
static uint64_t window_of(tlsfp_span head)
{
    static const size_t id_sizes[] = {0, 1, 2, 4}, content_sizes[] = {1, 2, 4, 8};
    tlsfp_span magic, descriptor, id, content;
    if (!take(&head, MAGIC_SIZE, &magic) || memcmp(magic.data, FRAME_MAGIC, MAGIC_SIZE) != 0 ||
        !take(&head, 1, &descriptor))
        return 0;
    uint8_t flags = get_u8(descriptor, 0);
    if (!(flags & SINGLE_SEGMENT))
        return take(&head, 1, &content) ? window_in(get_u8(content, 0)) : 0;
    if (!take(&head, id_sizes[flags & 3], &id) || !take(&head, content_sizes[flags >> 6], &content))
        return 0;
    return number_in(content);
}

/** Collects a frame's header and makes sure of the memory it needs; nothing is collected at the end
 * of the file. */
static bool start_frame(zstd_decoder *decoder, decoder_input *input, size_t *reserved,
                        GError **error)
{
    memmove(decoder->head, decoder->head + decoder->head_at, decoder->n_head - decoder->head_at);
    decoder->n_head -= decoder->head_at;
    decoder->head_at = 0;
    while (decoder->n_head < MAX_HEADER) {
        if (!input_fill(input, error))
            return false;
        if (input->len == 0)
            break;
        size_t n = MIN(MAX_HEADER - decoder->n_head, input->len);
        memcpy(decoder->head + decoder->n_head, input->bytes, n);
        decoder->n_head += n;
        input->bytes += n;
        input->len -= n;
    }
    uint64_t window = window_of((tlsfp_span){decoder->head, decoder->n_head});
    if (!decoder_reserve((size_t)MIN(window, SIZE_MAX / 2) + BESIDE_WINDOW, reserved,
                         "zstd -dc --long=31", error))
        return false;
    decoder->in_frame = decoder->n_head > 0;
    return true;
}

/** Decodes from the collected header first, then from the input. */
static bool decode(zstd_decoder *decoder, decoder_input *input, ZSTD_outBuffer *out, GError **error)
{
    bool from_head = decoder->head_at < decoder->n_head;
    if (!from_head && !input_fill(input, error))
        return false;
    ZSTD_inBuffer in = {decoder->head, decoder->n_head, decoder->head_at};
    if (!from_head)
        in = (ZSTD_inBuffer){input->bytes, input->len, 0};
    size_t old_at = in.pos, old_out = out->pos;
    size_t status = ZSTD_decompressStream(decoder->stream, out, &in);
    if (ZSTD_isError(status)) {
        decoder_fail(error, ZSTD_getErrorName(status));
        return false;
    }
    if (from_head) {
        decoder->head_at = in.pos;
    } else if (in.pos > 0) {
        input->bytes += in.pos;
        input->len -= in.pos;
    }
    decoder->in_frame = status != 0;
    if (status != 0 && in.pos == old_at && out->pos == old_out && input->at_end) {
        decoder_fail(error, "the compressed data ends too early");
        return false;
    }
    return true;
}

ssize_t unzstd_read(zstd_decoder *decoder, decoder_input *input, size_t *reserved, uint8_t *out,
                    size_t len, GError **error)
{
    ZSTD_outBuffer buffer = {out, len, 0};
    while (buffer.pos == 0) {
        if (!decoder->in_frame && !start_frame(decoder, input, reserved, error))
            return -1;
        if (!decoder->in_frame)
            return 0;
        if (!decode(decoder, input, &buffer, error))
            return -1;
    }
    return (ssize_t)buffer.pos;
}
