/* SPDX-License-Identifier: BSD-3-Clause */
/** @file The header fields of an answer, whichever version of HTTP carries it. */
#ifndef ECHO_ANSWER_FIELDS_H
#define ECHO_ANSWER_FIELDS_H

#include "answer/answers.h"

enum { ANSWER_MAX_FIELDS = 15 };

typedef struct {
    const char *name; /**< As HTTP/1 writes it; HTTP/2 and 3 want lower case. */
    const char *value;
} answer_field;

/** Room for the texts of numbers; it must stay as long as the fields. */
typedef struct {
    char status[8], length[24];
} answer_numbers;

/**
 * Lists the fields, :status first, which is HTTP/2's and 3's alone.
 * @param date value of the Date field.
 * @param alternative value of Alt-Svc, or NULL.
 * @return how many there are.
 */
size_t answer_list_fields(const http_answer *answer, const char *date, const char *alternative,
                          answer_numbers *numbers, answer_field out[ANSWER_MAX_FIELDS]);

#endif
