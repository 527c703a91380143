/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads what a TLS client sends, or its ClientHello alone, and prints its JA4. */
#include <stdio.h>
#include <tlsfp/tlsfp.h>

static bool print_ja4(tlsfp_context *context, tlsfp_span message)
{
    tlsfp_client_hello hello;
    char ja4[TLSFP_JA4_SIZE];
    if (tlsfp_parse(message, TLSFP_TLS, &hello) != TLSFP_OK)
        return false;
    tlsfp_ja4(context, &hello, TLSFP_SORTED, ja4);
    return puts(ja4) >= 0;
}

int main(void)
{
    int first = ungetc(getchar(), stdin);
    bool is_record = first == 22;                 /* RFC 8446 5.1; QUIC has the message alone */
    tlsfp_context *context = tlsfp_context_new(); /* one for all hellos of a thread */
    tlsfp_stream *stream = tlsfp_stream_new(is_record ? TLSFP_TLS : TLSFP_QUIC, 65536);
    tlsfp_status status = TLSFP_MORE;
    tlsfp_span message;
    uint8_t block[4096];
    uint64_t offset = 0;
    size_t len;
    while (status == TLSFP_MORE && (len = fread(block, 1, sizeof block, stdin)) > 0) {
        status = tlsfp_stream_add(stream, offset, (tlsfp_span){block, len});
        offset += len;
    }
    bool found = tlsfp_stream_message(stream, &message) == TLSFP_OK && print_ja4(context, message);
    tlsfp_stream_free(stream);
    tlsfp_context_free(context);
    return found ? 0 : 1;
}
