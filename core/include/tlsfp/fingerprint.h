/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * JA3, JA3S and JA4 of parsed hellos.
 *
 * JA3 and JA3S: https://github.com/salesforce/ja3. JA4: technical_details/JA4.md in
 * https://github.com/FoxIO-LLC/ja4, read at commit d8f731ce0f19; comments cite it by section. Where
 * those are silent, the choices are listed, each with its source, in tests/vectors/.
 *
 * The functions that fill a char array allocate nothing; they write a terminating NUL. Those that
 * fill a GString append, and leave what it held.
 */
#ifndef TLSFP_FINGERPRINT_H
#define TLSFP_FINGERPRINT_H

#include <tlsfp/hello.h>

G_BEGIN_DECLS

/** Lengths in characters, and where JA4's parts begin: a_b_c. */
enum {
    TLSFP_JA3_LEN = 32, /**< MD5 in hex. */
    TLSFP_JA4_A_LEN = 10,
    TLSFP_JA4_HASH_LEN = 12, /**< Parts b and c. */
    TLSFP_JA4_B_AT = TLSFP_JA4_A_LEN + 1,
    TLSFP_JA4_C_AT = TLSFP_JA4_B_AT + TLSFP_JA4_HASH_LEN + 1,
    TLSFP_JA4_LEN = TLSFP_JA4_C_AT + TLSFP_JA4_HASH_LEN,
    TLSFP_JA4_VERSION_LEN = 3, /**< Transport and version, with which part a begins. */
    TLSFP_JA4_BC_LEN = TLSFP_JA4_VERSION_LEN + TLSFP_JA4_LEN - TLSFP_JA4_A_LEN,
};

#define TLSFP_JA3_SIZE (TLSFP_JA3_LEN + 1) /**< With NUL. */
#define TLSFP_JA4_SIZE (TLSFP_JA4_LEN + 1) /**< With NUL. */

/** Every value that a hello has. "As sent" is the client's order. */
typedef enum {
    TLSFP_KIND_JA4,      /**< "t13d1516h2_8daaf6152771_e5627efa2ab1", lists sorted. */
    TLSFP_KIND_JA4_A,    /**< "t13d1516h2". */
    TLSFP_KIND_JA4_B,    /**< "8daaf6152771": cipher suites. */
    TLSFP_KIND_JA4_C,    /**< "e5627efa2ab1": extensions, signature algorithms. */
    TLSFP_KIND_JA4_BC,   /**< "t13_8daaf6152771_e5627efa2ab1": transport, version, b and c; the same
                            with or without a server name, and for any ALPN. */
    TLSFP_KIND_JA4_R,    /**< JA4 with its lists in place of their hashes. */
    TLSFP_KIND_JA4_O,    /**< JA4 with its lists as sent. */
    TLSFP_KIND_JA4_RO,   /**< JA4_o with its lists in place of their hashes. */
    TLSFP_KIND_STABLE,   /**< tlsfp_stable(). */
    TLSFP_KIND_STABLE_R, /**< With lists in place of hashes. */
    TLSFP_KIND_JA3,      /**< MD5 of ja3_r. */
    TLSFP_KIND_JA3_R,    /**< "771,4865-4866,0-23-10,29-23,0", lists as sent. */
    TLSFP_KIND_JA3N,     /**< MD5 of ja3n_r. */
    TLSFP_KIND_JA3N_R,   /**< ja3_r with its extensions sorted by number. */
    TLSFP_N_CLIENT_KINDS,
    TLSFP_KIND_JA3S = TLSFP_N_CLIENT_KINDS, /**< MD5 of ja3s_r. */
    TLSFP_KIND_JA3S_R,                      /**< Of a ServerHello: "771,4865,51-43". */
    TLSFP_N_KINDS
} tlsfp_kind;

/** The kind's name: "ja4", "ja4_bc", "ja3n_r" ... */
TLSFP_API const char *tlsfp_kind_name(tlsfp_kind kind);

/** The kind of that name. @return false where there is none. */
TLSFP_API bool tlsfp_kind_named(const char *name, tlsfp_kind *out);

/** Whether @p text can be a value of this kind; hex digits may be upper case. */
TLSFP_API bool tlsfp_kind_fits(tlsfp_kind kind, const char *text);

/** As tlsfp_kind_fits(), of text without a NUL. */
TLSFP_API bool tlsfp_kind_fits_bytes(tlsfp_kind kind, tlsfp_span text);

/** Writes the hex digits of @p value, which fits its kind, in lower case, as tlsfp gives them. */
TLSFP_API void tlsfp_kind_fold(tlsfp_kind kind, char *value);

/** In which order JA4 lists cipher suites and extensions. */
typedef enum {
    TLSFP_SORTED,   /**< ja4, ja4_r: by value, without server_name and ALPN among the extensions. */
    TLSFP_ORIGINAL, /**< ja4_o, ja4_ro: as sent, all of them. */
} tlsfp_order;

/**
 * Buffers in which lists are sorted and written before they are hashed, a table of decimal numbers,
 * and handles of libgcrypt. A context takes 1.4 MiB, most of it only once long lists come, and about
 * 50 us to make: make one for each thread and keep it.
 */
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

/** ja3n: the MD5 of tlsfp_ja3n_text(), which stays where a client shuffles its extensions. */
TLSFP_API void tlsfp_ja3n(tlsfp_context *context, const tlsfp_client_hello *hello,
                          char out[TLSFP_JA3_SIZE]);

/** Appends ja3n_r: ja3_r with its third list sorted by number. */
TLSFP_API void tlsfp_ja3n_text(tlsfp_context *context, const tlsfp_client_hello *hello,
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

/** Appends the value of any kind that a ClientHello has. */
TLSFP_API void tlsfp_append_value(tlsfp_context *context, const tlsfp_client_hello *hello,
                                  tlsfp_kind kind, GString *out);

/** Appends the value of a kind that a ServerHello has: ja3s or ja3s_r. */
TLSFP_API void tlsfp_append_server_value(tlsfp_context *context, const tlsfp_server_hello *hello,
                                         tlsfp_kind kind, GString *out);

/** Whether the value of this kind is a JA4 or made of its parts: ja4, ja4_a, ja4_b, ja4_c, ja4_bc.
 */
TLSFP_API bool tlsfp_kind_is_part(tlsfp_kind kind);

/** Appends the value of such a kind, of a JA4 that is known. */
TLSFP_API void tlsfp_append_part(const char ja4[TLSFP_JA4_SIZE], tlsfp_kind kind, GString *out);

G_END_DECLS

#endif
