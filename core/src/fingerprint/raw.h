/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Raw forms and hashes of one hello, written one after the other: each list is read, sorted and
 * written in digits once, and copied where it stands again.
 *
 * hello_lists_read() comes first. What is written needs the room that ja3_room() and ja4_room()
 * say, of which a few bytes behind the text may be overwritten.
 */
#ifndef TLSFP_RAW_H
#define TLSFP_RAW_H

#include "fingerprint/context.h"

/** Reads the hello's lists into the context. */
void hello_lists_read(tlsfp_context *context, const tlsfp_client_hello *hello);

/** The types of the extensions that were read, sorted. */
const uint16_t *hello_lists_sorted_types(tlsfp_context *context);

/** Room for ja3_r or ja3n_r, and for ja4_r, ja4_ro or stable_r. */
size_t ja3_room(const tlsfp_client_hello *hello);
size_t ja4_room(const tlsfp_client_hello *hello);

/** Which of JA3's raw forms. */
typedef enum {
    JA3_SENT,   /* ja3_r */
    JA3_SORTED, /* ja3n_r */
} ja3_form;

/** One of them, written: where it starts, where its extensions do, its groups, and its end. */
typedef struct {
    char *start, *types, *groups, *end;
} ja3_text;

ja3_text write_ja3_text(tlsfp_context *context, const tlsfp_client_hello *hello, ja3_form form,
                        char *at);

/** ja3n_r of the same hello as @p ja3. */
ja3_text write_ja3n_text_beside(tlsfp_context *context, const ja3_text *ja3, char *at);

/** The MD5. Returns the place behind it. */
char *write_ja3_hash(tlsfp_context *context, const ja3_text *text, char *at);

/** Which of JA4's raw forms; the stable value has one, too. */
typedef enum {
    JA4_SORTED = TLSFP_SORTED, /* ja4_r */
    JA4_SENT = TLSFP_ORIGINAL, /* ja4_ro */
    JA4_STABLE,                /* stable_r */
} ja4_form;

/** One of them, written: where it starts, where its cipher suites do, its extensions, the signature
 * algorithms with the '_' before them, and the end. */
typedef struct {
    char *start, *ciphers, *types, *algorithms, *end;
} ja4_text;

ja4_text write_ja4_text(tlsfp_context *context, const tlsfp_client_hello *hello, ja4_form form,
                        char *at);

/** Another form of the same hello as @p ja4, which is the sorted one. */
ja4_text write_ja4_text_beside(tlsfp_context *context, const ja4_text *ja4, ja4_form form,
                               char *at);

/** The hashed form: ja4, ja4_o, stable. Returns the place behind it. */
char *write_ja4_hash(tlsfp_context *context, const ja4_text *text, char *at);

#endif
