/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Writes JSON into a buffer; commas are put where they belong. */
#ifndef ECHO_JSON_OUT_H
#define ECHO_JSON_OUT_H

#include <tlsfp/types.h>

/** Begins an element of an array, or what follows another document's text. */
void json_item(GString *out);

/** Begins a member of an object; its value follows. */
void json_key(GString *out, const char *key);

/** Appends a string, or null for NULL; UTF-8, as tlsfp_append_json_string(). */
void json_text(GString *out, const char *text);

/** Appends bytes from the wire, or null where they have no data: tlsfp_append_json_escaped(). */
void json_wire(GString *out, tlsfp_span text);

void json_number(GString *out, uint64_t number);
void json_bool(GString *out, bool value);
void json_hex(GString *out, tlsfp_span bytes);

/** The same as members. */
void json_put_text(GString *out, const char *key, const char *text);
void json_put_wire(GString *out, const char *key, tlsfp_span text);
void json_put_number(GString *out, const char *key, uint64_t number);
void json_put_bool(GString *out, const char *key, bool value);

/** Appends the MD5 of a text, or null for an empty one. */
void json_put_md5(GString *out, const char *key, const char *text);

#endif
