/* SPDX-License-Identifier: BSD-3-Clause */
#include "serve/proxy.h"

#include <arpa/inet.h>
#include <string.h>
#include <tlsfp/reader.h>

static const char signature_1[] = "PROXY ";
static const char signature_2[] = "\r\n\r\n\0\r\nQUIT\n";

enum {
    MAX_LINE = 107, /* section 2.1: longest line, with CRLF */
    SIGNATURE_2_LEN = sizeof signature_2 - 1,
    VERSION_2_LOCAL = 0x20,
    VERSION_2_PROXY = 0x21,
    FAMILY_TCP4 = 0x11,
    FAMILY_TCP6 = 0x21,
    N_WORDS = 6, /* "PROXY", family, two addresses, two ports */
};

/** Whether @p bytes are the start of @p signature, as far as there are bytes. */
static bool starts(tlsfp_span bytes, const char *signature, size_t len)
{
    return bytes.len > 0 && memcmp(bytes.data, signature, MIN(bytes.len, len)) == 0;
}

/** Section 2.1: a decimal number without leading zeros. */
static bool read_port(const char *text, uint16_t *out)
{
    guint64 value;
    if (text[0] == '0' && text[1] != '\0')
        return false;
    if (!g_ascii_string_to_unsigned(text, 10, 0, 0xffff, &value, NULL))
        return false;
    *out = (uint16_t)value;
    return true;
}

static bool read_address(int family, const char *text, char *out)
{
    uint8_t bytes[sizeof(struct in6_addr)];
    return inet_pton(family, text, bytes) == 1 &&
           inet_ntop(family, bytes, out, INET6_ADDRSTRLEN) != NULL;
}

static bool read_words(char **words, proxy_source *out)
{
    if (g_strv_length(words) < 2)
        return false;
    if (strcmp(words[1], "UNKNOWN") == 0)
        return true;
    int family = strcmp(words[1], "TCP4") == 0   ? AF_INET
                 : strcmp(words[1], "TCP6") == 0 ? AF_INET6
                                                 : AF_UNSPEC;
    char to[INET6_ADDRSTRLEN];
    uint16_t to_port;
    if (family == AF_UNSPEC || g_strv_length(words) != N_WORDS)
        return false;
    out->known = true;
    return read_address(family, words[2], out->address) && read_address(family, words[3], to) &&
           read_port(words[4], &out->port) && read_port(words[5], &to_port);
}

static tlsfp_status parse_1(tlsfp_span bytes, proxy_source *out, size_t *out_len)
{
    const size_t room = MIN(bytes.len, MAX_LINE);
    const uint8_t *end = memchr(bytes.data, '\n', room);
    if (end == NULL)
        return bytes.len < MAX_LINE ? TLSFP_MORE : TLSFP_MALFORMED;
    const size_t len = (size_t)(end - bytes.data);
    if (len == 0 || bytes.data[len - 1] != '\r' || memchr(bytes.data, '\0', len) != NULL)
        return TLSFP_MALFORMED;
    char *line = g_strndup((const char *)bytes.data, len - 1);
    char **words = g_strsplit(line, " ", 0);
    proxy_source found = {0};
    bool fine = read_words(words, &found);
    g_strfreev(words);
    g_free(line);
    if (!fine)
        return TLSFP_MALFORMED;
    *out = found;
    *out_len = len + 1;
    return TLSFP_OK;
}

/** The addresses after the head; TLVs may follow them. */
static bool read_addresses(uint8_t family, tlsfp_span body, proxy_source *out)
{
    if (family != FAMILY_TCP4 && family != FAMILY_TCP6)
        return true;
    const bool is_4 = family == FAMILY_TCP4;
    const size_t address_len = is_4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    tlsfp_span from, to;
    uint16_t to_port;
    if (!take(&body, address_len, &from) || !take(&body, address_len, &to) ||
        !take_u16(&body, &out->port) || !take_u16(&body, &to_port))
        return false;
    out->known = true;
    return inet_ntop(is_4 ? AF_INET : AF_INET6, from.data, out->address, sizeof out->address) !=
           NULL;
}

static tlsfp_status parse_2(tlsfp_span bytes, proxy_source *out, size_t *out_len)
{
    tlsfp_span rest = bytes, body;
    uint8_t version, family;
    uint16_t len;
    if (!pass(&rest, SIGNATURE_2_LEN) || !take_u8(&rest, &version) || !take_u8(&rest, &family) ||
        !take_u16(&rest, &len))
        return TLSFP_MORE;
    if (version != VERSION_2_LOCAL && version != VERSION_2_PROXY)
        return TLSFP_MALFORMED;
    if (bytes.len - rest.len + len > PROXY_MAX_HEADER)
        return TLSFP_TOO_LARGE;
    if (!take(&rest, len, &body))
        return TLSFP_MORE;
    proxy_source found = {0};
    if (version == VERSION_2_PROXY && !read_addresses(family, body, &found))
        return TLSFP_MALFORMED;
    *out = found;
    *out_len = bytes.len - rest.len;
    return TLSFP_OK;
}

tlsfp_status proxy_parse(tlsfp_span bytes, proxy_source *out, size_t *out_len)
{
    if (bytes.len == 0)
        return TLSFP_MORE;
    if (starts(bytes, signature_1, strlen(signature_1)))
        return bytes.len < strlen(signature_1) ? TLSFP_MORE : parse_1(bytes, out, out_len);
    if (starts(bytes, signature_2, SIGNATURE_2_LEN))
        return parse_2(bytes, out, out_len);
    return TLSFP_NOT_HELLO;
}
