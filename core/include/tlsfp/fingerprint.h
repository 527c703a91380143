/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * JA3, JA3S and JA4 of parsed hellos.
 *
 * JA3 and JA3S: https://github.com/salesforce/ja3. JA4: FoxIO's technical_details/JA4.md. Where
 * those are silent, the choices are listed, each with its source, in tests/vectors/.
 *
 * The functions that fill a char array allocate nothing; they write a terminating NUL. Those that
 * fill a GString append, and leave what it held.
 */
#ifndef TLSFP_FINGERPRINT_H
#define TLSFP_FINGERPRINT_H

#include <tlsfp/hello.h>

G_BEGIN_DECLS

#define TLSFP_JA3_SIZE (32 + 1)                   /**< MD5 in hex, and NUL. */
#define TLSFP_JA4_SIZE (10 + 1 + 12 + 1 + 12 + 1) /**< a_b_c, and NUL. */

/** In which order JA4 lists cipher suites and extensions. */
typedef enum {
    TLSFP_SORTED,   /**< ja4, ja4_r: by value, without server_name and ALPN among the extensions. */
    TLSFP_ORIGINAL, /**< ja4_o, ja4_ro: as sent, all of them. */
} tlsfp_order;

/** Room in which lists are sorted and written before they are hashed. Make one per thread and keep
 * it. */
typedef struct tlsfp_context tlsfp_context;

/** @return a new context; owned by the caller, to be freed with tlsfp_context_free(). */
TLSFP_API tlsfp_context *tlsfp_context_new(void);

/** Frees @p context; NULL is fine. */
TLSFP_API void tlsfp_context_free(tlsfp_context *context);

/** JA3: the MD5 of tlsfp_ja3_text(), 32 lower-case hex digits. */
TLSFP_API void tlsfp_ja3(tlsfp_context *context, const tlsfp_client_hello *hello,
                         char out[TLSFP_JA3_SIZE]);

/** Appends ja3_r: "version,ciphers,extensions,groups,formats", decimal values joined by '-',
 * without GREASE. */
TLSFP_API void tlsfp_ja3_text(tlsfp_context *context, const tlsfp_client_hello *hello,
                              GString *out);

/** JA3S: the MD5 of tlsfp_ja3s_text(), 32 lower-case hex digits. */
TLSFP_API void tlsfp_ja3s(tlsfp_context *context, const tlsfp_server_hello *hello,
                          char out[TLSFP_JA3_SIZE]);

/** Appends ja3s_r: "version,cipher,extensions". */
TLSFP_API void tlsfp_ja3s_text(tlsfp_context *context, const tlsfp_server_hello *hello,
                               GString *out);

/** JA4, e.g. "t13d1516h2_8daaf6152771_e5627efa2ab1"; in original order what JA4.md calls JA4_o. */
TLSFP_API void tlsfp_ja4(tlsfp_context *context, const tlsfp_client_hello *hello, tlsfp_order order,
                         char out[TLSFP_JA4_SIZE]);

/** Appends JA4's raw form, ja4_r, or in original order ja4_ro: the same with the lists in place of
 * their hashes. */
TLSFP_API void tlsfp_ja4_text(tlsfp_context *context, const tlsfp_client_hello *hello,
                              tlsfp_order order, GString *out);

/**
 * The stable value, tlsfp's own and no JA4: what JA4 would be were there no extensions that come
 * and go with the state of a client's connections. These are padding (0015), session_ticket (0023),
 * pre_shared_key (0029), early_data (002a) and cookie (002c): neither listed nor counted. It has
 * JA4's layout, and is the same for a client's full handshake, its resumption, its early data and
 * its second hello after HelloRetryRequest.
 */
TLSFP_API void tlsfp_stable(tlsfp_context *context, const tlsfp_client_hello *hello,
                            char out[TLSFP_JA4_SIZE]);

/** Appends the stable value's raw form: the same with the lists in place of their hashes. */
TLSFP_API void tlsfp_stable_text(tlsfp_context *context, const tlsfp_client_hello *hello,
                                 GString *out);

G_END_DECLS

#endif
