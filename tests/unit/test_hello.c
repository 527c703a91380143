/* SPDX-License-Identifier: BSD-3-Clause */
#include <tlsfp/hello.h>

#include "exact_block.h"
#include "hello_bytes.h"
#include "same_bytes.h"
#include "writer.h"

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define START "0303" RANDOM "00" /* and no session ID */
#define LISTS "0002 1301 01 00"
#define SERVER_START "0303" RANDOM "00 1301 00"

/* What is in front of the body: the type, the length, DTLS fragments. */
typedef struct {
    const char *name;
    tlsfp_transport transport;
    const char *message;
    tlsfp_status status;
} header_case;

static const header_case header_cases[] = {
    {"empty", TLSFP_TLS, "", TLSFP_MORE},
    {"only-type", TLSFP_TLS, "01", TLSFP_MORE},
    {"half-length", TLSFP_TLS, "010000", TLSFP_MORE},
    {"no-body", TLSFP_TLS, "01000000", TLSFP_MALFORMED},
    {"body-shorter-than-said", TLSFP_TLS, "010000050303", TLSFP_MORE},
    {"longest-length", TLSFP_TLS, "01ffffff0303", TLSFP_MORE},
    {"hello-request", TLSFP_TLS, "00000000", TLSFP_NOT_HELLO},
    {"server-hello", TLSFP_TLS, "02000000", TLSFP_NOT_HELLO},
    {"only-type-of-server-hello", TLSFP_TLS, "02", TLSFP_NOT_HELLO},
    {"certificate", TLSFP_TLS, "0b000000", TLSFP_NOT_HELLO},
    {"tls-record", TLSFP_TLS, "16030100050100000103", TLSFP_NOT_HELLO},
    {"ssl-2-hello", TLSFP_TLS, "802e0100020015000000100100800300800700c0", TLSFP_NOT_HELLO},
    {"quic-server-hello", TLSFP_QUIC, "02000000", TLSFP_NOT_HELLO},
    {"quic-no-body", TLSFP_QUIC, "01000000", TLSFP_MALFORMED},
    {"dtls-empty", TLSFP_DTLS, "", TLSFP_MORE},
    {"dtls-half-header", TLSFP_DTLS, "010000020000000000 0000", TLSFP_MORE},
    {"dtls-no-body", TLSFP_DTLS, "010000000000000000000000", TLSFP_MALFORMED},
    {"dtls-hello-verify-request", TLSFP_DTLS, "030000000000000000000000", TLSFP_NOT_HELLO},
    {"dtls-first-fragment", TLSFP_DTLS, "010000040000000000000002 feff", TLSFP_MORE},
    {"dtls-last-fragment", TLSFP_DTLS, "010000040000000002000002 0000", TLSFP_MORE},
    {"dtls-empty-fragment-at-end", TLSFP_DTLS, "010000040000000004000000", TLSFP_MORE},
    {"dtls-fragment-past-message", TLSFP_DTLS, "010000040000000003000002 0000", TLSFP_MALFORMED},
    {"dtls-fragment-longer-than-message", TLSFP_DTLS, "010000020000000000000003 feff00",
     TLSFP_MALFORMED},
    {"dtls-offset-past-message", TLSFP_DTLS, "010000020000000003000000", TLSFP_MALFORMED},
    {"dtls-offset-and-length-wrap", TLSFP_DTLS, "01000002 0000 ffffff ffffff", TLSFP_MALFORMED},
};

/** A status of failure must come with an untouched output. */
static tlsfp_status parse_or_leave(tlsfp_span message, tlsfp_transport transport,
                                   tlsfp_client_hello *out)
{
    tlsfp_client_hello before;
    memset(out, 0x5a, sizeof *out);
    memcpy(&before, out, sizeof before);
    tlsfp_status status = tlsfp_parse(message, transport, out);
    if (status != TLSFP_OK)
        assert_same_bytes(out, sizeof *out, &before, sizeof before);
    return status;
}

