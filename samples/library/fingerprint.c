/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads what a TLS client sends, and prints its JA4. */
#include <stdio.h>
#include <tlsfp/tlsfp.h>

static bool print_ja4(tlsfp_span message)
{
    tlsfp_client_hello hello;
    if (tlsfp_parse(message, TLSFP_TLS, &hello) != TLSFP_OK)
        return false;
    tlsfp_context *context = tlsfp_context_new();
    char ja4[TLSFP_JA4_SIZE];
    tlsfp_ja4(context, &hello, TLSFP_SORTED, ja4);
    tlsfp_context_free(context);
    return puts(ja4) >= 0;
}

int main(void)
{
    tlsfp_stream *stream = tlsfp_stream_new(TLSFP_TLS, 65536);
    tlsfp_span message = {NULL, 0};
    uint8_t byte;
    for (uint64_t at = 0; fread(&byte, 1, 1, stdin) == 1; at++)
        if (tlsfp_stream_add(stream, at, (tlsfp_span){&byte, 1}) != TLSFP_MORE)
            break;
    bool found = tlsfp_stream_message(stream, &message) == TLSFP_OK && print_ja4(message);
    tlsfp_stream_free(stream);
    return found ? 0 : 1;
}
