/* SPDX-License-Identifier: BSD-3-Clause */
#include "labels/lists/rows.h"

#include <string.h>
#include <tlsfp/escape.h>

enum {
    MAX_REPORTS = 20, /* of one list */
    MAX_QUOTED = 60,  /* bytes of a value in a report */
};

void start_list(label_list *list, tlsfp_labels *labels, const char *file, tlsfp_label_report report,
                void *data)
{
    *list = (label_list){
        .labels = labels,
        .file = file,
        .report = report,
        .report_data = data,
        .name = g_string_new(NULL),
    };
    for (size_t i = 0; i < N_ROLES; i++)
        list->cells[i] = g_string_new(NULL);
}

size_t finish_list(label_list *list)
{
    if (list->n_broken > MAX_REPORTS && list->report != NULL) {
        char *message = g_strdup_printf("%s: %zu more rows were skipped", list->file,
                                        list->n_broken - MAX_REPORTS);
        list->report(message, list->report_data);
        g_free(message);
    }
    for (size_t i = 0; i < N_ROLES; i++)
        g_string_free(list->cells[i], TRUE);
    g_string_free(list->name, TRUE);
    return list->n_added;
}

void report_line(label_list *list, unsigned line, const char *format, ...)
{
    if (list->n_broken++ >= MAX_REPORTS || list->report == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    char *what = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    GString *message = g_string_new(NULL);
    tlsfp_append_escaped_string(message, list->file);
    g_string_append_printf(message, ":%u: ", line);
    tlsfp_append_escaped_string(message, what);
    list->report(message->str, list->report_data);
    g_string_free(message, TRUE);
    g_free(what);
}

unsigned role_of(tlsfp_span title)
{
    static const struct {
        const char *text;
        unsigned role;
    } titles[] = {
        {"ja4_fingerprint", TLSFP_KIND_JA4}, /* ja4db */
        {"ja3_hash", TLSFP_KIND_JA3},
        {"ja3_md5", TLSFP_KIND_JA3}, /* abuse.ch */
        {"ja3_digest", TLSFP_KIND_JA3},
        {"name", ROLE_NAME},
        {"client", ROLE_NAME},
        {"label", ROLE_NAME},
        {"description", ROLE_NAME},
        {"listingreason", ROLE_NAME},
        {"level", ROLE_LEVEL},
        {"comment", ROLE_COMMENT},
        {"notes", ROLE_COMMENT},
        {"application", ROLE_APPLICATION},
        {"library", ROLE_LIBRARY},
        {"device", ROLE_DEVICE},
        {"os", ROLE_OS},
        {"user_agent_string", ROLE_USER_AGENT},
        {"family", ROLE_FAMILY}, /* samples/clients.csv */
        {"versions", ROLE_VERSIONS},
        {"platform", ROLE_PLATFORM},
        {"engine", ROLE_ENGINE},
        {"kind", ROLE_CLIENT_KIND},
        {"user_agent", ROLE_SENT_USER_AGENT},
    };
    char *text = g_ascii_strdown((const char *)title.data, (gssize)title.len);
    const char *bare = g_str_has_prefix(text, "tlsfp.") ? text + strlen("tlsfp.") : text;
    unsigned role = ROLE_NONE;
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        if (strcmp(bare, titles[i].text) == 0)
            role = titles[i].role;
    tlsfp_kind kind;
    if (tlsfp_kind_named(bare, &kind) && kind < TLSFP_N_CLIENT_KINDS)
        role = kind;
    g_free(text);
    return role;
}

bool is_value(tlsfp_kind kind, const GString *cell)
{
    return strlen(cell->str) == cell->len && tlsfp_kind_fits(kind, cell->str);
}

void start_row(label_list *list)
{
    for (size_t i = 0; i < N_ROLES; i++)
        if (list->cells[i]->len > 0)
            g_string_truncate(list->cells[i], 0);
}

static bool read_level(const GString *cell, tlsfp_level *out)
{
    if (cell->len == 0) {
        *out = TLSFP_LEVEL_NONE;
        return true;
    }
    for (int level = TLSFP_LEVEL_NONE; level <= TLSFP_LEVEL_WARN; level++)
        if (g_ascii_strcasecmp(cell->str, tlsfp_level_name((tlsfp_level)level)) == 0) {
            *out = (tlsfp_level)level;
            return true;
        }
    return false;
}

/** "Application, Library, Device, OS": those that are there; or the user agent. */
static const char *join_name(label_list *list)
{
    g_string_truncate(list->name, 0);
    for (size_t i = ROLE_APPLICATION; i <= ROLE_OS; i++)
        if (list->cells[i]->len > 0) {
            if (list->name->len > 0)
                g_string_append(list->name, ", ");
            g_string_append(list->name, list->cells[i]->str);
        }
    return list->name->len > 0 ? list->name->str : list->cells[ROLE_USER_AGENT]->str;
}

/** Whether there is a fingerprint, and each is what its column says; @p out_any: whether there is
 * one. */
static bool check_values(label_list *list, unsigned line, bool *out_any)
{
    *out_any = false;
    for (size_t kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++) {
        const GString *cell = list->cells[kind];
        if (cell->len == 0)
            continue;
        if (!is_value((tlsfp_kind)kind, cell)) {
            report_line(list, line, "'%.*s' is no %s", MAX_QUOTED, cell->str,
                        tlsfp_kind_name((tlsfp_kind)kind));
            return false;
        }
        *out_any = true;
    }
    return true;
}

/** The kinds that say less than a JA4 in the same row. */
static bool is_lesser(tlsfp_kind kind)
{
    switch (kind) {
    case TLSFP_KIND_STABLE:
    case TLSFP_KIND_STABLE_R:
    case TLSFP_KIND_JA3:
    case TLSFP_KIND_JA3_R:
    case TLSFP_KIND_JA3N:
    case TLSFP_KIND_JA3N_R:
    case TLSFP_KIND_JA4_BC:
        return true;
    default:
        return false;
    }
}

static void add_labels(label_list *list, const tlsfp_label *label)
{
    bool has_ja4 = list->cells[TLSFP_KIND_JA4]->len > 0 || list->cells[TLSFP_KIND_JA4_R]->len > 0;
    for (size_t kind = 0; kind < TLSFP_N_CLIENT_KINDS; kind++)
        if (list->cells[kind]->len > 0)
            list->n_added += labels_add(list->labels, (tlsfp_kind)kind, list->cells[kind]->str,
                                        label, has_ja4 && is_lesser((tlsfp_kind)kind));
}

void finish_row(label_list *list, unsigned line)
{
    const GString *comment = list->cells[ROLE_COMMENT];
    tlsfp_label label = {
        .name = list->cells[ROLE_NAME]->len > 0 ? list->cells[ROLE_NAME]->str : join_name(list),
        .comment = comment->len > 0 ? comment->str : NULL,
    };
    bool any;
    if (!check_values(list, line, &any))
        return;
    if (!any) {
        if (list->strict)
            report_line(list, line, "there is no fingerprint");
    } else if (label.name[0] == '\0') {
        if (list->strict)
            report_line(list, line, "there is no name");
    } else if (!read_level(list->cells[ROLE_LEVEL], &label.level)) {
        report_line(list, line, "'%.*s' is no level, which is none, note or warn", MAX_QUOTED,
                    list->cells[ROLE_LEVEL]->str);
    } else if (list->take_row != NULL) {
        list->n_added += list->take_row(list, &label, list->target);
    } else {
        add_labels(list, &label);
    }
}
