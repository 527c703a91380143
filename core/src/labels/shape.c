/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/shape.h"

#include <stdlib.h>
#include <string.h>
#include <tlsfp/traits.h>

#include "hello/iana.h"

enum {
    MAX_LIST = 32767, /* values of 2 bytes in a list with a length of 2 bytes, RFC 8446 4.1.2 */
    MAX_COUNT = 99,   /* JA4.md "Number of Ciphers" */
    JA3_FIELDS = 5,
};

tlsfp_shape *tlsfp_shape_new(void)
{
    return g_new0(tlsfp_shape, 1);
}

void tlsfp_shape_free(tlsfp_shape *shape)
{
    if (shape == NULL)
        return;
    for (size_t i = 0; i < TLSFP_N_PARTS; i++)
        if (shape->parts[i].values != NULL)
            g_array_unref(shape->parts[i].values);
    if (shape->bodies != NULL)
        bodies_free(shape->bodies);
    g_free(shape);
}

bool shape_is_passing(uint16_t extension)
{
    switch (extension) {
    case EXTENSION_SERVER_NAME:
    case EXTENSION_ALPN:
    case EXTENSION_PADDING:
    case EXTENSION_SESSION_TICKET:
    case EXTENSION_PRE_SHARED_KEY:
    case EXTENSION_EARLY_DATA:
    case EXTENSION_COOKIE:
        return true;
    default:
        return false;
    }
}

bool tlsfp_shape_values(const tlsfp_shape *shape, tlsfp_part part, const uint16_t **out,
                        size_t *out_n, bool *out_ordered)
{
    const shape_part *found = &shape->parts[part];
    if (found->values == NULL)
        return false;
    if (out != NULL)
        *out = (const uint16_t *)(const void *)found->values->data;
    *out_n = found->values->len;
    if (out_ordered != NULL)
        *out_ordered = found->ordered;
    return true;
}

static GArray *values_new(void)
{
    return g_array_new(FALSE, FALSE, sizeof(uint16_t));
}

/** Takes over @p values, unless the part is known as well already. */
static void set_part(tlsfp_shape *shape, tlsfp_part part, GArray *values, bool ordered)
{
    shape_part *place = &shape->parts[part];
    if (place->values != NULL && (place->ordered || !ordered)) {
        g_array_unref(values);
        return;
    }
    if (place->values != NULL)
        g_array_unref(place->values);
    *place = (shape_part){values, ordered};
}

static void set_single(tlsfp_shape *shape, tlsfp_part part, uint16_t value)
{
    GArray *values = values_new();
    g_array_append_val(values, value);
    set_part(shape, part, values, true);
}

/* ---- of a hello ---- */

static GArray *without_grease(tlsfp_span list)
{
    GArray *values = values_new();
    uint16_t value;
    while (tlsfp_next_value(&list, &value))
        if (!tlsfp_is_grease(value))
            g_array_append_val(values, value);
    return values;
}

static void set_list(tlsfp_shape *shape, tlsfp_part part, tlsfp_span list)
{
    set_part(shape, part, without_grease(list), true);
}

/** As JA4 names a version that it has no code for. */
static uint16_t known_version(uint16_t version)
{
    switch (version) {
    case 0x0304:
    case 0x0303:
    case 0x0302:
    case 0x0301:
    case 0x0300:
    case 0x0002:
    case 0xfeff:
    case 0xfefd:
    case 0xfefc:
        return version;
    default:
        return 0;
    }
}

uint16_t shape_alpn_ends(tlsfp_span list)
{
    tlsfp_span protocol;
    while (tlsfp_next_protocol(&list, &protocol)) {
        if (protocol.len == 0)
            return 0;
        uint8_t first = protocol.data[0], last = protocol.data[protocol.len - 1];
        uint16_t ends = (uint16_t)(first << 8 | last);
        if (protocol.len == 2 && tlsfp_is_grease(ends))
            continue;
        if (g_ascii_isalnum(first) && g_ascii_isalnum(last))
            return ends;
        static const char digits[] = "0123456789abcdef";
        return (uint16_t)(digits[first >> 4] << 8 | digits[last & 15]);
    }
    return 0;
}

