/* SPDX-License-Identifier: BSD-3-Clause */
/** @file Whole answers to two clients with everything that there is to say: one of HTTP/2 over TCP,
 * one of HTTP/3. With TLSFP_UPDATE_GOLDENS set in the environment the goldens are written anew. */
#include <string.h>

#include "answer/answers.h"
#include "answer/page_assets.h"
#include "sample_client.h"

/* server_name, two ALPNs, groups with GREASE, signatures, versions, point formats, early data, one
   without a name, and GREASE. */
#define EXTENSIONS                                                                                 \
    "0a0a 0000 0000 000e 000c 00 0009 612e6578616d706c65 0010 000e 000c 02 6832 08 "               \
    "687474702f312e31 "                                                                            \
    "000a 000a 0008 2a2a 11ec 001d eeee 000d 0008 0006 0403 0804 eeee 002b 0007 06 3a3a 0304 "     \
    "0303 "                                                                                        \
    "000b 0005 04 00 01 02 07 002a 0000 eeee 0003 010203 1a1a 0001 00 "

/* RFC 9000 18: a number, a flag, versions, bytes, GREASE, one without a name. */
#define PARAMETERS                                                                                 \
    "0039 0022 01 04 80007530 04 02 4040 6ab2 00 11 08 00000001 1a2a3a4a 0f 00 1b 02 abcd 7fff "   \
    "02 0102"

/* RFC 9113: settings (one without a name), their acknowledgement, a window, a priority, a frame
   without a name, PRIORITY_UPDATE, the request. */
#define FRAMES                                                                                     \
    "505249202a20485454502f322e300d0a0d0a534d0d0a0d0a "                                            \
    "000012 04 00 00000000 000100010000 000300000064 00ff00000001 000000 04 01 00000000 "          \
    "000004 08 00 00000000 00ef0001 000005 02 00 00000003 80000000 c8 000002 fe 00 00000000 abcd " \
    "000008 10 00 00000000 00000001 753d3020 000006 01 25 00000001 80000000 ff 88"

/* IPv4 and TCP with a segment size, SACK, times, no operation, a window scale, one without a name,
 * the end. */
#define SYN                                                                                        \
    "45000044 12344000 40060000 c0000201 c0000202 9c401151 01020304 00000000 c002fa00 00000000 "   \
    "020405b4 0402 080a 00000001 00000000 01 030307 fd04abcd 0000 0000"

typedef struct {
    sample *made;
    http_facts facts;
    http_request request;
    known_clients *known;
    tlsfp_labels *labels;
} subject;

static void add_text(http_request *request, const char *name, const char *value)
{
    request_add_pseudo_field(request, (tlsfp_span){(const uint8_t *)name, strlen(name)},
                             (tlsfp_span){(const uint8_t *)value, strlen(value)});
}

static void make_hello(subject *about, const char *more, tlsfp_transport transport)
{
    GByteArray *message = about->made->message;
    g_byte_array_set_size(message, 0);
    put_hex(message, "01");
    const size_t start = begin_vector(message, 3);
    put_hex(message, "0303");
    put_times(message, 32, 0x5a);
    put_hex(message, "00 000a 0a0a 1302 1301 c02b eeee 01 00");
    const size_t block = begin_vector(message, 2);
    put_hex(message, EXTENSIONS);
    put_hex(message, more);
    end_vector(message, 2, block);
    end_vector(message, 3, start);
    client_info *client = &about->made->client;
    client_set_hello(client, span_of(message), transport, about->made->context, about->labels);
    g_assert_true(client->parsed);
}

/** Two names for the client: the second one is that of a list with a level. */
static tlsfp_labels *make_labels(const char *ja4)
{
    tlsfp_labels *labels = tlsfp_labels_new(&(tlsfp_hash_key){{0}});
    char *list = g_strdup_printf("ja4,name,level\n%s,Foo & Co,note\n%s,\"<Bar>\",warn\n", ja4, ja4);
    tlsfp_labels_read(labels, "a.csv", (tlsfp_span){(const uint8_t *)list, strlen(list)}, NULL,
                      NULL);
    g_free(list);
    return labels;
}

static subject *subject_new(tlsfp_transport transport, const char *more)
{
    subject *about = g_new0(subject, 1);
    about->made = sample_new();
    make_hello(about, more, transport);
    about->labels = make_labels(about->made->client.ja4);
    make_hello(about, more, transport);
    about->known = known_clients_new();
    g_assert_true(
        known_clients_load(about->known, GOLDENS "/clients.csv", about->labels, NULL, NULL));
    about->request =
        (http_request){.method = METHOD_GET, .method_name = "GET", .accepts_html = true};
    for (size_t i = 0; i < 4; i++) {
        static const char *const pseudo[][2] = {
            {":method", "GET"}, {":authority", "a.example"}, {":scheme", "https"}, {":path", "/"}};
        add_text(&about->request, pseudo[i][0], pseudo[i][1]);
    }
    add_text(&about->request, "user-agent", "Foo/1 <b>");
    add_text(&about->request, "accept", "text/html");
    about->facts.first =
        g_string_new_len(about->request.fields->str, (gssize)about->request.fields->len);
    return about;
}