static void test_header(const void *data)
{
    const header_case *row = data;
    GByteArray *bytes = bytes_of_hex(row->message);
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    g_assert_cmpint(parse_or_leave(message, row->transport, &hello), ==, row->status);
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

/* Bodies; the header in front says their length. */
typedef struct {
    const char *name;
    tlsfp_transport transport;
    const char *body;
    tlsfp_status status;
    bool leftover;
} body_case;

static const body_case body_cases[] = {
    {"no-room-for-a-version", TLSFP_TLS, "03", TLSFP_MALFORMED, false},
    {"no-random", TLSFP_TLS, "0303", TLSFP_MALFORMED, false},
    {"random-one-short", TLSFP_TLS,
     "0303 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e", TLSFP_MALFORMED, false},
    {"no-session-id", TLSFP_TLS, "0303" RANDOM, TLSFP_MALFORMED, false},
    {"session-id-one-over", TLSFP_TLS, "0303" RANDOM "05 01020304", TLSFP_MALFORMED, false},
    {"session-id-ends-message", TLSFP_TLS, "0303" RANDOM "04 01020304", TLSFP_MALFORMED, false},
    {"long-session-id", TLSFP_TLS, "0303" RANDOM "21" RANDOM "ff" LISTS, TLSFP_OK, false},
    {"no-cipher-suites", TLSFP_TLS, START, TLSFP_MALFORMED, false},
    {"half-cipher-suites-length", TLSFP_TLS, START "00", TLSFP_MALFORMED, false},
    {"cipher-suites-one-over", TLSFP_TLS, START "0003 1301", TLSFP_MALFORMED, false},
    {"no-compression", TLSFP_TLS, START "0002 1301", TLSFP_MALFORMED, false},
    {"compression-one-over", TLSFP_TLS, START "0002 1301 02 00", TLSFP_MALFORMED, false},
    {"no-extensions", TLSFP_TLS, START LISTS, TLSFP_OK, false},
    {"empty-lists", TLSFP_TLS, START "0000 00", TLSFP_OK, false},
    {"odd-cipher-suites", TLSFP_TLS, START "0003 130113 01 00", TLSFP_OK, true},
    {"one-byte-of-cipher-suites", TLSFP_TLS, START "0001 13 01 00", TLSFP_OK, true},
    {"half-block-length", TLSFP_TLS, START LISTS "00", TLSFP_MALFORMED, false},
    {"empty-block", TLSFP_TLS, START LISTS "0000", TLSFP_OK, false},
    {"block-one-over", TLSFP_TLS, START LISTS "0001", TLSFP_MALFORMED, false},
    {"block-far-over", TLSFP_TLS, START LISTS "ffff 00170000", TLSFP_MALFORMED, false},
    {"one-byte-in-block", TLSFP_TLS, START LISTS "0001 00", TLSFP_OK, true},
    {"two-bytes-in-block", TLSFP_TLS, START LISTS "0002 0017", TLSFP_OK, true},
    {"three-bytes-in-block", TLSFP_TLS, START LISTS "0003 001700", TLSFP_OK, true},
    {"one-extension", TLSFP_TLS, START LISTS "0004 00170000", TLSFP_OK, false},
    {"one-byte-at-end-of-block", TLSFP_TLS, START LISTS "0005 00170000 00", TLSFP_OK, true},
    {"two-bytes-at-end-of-block", TLSFP_TLS, START LISTS "0006 00170000 0023", TLSFP_OK, true},
    {"three-bytes-at-end-of-block", TLSFP_TLS, START LISTS "0007 00170000 002300", TLSFP_OK, true},
    {"extension-one-over", TLSFP_TLS, START LISTS "0004 00170001", TLSFP_MALFORMED, false},
    {"extension-one-over-with-body", TLSFP_TLS, START LISTS "0006 0017 0003 0000", TLSFP_MALFORMED,
     false},
    {"second-extension-one-over", TLSFP_TLS, START LISTS "0008 00170000 00230001", TLSFP_MALFORMED,
     false},
    {"extension-far-over", TLSFP_TLS, START LISTS "0004 0017ffff", TLSFP_MALFORMED, false},
    {"extension-past-block-but-in-message", TLSFP_TLS, START LISTS "0004 00170001 00",
     TLSFP_MALFORMED, false},
    {"one-byte-after-block", TLSFP_TLS, START LISTS "0000 00", TLSFP_OK, true},
    {"extension-after-block", TLSFP_TLS, START LISTS "0000 00170000", TLSFP_OK, true},
    {"unknown-versions", TLSFP_TLS, "0000" RANDOM "00" LISTS, TLSFP_OK, false},
    {"quic", TLSFP_QUIC, START LISTS "0004 00390000", TLSFP_OK, false},
    {"dtls-no-cookie", TLSFP_DTLS, START, TLSFP_MALFORMED, false},
    {"dtls-cookie-one-over", TLSFP_DTLS, START "03 aabb", TLSFP_MALFORMED, false},
    {"dtls-cookie-ends-message", TLSFP_DTLS, START "02 aabb", TLSFP_MALFORMED, false},
    {"dtls-empty-cookie", TLSFP_DTLS, START "00" LISTS, TLSFP_OK, false},
    {"dtls-cookie", TLSFP_DTLS, START "02 aabb" LISTS "0004 00170000", TLSFP_OK, false},
    {"dtls-hello-without-cookie-field", TLSFP_DTLS, START LISTS, TLSFP_MALFORMED, false},
    {"dtls-byte-after-block", TLSFP_DTLS, START "00" LISTS "0000 ff", TLSFP_OK, true},
};

static GByteArray *message_of_hex(tlsfp_transport transport, uint8_t type, const char *body_hex)
{
    GByteArray *body = bytes_of_hex(body_hex);
    GByteArray *message = make_message(transport, type, 0, span_of(body));
    g_byte_array_unref(body);
    return message;
}

static void test_body(const void *data)
{
    const body_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_CLIENT_HELLO, row->body);
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    g_assert_cmpint(parse_or_leave(message, row->transport, &hello), ==, row->status);
    if (row->status == TLSFP_OK) {
        g_assert_cmpint(hello.leftover, ==, row->leftover);
        g_assert_true(hello.message.data == message.data && hello.message.len == message.len);
    }
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

/* What each extension gives. An expectation of NULL: the extension was not sent. */
typedef struct {
    const char *name;
    const char *block;
    size_t field;
    const char *list;
    bool leftover;
} extension_case;

#define FIELD(name) offsetof(tlsfp_client_hello, name)

static const extension_case extension_cases[] = {
    {"sni-absent", "00170000", FIELD(server_name), NULL, false},
    {"sni", "0000 0008 0006 00 0003 612e62", FIELD(server_name), "612e62", false},
    {"sni-empty-body", "0000 0000", FIELD(server_name), "", true},
    {"sni-empty-body-ends-block", "0017 0000 0000 0000", FIELD(server_name), "", true},
    {"sni-empty-list", "0000 0002 0000", FIELD(server_name), "", false},
    {"sni-half-length", "0000 0001 00", FIELD(server_name), "", true},
    {"sni-list-over-body", "0000 0008 0009 00 0003 612e62", FIELD(server_name), "612e62", true},
    {"sni-name-over-list", "0000 0007 0005 00 0003 612e", FIELD(server_name), "612e", true},
    {"sni-name-over-list-in-body", "0000 0008 0005 00 0003 612e62", FIELD(server_name), "612e",
     true},
    {"sni-empty-name", "0000 0005 0003 00 0000", FIELD(server_name), "", false},
    {"sni-name-type-only", "0000 0003 0001 00", FIELD(server_name), "", true},
    {"sni-half-name-length", "0000 0004 0002 00 00", FIELD(server_name), "", true},
    {"sni-other-type", "0000 0006 0004 01 0001 78", FIELD(server_name), "", false},
    {"sni-other-type-first", "0000 000a 0008 01 0001 78 00 0001 79", FIELD(server_name), "79",
     false},
    {"sni-other-type-then-half", "0000 0007 0005 01 0001 78 00", FIELD(server_name), "", true},
    {"sni-two-names", "0000 000a 0008 00 0001 78 00 0001 79", FIELD(server_name), "78", false},
    {"sni-name-then-half", "0000 0007 0005 00 0001 78 00", FIELD(server_name), "78", true},
    {"sni-bytes-after-list", "0000 0007 0004 00 0001 61 ff", FIELD(server_name), "61", true},
    {"sni-twice", "0000 0006 0004 00 0001 61 0000 0006 0004 00 0001 62", FIELD(server_name), "61",
     false},
    {"sni-empty-list-then-full", "0000 0002 0000 0000 0006 0004 00 0001 62", FIELD(server_name), "",
     false},

    {"groups-absent", "00170000", FIELD(supported_groups), NULL, false},
    {"groups", "000a 0006 0004 001d 0017", FIELD(supported_groups), "001d0017", false},
    {"groups-with-grease", "000a 0006 0004 3a3a 0017", FIELD(supported_groups), "3a3a0017", false},
    {"groups-empty-body", "000a 0000", FIELD(supported_groups), "", true},
    {"groups-half-length", "000a 0001 00", FIELD(supported_groups), "", true},
    {"groups-empty-list", "000a 0002 0000", FIELD(supported_groups), "", false},
    {"groups-one-byte", "000a 0003 0001 00", FIELD(supported_groups), "00", true},
    {"groups-odd", "000a 0005 0003 001d00", FIELD(supported_groups), "001d00", true},
    {"groups-list-over-body", "000a 0004 0004 001d", FIELD(supported_groups), "001d", true},
    {"groups-list-far-over-body", "000a 0004 ffff 001d", FIELD(supported_groups), "001d", true},
    {"groups-list-over-body-in-block", "000a 0004 0008 001d 00170000", FIELD(supported_groups),
     "001d", true},
    {"groups-bytes-after-list", "000a 0006 0002 001d 0017", FIELD(supported_groups), "001d", true},
    {"groups-twice", "000a 0004 0002 001d 000a 0004 0002 0017", FIELD(supported_groups), "001d",
     false},
    {"groups-empty-list-then-full", "000a 0002 0000 000a 0004 0002 0017", FIELD(supported_groups),
     "", false},
    {"groups-empty-body-then-full", "000a 0000 000a 0004 0002 0017", FIELD(supported_groups), "",
     true},

    {"formats-absent", "00170000", FIELD(ec_point_formats), NULL, false},
    {"formats", "000b 0004 03 000102", FIELD(ec_point_formats), "000102", false},
    {"formats-empty-body", "000b 0000", FIELD(ec_point_formats), "", true},
    {"formats-empty-list", "000b 0001 00", FIELD(ec_point_formats), "", false},
    {"formats-list-over-body", "000b 0002 02 00", FIELD(ec_point_formats), "00", true},
    {"formats-bytes-after-list", "000b 0003 01 00 01", FIELD(ec_point_formats), "00", true},
    {"formats-twice", "000b 0002 01 00 000b 0002 01 01", FIELD(ec_point_formats), "00", false},

    {"algorithms-absent", "00170000", FIELD(signature_algorithms), NULL, false},
    {"algorithms", "000d 0006 0004 0403 0804", FIELD(signature_algorithms), "04030804", false},
    {"algorithms-empty-body", "000d 0000", FIELD(signature_algorithms), "", true},
    {"algorithms-half-length", "000d 0001 00", FIELD(signature_algorithms), "", true},
    {"algorithms-empty-list", "000d 0002 0000", FIELD(signature_algorithms), "", false},
    {"algorithms-odd", "000d 0005 0003 040308", FIELD(signature_algorithms), "040308", true},
    {"algorithms-list-over-body", "000d 0004 0003 0403", FIELD(signature_algorithms), "0403", true},
    {"algorithms-of-certificates", "0032 0004 0002 0403", FIELD(signature_algorithms), NULL, false},
    {"algorithms-twice", "000d 0004 0002 0403 000d 0004 0002 0804", FIELD(signature_algorithms),
     "0403", false},

    {"alpn-absent", "00170000", FIELD(alpn), NULL, false},
    {"alpn", "0010 000e 000c 02 6832 08 687474702f312e31", FIELD(alpn), "02683208687474702f312e31",
     false},
    {"alpn-empty-body", "0010 0000", FIELD(alpn), "", true},
    {"alpn-half-length", "0010 0001 00", FIELD(alpn), "", true},
    {"alpn-empty-list", "0010 0002 0000", FIELD(alpn), "", false},
    {"alpn-empty-name", "0010 0003 0001 00", FIELD(alpn), "00", false},
    {"alpn-name-over-list", "0010 0005 0003 03 6832", FIELD(alpn), "036832", true},
    {"alpn-name-over-list-in-body", "0010 0006 0003 03 683233", FIELD(alpn), "036832", true},
    {"alpn-list-over-body", "0010 0005 0004 02 6832", FIELD(alpn), "026832", true},
    {"alpn-length-only", "0010 0003 0001 02", FIELD(alpn), "02", true},
    {"alpn-bytes-after-list", "0010 0006 0003 02 6832 00", FIELD(alpn), "026832", true},
    {"alpn-twice", "0010 0005 0003 02 6832 0010 0005 0003 02 6833", FIELD(alpn), "026832", false},

    {"versions-absent", "00170000", FIELD(supported_versions), NULL, false},
    {"versions", "002b 0005 04 0304 0303", FIELD(supported_versions), "03040303", false},
    {"versions-empty-body", "002b 0000", FIELD(supported_versions), "", true},
    {"versions-empty-list", "002b 0001 00", FIELD(supported_versions), "", false},
    {"versions-odd", "002b 0004 03 030403", FIELD(supported_versions), "030403", true},
    {"versions-list-over-body", "002b 0003 04 0304", FIELD(supported_versions), "0304", true},
    {"versions-of-a-server", "002b 0002 0304", FIELD(supported_versions), "04", true},
    {"versions-twice", "002b 0003 02 0304 002b 0003 02 0303", FIELD(supported_versions), "0304",
     false},

    {"unknown-extension-twice", "1234 0001 00 1234 0001 00", FIELD(alpn), NULL, false},
    {"grease-extensions", "0a0a 0000 fafa 0001 00", FIELD(alpn), NULL, false},
};

static GByteArray *hello_with_extensions(const char *block_hex)
{
    GByteArray *body = bytes_of_hex(START LISTS);
    size_t block = begin_vector(body, 2);
    put_hex(body, block_hex);
    end_vector(body, 2, block);
    GByteArray *message = make_message(TLSFP_TLS, TYPE_CLIENT_HELLO, 0, span_of(body));
    g_byte_array_unref(body);
    return message;
}

static void assert_span_is(tlsfp_span span, const char *hex)
{
    if (hex == NULL) {
        g_assert_null(span.data);
        g_assert_cmpuint(span.len, ==, 0);
        return;
    }
    GByteArray *expected = bytes_of_hex(hex);
    g_assert_nonnull(span.data);
    assert_same_bytes(span.data, span.len, expected->data, expected->len);
    g_byte_array_unref(expected);
}

static void test_extension(const void *data)
{
    const extension_case *row = data;
    GByteArray *bytes = hello_with_extensions(row->block);
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    g_assert_cmpint(parse_or_leave(message, TLSFP_TLS, &hello), ==, TLSFP_OK);
    tlsfp_span list;
    memcpy(&list, (const char *)&hello + row->field, sizeof list);
    assert_span_is(list, row->list);
    assert_span_is(hello.extensions, row->block);
    g_assert_cmpint(hello.leftover, ==, row->leftover);
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

/* Whole hellos that are fine in every respect. */
typedef struct {
    const char *name;
    tlsfp_transport transport;
    const char *body;
} whole_case;

#define EXTENSIONS                                                                                 \
    "0037 0000 0006 0004 00 0001 61 000a 0004 0002 001d 000b 0002 01 00"                           \
    "000d 0006 0004 0403 0804 0010 0005 0003 02 6832 002b 0003 02 0304 0a0a 0001 00"

static const whole_case whole_cases[] = {
    {"without-extensions", TLSFP_TLS, START LISTS},
    {"with-extensions", TLSFP_TLS, START LISTS EXTENSIONS},
    {"with-session-id", TLSFP_TLS, "0301" RANDOM "20" RANDOM LISTS EXTENSIONS},
    {"quic", TLSFP_QUIC, START LISTS EXTENSIONS},
    {"dtls", TLSFP_DTLS, "fefd" RANDOM "00 00" LISTS EXTENSIONS},
    {"dtls-with-cookie", TLSFP_DTLS,
     "fefd" RANDOM "04 01020304 08 aaaaaaaabbbbbbbb" LISTS EXTENSIONS},
};

static void test_prefixes(const void *data)
{
    const whole_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_CLIENT_HELLO, row->body);
    for (size_t len = 0; len <= bytes->len; len++) {
        tlsfp_span prefix = exact_block(slice(span_of(bytes), 0, len));
        tlsfp_client_hello hello;
        g_assert_cmpint(parse_or_leave(prefix, row->transport, &hello), ==,
                        len < bytes->len ? TLSFP_MORE : TLSFP_OK);
        exact_block_free(prefix);
    }
    g_byte_array_unref(bytes);
}

/** What follows the message is not looked at. */
static void test_trailing_byte(const void *data)
{
    const whole_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_CLIENT_HELLO, row->body);
    size_t len = bytes->len;
    put_integer(bytes, 1, 0xff);
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    g_assert_cmpint(parse_or_leave(message, row->transport, &hello), ==, TLSFP_OK);
    g_assert_true(hello.message.data == message.data);
    g_assert_cmpuint(hello.message.len, ==, len);
    g_assert_false(hello.leftover);
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

/** A body that the header makes one byte shorter overruns: nothing may read on. */
static void test_length_one_less(const void *data)
{
    const whole_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_CLIENT_HELLO, row->body);
    size_t header_len = row->transport == TLSFP_DTLS ? 12 : 4;
    bytes->data[3]--;
    if (row->transport == TLSFP_DTLS)
        bytes->data[header_len - 1]--;
    tlsfp_span message = exact_block(slice(span_of(bytes), 0, bytes->len - 1));
    tlsfp_client_hello hello;
    g_assert_cmpint(parse_or_leave(message, row->transport, &hello), ==, TLSFP_MALFORMED);
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

/** A body one byte longer than its fields: the hello is fine, and the byte noticed. */
static void test_length_one_more(const void *data)
{
    const whole_case *row = data;
    GByteArray *body = bytes_of_hex(row->body);
    put_integer(body, 1, 0);
    GByteArray *bytes = make_message(row->transport, TYPE_CLIENT_HELLO, 0, span_of(body));
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    bool has_block = strstr(row->body, EXTENSIONS) != NULL;
    g_assert_cmpint(parse_or_leave(message, row->transport, &hello), ==,
                    has_block ? TLSFP_OK : TLSFP_MALFORMED);
    g_assert_true(!has_block || hello.leftover);
    exact_block_free(message);
    g_byte_array_unref(bytes);
    g_byte_array_unref(body);
}

static void assert_inside(tlsfp_span message, tlsfp_span view)
{
    if (view.data == NULL) {
        g_assert_cmpuint(view.len, ==, 0);
        return;
    }
    g_assert_true(view.data >= message.data);
    g_assert_true((size_t)(view.data - message.data) <= message.len - view.len);
}

static void assert_views_inside(const tlsfp_client_hello *hello)
{
    const tlsfp_span views[] = {
        hello->random,        hello->session_id,          hello->cookie,
        hello->cipher_suites, hello->compression_methods, hello->extensions,
        hello->server_name,   hello->supported_groups,    hello->ec_point_formats,
        hello->alpn,          hello->supported_versions,  hello->signature_algorithms,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(views); i++)
        assert_inside(hello->message, views[i]);
}

/** Each byte of a hello set to each of these: whatever is said of it, nothing is read past it. */
static void test_changed_bytes(const void *data)
{
    static const uint8_t values[] = {0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0xfe, 0xff};
    const whole_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_CLIENT_HELLO, row->body);
    for (size_t at = 0; at < bytes->len; at++)
        for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
            uint8_t was = bytes->data[at];
            bytes->data[at] = values[i];
            tlsfp_span message = exact_block(span_of(bytes));
            tlsfp_client_hello hello;
            if (parse_or_leave(message, row->transport, &hello) == TLSFP_OK)
                assert_views_inside(&hello);
            exact_block_free(message);
            bytes->data[at] = was;
        }
    g_byte_array_unref(bytes);
}

