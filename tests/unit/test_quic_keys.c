/* SPDX-License-Identifier: BSD-3-Clause */
#include "assembly/quic_keys.h"

#include "exact_block.h"
#include "quic_samples.h"
#include "quic_seal.h"
#include "same_bytes.h"
#include "writer.h"

enum {
    SAMPLE_HEADER_SIZE = 18, /* of the samples of A.2, up to the packet number */
    SAMPLE_FRAMES_SIZE = 1162,
};

typedef struct {
    const char *name;
    uint32_t version;
    const char *dcid, *key, *iv, *hp;
} keys_case;

static const keys_case keys_cases[] = {
    /* RFC 9001 A.1 */
    {"v1", 0x00000001, SAMPLE_DCID, "1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c",
     "9f50449e04a0e810283a1e9933adedd2"},
    /* RFC 9369 A.1 */
    {"v2", 0x6b3343cf, SAMPLE_DCID, "8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f",
     "45b95e15235d6f45a6b19cbcb0294ba9"},
    /* draft-ietf-quic-tls-29 A.1; the salt is the same up to -32 */
    {"draft-29", 0xff00001d, SAMPLE_DCID, "175257a31eb09dea9366d8bb79ad80ba",
     "6b26114b9cba2b63a9e8dd4f", "9ddd12c994c0698b89374a9c077a3077"},
    {"draft-30", 0xff00001e, SAMPLE_DCID, "175257a31eb09dea9366d8bb79ad80ba",
     "6b26114b9cba2b63a9e8dd4f", "9ddd12c994c0698b89374a9c077a3077"},
    {"draft-31", 0xff00001f, SAMPLE_DCID, "175257a31eb09dea9366d8bb79ad80ba",
     "6b26114b9cba2b63a9e8dd4f", "9ddd12c994c0698b89374a9c077a3077"},
    {"draft-32", 0xff000020, SAMPLE_DCID, "175257a31eb09dea9366d8bb79ad80ba",
     "6b26114b9cba2b63a9e8dd4f", "9ddd12c994c0698b89374a9c077a3077"},
    /* draft-ietf-quic-tls-33 A.1, as version 1 */
    {"draft-33", 0xff000021, SAMPLE_DCID, "1f369613dd76d5467730efcbe3b1a22d",
     "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
    {"draft-34", 0xff000022, SAMPLE_DCID, "1f369613dd76d5467730efcbe3b1a22d",
     "fa044b2f42a3fd3b46fb255c", "9f50449e04a0e810283a1e9933adedd2"},
    /* draft-ietf-quic-tls-27 A.1; the salt is the same from -23 to -28 */
    {"draft-23", 0xff000017, SAMPLE_DCID, "af7fd7efebd21878ff66811248983694",
     "8681359410a70bb9c92f0420", "a980b8b4fb7d9fbc13e814c23164253d"},
    {"draft-27", 0xff00001b, SAMPLE_DCID, "af7fd7efebd21878ff66811248983694",
     "8681359410a70bb9c92f0420", "a980b8b4fb7d9fbc13e814c23164253d"},
    {"draft-28", 0xff00001c, SAMPLE_DCID, "af7fd7efebd21878ff66811248983694",
     "8681359410a70bb9c92f0420", "a980b8b4fb7d9fbc13e814c23164253d"},
    {"mvfst-27", 0xfaceb002, SAMPLE_DCID, "af7fd7efebd21878ff66811248983694",
     "8681359410a70bb9c92f0420", "a980b8b4fb7d9fbc13e814c23164253d"},
    {"mvfst-experimental", 0xfaceb00e, SAMPLE_DCID, "af7fd7efebd21878ff66811248983694",
     "8681359410a70bb9c92f0420", "a980b8b4fb7d9fbc13e814c23164253d"},
    /* computed by python3-cryptography from draft-ietf-quic-v2-01's salt; ngtcp2 answers it */
    {"v2-draft", 0x709a50c4, SAMPLE_DCID, "95df2be2e8d549c82e996fc9339f4563",
     "ea5e3c95f933db14b7020ad8", "091efb735702447d07908f6501845794"},
};

static void assert_bytes(const uint8_t *bytes, size_t len, const char *hex)
{
    GByteArray *expected = bytes_of_hex(hex);
    assert_same_bytes(bytes, len, expected->data, expected->len);
    g_byte_array_unref(expected);
}

static void test_keys(const void *data)
{
    const keys_case *row = data;
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *dcid = bytes_of_hex(row->dcid);
    quic_keys keys;
    g_assert_true(quic_is_known(row->version));
    for (int i = 0; i < 2; i++) { /* the second time nothing of the first is in the way */
        memset(&keys, 0, sizeof keys);
        quic_derive_keys(context, row->version, span_of(dcid), &keys);
        assert_bytes(keys.key, sizeof keys.key, row->key);
        assert_bytes(keys.iv, sizeof keys.iv, row->iv);
        assert_bytes(keys.hp, sizeof keys.hp, row->hp);
    }
    g_byte_array_unref(dcid);
    tlsfp_context_free(context);
}

typedef struct {
    const char *name;
    uint32_t version;
} version_case;

static const version_case unknown_versions[] = {
    {"version-negotiation", 0x00000000},
    {"2", 0x00000002},
    {"grease", 0x0a0a0a0a},
    {"gquic-46", 0x51303436},
    {"gquic-50", 0x51303530},
    {"draft-22", 0xff000016},
    {"mvfst-22", 0xfaceb001},
    {"draft-35", 0xff000023},
    {"v2-one-less", 0x6b3343ce},
    {"v2-one-more", 0x6b3343d0},
    {"highest", 0xffffffff},
};

static void test_unknown(const void *data)
{
    const version_case *row = data;
    g_assert_false(quic_is_known(row->version));
}

/** A sample of A.2, as a packet to open. */
static quic_initial sample_packet(uint32_t version, tlsfp_span bytes)
{
    return (quic_initial){
        .version = version,
        .dcid = slice(bytes, 6, 14),
        .header = slice(bytes, 0, SAMPLE_HEADER_SIZE),
        .protected = slice(bytes, SAMPLE_HEADER_SIZE, bytes.len),
    };
}

typedef struct {
    const char *name;
    uint32_t version;
    const char *packet;
} sample_case;

static const sample_case sample_cases[] = {
    {"rfc9001-a2", 0x00000001, sample_client_v1},
    {"rfc9369-a2", 0x6b3343cf, sample_client_v2},
};

static void test_sample(const void *data)
{
    const sample_case *row = data;
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *bytes = bytes_of_hex(row->packet), *frames = bytes_of_hex(sample_frames);
    tlsfp_span block = exact_block(span_of(bytes)), opened = {NULL, 0};
    quic_initial packet = sample_packet(row->version, block);
    quic_keys keys;
    quic_derive_keys(context, row->version, packet.dcid, &keys);
    g_assert_true(quic_open(context, &keys, &packet, &(uint64_t){0}, &opened));
    put_times(frames, SAMPLE_FRAMES_SIZE - frames->len, 0);
    assert_same_bytes(opened.data, opened.len, frames->data, frames->len);
    exact_block_free(block);
    g_byte_array_unref(bytes);
    g_byte_array_unref(frames);
    tlsfp_context_free(context);
}

/** One bit of the packet changed, or its end cut off: it does not open, and the output stays. */
static void test_damaged_sample(const void *data)
{
    const sample_case *row = data;
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *bytes = bytes_of_hex(row->packet);
    quic_keys keys;
    quic_derive_keys(context, row->version, slice(span_of(bytes), 6, 14), &keys);
    for (size_t at = 0; at < bytes->len; at++) {
        bytes->data[at] ^= 0x10;
        tlsfp_span block = exact_block(span_of(bytes)), opened = {NULL, 77};
        quic_initial packet = sample_packet(row->version, block);
        g_assert_false(quic_open(context, &keys, &packet, &(uint64_t){0}, &opened));
        g_assert_true(opened.data == NULL && opened.len == 77);
        exact_block_free(block);
        bytes->data[at] ^= 0x10;
    }
    for (size_t len = SAMPLE_HEADER_SIZE; len < bytes->len; len++) {
        tlsfp_span block = exact_block(slice(span_of(bytes), 0, len)), opened = {NULL, 77};
        quic_initial packet = sample_packet(row->version, block);
        g_assert_false(quic_open(context, &keys, &packet, &(uint64_t){0}, &opened));
        g_assert_true(opened.data == NULL && opened.len == 77);
        exact_block_free(block);
    }
    g_byte_array_unref(bytes);
    tlsfp_context_free(context);
}

/** The tests' own sealing gives the samples, byte for byte. */
static void test_seal(void)
{
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *dcid = bytes_of_hex(SAMPLE_DCID), *scid = bytes_of_hex(SAMPLE_SERVER_SCID);
    GByteArray *frames = bytes_of_hex(sample_frames);
    GByteArray *server_frames = bytes_of_hex(sample_server_frames);
    put_times(frames, SAMPLE_FRAMES_SIZE - frames->len, 0);
    const struct {
        uint32_t version;
        const char *client, *server;
    } versions[] = {
        {SEAL_VERSION_1, sample_client_v1, sample_server_v1},
        {SEAL_VERSION_2, sample_client_v2, sample_server_v2},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        GByteArray *out = g_byte_array_new();
        seal_packet packet = {.version = versions[i].version,
                              .key_dcid = span_of(dcid),
                              .dcid = span_of(dcid),
                              .number = 2,
                              .number_len = 4};
        seal_put(out, &packet, span_of(frames));
        assert_bytes(out->data, out->len, versions[i].client);
        g_byte_array_set_size(out, 0);
        packet = (seal_packet){.version = versions[i].version,
                               .key_dcid = span_of(dcid),
                               .scid = span_of(scid),
                               .number = 1,
                               .number_len = 2,
                               .from_server = true};
        seal_put(out, &packet, span_of(server_frames));
        assert_bytes(out->data, out->len, versions[i].server);
        g_byte_array_unref(out);
    }
    g_byte_array_unref(dcid);
    g_byte_array_unref(scid);
    g_byte_array_unref(frames);
    g_byte_array_unref(server_frames);
    tlsfp_context_free(context);
}

/* The whole number of a packet, from one more than the largest before it: RFC 9000 A.3. */
typedef struct {
    const char *name;
    uint64_t expected;
    uint32_t number;
    size_t number_len;
    uint64_t then;
} number_case;

static const number_case number_cases[] = {
    {"first", 0, 0, 1, 1},
    {"first-as-sent", 0, 255, 1, 256},
    {"next", 1, 1, 1, 2},
    {"older", 9, 3, 1, 9},
    {"past-one-byte", 256, 256, 1, 257},
    {"across-one-byte", 255, 258, 1, 259},
    {"back-across-one-byte", 258, 254, 1, 258},
    {"half-a-window-before", 0x180, 0x200, 1, 0x201},
    {"half-a-window-behind", 0x17f, 0x1ff, 1, 0x200},
    {"rfc-9000-a3", 0xa82f30eb, 0xa82f9b32, 2, 0xa82f9b33},
    {"past-three-bytes", 0x1000000, 0x1000005, 3, 0x1000006},
};

static void test_number(const void *data)
{
    const number_case *row = data;
    tlsfp_context *context = tlsfp_context_new();
    GByteArray *frames = g_byte_array_new(), *out = g_byte_array_new();
    put_times(frames, 30, 1);
    seal_packet packet = {.version = SEAL_VERSION_1,
                          .key_dcid = SPAN("12345678"),
                          .dcid = SPAN("12345678"),
                          .number = row->number,
                          .number_len = row->number_len};
    seal_put(out, &packet, span_of(frames));
    size_t header = out->len - frames->len - row->number_len - GCM_TAG_SIZE;
    quic_initial sealed = {SEAL_VERSION_1, packet.dcid, packet.scid, slice(span_of(out), 0, header),
                           slice(span_of(out), header, out->len)};
    quic_keys keys;
    quic_derive_keys(context, SEAL_VERSION_1, packet.dcid, &keys);
    uint64_t expected = row->expected;
    tlsfp_span opened;
    g_assert_true(quic_open(context, &keys, &sealed, &expected, &opened));
    g_assert_cmphex(expected, ==, row->then);
    assert_same_bytes(opened.data, opened.len, frames->data, frames->len);
    g_byte_array_unref(frames);
    g_byte_array_unref(out);
    tlsfp_context_free(context);
}

/** Packet numbers of each length, and frames from none to more than one block of the cipher. */
static void test_lengths(void)
{
    static const uint32_t numbers[] = {0, 0x7f, 0xfffe, 0xabcdef, 0xfedcba98};
    tlsfp_context *context = tlsfp_context_new();
    for (size_t number_len = 1; number_len <= 4; number_len++)
        for (size_t len = 4 - number_len; len < 40; len++) {
            uint32_t number =
                number_len == 4 ? numbers[4] : numbers[number_len] & ((1U << 8 * number_len) - 1);
            GByteArray *frames = g_byte_array_new(), *out = g_byte_array_new();
            put_times(frames, len, 1);
            seal_packet seal = {.version = SEAL_VERSION_1,
                                .key_dcid = SPAN("12345678"),
                                .dcid = SPAN("12345678"),
                                .number = number,
                                .number_len = number_len};
            seal_put(out, &seal, span_of(frames));
            tlsfp_span block = exact_block(span_of(out)), opened = {NULL, 77};
            quic_initial packet = sample_packet(SEAL_VERSION_1, block);
            quic_keys keys;
            quic_derive_keys(context, SEAL_VERSION_1, packet.dcid, &keys);
            g_assert_true(quic_open(context, &keys, &packet, &(uint64_t){0}, &opened));
            assert_same_bytes(opened.data, opened.len, frames->data, frames->len);
            exact_block_free(block);
            g_byte_array_unref(frames);
            g_byte_array_unref(out);
        }
    tlsfp_context_free(context);
}

/** Connection IDs of each length that a header may hold give keys, and those of no other. */
static void test_connection_ids(void)
{
    tlsfp_context *context = tlsfp_context_new();
    uint8_t dcid[21] = {0};
    quic_keys keys[21];
    for (size_t len = 0; len < G_N_ELEMENTS(keys); len++) {
        quic_derive_keys(context, SEAL_VERSION_1, (tlsfp_span){dcid, len}, &keys[len]);
        for (size_t other = 0; other < len; other++)
            g_assert_true(memcmp(&keys[len], &keys[other], sizeof keys[len]) != 0);
    }
    tlsfp_context_free(context);
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/quic-keys/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(keys_cases); i++)
        add_case("derive", keys_cases[i].name, &keys_cases[i], test_keys);
    for (size_t i = 0; i < G_N_ELEMENTS(unknown_versions); i++)
        add_case("unknown", unknown_versions[i].name, &unknown_versions[i], test_unknown);
    for (size_t i = 0; i < G_N_ELEMENTS(sample_cases); i++) {
        add_case("open", sample_cases[i].name, &sample_cases[i], test_sample);
        add_case("damaged", sample_cases[i].name, &sample_cases[i], test_damaged_sample);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(number_cases); i++)
        add_case("number", number_cases[i].name, &number_cases[i], test_number);
    g_test_add_func("/quic-keys/derive/connection-ids", test_connection_ids);
    g_test_add_func("/quic-keys/open/lengths", test_lengths);
    g_test_add_func("/quic-keys/seal/samples", test_seal);
    return g_test_run();
}
