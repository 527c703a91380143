/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * Names for fingerprints, from the lists of fingerprints that are in use.
 *
 * A list is one of these, told apart by its first bytes:
 *  - CSV whose first line names the columns, e.g. "ja4,name,level,comment". Columns with the
 *    name of a kind (tlsfp_kind) of ClientHello hold fingerprints; name is what to call the client;
 *    level is none, note or warn; comment says more. Other columns are passed over, as are empty
 *    lines and those that start with '#'.
 *  - The same without such a line, where the first column holds JA3 or JA4 and the second one the
 *    name, as in salesforce's lists.
 *  - FoxIO's mapping: CSV with the columns Application, Library, Device, OS, ja4, ..., Notes. The
 *    name is made of the first four.
 *  - JSON: an array of objects, or one object a line, whose keys are called as the columns are;
 *    ja4db's download is one, with application, library, device, os and ja4_fingerprint.
 *
 * Where a row holds several fingerprints, each of them gets its name. The stable value, ja3, ja3n
 * and ja4_bc that stand beside a ja4 count only where nothing more specific has a label. A
 * fingerprint may have 64 labels. A broken row is reported and skipped. Labels are read by one
 * thread; afterwards any number of threads may look them up.
 */
#ifndef TLSFP_LABELS_H
#define TLSFP_LABELS_H

#include <tlsfp/fingerprint.h>
#include <tlsfp/hash.h>

G_BEGIN_DECLS

/** How much attention a client with the label wants. */
typedef enum { TLSFP_LEVEL_NONE, TLSFP_LEVEL_NOTE, TLSFP_LEVEL_WARN } tlsfp_level;

typedef struct {
    const char *name;    /**< UTF-8 without control characters, not empty. */
    const char *comment; /**< As name; NULL where there is none. */
    tlsfp_level level;
} tlsfp_label;

enum { TLSFP_MAX_NAMES = 16 }; /**< Labels that tlsfp's programs show of one hello. */

typedef struct tlsfp_labels tlsfp_labels;

/**
 * @param key a random one (hash.h), copied: what is looked up comes from strangers.
 * @return without labels; owned by the caller, to be freed with tlsfp_labels_free().
 */
TLSFP_API tlsfp_labels *tlsfp_labels_new(const tlsfp_hash_key *key);

/** Frees @p labels, and with them all that they gave; NULL is fine. */
TLSFP_API void tlsfp_labels_free(tlsfp_labels *labels);

/** "none", "note" or "warn". */
TLSFP_API const char *tlsfp_level_name(tlsfp_level level);

/**
 * Adds one label; its texts are copied.
 * @param value hex digits may be upper case.
 * @return false where @p value is no fingerprint of this kind, or there is no name.
 */
TLSFP_API bool tlsfp_labels_add(tlsfp_labels *labels, tlsfp_kind kind, const char *value,
                                const tlsfp_label *label);

/** Told of a row that is broken: "FILE:LINE: what is wrong". After some of a file, a last message
 * counts the others. */
typedef void (*tlsfp_label_report)(const char *message, void *data);

/**
 * Adds the labels of a list.
 * @param file how messages call it.
 * @param text its bytes; not needed any longer afterwards.
 * @return how many labels were added.
 */
TLSFP_API size_t tlsfp_labels_read(tlsfp_labels *labels, const char *file, tlsfp_span text,
                                   tlsfp_label_report report, void *data);

/** Told of a row of a list; all of it is good until this returns.
 * @param values the row's fingerprints by kind; NULL for those that it has not. */
typedef void (*tlsfp_label_row)(const char *const values[TLSFP_N_CLIENT_KINDS],
                                const tlsfp_label *label, void *data);

/**
 * Gives the rows of a list one by one, as tlsfp_labels_read() reads them.
 * @param row_data for @p row, as @p report_data for @p report.
 * @return how many rows.
 */
TLSFP_API size_t tlsfp_labels_rows(const char *file, tlsfp_span text, tlsfp_label_row row,
                                   void *row_data, tlsfp_label_report report, void *report_data);

/** Whether there is a label of this kind: others need not be looked up. */
TLSFP_API bool tlsfp_labels_have(const tlsfp_labels *labels, tlsfp_kind kind);

/**
 * The labels that fit a hello: the most specific kind first (ja4_o, ja3, ja3n, ja4, stable, ja4_bc,
 * ja4_c, ja4_b, ja4_a; a raw form is as specific as its hash), within a kind in the order in which
 * they were added; of several with the same name, the first one, with the highest of their levels.
 *
 * @param values the hello's fingerprints by kind; NULL for those that are not known.
 * @param out good as long as @p labels.
 * @return how many, at most @p n_out.
 */
TLSFP_API size_t tlsfp_labels_find(const tlsfp_labels *labels,
                                   const char *const values[TLSFP_N_CLIENT_KINDS], tlsfp_label *out,
                                   size_t n_out);

/** As tlsfp_labels_find(), by whatever fingerprints of @p hello there are labels of. */
TLSFP_API size_t tlsfp_labels_find_client(const tlsfp_labels *labels, tlsfp_context *context,
                                          const tlsfp_client_hello *hello, tlsfp_label *out,
                                          size_t n_out);

/** The highest level of @p n labels; TLSFP_LEVEL_NONE without any. */
TLSFP_API tlsfp_level tlsfp_labels_level(const tlsfp_label *found, size_t n);

G_END_DECLS

#endif