static void test_fields(void)
{
    GByteArray *bytes = message_of_hex(TLSFP_DTLS, TYPE_CLIENT_HELLO,
                                       "fefd" RANDOM "02 0102 03 aabbcc 0004 1301c02b 02 0100"
                                       "0004 00170000");
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse(span_of(bytes), TLSFP_DTLS, &hello), ==, TLSFP_OK);
    g_assert_cmpint(hello.transport, ==, TLSFP_DTLS);
    g_assert_cmphex(hello.legacy_version, ==, 0xfefd);
    assert_span_is(hello.random, RANDOM);
    assert_span_is(hello.session_id, "0102");
    assert_span_is(hello.cookie, "aabbcc");
    assert_span_is(hello.cipher_suites, "1301c02b");
    assert_span_is(hello.compression_methods, "0100");
    assert_span_is(hello.extensions, "00170000");
    g_assert_false(hello.leftover);
    g_byte_array_unref(bytes);
}

/** data is NULL for what the peer did not send, and only then. */
static void test_absent(void)
{
    GByteArray *bytes = message_of_hex(TLSFP_TLS, TYPE_CLIENT_HELLO, START "0000 00");
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse(span_of(bytes), TLSFP_TLS, &hello), ==, TLSFP_OK);
    assert_span_is(hello.session_id, "");
    assert_span_is(hello.cookie, NULL);
    assert_span_is(hello.cipher_suites, "");
    assert_span_is(hello.compression_methods, "");
    assert_span_is(hello.extensions, NULL);
    assert_span_is(hello.server_name, NULL);
    g_byte_array_unref(bytes);

    bytes = message_of_hex(TLSFP_TLS, TYPE_CLIENT_HELLO, START "0000 00 0000");
    g_assert_cmpint(tlsfp_parse(span_of(bytes), TLSFP_TLS, &hello), ==, TLSFP_OK);
    assert_span_is(hello.extensions, "");
    g_byte_array_unref(bytes);
}

