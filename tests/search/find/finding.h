/* SPDX-License-Identifier: BSD-3-Clause */
/** @file What a finder finds in frames that a test writes, as compose.h says. */
#ifndef SEARCH_TESTS_FINDING_H
#define SEARCH_TESTS_FINDING_H

#include "captures.h"
#include "compose.h"
#include "exact_block.h"

enum {
    LINK_ETHERNET = 1,
    LINK_PPP = 9,
    LINK_RAW = 101,
    LINK_80211 = 105,
    LINK_RADIOTAP = 127,
};

typedef struct {
    struct finder *finder;
    unsigned n_frames;
    unsigned n_found;
    uint64_t in_frame;   /**< Number of the frame in which the last hello was complete. */
    endpoints ends;      /**< Of the last hello. */
    tlsfp_transport how; /**< It came. */
} finding;

/** One row of a table: frames, apart by "|", in which so many hellos are. */
typedef struct {
    const char *name;
    int link_type;
    const char *frames;
    unsigned found;
} finding_case;

static inline void finding_note(const found_hello *found, void *data)
{
    finding *noted = data;
    noted->n_found++;
    noted->in_frame = found->frame->number;
    noted->ends = *found->ends;
    noted->how = found->hello->transport;
}

/** @p limits NULL for the usual ones. @return to be freed with finding_free(). */
static inline finding *finding_new(const finder_limits *limits)
{
    static const finder_limits usual = {
        .memory = 1 << 20, .max_hello = 132 * 1024, .key = {{1, 2}}};
    static tlsfp_context *context; /* one for all: it costs more than the rest */
    finding *made = g_new0(finding, 1);
    if (context == NULL)
        context = tlsfp_context_new();
    made->finder = finder_new(limits != NULL ? limits : &usual, context, finding_note, made);
    return made;
}

static inline void finding_free(finding *made)
{
    finder_free(made->finder);
    g_free(made);
}

/** Feeds a frame in a block of its exact size. */
static inline void finding_add(finding *noted, int link_type, tlsfp_span bytes)
{
    tlsfp_span block = exact_block(bytes);
    const frame packet = {.number = ++noted->n_frames,
                          .link_type = link_type,
                          .wire_len = (uint32_t)bytes.len,
                          .bytes = block};
    finder_add(noted->finder, &packet);
    exact_block_free(block);
}

/** Feeds frames written as text, apart by "|". */
static inline void finding_add_text(finding *noted, int link_type, const char *frames)
{
    char **parts = g_strsplit(frames, "|", -1);
    for (char **part = parts; *part != NULL; part++) {
        composed made = compose(*part);
        finding_add(noted, link_type, span_of(made.bytes));
        g_byte_array_unref(made.bytes);
    }
    g_strfreev(parts);
}

/** The whole finds what the row says; a single frame cut before its hello's end finds nothing. */
static inline void finding_test(const void *data)
{
    const finding_case *row = data;
    finding *noted = finding_new(NULL);
    finding_add_text(noted, row->link_type, row->frames);
    finder_end(noted->finder);
    g_assert_cmpuint(noted->n_found, ==, row->found);
    finding_free(noted);
    if (strchr(row->frames, '|') != NULL)
        return;
    composed made = compose(row->frames);
    for (size_t len = 0; len < made.hello_end; len++) {
        /* each place once, the packet's own addresses and the middle of the hello left out */
        if (len + 8 < made.hello_end && len > 24 && made.hello_end - len < H_SIZE)
            continue;
        noted = finding_new(NULL);
        finding_add(noted, row->link_type, slice(span_of(made.bytes), 0, len));
        finder_end(noted->finder);
        g_assert_cmpuint(noted->n_found, ==, 0);
        finding_free(noted);
    }
    g_byte_array_unref(made.bytes);
}

#define ADD_FINDING_CASES(kind, rows)                                                              \
    for (size_t i_ = 0; i_ < G_N_ELEMENTS(rows); i_++) {                                           \
        char *path_ = g_strdup_printf("/%s/%s", (kind), (rows)[i_].name);                          \
        g_test_add_data_func(path_, &(rows)[i_], finding_test);                                    \
        g_free(path_);                                                                             \
    }

#endif
