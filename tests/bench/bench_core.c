/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Nanoseconds per ClientHello for parse, JA3 and JA4, beside the time that hashing the very same
 * texts takes alone. Each hello has lists that were not seen before, so that each is hashed; the
 * time of one whose lists are known stands beside it.
 *
 * Both are measured in turn, many times; the medians are printed, and that of their ratios. The
 * fastest rounds' ratio beside it tells how much of that was other programs' work on the same core.
 */
#include <gcrypt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hello_vector.h"

enum { ROUNDS = 201, REPEATS = 200 };

typedef struct {
    GByteArray *message;
    tlsfp_transport transport;
    GString *ja3, *ja4_b, *ja4_c; /* what is hashed */
} sample;

static volatile uint8_t sink; /* so that no result is dropped */

/** Of this program alone, whatever else runs. */
static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/** Overwrites a list's last value by one that is not GREASE and comes again after 2,048 others. */
static void renew_last(tlsfp_span list)
{
    static unsigned number;
    if (list.len < 2)
        return;
    uint8_t *last = (uint8_t *)list.data + (list.len / 2 - 1) * 2; /* the message is the sample's */
    last[0] = (uint8_t)(0x81 | (number >> 8 & 0x70));
    last[1] = (uint8_t)number++;
}

static void run_all(tlsfp_context *context, const sample *hello, bool is_new)
{
    tlsfp_client_hello parsed;
    char ja3[TLSFP_JA3_SIZE], ja4[TLSFP_JA4_SIZE];
    if (tlsfp_parse((tlsfp_span){hello->message->data, hello->message->len}, hello->transport,
                    &parsed) != TLSFP_OK)
        g_error("the benchmark's hello does not parse");
    if (is_new) {
        renew_last(parsed.cipher_suites);
        renew_last(parsed.signature_algorithms);
    }
    tlsfp_ja3(context, &parsed, ja3);
    tlsfp_ja4(context, &parsed, TLSFP_SORTED, ja4);
    sink = (uint8_t)(ja3[0] ^ ja4[TLSFP_JA4_SIZE - 2]);
}

static void run_hashes(GChecksum *md5, const sample *hello)
{
    uint8_t digest[32];
    gsize len = sizeof digest;
    g_checksum_reset(md5);
    g_checksum_update(md5, (const guchar *)hello->ja3->str, (gssize)hello->ja3->len);
    g_checksum_get_digest(md5, digest, &len);
    sink = digest[0];
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, hello->ja4_b->str, hello->ja4_b->len);
    sink = digest[0];
    gcry_md_hash_buffer(GCRY_MD_SHA256, digest, hello->ja4_c->str, hello->ja4_c->len);
    sink = digest[0];
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
    return values[n / 2];
}

static sample load(GKeyFile *vectors, tlsfp_context *context, const char *row)
{
    sample hello = {.message = message_of(vectors, row), .transport = transport_of(vectors, row)};
    tlsfp_client_hello parsed;
    if (tlsfp_parse((tlsfp_span){hello.message->data, hello.message->len}, hello.transport,
                    &parsed) != TLSFP_OK)
        g_error("%s does not parse", row);
    hello.ja3 = g_string_new(NULL);
    tlsfp_ja3_text(context, &parsed, hello.ja3);
    GString *raw = g_string_new(NULL);
    tlsfp_ja4_text(context, &parsed, TLSFP_SORTED, raw);
    char **parts = g_strsplit(raw->str, "_", 3);
    hello.ja4_b = g_string_new(parts[1]);
    hello.ja4_c = g_string_new(parts[2]);
    g_strfreev(parts);
    g_string_free(raw, TRUE);
    return hello;
}

static void drop(sample *hello)
{
    g_byte_array_free(hello->message, TRUE);
    g_string_free(hello->ja3, TRUE);
    g_string_free(hello->ja4_b, TRUE);
    g_string_free(hello->ja4_c, TRUE);
}

static double measure(tlsfp_context *context, GChecksum *md5, const sample *hello, const char *row)
{
    double total[ROUNDS], known[ROUNDS], hashes[ROUNDS], ratios[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        for (int i = 0; i < REPEATS; i++)
            run_all(context, hello, true);
        double middle = now_ns();
        for (int i = 0; i < REPEATS; i++)
            run_hashes(md5, hello);
        double end = now_ns();
        for (int i = 0; i < REPEATS; i++)
            run_all(context, hello, false);
        total[round] = (middle - start) / REPEATS;
        hashes[round] = (end - middle) / REPEATS;
        known[round] = (now_ns() - end) / REPEATS;
        ratios[round] = total[round] / hashes[round];
    }
    double all = median(total, ROUNDS), alone = median(hashes, ROUNDS);
    double ratio = median(ratios, ROUNDS);
    printf("%-22s %5u bytes  parse+JA3+JA4 %5.0f ns  hashing alone %5.0f ns  ratio %.2f"
           "  fastest %.2f  known lists %5.0f ns\n",
           row, hello->message->len, all, alone, ratio, total[0] / hashes[0],
           median(known, ROUNDS));
    return ratio;
}

int main(void)
{
    GKeyFile *vectors = load_vectors();
    tlsfp_context *context = tlsfp_context_new();
    GChecksum *md5 = g_checksum_new(G_CHECKSUM_MD5);
    char **rows = g_key_file_get_groups(vectors, NULL);
    double worst = 0;
    for (char **row = rows; *row != NULL; row++) {
        if (!g_str_has_prefix(*row, "capture/") && strcmp(*row, "ja4.md/example") != 0)
            continue;
        sample hello = load(vectors, context, *row);
        double ratio = measure(context, md5, &hello, *row);
        worst = MAX(worst, ratio);
        drop(&hello);
    }
    printf("worst ratio %.2f   target: at most 1.50: %s\n", worst,
           worst <= 1.5 ? "met" : "not met");
    g_strfreev(rows);
    g_checksum_free(md5);
    tlsfp_context_free(context);
    g_key_file_free(vectors);
    return 0;
}