/** The most that each length can say. */
static void test_longest(void)
{
    GByteArray *body = bytes_of_hex(START);
    put_integer(body, 2, 0xfffe);
    put_times(body, 0xfffe, 0x13);
    put_integer(body, 1, 0xff);
    put_times(body, 0xff, 0);
    put_integer(body, 2, 0xffff);
    put_times(body, 0xfffc, 0); /* server_name, 16383 times, each empty */
    put_times(body, 3, 0);
    GByteArray *bytes = make_message(TLSFP_TLS, TYPE_CLIENT_HELLO, 0, span_of(body));
    tlsfp_span message = exact_block(span_of(bytes));
    tlsfp_client_hello hello;
    g_assert_cmpint(tlsfp_parse(message, TLSFP_TLS, &hello), ==, TLSFP_OK);
    g_assert_true(hello.leftover);
    size_t n = 0;
    uint16_t type;
    tlsfp_span extension;
    while (tlsfp_next_extension(&hello.extensions, &type, &extension))
        n++;
    g_assert_cmpuint(n, ==, 0xffff / 4);
    g_assert_cmpuint(hello.extensions.len, ==, 3);
    exact_block_free(message);
    g_byte_array_unref(bytes);
    g_byte_array_unref(body);
}

static void test_no_bytes(void)
{
    tlsfp_client_hello hello;
    tlsfp_server_hello server;
    tlsfp_span nothing = {NULL, 0};
    g_assert_cmpint(parse_or_leave(nothing, TLSFP_TLS, &hello), ==, TLSFP_MORE);
    g_assert_cmpint(tlsfp_parse_server(nothing, TLSFP_TLS, &server), ==, TLSFP_MORE);
    g_assert_false(tlsfp_next_value(&nothing, &(uint16_t){0}));
    g_assert_false(tlsfp_next_protocol(&nothing, &(tlsfp_span){0}));
    g_assert_false(tlsfp_next_extension(&nothing, &(uint16_t){0}, &(tlsfp_span){0}));
}

