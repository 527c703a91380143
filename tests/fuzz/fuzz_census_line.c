/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The input is a line that tlsfp-census reads. What is taken from it is text that can be kept, and
 * what another reader of JSON finds there.
 */
#include <add/record.h>
#include <jansson.h>
#include <string.h>

#include "fuzz_target.h"
#include "same_bytes.h"

static void check_text(const char *text)
{
    g_assert_true(g_utf8_validate(text, -1, NULL));
}

/** Values are of characters that nothing has to quote. */
static void check_values(const fingerprints *found)
{
    g_assert_nonnull(found->values[TLSFP_KIND_JA4].data);
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        for (size_t j = 0; j < found->values[i].len; j++)
            g_assert_true(g_ascii_isalnum(found->values[i].data[j]) ||
                          memchr("_,-", found->values[i].data[j], 3) != NULL);
}

/** A line with each member once means the same to everybody. */
static void check_against_jansson(tlsfp_span line, const record *read, const fingerprints *found)
{
    json_t *whole = json_loadb((const char *)line.data, line.len, JSON_REJECT_DUPLICATES, NULL);
    const json_t *object = read->mixed ? whole : json_object_get(whole, "tls_fingerprints");
    const tlsfp_span ja4 = found->values[TLSFP_KIND_JA4];
    if (json_is_object(object)) {
        const char *text = json_string_value(json_object_get(object, "ja4"));
        g_assert_nonnull(text);
        assert_same_bytes(text, strlen(text), ja4.data, ja4.len);
    }
    json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const pseudonym_key no_key;
    const tlsfp_span line = {data, len};
    record_room room = {g_string_new(NULL), g_string_new(NULL), g_string_new(NULL)};
    fingerprints found = fingerprints_new(), again = fingerprints_new();
    record read;
    const char *why = NULL;
    const record_result result = record_read(line, &no_key, &room, &read, &why);
    if (result == RECORD_BROKEN)
        g_assert_nonnull(why);
    if (result == RECORD_FINE) {
        check_text(read.address);
        check_text(read.server);
        if (read.agent != NULL)
            check_text(read.agent);
        if (fingerprints_read(read.fingerprints, &found) == NULL) {
            check_values(&found);
            check_against_jansson(line, &read, &found);
            const fingerprint_places places = fingerprints_places(&found, read.fingerprints);
            fingerprints_at(read.fingerprints, &places, &again);
            for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
                assert_same_bytes(again.values[i].data, again.values[i].len, found.values[i].data,
                                  found.values[i].len);
        }
    }
    fingerprints_clear(&found);
    fingerprints_clear(&again);
    g_string_free(room.text, TRUE);
    g_string_free(room.server, TRUE);
    g_string_free(room.agent, TRUE);
    return 0;
}
