/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/proxy.h"

#include <string.h>

#include "exact_block.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TCP4 "\xc0\0\2\1\xc6\x33\x64\2\x9c\x40\1\xbb"
#define TCP6                                                                                       \
    "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x9c\x40\1\xbb"
#define SIXTY_FOUR "0123456789012345678901234567890123456789012345678901234567890123"

typedef struct {
    const char *name;
    const char *bytes;
    size_t len;
    tlsfp_status status;
    const char *address; /* NULL: the load balancer's own */
    uint16_t port;
} proxy_case;

#define ROW(name, bytes, status, address, port)                                                    \
    {                                                                                              \
        name, bytes, sizeof bytes - 1, status, address, port                                       \
    }

static const proxy_case cases[] = {
    /* proxy-protocol.txt 2.1 */
    ROW("1-tcp4", "PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n", TLSFP_OK, "192.0.2.1", 40000),
    ROW("1-tcp6", "PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n", TLSFP_OK, "2001:db8::1",
        40000),
    ROW("1-longest-address",
        "PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n",
        TLSFP_OK, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535),
    ROW("1-unknown", "PROXY UNKNOWN\r\n", TLSFP_OK, NULL, 0),
    ROW("1-unknown-and-more", "PROXY UNKNOWN ff::1 :: 1 2\r\n", TLSFP_OK, NULL, 0),
    ROW("1-family", "PROXY TCP5 192.0.2.1 198.51.100.2 40000 443\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-wrong-family", "PROXY TCP4 2001:db8::1 2001:db8::2 40000 443\r\n", TLSFP_MALFORMED, NULL,
        0),
    ROW("1-nothing", "PROXY \r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-no-ports", "PROXY TCP4 192.0.2.1 198.51.100.2\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-too-many", "PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-two-blanks", "PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-port", "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-port-zero-in-front", "PROXY TCP4 192.0.2.1 198.51.100.2 080 443\r\n", TLSFP_MALFORMED,
        NULL, 0),
    ROW("1-port-sign", "PROXY TCP4 192.0.2.1 198.51.100.2 +80 443\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-no-cr", "PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-nul", "PROXY UNKNOWN\0\r\n", TLSFP_MALFORMED, NULL, 0),
    ROW("1-endless", "PROXY UNKNOWN " SIXTY_FOUR SIXTY_FOUR, TLSFP_MALFORMED, NULL, 0),
    /* 2.2 */
    ROW("2-tcp4", SIGNATURE "\x21\x11\0\x0c" TCP4, TLSFP_OK, "192.0.2.1", 40000),
    ROW("2-tcp6", SIGNATURE "\x21\x21\0\x24" TCP6, TLSFP_OK, "2001:db8::1", 40000),
    ROW("2-additions", SIGNATURE "\x21\x11\0\x10" TCP4 "\4\0\1x", TLSFP_OK, "192.0.2.1", 40000),
    ROW("2-local", SIGNATURE "\x20\0\0\0", TLSFP_OK, NULL, 0),
    ROW("2-local-with-addresses", SIGNATURE "\x20\x11\0\x0c" TCP4, TLSFP_OK, NULL, 0),
    ROW("2-udp", SIGNATURE "\x21\x12\0\x0c" TCP4, TLSFP_OK, NULL, 0),
    ROW("2-unspecified", SIGNATURE "\x21\0\0\0", TLSFP_OK, NULL, 0),
    ROW("2-short", SIGNATURE "\x21\x11\0\4\xc0\0\2\1", TLSFP_MALFORMED, NULL, 0),
    ROW("2-version", SIGNATURE "\x11\x11\0\x0c" TCP4, TLSFP_MALFORMED, NULL, 0),
    ROW("2-command", SIGNATURE "\x22\x11\0\x0c" TCP4, TLSFP_MALFORMED, NULL, 0),
    ROW("2-too-large", SIGNATURE "\x21\x11\xff\xff" TCP4, TLSFP_TOO_LARGE, NULL, 0),
    /* neither */
    ROW("empty", "", TLSFP_MORE, NULL, 0),
    ROW("hello", "\x16\3\1\2\0\1\0", TLSFP_NOT_HELLO, NULL, 0),
    ROW("http", "POST / HTTP/1.1\r\n", TLSFP_NOT_HELLO, NULL, 0),
    ROW("almost-1", "PROXX", TLSFP_NOT_HELLO, NULL, 0),
    ROW("almost-2", "\r\n\r\n\1", TLSFP_NOT_HELLO, NULL, 0),
};

static tlsfp_status parse(const char *bytes, size_t len, proxy_source *out, size_t *out_len)
{
    const tlsfp_span block = exact_block((tlsfp_span){(const uint8_t *)bytes, len});
    const tlsfp_status status = proxy_parse(block, out, out_len);
    exact_block_free(block);
    return status;
}

static void test_case(const void *data)
{
    const proxy_case *row = data;
    proxy_source found = {.port = 7};
    size_t len = 99;
    g_assert_cmpint(parse(row->bytes, row->len, &found, &len), ==, row->status);
    if (row->status != TLSFP_OK) {
        g_assert_cmpuint(len, ==, 99);
        g_assert_cmpuint(found.port, ==, 7);
        return;
    }
    g_assert_cmpuint(len, ==, row->len);
    g_assert_true(found.known == (row->address != NULL));
    if (row->address != NULL)
        g_assert_cmpstr(found.address, ==, row->address);
    g_assert_cmpuint(found.port, ==, row->port);
}

/** Each prefix of a header wants more, and a byte after it is left alone. */
static void test_prefixes(const void *data)
{
    const proxy_case *row = data;
    proxy_source found;
    size_t len;
    for (size_t n = 0; n < row->len; n++)
        g_assert_cmpint(parse(row->bytes, n, &found, &len), ==, TLSFP_MORE);
    char *longer = g_malloc(row->len + 1);
    memcpy(longer, row->bytes, row->len);
    longer[row->len] = '\x16';
    g_assert_cmpint(parse(longer, row->len + 1, &found, &len), ==, TLSFP_OK);
    g_assert_cmpuint(len, ==, row->len);
    g_free(longer);
}

static void add(const char *folder, const proxy_case *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/proxy/%s/%s", folder, row->name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        add("parse", &cases[i], test_case);
        if (cases[i].status == TLSFP_OK)
            add("prefixes", &cases[i], test_prefixes);
    }
    return g_test_run();
}