/* ServerHello */
static const body_case server_cases[] = {
    {"no-room-for-a-version", TLSFP_TLS, "03", TLSFP_MALFORMED, false},
    {"no-random", TLSFP_TLS, "0303", TLSFP_MALFORMED, false},
    {"no-session-id", TLSFP_TLS, "0303" RANDOM, TLSFP_MALFORMED, false},
    {"session-id-one-over", TLSFP_TLS, "0303" RANDOM "03 0102", TLSFP_MALFORMED, false},
    {"no-cipher-suite", TLSFP_TLS, START, TLSFP_MALFORMED, false},
    {"half-cipher-suite", TLSFP_TLS, START "13", TLSFP_MALFORMED, false},
    {"no-compression", TLSFP_TLS, START "1301", TLSFP_MALFORMED, false},
    {"no-extensions", TLSFP_TLS, SERVER_START, TLSFP_OK, false},
    {"half-block-length", TLSFP_TLS, SERVER_START "00", TLSFP_MALFORMED, false},
    {"empty-block", TLSFP_TLS, SERVER_START "0000", TLSFP_OK, false},
    {"block-one-over", TLSFP_TLS, SERVER_START "0001", TLSFP_MALFORMED, false},
    {"three-bytes-in-block", TLSFP_TLS, SERVER_START "0003 002b00", TLSFP_OK, true},
    {"extensions", TLSFP_TLS, SERVER_START "000a 002b 0002 0304 0000 0000", TLSFP_OK, false},
    {"extension-one-over", TLSFP_TLS, SERVER_START "0006 002b 0003 0304", TLSFP_MALFORMED, false},
    {"byte-after-block", TLSFP_TLS, SERVER_START "0000 00", TLSFP_OK, true},
    {"quic", TLSFP_QUIC, SERVER_START "0006 002b 0002 0304", TLSFP_OK, false},
    {"dtls", TLSFP_DTLS, "fefd" RANDOM "00 c02b 00", TLSFP_OK, false},
};

