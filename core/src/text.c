/* SPDX-License-Identifier: BSD-3-Clause */
#include "text.h"

#include <string.h>
#include <tlsfp/hello.h>

#include "reader.h"

enum { SHORT_LIST = 64 }; /* up to here insertion is the faster sort; real hellos are shorter */

static const char hex_digits[] = "0123456789abcdef";

size_t read_values(tlsfp_span list, uint16_t *out)
{
    size_t n = 0;
    uint16_t value;
    while (n < MAX_VALUES && take_u16(&list, &value))
        if (!tlsfp_is_grease(value))
            out[n++] = value;
    return n;
}

size_t read_extensions(tlsfp_span block, uint16_t *out)
{
    size_t n = 0;
    uint16_t type;
    tlsfp_span body;
    while (n < MAX_VALUES && tlsfp_next_extension(&block, &type, &body))
        if (!tlsfp_is_grease(type))
            out[n++] = type;
    return n;
}

static void sort_by_insertion(uint16_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint16_t value = values[i];
        size_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/** One pass of a radix sort: by the byte @p shift bits up, equal ones in the order in which they
 * stood. */
static void sort_by_byte(const uint16_t *from, size_t n, unsigned shift, uint16_t *to)
{
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++)
        start[(from[i] >> shift & 0xff) + 1]++;
    for (size_t byte = 1; byte < 256; byte++)
        start[byte] += start[byte - 1];
    for (size_t i = 0; i < n; i++)
        to[start[from[i] >> shift & 0xff]++] = from[i];
}

void sort_values(uint16_t *values, size_t n, uint16_t *spare)
{
    if (n <= SHORT_LIST) {
        sort_by_insertion(values, n);
        return;
    }
    sort_by_byte(values, n, 0, spare);
    sort_by_byte(spare, n, 8, values);
}

char *write_hex_list(char *at, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            *at++ = ',';
        *at++ = hex_digits[values[i] >> 12];
        *at++ = hex_digits[values[i] >> 8 & 0xf];
        *at++ = hex_digits[values[i] >> 4 & 0xf];
        *at++ = hex_digits[values[i] & 0xf];
    }
    return at;
}

char *write_decimal(char *at, uint16_t value)
{
    unsigned n_digits = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
    unsigned rest = value;
    for (unsigned i = n_digits; i > 0; i--, rest /= 10)
        at[i - 1] = (char)('0' + rest % 10);
    return at + n_digits;
}

char *write_decimal_list(char *at, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            *at++ = '-';
        at = write_decimal(at, values[i]);
    }
    return at;
}

char *write_hex_digits(char *at, const uint8_t *digest, size_t n_digits)
{
    for (size_t i = 0; i < n_digits; i++)
        *at++ = hex_digits[i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0xf];
    return at;
}