/** The groups in key_share, RFC 8446 4.2.8. */
static GArray *key_shares(tlsfp_span body)
{
    GArray *values = values_new();
    uint16_t group, len;
    if (!tlsfp_next_value(&body, &len))
        return values;
    while (tlsfp_next_extension(&body, &group, &(tlsfp_span){0})) /* group, length, key */
        if (!tlsfp_is_grease(group))
            g_array_append_val(values, group);
    return values;
}

static void set_extensions(tlsfp_shape *shape, const tlsfp_client_hello *hello)
{
    GArray *types = values_new();
    tlsfp_span block = hello->extensions, body;
    uint16_t type;
    shape->bodies = bodies_new();
    while (tlsfp_next_extension(&block, &type, &body)) {
        if (tlsfp_is_grease(type))
            continue;
        g_array_append_val(types, type);
        bodies_add(shape->bodies, type, body);
        if (type == EXTENSION_KEY_SHARE)
            set_part(shape, TLSFP_PART_KEY_SHARES, key_shares(body), true);
    }
    set_part(shape, TLSFP_PART_EXTENSIONS, types, true);
}

tlsfp_shape *tlsfp_shape_of_hello(const tlsfp_client_hello *hello)
{
    tlsfp_shape *shape = tlsfp_shape_new();
    set_single(shape, TLSFP_PART_TRANSPORT, (uint16_t)hello->transport);
    set_single(shape, TLSFP_PART_VERSION, known_version(tlsfp_highest_version(hello)));
    set_single(shape, TLSFP_PART_LEGACY_VERSION, hello->legacy_version);
    set_single(shape, TLSFP_PART_ALPN, shape_alpn_ends(hello->alpn));
    set_list(shape, TLSFP_PART_CIPHER_SUITES, hello->cipher_suites);
    set_list(shape, TLSFP_PART_GROUPS, hello->supported_groups);
    set_list(shape, TLSFP_PART_SIGNATURE_ALGORITHMS, hello->signature_algorithms);
    set_list(shape, TLSFP_PART_VERSIONS, hello->supported_versions);
    set_extensions(shape, hello);
    GArray *formats = values_new();
    for (size_t i = 0; i < hello->ec_point_formats.len; i++) {
        uint16_t format = hello->ec_point_formats.data[i];
        g_array_append_val(formats, format);
    }
    set_part(shape, TLSFP_PART_POINT_FORMATS, formats, true);
    return shape;
}

/* ---- of raw fingerprints ---- */

/** A list of numbers up to @p end; NULL where it is none. */
static GArray *read_numbers(const char *text, const char *end, int base, char separator)
{
    GArray *values = values_new();
    while (text < end) {
        char *after;
        unsigned long number = g_ascii_isxdigit(*text) ? strtoul(text, &after, base) : 0x10000UL;
        if (number > 0xffff || after > end || (after < end && *after != separator) ||
            after + 1 == end || values->len >= MAX_LIST) {
            g_array_unref(values);
            return NULL;
        }
        uint16_t value = (uint16_t)number;
        g_array_append_val(values, value);
        text = after < end ? after + 1 : end;
    }
    return values;
}

static bool is_sorted(const GArray *values)
{
    for (guint i = 1; i < values->len; i++)
        if (g_array_index(values, uint16_t, i - 1) > g_array_index(values, uint16_t, i))
            return false;
    return true;
}

static bool has_value(const GArray *values, uint16_t value)
{
    for (guint i = 0; i < values->len; i++)
        if (g_array_index(values, uint16_t, i) == value)
            return true;
    return false;
}

/** ja3_r: version, cipher suites, extensions, groups, point formats. */
static bool add_ja3(tlsfp_shape *shape, const char *text)
{
    static const tlsfp_part parts[JA3_FIELDS] = {
        TLSFP_PART_LEGACY_VERSION, TLSFP_PART_CIPHER_SUITES, TLSFP_PART_EXTENSIONS,
        TLSFP_PART_GROUPS,         TLSFP_PART_POINT_FORMATS,
    };
    char **fields = g_strsplit(text, ",", JA3_FIELDS + 1);
    GArray *lists[JA3_FIELDS] = {NULL};
    bool fine = g_strv_length(fields) == JA3_FIELDS && fields[0][0] != '\0';
    for (size_t i = 0; fine && i < JA3_FIELDS; i++) {
        lists[i] = read_numbers(fields[i], fields[i] + strlen(fields[i]), 10, '-');
        fine = lists[i] != NULL && (i > 0 || lists[i]->len == 1);
    }
    for (size_t i = 0; i < JA3_FIELDS; i++) {
        if (fine) /* ja3n_r has the extensions sorted */
            set_part(shape, parts[i], lists[i],
                     parts[i] != TLSFP_PART_EXTENSIONS || !is_sorted(lists[i]));
        else if (lists[i] != NULL)
            g_array_unref(lists[i]);
    }
    g_strfreev(fields);
    return fine;
}