static void test_server(const void *data)
{
    const body_case *row = data;
    GByteArray *bytes = message_of_hex(row->transport, TYPE_SERVER_HELLO, row->body);
    tlsfp_server_hello hello = {.legacy_version = 0x5a5a};
    for (size_t len = 0; len < bytes->len; len++) {
        tlsfp_span prefix = exact_block(slice(span_of(bytes), 0, len));
        g_assert_cmpint(tlsfp_parse_server(prefix, row->transport, &hello), ==, TLSFP_MORE);
        exact_block_free(prefix);
    }
    tlsfp_span message = exact_block(span_of(bytes));
    g_assert_cmpint(tlsfp_parse_server(message, row->transport, &hello), ==, row->status);
    if (row->status == TLSFP_OK)
        g_assert_cmpint(hello.leftover, ==, row->leftover);
    else
        g_assert_cmphex(hello.legacy_version, ==, 0x5a5a);
    exact_block_free(message);
    g_byte_array_unref(bytes);
}

static void test_server_fields(void)
{
    GByteArray *bytes = message_of_hex(TLSFP_TLS, TYPE_SERVER_HELLO,
                                       "0303" RANDOM "01 77 c02b 01 0006 002b 0002 0304");
    size_t len = bytes->len;
    put_integer(bytes, 1, 0xff);
    tlsfp_server_hello hello;
    g_assert_cmpint(tlsfp_parse_server(span_of(bytes), TLSFP_TLS, &hello), ==, TLSFP_OK);
    g_assert_cmpuint(hello.message.len, ==, len);
    g_assert_cmphex(hello.legacy_version, ==, 0x0303);
    assert_span_is(hello.random, RANDOM);
    assert_span_is(hello.session_id, "77");
    g_assert_cmphex(hello.cipher_suite, ==, 0xc02b);
    g_assert_cmphex(hello.compression_method, ==, 1);
    assert_span_is(hello.extensions, "002b00020304");
    g_assert_false(hello.leftover);
    g_byte_array_unref(bytes);
}

