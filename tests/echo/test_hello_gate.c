/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/hello_gate.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "same_bytes.h"
#include "writer.h"

enum { LIMIT = 4096 };

/** A gate, the BIO behind it, and the client's end of its socket. */
typedef struct {
    int ends[2];
    hello_gate *gate;
    BIO *bio;
    unsigned n_hellos, n_too_long;
    GByteArray *given; /* what passed */
} fixture;

static void on_hello(void *data)
{
    ((fixture *)data)->n_hellos++;
}

static void on_too_long(void *data)
{
    ((fixture *)data)->n_too_long++;
}

static void set_up(fixture *f)
{
    const hello_gate_events events = {on_hello, on_too_long, f};
    *f = (fixture){.given = g_byte_array_new()};
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, f->ends), ==, 0);
    f->gate = hello_gate_new(f->ends[0], LIMIT, &events);
    f->bio = hello_gate_bio(f->gate);
    g_assert_nonnull(f->bio);
}

static void tear_down(fixture *f)
{
    BIO_free(f->bio);
    hello_gate_free(f->gate);
    close(f->ends[0]);
    close(f->ends[1]);
    g_byte_array_unref(f->given);
}

/** Reads as OpenSSL would, @p size bytes at a time. */
static void read_all(fixture *f, int size)
{
    uint8_t bytes[512];
    int n;
    while ((n = BIO_read(f->bio, bytes, size)) > 0)
        g_byte_array_append(f->given, bytes, (guint)n);
    g_assert_true(n == 0 || BIO_should_retry(f->bio));
}

static void send_bytes(fixture *f, const GByteArray *bytes, size_t piece)
{
    for (size_t at = 0; at < bytes->len; at += piece) {
        const size_t n = MIN(piece, bytes->len - at);
        g_assert_true(write(f->ends[1], bytes->data + at, n) == (ssize_t)n);
        read_all(f, 5);
    }
}

/** A hello of @p len bytes, header included, whose content does not matter here. */
static GByteArray *make_hello(size_t len)
{
    GByteArray *hello = g_byte_array_new();
    put_hex(hello, "01");
    size_t start = begin_vector(hello, 3);
    put_times(hello, len - 4, 0x33);
    end_vector(hello, 3, start);
    return hello;
}

static void put_records(GByteArray *out, const GByteArray *message, size_t size)
{
    for (size_t at = 0; at < message->len; at += size) {
        put_hex(out, "160301");
        size_t start = begin_vector(out, 2);
        g_byte_array_append(out, message->data + at, (guint)MIN(size, message->len - at));
        end_vector(out, 2, start);
    }
}

/** Nothing passes before the last byte; then everything does, and the message is kept. */
static void check_held(size_t record, size_t piece)
{
    fixture f;
    set_up(&f);
    GByteArray *hello = make_hello(300), *bytes = g_byte_array_new();
    put_records(bytes, hello, record);
    GByteArray *start = g_byte_array_new(), *last = g_byte_array_new();
    g_byte_array_append(start, bytes->data, bytes->len - 1);
    g_byte_array_append(last, bytes->data + bytes->len - 1, 1);
    send_bytes(&f, start, piece);
    g_assert_cmpuint(f.given->len, ==, 0);
    g_assert_cmpuint(hello_gate_message(f.gate).len, ==, 0);
    send_bytes(&f, last, piece);
    assert_same_bytes(f.given->data, f.given->len, bytes->data, bytes->len);
    const tlsfp_span message = hello_gate_message(f.gate);
    assert_same_bytes(message.data, message.len, hello->data, hello->len);
    g_assert_cmpuint(hello_gate_record_version(f.gate), ==, 0x0301);
    g_assert_cmpuint(f.n_hellos, ==, 1);
    g_assert_false(hello_gate_retried(f.gate));
    g_byte_array_unref(hello);
    g_byte_array_unref(bytes);
    g_byte_array_unref(start);
    g_byte_array_unref(last);
    tear_down(&f);
}

static void test_held(void)
{
    static const size_t sizes[] = {1, 2, 3, 7, 299, 16384};
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(sizes); k++)
            check_held(sizes[i], sizes[k]);
}

