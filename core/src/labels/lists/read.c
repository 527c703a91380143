/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "labels/lists/rows.h"

static bool is_json(tlsfp_span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!g_ascii_isspace((char)text.data[i]))
            return text.data[i] == '[' || text.data[i] == '{';
    return false;
}

void read_list(label_list *list, tlsfp_span text)
{
    static const uint8_t byte_order_mark[] = {0xef, 0xbb, 0xbf};
    if (text.len >= sizeof byte_order_mark &&
        memcmp(text.data, byte_order_mark, sizeof byte_order_mark) == 0)
        text = (tlsfp_span){text.data + sizeof byte_order_mark, text.len - sizeof byte_order_mark};
    if (is_json(text))
        read_json(list, text);
    else
        read_csv(list, text);
}

size_t tlsfp_labels_read(tlsfp_labels *labels, const char *file, tlsfp_span text,
                         tlsfp_label_report report, void *data)
{
    label_list list;
    start_list(&list, labels, file, report, data);
    read_list(&list, text);
    return finish_list(&list);
}

/** Who is told of rows. */
typedef struct {
    tlsfp_label_row row;
    void *data;
} row_listener;

static size_t give_row(label_list *list, const tlsfp_label *label, void *target)
{
    const row_listener *listener = target;
    const char *values[TLSFP_N_CLIENT_KINDS];
    for (size_t i = 0; i < TLSFP_N_CLIENT_KINDS; i++)
        values[i] = list->cells[i]->len > 0 ? list->cells[i]->str : NULL;
    listener->row(values, label, listener->data);
    return 1;
}

size_t tlsfp_labels_rows(const char *file, tlsfp_span text, tlsfp_label_row row, void *row_data,
                         tlsfp_label_report report, void *report_data)
{
    label_list list;
    row_listener listener = {row, row_data};
    start_list(&list, NULL, file, report, report_data);
    list.take_row = give_row;
    list.target = &listener;
    read_list(&list, text);
    return finish_list(&list);
}
