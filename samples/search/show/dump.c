/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/dump.h"

#include <errno.h>
#include <stdio.h>

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    ORDER_MAGIC = 0x1a2b3c4d,
    OPTION_TSRESOL = 9,
    NANOSECONDS = 9, /* as if_tsresol has it: 10 to the power of -9 */
};

struct dump {
    char *path;
    FILE *file;
    GArray *link_types; /* int, one for each interface written */
    int reason;         /* why writing failed, an errno, or 0 */
};

G_DEFINE_QUARK(tlsfp_dump_error, dump_error)

static void put(dump *opened, const void *bytes, size_t len)
{
    if (len > 0 && opened->reason == 0 && fwrite(bytes, 1, len, opened->file) != len)
        opened->reason = errno;
}

static void put_u16(dump *opened, uint16_t value)
{
    put(opened, &value, sizeof value); /* in this machine's order: the section header says which */
}

static void put_u32(dump *opened, uint32_t value)
{
    put(opened, &value, sizeof value);
}

static void put_section(dump *opened)
{
    const uint32_t len = 28;
    put_u32(opened, BLOCK_SECTION);
    put_u32(opened, len);
    put_u32(opened, ORDER_MAGIC);
    put_u16(opened, 1); /* version 1.0 */
    put_u16(opened, 0);
    put_u32(opened, UINT32_MAX); /* length of the section: not said */
    put_u32(opened, UINT32_MAX);
    put_u32(opened, len);
}

static void put_interface(dump *opened, int link_type)
{
    const uint32_t len = 32;
    put_u32(opened, BLOCK_INTERFACE);
    put_u32(opened, len);
    put_u16(opened, (uint16_t)link_type);
    put_u16(opened, 0);
    put_u32(opened, 0); /* no snap length */
    put_u16(opened, OPTION_TSRESOL);
    put_u16(opened, 1);
    put(opened, (const uint8_t[]){NANOSECONDS, 0, 0, 0}, 4);
    put_u32(opened, 0); /* end of options */
    put_u32(opened, len);
}

static uint32_t interface_of(dump *opened, int link_type)
{
    for (guint i = 0; i < opened->link_types->len; i++)
        if (g_array_index(opened->link_types, int, i) == link_type)
            return i;
    g_array_append_val(opened->link_types, link_type);
    put_interface(opened, link_type);
    return opened->link_types->len - 1;
}

dump *dump_open(const char *path, GError **error)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        g_set_error(error, DUMP_ERROR, 0, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    dump *opened = g_new0(dump, 1);
    opened->path = g_strdup(path);
    opened->file = file;
    opened->link_types = g_array_new(FALSE, FALSE, sizeof(int));
    put_section(opened);
    return opened;
}

void dump_add(dump *opened, const frame *packet)
{
    uint32_t interface = interface_of(opened, packet->link_type);
    size_t len = packet->bytes.len, padding = (size_t)(-len & 3);
    uint32_t block_len = (uint32_t)(32 + len + padding);
    put_u32(opened, BLOCK_PACKET);
    put_u32(opened, block_len);
    put_u32(opened, interface);
    put_u32(opened, (uint32_t)((uint64_t)packet->time_ns >> 32));
    put_u32(opened, (uint32_t)packet->time_ns);
    put_u32(opened, (uint32_t)len);
    put_u32(opened, packet->wire_len);
    put(opened, packet->bytes.data, len);
    put(opened, (const uint8_t[3]){0}, padding);
    put_u32(opened, block_len);
}

bool dump_close(dump *opened, GError **error)
{
    if (fclose(opened->file) != 0 && opened->reason == 0)
        opened->reason = errno;
    bool fine = opened->reason == 0;
    if (!fine)
        g_set_error(error, DUMP_ERROR, 0, "%s: %s", opened->path, g_strerror(opened->reason));
    g_array_free(opened->link_types, TRUE);
    g_free(opened->path);
    g_free(opened);
    return fine;
}
