/* SPDX-License-Identifier: BSD-3-Clause */
/** @file A row of a list of labels, whatever the list is written in. */
#ifndef TLSFP_LABEL_ROWS_H
#define TLSFP_LABEL_ROWS_H

#include <tlsfp/labels.h>

/** What a cell is: first the kinds of fingerprints, by their numbers. */
enum {
    ROLE_NAME = TLSFP_N_CLIENT_KINDS,
    ROLE_LEVEL,
    ROLE_COMMENT,
    ROLE_APPLICATION, /* the name, in lists without one, is made of this and the next three */
    ROLE_LIBRARY,
    ROLE_DEVICE,
    ROLE_OS,
    ROLE_USER_AGENT, /* or is this */
    ROLE_FAMILY,     /* this and what follows says more of known clients */
    ROLE_VERSIONS,
    ROLE_PLATFORM,
    ROLE_ENGINE,
    ROLE_CLIENT_KIND,
    ROLE_SENT_USER_AGENT,
    N_ROLES,
    ROLE_NONE = N_ROLES,
};

typedef struct label_list label_list;

/** A list that is being read. */
struct label_list {
    tlsfp_labels *labels; /* where its labels go, or NULL */
    size_t (*take_row)(label_list *, const tlsfp_label *, void *target); /* or where its rows go;
                                                                            returns how many */
    void *target;
    const char *file;
    tlsfp_label_report report;
    void *report_data;
    GString *cells[N_ROLES]; /* of the row; empty where it has none */
    GString *name;
    bool strict; /* a row without a fingerprint or a name is broken; else it is of no interest */
    size_t n_added;
    size_t n_broken;
};

/** As tlsfp_labels_add(); a lesser label counts where nothing more specific has one. */
bool labels_add(tlsfp_labels *labels, tlsfp_kind kind, const char *value, const tlsfp_label *label,
                bool lesser);

/** Starts reading a list. */
void start_list(label_list *list, tlsfp_labels *labels, const char *file, tlsfp_label_report report,
                void *data);

/** Counts the broken rows that were not reported one by one, and frees what start_list() allocated.
 * Returns how many labels were added. */
size_t finish_list(label_list *list);

/** What the cells below this title are; ROLE_NONE where they are of no interest. */
unsigned role_of(tlsfp_span title);

/** Whether a cell holds a fingerprint of this kind. */
bool is_value(tlsfp_kind kind, const GString *cell);

/** Reports what is wrong on a line, as printf() formats it; the row is skipped. */
void report_line(label_list *list, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/** Empties the cells. */
void start_row(label_list *list);

/** Adds the labels of the cells, or reports why not. */
void finish_row(label_list *list, unsigned line);

/** Reads a whole list in whatever form it has. */
void read_list(label_list *list, tlsfp_span text);

/** Reads a whole list in CSV. */
void read_csv(label_list *list, tlsfp_span text);

/** Reads a whole list in JSON. */
void read_json(label_list *list, tlsfp_span text);

#endif
