/* SPDX-License-Identifier: BSD-3-Clause */
/** @file CSV, RFC 4180, but that a cell ends with its line. */
#include <string.h>
#include <tlsfp/reader.h>

#include "labels/lists/rows.h"

enum { MAX_COLUMNS = 256 };

/** What the columns are, from the left. */
typedef struct {
    unsigned n;
    unsigned roles[MAX_COLUMNS];
} columns;

static tlsfp_span take_line(tlsfp_span *text)
{
    const uint8_t *end = text->len > 0 ? memchr(text->data, '\n', text->len) : NULL;
    if (end == NULL)
        return take_up_to(text, text->len);
    tlsfp_span line = take_up_to(text, (size_t)(end - text->data));
    take_up_to(text, 1);
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static void skip_blanks(tlsfp_span *in)
{
    while (in->len > 0 && is_blank(in->data[0]))
        take_up_to(in, 1);
}

/** A cell in quotes, without them; two stand for one. False where the end is missing, or something
 * follows it. */
static bool take_quoted(tlsfp_span *line, GString *out)
{
    uint8_t byte;
    bool closed = false;
    take_up_to(line, 1);
    while (!closed && take_u8(line, &byte)) {
        closed = byte == '"' && (line->len == 0 || line->data[0] != '"');
        if (byte == '"' && !closed)
            take_up_to(line, 1);
        if (out != NULL && !closed)
            g_string_append_c(out, (char)byte);
    }
    skip_blanks(line);
    return closed && (line->len == 0 || line->data[0] == ',');
}

/** Takes a cell and the comma behind it; @p out may be NULL. @return false where a quote is wrong.
 */
static bool take_cell(tlsfp_span *line, GString *out)
{
    skip_blanks(line);
    if (line->len > 0 && line->data[0] == '"') {
        if (!take_quoted(line, out))
            return false;
    } else {
        const uint8_t *end = line->len > 0 ? memchr(line->data, ',', line->len) : NULL;
        tlsfp_span cell = take_up_to(line, end != NULL ? (size_t)(end - line->data) : line->len);
        while (cell.len > 0 && is_blank(cell.data[cell.len - 1]))
            cell.len--;
        if (out != NULL && cell.len > 0)
            g_string_append_len(out, (const char *)cell.data, (gssize)cell.len);
    }
    take_up_to(line, 1);
    return true;
}

static bool has(const columns *titles, unsigned first, unsigned last)
{
    for (unsigned i = 0; i < titles->n; i++)
        if (first <= titles->roles[i] && titles->roles[i] <= last)
            return true;
    return false;
}

/** Whether the line names columns, a fingerprint and a name among them. */
static bool read_titles(tlsfp_span line, columns *out)
{
    columns read = {0};
    GString *title = g_string_new(NULL);
    bool fine = true;
    while (fine && line.len > 0 && read.n < MAX_COLUMNS) {
        g_string_truncate(title, 0);
        fine = take_cell(&line, title);
        read.roles[read.n++] = role_of((tlsfp_span){(const uint8_t *)title->str, title->len});
    }
    g_string_free(title, TRUE);
    if (!fine || !has(&read, 0, TLSFP_N_CLIENT_KINDS - 1) ||
        !(has(&read, ROLE_NAME, ROLE_NAME) || has(&read, ROLE_APPLICATION, ROLE_USER_AGENT)))
        return false;
    *out = read;
    return true;
}

/** The columns of a list without titles, by its first cell. */
static bool guess_columns(tlsfp_span line, columns *out)
{
    static const tlsfp_kind kinds[] = {TLSFP_KIND_JA3, TLSFP_KIND_JA4};
    GString *cell = g_string_new(NULL);
    bool found = false;
    if (take_cell(&line, cell))
        for (size_t i = 0; i < G_N_ELEMENTS(kinds) && !found; i++)
            if (is_value(kinds[i], cell)) {
                *out = (columns){2, {kinds[i], ROLE_NAME}};
                found = true;
            }
    g_string_free(cell, TRUE);
    return found;
}

/** A cell of a kind that the row has already is passed over, as is one behind the last column. */
static void read_row(label_list *list, const columns *titles, tlsfp_span line, unsigned number)
{
    start_row(list);
    for (unsigned i = 0; line.len > 0; i++) {
        unsigned role = i < titles->n ? titles->roles[i] : ROLE_NONE;
        GString *cell = role != ROLE_NONE && list->cells[role]->len == 0 ? list->cells[role] : NULL;
        if (!take_cell(&line, cell)) {
            report_line(list, number, "a cell does not end as it begins, with a quote");
            return;
        }
    }
    finish_row(list, number);
}

/** abuse.ch's lists name their columns in a comment. */
static bool read_comment(tlsfp_span line, columns *out)
{
    take_up_to(&line, 1);
    return read_titles(line, out);
}

void read_csv(label_list *list, tlsfp_span text)
{
    columns titles = {0};
    for (unsigned number = 1; text.len > 0; number++) {
        tlsfp_span line = take_line(&text);
        skip_blanks(&line);
        bool comment = line.len > 0 && line.data[0] == '#';
        if (line.len == 0 || (comment && (titles.n > 0 || !read_comment(line, &titles))))
            continue;
        if (comment)
            continue;
        if (titles.n > 0) {
            read_row(list, &titles, line, number);
        } else if (read_titles(line, &titles)) {
            list->strict = has(&titles, ROLE_NAME, ROLE_NAME);
        } else if (guess_columns(line, &titles)) {
            list->strict = true;
            read_row(list, &titles, line, number);
        } else {
            report_line(list, number,
                        "the first line has to name the columns, a name among them, separated by "
                        "commas, for example ja4,name; nothing of this file is used");
            return;
        }
    }
}
