/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Which known client a hello resembles most, and in what they differ.
 *
 * A shape is what a client sent, without GREASE, as far as it is known: of a parsed hello all of
 * it, of a raw fingerprint what that lists. Known clients come from a list in the form of
 * samples/clients.csv: their raw fingerprints (ja4_r, ja4_ro, ja3_r, ja3n_r) give their shapes.
 *
 * The distance of two shapes is the sum of the weights of what one of them has and the other lacks,
 * over the parts known of both:
 *
 *     transport, highest version         8 each
 *     extension                          4; 1 for server_name, ALPN, padding, session_ticket,
 *                                        pre_shared_key, early_data and cookie, which come and go
 *     cipher suite, group                3
 *     signature algorithm                2
 *     ALPN (first and last character of the first protocol), legacy version, point format   1
 *     neighbours: that one value follows another one, in cipher suites, groups and, where the
 *     known client keeps an order (it has a JA3), extensions                                1
 *
 * 0 means that nothing tells them apart. Of each list the first 128 values count, and a list of
 * known clients is compared in steps that grow with those and with the number of distinct shapes.
 */
#ifndef TLSFP_NEAREST_H
#define TLSFP_NEAREST_H

#include <tlsfp/labels.h>

G_BEGIN_DECLS

/** The parts of a hello that are compared. */
typedef enum {
    TLSFP_PART_TRANSPORT, /**< A tlsfp_transport. */
    TLSFP_PART_VERSION,   /**< The highest one, as in JA4. */
    TLSFP_PART_LEGACY_VERSION,
    TLSFP_PART_ALPN, /**< First and last byte of the first protocol, as in JA4; 0 without any. */
    TLSFP_PART_CIPHER_SUITES,
    TLSFP_PART_EXTENSIONS,
    TLSFP_PART_GROUPS,
    TLSFP_PART_SIGNATURE_ALGORITHMS,
    TLSFP_PART_POINT_FORMATS,
    TLSFP_PART_VERSIONS,   /**< The list supported_versions. */
    TLSFP_PART_KEY_SHARES, /**< The groups in key_share. */
    TLSFP_PART_BODIES,     /**< What other extensions hold, but what differs from connection to
                              connection; only known of whole hellos. */
    TLSFP_N_PARTS
} tlsfp_part;

typedef struct tlsfp_shape tlsfp_shape;

/** @return the shape of @p hello; owned by the caller, to be freed with tlsfp_shape_free(). */
TLSFP_API tlsfp_shape *tlsfp_shape_of_hello(const tlsfp_client_hello *hello);

/** @return a shape of which nothing is known; owned by the caller. */
TLSFP_API tlsfp_shape *tlsfp_shape_new(void);

/**
 * Adds what a raw fingerprint says: ja4_r, ja4_ro, stable_r or ja3_r. What is known already stays,
 * but that a list in the order sent replaces a sorted one.
 * @return false, and nothing is added, where @p text is none of these.
 */
TLSFP_API bool tlsfp_shape_add_text(tlsfp_shape *shape, const char *text);

/** Frees @p shape; NULL is fine. */
TLSFP_API void tlsfp_shape_free(tlsfp_shape *shape);

/**
 * The values of a part but TLSFP_PART_BODIES; a part with one value has a list of one.
 * @param out good as long as @p shape, until something is added to it; may be NULL.
 * @param out_ordered whether they are in the order sent; may be NULL.
 * @return false where this part is not known.
 */
TLSFP_API bool tlsfp_shape_values(const tlsfp_shape *shape, tlsfp_part part, const uint16_t **out,
                                  size_t *out_n, bool *out_ordered);

/** How two shapes differ in one value. */
typedef enum {
    TLSFP_ADDED,   /**< The second shape has the value, or has it more often. */
    TLSFP_MISSING, /**< Only the first one has it. */
    TLSFP_MOVED,   /**< Both have it, in another place. */
    TLSFP_CHANGED, /**< A part with one value has another one, or an extension another body. */
} tlsfp_change;

typedef struct {
    tlsfp_part part;
    tlsfp_change change;
    uint16_t value;  /**< What was added, is missing or moved; changed: the second shape's. */
    uint16_t before; /**< Moved: the place in the first shape, from 1; changed: its value. */
    uint16_t after;  /**< Moved: the place in the second shape. */
    tlsfp_span body, body_before; /**< Of a changed body, whose extension is value: the second
                                     shape's and the first one's; good as long as these. */
} tlsfp_difference;

/**
 * What tells @p second from @p first, over the parts known of both, part by part: what is missing,
 * what was added, what moved. Where values moved, as few as possible are named.
 * @param out differences are appended; an array of tlsfp_difference.
 */
TLSFP_API void tlsfp_shape_compare(const tlsfp_shape *first, const tlsfp_shape *second,
                                   GArray *out);

