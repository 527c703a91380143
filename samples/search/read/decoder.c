/* SPDX-License-Identifier: BSD-3-Clause */
#include "read/decoder.h"

#include <archive.h>
#include <errno.h>
#include <string.h>

#include "read/decoder_parts.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

struct stream_decoder {
    const compression *kind;
    decoder_input input;
    size_t reserved;
    struct archive *archive; /* of gzip, lz4 and bzip2 */
    bool opened;             /* the archive */
    xz_decoder *xz;
    zstd_decoder *zstd;
};

G_DEFINE_QUARK(tlsfp_decoder_error, decoder_error)

const compression *compression_of(tlsfp_span start)
{
    static const struct {
        uint8_t bytes[MAX_MAGIC];
        size_t len;
        compression kind;
    } magics[] = {
        {{0x1f, 0x8b}, 2, {"gzip", "gzip -dc", 256 * KIB, ARCHIVE_FILTER_GZIP}}, /* RFC 1952 */
        {{0x28, 0xb5, 0x2f, 0xfd}, 4, {"zstd", "zstd -dc", 0, 0}},               /* RFC 8878 */
        {{0xfd, '7', 'z', 'X', 'Z', 0x00}, 6, {"xz", "xz -dc", 0, 0}},
        {{0x04, 0x22, 0x4d, 0x18}, 4, {"lz4", "lz4 -dc", 10 * MIB, ARCHIVE_FILTER_LZ4}},
        {{'B', 'Z', 'h'}, 3, {"bzip2", "bzip2 -dc", 5 * MIB, ARCHIVE_FILTER_BZIP2}},
        {{'L', 'R', 'Z', 'I'}, 4, {"lrzip", NULL, 0, 0}},
        {{'L', 'Z', 'I', 'P'}, 4, {"lzip", NULL, 0, 0}},
        {{0x89, 'L', 'Z', 'O', 0x00}, 5, {"lzop", NULL, 0, 0}},
        {{0x1f, 0x9d}, 2, {"compress", NULL, 0, 0}},
        {{0x5d, 0x00, 0x00}, 3, {"lzma", NULL, 0, 0}},
        {{0x02, 0x21, 0x4c, 0x18}, 4, {"lz4, legacy format", NULL, 0, 0}},
        {{'P', 'K', 0x03, 0x04}, 4, {"zip", NULL, 0, 0}},
        {{'7', 'z', 0xbc, 0xaf, 0x27, 0x1c}, 6, {"7-Zip", NULL, 0, 0}},
        {{'R', 'a', 'r', '!', 0x1a, 0x07}, 6, {"RAR", NULL, 0, 0}},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(magics); i++)
        if (start.len >= magics[i].len && memcmp(start.data, magics[i].bytes, magics[i].len) == 0)
            return &magics[i].kind;
    return NULL;
}

bool input_fill(decoder_input *input, GError **error)
{
    if (input->len > 0 || input->at_end)
        return true;
    ssize_t n = input->feed(input->data, &input->bytes);
    if (n < 0) {
        decoder_fail(error, g_strerror(errno));
        return false;
    }
    input->len = (size_t)n;
    input->at_end = n == 0;
    return true;
}

ssize_t decoder_fail(GError **error, const char *why)
{
    g_set_error_literal(error, DECODER_ERROR, 0, why);
    return -1;
}

bool decoder_reserve(size_t size, size_t *reserved, const char *to_cat, GError **error)
{
    if (budget_reserve(size, reserved))
        return true;
    g_set_error(error, DECODER_ERROR, 0,
                "decompressing needs %zu MiB of memory; all files read at once get %d MiB: try "
                "'%s FILE | tlsfp -'",
                size / MIB + (size % MIB > 0), DECODER_MEMORY / MIB, to_cat);
    return false;
}

static la_ssize_t feed_archive(struct archive *archive, void *data, const void **out)
{
    decoder_input *input = (decoder_input *)data;
    const uint8_t *bytes = NULL;
    ssize_t n = input->feed(input->data, &bytes);
    if (n < 0)
        archive_set_error(archive, errno, "%s", g_strerror(errno));
    *out = bytes;
    return n;
}

/** Takes the one filter that is meant, without a search for others, around it or within. */
static bool open_archive(stream_decoder *decoder, GError **error)
{
    struct archive_entry *entry;
    struct archive *archive = decoder->archive;
    if (!budget_reserve(decoder->kind->memory, &decoder->reserved))
        return false;
    decoder->opened =
        archive_read_append_filter(archive, decoder->kind->filter) == ARCHIVE_OK &&
        archive_read_support_format_raw(archive) == ARCHIVE_OK &&
        archive_read_open(archive, &decoder->input, NULL, feed_archive, NULL) == ARCHIVE_OK &&
        archive_read_next_header(archive, &entry) == ARCHIVE_OK;
    if (!decoder->opened)
        decoder_fail(error, archive_error_string(archive));
    return decoder->opened;
}

stream_decoder *decoder_new(const compression *kind, decoder_feed *feed, void *data)
{
    stream_decoder *decoder = g_new0(stream_decoder, 1);
    decoder->kind = kind;
    decoder->input = (decoder_input){.feed = feed, .data = data};
    if (kind->filter != 0)
        decoder->archive = archive_read_new();
    else if (strcmp(kind->name, "xz") == 0)
        decoder->xz = unxz_new();
    else
        decoder->zstd = unzstd_new();
    return decoder;
}

void decoder_free(stream_decoder *decoder)
{
    if (decoder == NULL)
        return;
    archive_read_free(decoder->archive);
    unxz_free(decoder->xz);
    unzstd_free(decoder->zstd);
    budget_return(&decoder->reserved);
    g_free(decoder);
}

ssize_t decoder_read(stream_decoder *decoder, uint8_t *out, size_t len, GError **error)
{
    if (decoder->xz != NULL)
        return unxz_read(decoder->xz, &decoder->input, &decoder->reserved, out, len, error);
    if (decoder->zstd != NULL)
        return unzstd_read(decoder->zstd, &decoder->input, &decoder->reserved, out, len, error);
    if (!decoder->opened && !open_archive(decoder, error))
        return -1;
    la_ssize_t n = archive_read_data(decoder->archive, out, len);
    return n >= 0 ? (ssize_t)n : decoder_fail(error, archive_error_string(decoder->archive));
}
