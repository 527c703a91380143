/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What the readers of each kind of input share. */
#ifndef EXPLAIN_READ_PARTS_H
#define EXPLAIN_READ_PARTS_H

#include "read/subjects.h"

/** Forgets which clients were seen: what follows comes from another source. */
void subjects_begin_source(struct subjects *subjects);

/** Adds a subject, which @p subjects owns from here on. */
void subjects_add(struct subjects *subjects, struct subject *subject);

/** The same for one of many: where its source gave this client before, that one is counted once
 * more, and @p subject is freed. */
void subjects_count_client(struct subjects *subjects, struct subject *subject);

/** Sets @p error to "WORD: why". Returns false. */
bool subjects_fail(GError **error, const char *word, const char *why);

/** The kind of value that a word is, by its form. @return false where it is none. */
bool value_kind(const char *word, tlsfp_kind *out);

/** Adds a value; of a hash that a client of the list has, what it was made of is known from there.
 */
void read_value(struct subjects *subjects, const char *word, tlsfp_kind kind,
                const tlsfp_clients *clients);

/** Adds a client of the list, by its whole name, or by its family and a version ("Chromium 131").
 * @return false where there is none. */
bool read_name(struct subjects *subjects, const char *word, const tlsfp_clients *clients);

/** What the list has of the family that a word names, "Chromium 106, Chromium 110–119"; NULL where
 * it names none. To be freed with g_free(). */
char *other_versions(const char *word, const tlsfp_clients *clients);

/** Whether a text is a hello in hex, by its digits and their number. */
bool is_hex(const char *text);

/** Whether what begins so is a hello, lines of JSON, or hex: no capture is.
 * @param start NUL-terminated. */
bool looks_like_hello(const char *start, size_t len);

/** Adds a hello in hex. */
bool read_hex(struct subjects *subjects, const char *name, const char *text, GError **error);

/** Adds what looks_like_hello(). @param text NUL-terminated. */
bool read_hello_text(struct subjects *subjects, const char *name, const char *text, size_t len,
                     GError **error);

/** Adds lines of tlsfp --json. */
bool read_lines(struct subjects *subjects, const char *name, const char *text, GError **error);

/**
 * Adds the hellos of a capture.
 * @param name what to call it.
 * @param number of the frame; 0: all.
 */
bool read_capture(struct subjects *subjects, const char *path, const char *name, uint64_t number,
                  GError **error);

#endif