/** Appends e.g. "plus extension 0x0015 padding", "without group 0x001d x25519",
 * "cipher suite 0x1301 TLS_AES_128_GCM_SHA256 moved from place 1 to 3", "version TLS 1.3 instead of
 * TLS 1.2", "extension 0x001b compress_certificate: brotli instead of zlib, brotli". */
TLSFP_API void tlsfp_difference_text(const tlsfp_difference *difference, GString *out);

/** Appends the texts of the first @p n_shown of an array of tlsfp_difference, commas between them,
 * and ", and 3 more" where there are more. */
TLSFP_API void tlsfp_differences_text(const GArray *differences, size_t n_shown, GString *out);

/** "cipher suite", "extension" ... */
TLSFP_API const char *tlsfp_part_name(tlsfp_part part);

/** What a value of a part is called, e.g. "server_name", "X25519MLKEM768"; NULL where it has no
 * name. */
TLSFP_API const char *tlsfp_part_value_name(tlsfp_part part, uint16_t value);

/** The fingerprints that a difference can touch. */
enum {
    TLSFP_TOUCHES_JA4_A = 1 << 0,
    TLSFP_TOUCHES_JA4_B = 1 << 1,
    TLSFP_TOUCHES_JA4_C = 1 << 2,
    TLSFP_TOUCHES_STABLE = 1 << 3,
    TLSFP_TOUCHES_JA3 = 1 << 4,
    TLSFP_TOUCHES_JA3N = 1 << 5,
};

/** @return which of them @p difference changes, all else being equal. */
TLSFP_API unsigned tlsfp_difference_touches(const tlsfp_difference *difference);

/** Where a known client's hello comes from. */
typedef enum {
    TLSFP_CLIENT_REAL,     /**< The client was run. */
    TLSFP_CLIENT_MIMIC,    /**< The client was run; it imitates another one. */
    TLSFP_CLIENT_RECORDED, /**< Its hello was recorded elsewhere. */
} tlsfp_client_kind;

/** A known client; texts are NULL where the list has none. */
typedef struct {
    const char *name;
    const char *family;
    const char *versions;
    const char *platform;
    const char *engine;
    const char *user_agent;
    const char *comment;
    const char *ja4;
    const char *ja4_r;
    const char *stable;
    const char *ja3;
    const char *ja3_r;  /**< Of a client that keeps the order of its extensions. */
    const char *ja3n_r; /**< Of one that shuffles them. */
    tlsfp_client_kind kind;
    const tlsfp_shape *shape;
} tlsfp_client;

typedef struct tlsfp_clients tlsfp_clients;

/** @return without clients; owned by the caller, to be freed with tlsfp_clients_free(). */
TLSFP_API tlsfp_clients *tlsfp_clients_new(void);

/** Frees @p clients, and with them all that they gave; NULL is fine. */
TLSFP_API void tlsfp_clients_free(tlsfp_clients *clients);

/**
 * Adds the clients of a list, as tlsfp_labels_read() reads it: those rows that have a raw
 * fingerprint.
 * @return how many were added.
 */
TLSFP_API size_t tlsfp_clients_read(tlsfp_clients *clients, const char *file, tlsfp_span text,
                                    tlsfp_label_report report, void *data);

/**
 * Adds a list that is a file: its labels, and its clients.
 * @param path also what messages call the list.
 * @param clients may be NULL.
 * @param report as of tlsfp_labels_read(); may be NULL.
 * @return false with @p error set (G_FILE_ERROR) where the file cannot be read, or where rows are
 * broken and none can be used; an empty list is fine.
 */
TLSFP_API bool tlsfp_lists_load(const char *path, tlsfp_labels *labels, tlsfp_clients *clients,
                                tlsfp_label_report report, void *data, GError **error);

/** Adds one client; its texts are copied, its shape is made of its raw forms. @return false
 * where it has none, or no name. */
TLSFP_API bool tlsfp_clients_add(tlsfp_clients *clients, const tlsfp_client *client);

/** The number of clients. */
TLSFP_API size_t tlsfp_clients_count(const tlsfp_clients *clients);

/** @return the client with this number, from 0, in the order in which they were added. */
TLSFP_API const tlsfp_client *tlsfp_clients_get(const tlsfp_clients *clients, size_t number);

/** A known client and how far it is. */
typedef struct {
    const tlsfp_client *client;
    unsigned distance;
} tlsfp_near;

/**
 * The known clients nearest to a shape: the nearest first; of several at the same distance real
 * ones before mimics before recorded ones, then in the order of the list. Of clients that sent the
 * same, all are given.
 *
 * @param clients what it keeps for the next search is made at the first one: not to be shared by
 * threads.
 * @return how many, at most @p n_out.
 */
TLSFP_API size_t tlsfp_clients_nearest(tlsfp_clients *clients, const tlsfp_shape *shape,
                                       tlsfp_near *out, size_t n_out);

G_END_DECLS

#endif
