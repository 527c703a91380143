/* SPDX-License-Identifier: BSD-3-Clause */
#include "fingerprint/text.h"

#include <string.h>

#include "hello/extension.h"

#define HEX_ROW(high)                                                                              \
    high "0" high "1" high "2" high "3" high "4" high "5" high "6" high "7" high "8" high "9" high \
         "a" high "b" high "c" high "d" high "e" high "f"

const char hex_pairs[] = HEX_ROW("0") HEX_ROW("1") HEX_ROW("2") HEX_ROW("3") HEX_ROW("4")
    HEX_ROW("5") HEX_ROW("6") HEX_ROW("7") HEX_ROW("8") HEX_ROW("9") HEX_ROW("a") HEX_ROW("b")
        HEX_ROW("c") HEX_ROW("d") HEX_ROW("e") HEX_ROW("f");

/** The same 16 bits four times. */
#define FOUR_TIMES(value) (UINT64_C(0x0001000100010001) * (value))

/** Four values of a list at once. */
static uint64_t four_values_at(tlsfp_span list, size_t index)
{
    uint64_t bytes;
    memcpy(&bytes, list.data + 2 * index, sizeof bytes);
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
    bytes = (bytes & FOUR_TIMES(0x00ff)) << 8 | (bytes >> 8 & FOUR_TIMES(0x00ff));
#endif
    return bytes;
}

/** Whether one of four values may be GREASE: 0x?a?a. */
static bool may_hold_grease(uint64_t four)
{
    uint64_t digits = (four ^ FOUR_TIMES(0x0a0a)) & FOUR_TIMES(0x0f0f); /* 0 in such a value */
    return ((digits - FOUR_TIMES(1)) & ~digits & FOUR_TIMES(0x8000)) != 0;
}

size_t read_values(tlsfp_span list, uint16_t *out)
{
    size_t n = 0, i = 0, n_sent = MIN(list.len / 2, MAX_VALUES);
    while (i < n_sent) {
        uint64_t four = n_sent - i >= 4 ? four_values_at(list, i) : FOUR_TIMES(0x0a0a);
        if (!may_hold_grease(four)) {
            memcpy(out + n, &four, sizeof four);
            n += 4;
            i += 4;
            continue;
        }
        for (size_t end = MIN(i + 4, n_sent); i < end; i++) {
            out[n] = value_at(list, i);
            n += !is_grease(out[n]);
        }
    }
    return n;
}

size_t read_extensions(tlsfp_span block, uint16_t *out)
{
    size_t n = 0;
    uint16_t type;
    tlsfp_span body;
    while (n < MAX_EXTENSIONS && take_extension(&block, &type, &body))
        if (!is_grease(type))
            out[n++] = type;
    return n;
}

static unsigned lowest_bit(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

/**
 * Sorts through a set of bits, one for each possible value: without comparisons, no branch is
 * mispredicted. A value that occurs twice has one bit.
 * @return how many different values @p room->spare holds now, sorted.
 */
static size_t sort_set(const uint16_t *values, size_t n, sort_room *room)
{
    uint64_t groups = 0; /* a bit for each word of occupied that is not 0 */
    for (size_t i = 0; i < n; i++) {
        unsigned word = values[i] / 64u;
        room->present[word] |= UINT64_C(1) << values[i] % 64;
        room->occupied[word / 64] |= UINT64_C(1) << word % 64;
        groups |= UINT64_C(1) << word / 64;
    }
    size_t n_found = 0;
    for (; groups != 0; groups &= groups - 1) {
        unsigned group = lowest_bit(groups);
        for (; room->occupied[group] != 0; room->occupied[group] &= room->occupied[group] - 1) {
            unsigned word = 64 * group + lowest_bit(room->occupied[group]);
            for (uint64_t bits = room->present[word]; bits != 0; bits &= bits - 1)
                room->spare[n_found++] = (uint16_t)(64 * word + lowest_bit(bits));
            room->present[word] = 0;
        }
    }
    return n_found;
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

/** For a few values. */
static void sort_by_insertion(uint16_t *values, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint16_t value = values[i];
        size_t at = i;
        for (; at > 0 && values[at - 1] > value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/**
 * Sorts what is mostly below 64, as the types of extensions are, by one word with a bit for each.
 * @return false where there are too many others, or one stands twice; nothing was changed then.
 */
static bool sort_low(uint16_t *values, size_t n)
{
    enum { MAX_OTHERS = 8 };
    uint16_t others[MAX_OTHERS];
    size_t n_others = 0, n_low = 0;
    uint64_t low = 0;
    for (size_t i = 0; i < n; i++) {
        if (values[i] < 64)
            low |= UINT64_C(1) << values[i];
        else if (n_others < MAX_OTHERS)
            others[n_others++] = values[i];
        else
            return false;
    }
    if ((size_t)__builtin_popcountll(low) + n_others != n)
        return false;
    for (; low != 0; low &= low - 1)
        values[n_low++] = (uint16_t)lowest_bit(low);
    sort_by_insertion(others, n_others);
    memcpy(values + n_low, others, n_others * sizeof *others);
    return true;
}

void sort_values(uint16_t *values, size_t n, sort_room *room)
{
    if (sort_low(values, n))
        return;
    if (sort_set(values, n, room) == n) {
        memcpy(values, room->spare, n * sizeof *values);
        return;
    }
    sort_by_byte(values, n, 0, room->spare);
    sort_by_byte(room->spare, n, 8, values);
}

char *write_hex_list(char *at, const uint16_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        at = write_hex_value(at, values[i]);
        *at++ = ',';
    }
    return n > 0 ? at - 1 : at; /* without the last comma */
}

/** Fills the entry of a value that is written for the first time. */
static void fill_decimal(decimal *entry, unsigned value)
{
    unsigned n_digits = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10000 ? 4 : 5;
    entry->len = (uint8_t)n_digits;
    entry->text[n_digits] = '-';
    for (; n_digits > 0; n_digits--, value /= 10)
        entry->text[n_digits - 1] = (char)('0' + value % 10);
}

static inline char *put_decimal(char *at, uint16_t value, decimal *decimals)
{
    decimal *entry = &decimals[value];
    if (entry->len == 0)
        fill_decimal(entry, value);
    memcpy(at, entry->text, sizeof entry->text); /* there is room behind every text */
    return at + entry->len;
}

char *write_decimal(char *at, uint16_t value, decimal *decimals)
{
    return put_decimal(at, value, decimals);
}

char *write_decimal_list(char *at, const uint16_t *values, size_t n, decimal *decimals)
{
    for (size_t i = 0; i < n; i++)
        at = put_decimal(at, values[i], decimals) + 1; /* behind it is a '-' */
    return n > 0 ? at - 1 : at;
}

char *write_hex(char *at, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        at = write_hex_byte(at, bytes[i]);
    return at;
}