/** RFC 8446 4.1.3: the random is the SHA-256 of "HelloRetryRequest". */
static void test_retry_request(void)
{
    static const char name[] = "HelloRetryRequest";
    GByteArray *bytes = message_of_hex(TLSFP_TLS, TYPE_SERVER_HELLO, "0303" RANDOM "00 1301 00");
    size_t random_at = bytes->len - 4 - 32;
    tlsfp_server_hello hello;
    g_assert_cmpint(tlsfp_parse_server(span_of(bytes), TLSFP_TLS, &hello), ==, TLSFP_OK);
    g_assert_false(tlsfp_is_retry_request(&hello));
    char *hex = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
    for (size_t i = 0; i < 32; i++)
        bytes->data[random_at + i] =
            (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
    g_assert_true(tlsfp_is_retry_request(&hello));
    bytes->data[random_at + 31] ^= 1;
    g_assert_false(tlsfp_is_retry_request(&hello));
    g_free(hex);
    g_byte_array_unref(bytes);
}

static void test_server_of_client_hello(void)
{
    GByteArray *bytes = message_of_hex(TLSFP_TLS, TYPE_CLIENT_HELLO, START LISTS);
    tlsfp_server_hello hello;
    g_assert_cmpint(tlsfp_parse_server(span_of(bytes), TLSFP_TLS, &hello), ==, TLSFP_NOT_HELLO);
    g_byte_array_unref(bytes);
}

static void test_next_value(void)
{
    tlsfp_span list = SPAN("\x13\x01\x0a\x0a\x13");
    uint16_t value = 0;
    g_assert_true(tlsfp_next_value(&list, &value));
    g_assert_cmphex(value, ==, 0x1301);
    g_assert_true(tlsfp_next_value(&list, &value));
    g_assert_cmphex(value, ==, 0x0a0a);
    g_assert_false(tlsfp_next_value(&list, &value));
    g_assert_cmphex(value, ==, 0x0a0a);
    g_assert_cmpuint(list.len, ==, 1);
}

static void test_next_extension(void)
{
    tlsfp_span block = SPAN("\0\x17\0\0\0\x2b\0\x01\xff\0\x23\0\x01"), body = {NULL, 0};
    uint16_t type = 0;
    g_assert_true(tlsfp_next_extension(&block, &type, &body));
    g_assert_cmphex(type, ==, 0x17);
    g_assert_cmpuint(body.len, ==, 0);
    g_assert_true(tlsfp_next_extension(&block, &type, &body));
    g_assert_cmphex(type, ==, 0x2b);
    assert_same_bytes(body.data, body.len, "\xff", 1);
    g_assert_false(tlsfp_next_extension(&block, &type, &body));
    g_assert_cmphex(type, ==, 0x2b); /* a call that fails leaves its outputs alone */
    assert_same_bytes(body.data, body.len, "\xff", 1);
    g_assert_cmpuint(block.len, ==, 4);
}

static void test_next_protocol(void)
{
    tlsfp_span list = SPAN("\x02h2\0\x09http"), protocol = {NULL, 0};
    g_assert_true(tlsfp_next_protocol(&list, &protocol));
    assert_same_bytes(protocol.data, protocol.len, "h2", 2);
    g_assert_true(tlsfp_next_protocol(&list, &protocol));
    g_assert_cmpuint(protocol.len, ==, 0);
    g_assert_true(tlsfp_next_protocol(&list, &protocol));
    assert_same_bytes(protocol.data, protocol.len, "http", 4);
    g_assert_false(tlsfp_next_protocol(&list, &protocol));
    assert_same_bytes(protocol.data, protocol.len, "http", 4);
    g_assert_cmpuint(list.len, ==, 0);
}

/** RFC 8701 2: sixteen values, and no other. */
static void test_grease(void)
{
    unsigned n = 0;
    for (unsigned value = 0; value <= 0xffff; value++)
        n += tlsfp_is_grease((uint16_t)value);
    g_assert_cmpuint(n, ==, 16);
    for (unsigned high = 0; high < 16; high++)
        g_assert_true(tlsfp_is_grease((uint16_t)(high << 12 | 0x0a00 | high << 4 | 0x0a)));
    g_assert_false(tlsfp_is_grease(0x1a2a));
}

static void add_case(const char *group, const char *name, const void *row, GTestDataFunc test)
{
    char *path = g_strdup_printf("/hello/%s/%s", group, name);
    g_test_add_data_func(path, row, test);
    g_free(path);
}

static void add_whole_case(const whole_case *row)
{
    add_case("prefixes", row->name, row, test_prefixes);
    add_case("trailing-byte", row->name, row, test_trailing_byte);
    add_case("length-one-less", row->name, row, test_length_one_less);
    add_case("length-one-more", row->name, row, test_length_one_more);
    add_case("changed-bytes", row->name, row, test_changed_bytes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(header_cases); i++)
        add_case("parse", header_cases[i].name, &header_cases[i], test_header);
    for (size_t i = 0; i < G_N_ELEMENTS(body_cases); i++)
        add_case("parse", body_cases[i].name, &body_cases[i], test_body);
    for (size_t i = 0; i < G_N_ELEMENTS(extension_cases); i++)
        add_case("extension", extension_cases[i].name, &extension_cases[i], test_extension);
    for (size_t i = 0; i < G_N_ELEMENTS(whole_cases); i++)
        add_whole_case(&whole_cases[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(server_cases); i++)
        add_case("parse-server", server_cases[i].name, &server_cases[i], test_server);
    g_test_add_func("/hello/parse/fields", test_fields);
    g_test_add_func("/hello/parse/absent", test_absent);
    g_test_add_func("/hello/parse/longest", test_longest);
    g_test_add_func("/hello/parse/no-bytes", test_no_bytes);
    g_test_add_func("/hello/parse-server/fields", test_server_fields);
    g_test_add_func("/hello/retry-request", test_retry_request);
    g_test_add_func("/hello/parse-server/client-hello", test_server_of_client_hello);
    g_test_add_func("/hello/next-value", test_next_value);
    g_test_add_func("/hello/next-extension", test_next_extension);
    g_test_add_func("/hello/next-protocol", test_next_protocol);
    g_test_add_func("/hello/grease", test_grease);
    return g_test_run();
}