static void subject_free(subject *about)
{
    request_clear(&about->request);
    http_facts_clear(&about->facts);
    known_clients_free(about->known);
    sample_free(about->made);
    tlsfp_labels_free(about->labels);
    g_free(about);
}

static char *without(const char *text, tlsfp_span part)
{
    const char *at = memmem(text, strlen(text), part.data, part.len);
    if (at == NULL)
        return g_strdup(text);
    char *start = g_strndup(text, (gsize)(at - text));
    char *rest = g_strconcat(start, at + part.len, NULL);
    g_free(start);
    return rest;
}

/** Without style and script, which test_page.c compares. */
static void check(subject *about, const char *target, const char *golden)
{
    const answer_setup setup = {.port = 4433, .known = about->known};
    client_answers *all = answers_new(&about->made->client, &about->facts, &setup);
    g_strlcpy(about->request.target, target, sizeof about->request.target);
    http_answer answer = answers_to(all, about->made->context, &about->request);
    char *whole = g_strndup(g_bytes_get_data(answer.body, NULL), g_bytes_get_size(answer.body));
    char *bare = without(whole, page_style), *text = without(bare, page_script);
    char *path = g_build_filename(GOLDENS, golden, NULL), *expected = NULL;
    g_assert_cmpuint(answer.status, ==, 200);
    if (g_getenv("TLSFP_UPDATE_GOLDENS") != NULL)
        g_assert_true(g_file_set_contents(path, text, -1, NULL));
    g_assert_true(g_file_get_contents(path, &expected, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
    g_assert_cmpuint(strlen(expected), >, 1024);
    g_free(expected);
    g_free(path);
    g_free(text);
    g_free(bare);
    g_free(whole);
    answer_clear(&answer);
    answers_free(all);
}

static void test_http2(void)
{
    subject *about = subject_new(TLSFP_TLS, "");
    GByteArray *frames = bytes_of_hex(FRAMES), *syn = bytes_of_hex(SYN);
    client_info *client = &about->made->client;
    client->alpn = "h2";
    client->group = "X25519MLKEM768";
    client->retried = true;
    memcpy(client->syn, syn->data, syn->len);
    client->n_syn = (uint8_t)syn->len;
    about->facts.version = 2;
    http2_frames_read(&about->facts.frames, span_of(frames));
    check(about, "/", "http2.html");
    check(about, "/all", "http2.all.json");
    check(about, "/api/all", "http2.api_all.json");
    g_byte_array_unref(frames);
    g_byte_array_unref(syn);
    subject_free(about);
}

static void test_http3(void)
{
    subject *about = subject_new(TLSFP_QUIC, PARAMETERS);
    client_info *client = &about->made->client;
    client->alpn = "h3";
    client->group = "X25519";
    client->resumed = true;
    client->quic_version = 0x6b3343cf;
    client->quic_retry = true;
    about->facts.version = 3;
    about->facts.settings =
        bytes_of_hex("01 4064 06 80010000 33 01 21 02 7fff 03"); /* GREASE, one without a name */
    check(about, "/", "http3.html");
    check(about, "/all", "http3.all.json");
    check(about, "/api/all", "http3.api_all.json");
    subject_free(about);
}

/** A client that says next to nothing: 100 suites, no extension, HTTP/1.0 without a field, a SYN
 * without options; and what is not known of it. */
static void test_bare(void)
{
    subject *about = subject_new(TLSFP_TLS, "");
    GByteArray *message = about->made->message,
               *syn = bytes_of_hex("45000028 12344000 40060000 c0000201 c0000202 9c401151 01020304 "
                                   "00000000 5002fa00 00000000");
    client_info *client = &about->made->client;
    g_byte_array_set_size(message, 0);
    put_hex(message, "01 0000ef 0303");
    put_times(message, 32, 0x5a);
    put_hex(message, "00 00c8");
    for (unsigned i = 0; i < 100; i++)
        put_integer(message, 2, 0x1301 + i);
    put_hex(message, "01 00");
    client_clear(client);
    *client = (client_info){.version = "TLSv1", .cipher = "TLS_FOO"};
    client_set_hello(client, span_of(message), TLSFP_TLS, about->made->context, NULL);
    g_assert_true(client->parsed);
    memcpy(client->syn, syn->data, syn->len);
    client->n_syn = (uint8_t)syn->len;
    request_clear(&about->request);
    about->request = (http_request){
        .method = METHOD_GET, .method_name = "GET", .accepts_html = true, .old = true};
    about->facts.version = 1;
    check(about, "/", "bare.html");
    check(about, "/all", "bare.all.json");
    check(about, "/api/all", "bare.api_all.json");
    client->n_syn = 20; /* cut */
    check(about, "/all", "bare.cut-syn.all.json");
    about->facts.version = 3; /* no settings were seen */
    check(about, "/", "bare.http3.html");
    check(about, "/all", "bare.http3.all.json");
    check(about, "/api/all", "bare.http3.api_all.json");
    g_byte_array_unref(syn);
    subject_free(about);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/whole-answers/http2", test_http2);
    g_test_add_func("/whole-answers/http3", test_http3);
    g_test_add_func("/whole-answers/bare", test_bare);
    return g_test_run();
}