/** The second hello is held, too; what follows passes as it comes. */
static void test_second(void)
{
    fixture f;
    set_up(&f);
    GByteArray *hello = make_hello(200), *bytes = g_byte_array_new();
    put_records(bytes, hello, 16384);
    send_bytes(&f, bytes, 50);
    const guint one = bytes->len;
    GByteArray *second = g_byte_array_new();
    put_hex(second, "140303 0001 01"); /* ChangeCipherSpec passes at once */
    g_byte_array_append(second, bytes->data, bytes->len - 1);
    send_bytes(&f, second, 11);
    g_assert_cmpuint(f.given->len, ==, one + 6);
    g_assert_false(hello_gate_retried(f.gate));
    GByteArray *rest = g_byte_array_new();
    g_byte_array_append(rest, bytes->data + bytes->len - 1, 1);
    put_hex(rest, "170303 0005 aa");
    send_bytes(&f, rest, 100);
    g_assert_true(hello_gate_retried(f.gate));
    g_assert_cmpuint(f.given->len, ==, 2 * one + 6 + 6);
    g_assert_cmpuint(f.n_hellos, ==, 1);
    g_byte_array_unref(hello);
    g_byte_array_unref(bytes);
    g_byte_array_unref(second);
    g_byte_array_unref(rest);
    tear_down(&f);
}

/** What is no incomplete hello passes as it comes, for OpenSSL to judge. */
static void test_passed(void)
{
    static const char *const inputs[] = {
        "170303 0010 aabb",                /* application data */
        "160301 0010 10 0000 0c aa",       /* another message */
        "ff0301 0003 aa",                  /* no such type */
        "160301 ffff aa",                  /* a record too long */
        "150301 0002 0228 140303 0001 01", /* an alert, ChangeCipherSpec */
        "160301 0001 01 140303 0001 01",   /* ChangeCipherSpec within a hello */
        "160301 0000 160301 0000",         /* empty records */
    };
    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++)
        for (size_t piece = 1; piece < 30; piece += 7) {
            fixture f;
            set_up(&f);
            GByteArray *bytes = g_byte_array_new();
            put_hex(bytes, inputs[i]);
            send_bytes(&f, bytes, piece);
            g_test_message("%s in pieces of %zu", inputs[i], piece);
            assert_same_bytes(f.given->data, f.given->len, bytes->data, bytes->len);
            g_assert_cmpuint(f.n_hellos + f.n_too_long, ==, 0);
            g_byte_array_unref(bytes);
            tear_down(&f);
        }
}

/** A claim above the limit is refused at its header. */
static void test_too_long(void)
{
    static const struct {
        const char *hex;
        unsigned n_too_long;
    } rows[] = {
        {"160301 0004 01 001000", 1}, /* 4096 and the header */
        {"160301 0004 01 000ffc", 0},
        {"160301 0004 01 ffffff", 1},
        {"160301 0001 01 160301 0003 000ffd", 1},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        fixture f;
        set_up(&f);
        GByteArray *bytes = g_byte_array_new();
        put_hex(bytes, rows[i].hex);
        send_bytes(&f, bytes, 1);
        g_assert_cmpuint(f.n_too_long, ==, rows[i].n_too_long);
        g_assert_cmpuint(f.given->len, ==, 0);
        g_byte_array_unref(bytes);
        tear_down(&f);
    }
}

static void test_two_in_a_record(void)
{
    fixture f;
    set_up(&f);
    GByteArray *hello = make_hello(100), *both = g_byte_array_new(), *bytes = g_byte_array_new();
    g_byte_array_append(both, hello->data, hello->len);
    g_byte_array_append(both, hello->data, hello->len);
    put_records(bytes, both, 16384);
    send_bytes(&f, bytes, 64);
    assert_same_bytes(f.given->data, f.given->len, bytes->data, bytes->len);
    g_assert_cmpuint(hello_gate_message(f.gate).len, ==, hello->len);
    g_byte_array_unref(hello);
    g_byte_array_unref(both);
    g_byte_array_unref(bytes);
    tear_down(&f);
}

static void test_end(void)
{
    fixture f;
    uint8_t byte;
    set_up(&f);
    g_assert_cmpint(BIO_eof(f.bio), ==, 0);
    shutdown(f.ends[1], SHUT_WR);
    g_assert_cmpint(BIO_read(f.bio, &byte, 1), ==, 0);
    g_assert_false(BIO_should_retry(f.bio));
    g_assert_cmpint(BIO_eof(f.bio), ==, 1);
    tear_down(&f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hello_gate/held", test_held);
    g_test_add_func("/hello_gate/second", test_second);
    g_test_add_func("/hello_gate/passed", test_passed);
    g_test_add_func("/hello_gate/too-long", test_too_long);
    g_test_add_func("/hello_gate/two-in-a-record", test_two_in_a_record);
    g_test_add_func("/hello_gate/end", test_end);
    return g_test_run();
}