static uint16_t version_of_code(const char *code)
{
    static const struct {
        char code[3];
        uint16_t version;
    } codes[] = {
        {"13", 0x0304}, {"12", 0x0303}, {"11", 0x0302}, {"10", 0x0301}, {"s3", 0x0300},
        {"s2", 0x0002}, {"d1", 0xfeff}, {"d2", 0xfefd}, {"d3", 0xfefc},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (strncmp(code, codes[i].code, 2) == 0)
            return codes[i].version;
    return 0;
}

/** Adds server_name and ALPN, which the sorted forms have in part a only. */
static void add_part_a_extensions(GArray *types, const char *text)
{
    if (has_value(types, EXTENSION_SERVER_NAME) || has_value(types, EXTENSION_ALPN))
        return;
    guint n_listed = types->len, n_said = (guint)(text[6] - '0') * 10 + (guint)(text[7] - '0');
    const uint16_t sni = EXTENSION_SERVER_NAME, alpn = EXTENSION_ALPN;
    bool has_alpn = strncmp(text + 8, "00", 2) != 0;
    if (text[3] == 'd') {
        g_array_prepend_val(types, sni);
        n_listed++;
    }
    if (has_alpn || (n_said < MAX_COUNT && n_said > n_listed))
        g_array_append_val(types, alpn);
}

static bool is_part_a(const char *text)
{
    if (strlen(text) <= TLSFP_JA4_A_LEN || strchr("tqd", text[0]) == NULL ||
        strchr("di", text[3]) == NULL || text[TLSFP_JA4_A_LEN] != '_')
        return false;
    for (size_t i = 4; i < 8; i++)
        if (!g_ascii_isdigit(text[i]))
            return false;
    return g_ascii_isalnum(text[8]) && g_ascii_isalnum(text[9]);
}

static void add_part_a(tlsfp_shape *shape, const char *text)
{
    uint16_t alpn = (uint16_t)((uint8_t)text[8] << 8 | (uint8_t)text[9]);
    set_single(shape, TLSFP_PART_TRANSPORT, (uint16_t)text[0]);
    set_single(shape, TLSFP_PART_VERSION, version_of_code(text + 1));
    set_single(shape, TLSFP_PART_ALPN, strncmp(text + 8, "00", 2) == 0 ? 0 : alpn);
}

/** ja4_r, ja4_ro or stable_r: part a, cipher suites, extensions, signature algorithms. */
static bool add_ja4(tlsfp_shape *shape, const char *text)
{
    const char *ciphers = text + TLSFP_JA4_A_LEN + 1;
    const char *ciphers_end = ciphers + strcspn(ciphers, "_");
    if (*ciphers_end == '\0')
        return false;
    const char *types = ciphers_end + 1, *types_end = types + strcspn(types, "_");
    const char *algorithms = *types_end != '\0' ? types_end + 1 : types_end;
    GArray *lists[] = {
        read_numbers(ciphers, ciphers_end, 16, ','),
        read_numbers(types, types_end, 16, ','),
        read_numbers(algorithms, algorithms + strlen(algorithms), 16, ','),
    };
    if (lists[0] == NULL || lists[1] == NULL || lists[2] == NULL) {
        for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
            if (lists[i] != NULL)
                g_array_unref(lists[i]);
        return false;
    }
    bool types_ordered = !is_sorted(lists[1]);
    bool ordered = types_ordered || !is_sorted(lists[0]);
    if (!ordered)
        add_part_a_extensions(lists[1], text);
    add_part_a(shape, text);
    set_part(shape, TLSFP_PART_CIPHER_SUITES, lists[0], ordered);
    set_part(shape, TLSFP_PART_EXTENSIONS, lists[1], ordered);
    set_part(shape, TLSFP_PART_SIGNATURE_ALGORITHMS, lists[2], true);
    return true;
}

bool tlsfp_shape_add_text(tlsfp_shape *shape, const char *text)
{
    return is_part_a(text) ? add_ja4(shape, text) : add_ja3(shape, text);
}
