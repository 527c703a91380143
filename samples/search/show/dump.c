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

struct dump_file {
    char *path;
    FILE *file;
    bool per_packet;
    GArray *link_types; /* int, one for each interface written */
    int reason;         /* why writing failed, an errno, or 0 */
};

G_DEFINE_QUARK(tlsfp_dump_error, dump_error)

static void put(dump_file *dump, const void *bytes, size_t len)
{
    if (len > 0 && dump->reason == 0 && fwrite(bytes, 1, len, dump->file) != len)
        dump->reason = errno;
}

static void put_u16(dump_file *dump, uint16_t value)
{
    put(dump, &value, sizeof value); /* in this machine's order: the section header says which */
}

static void put_u32(dump_file *dump, uint32_t value)
{
    put(dump, &value, sizeof value);
}

static void put_section(dump_file *dump)
{
    const uint32_t len = 28;
    put_u32(dump, BLOCK_SECTION);
    put_u32(dump, len);
    put_u32(dump, ORDER_MAGIC);
    put_u16(dump, 1); /* version 1.0 */
    put_u16(dump, 0);
    put_u32(dump, UINT32_MAX); /* length of the section: not said */
    put_u32(dump, UINT32_MAX);
    put_u32(dump, len);
}

static void put_interface(dump_file *dump, int link_type)
{
    const uint32_t len = 32;
    put_u32(dump, BLOCK_INTERFACE);
    put_u32(dump, len);
    put_u16(dump, (uint16_t)link_type);
    put_u16(dump, 0);
    put_u32(dump, 0); /* no snap length */
    put_u16(dump, OPTION_TSRESOL);
    put_u16(dump, 1);
    put(dump, (const uint8_t[]){NANOSECONDS, 0, 0, 0}, 4);
    put_u32(dump, 0); /* end of search_options */
    put_u32(dump, len);
}

static uint32_t interface_of(dump_file *dump, int link_type)
{
    for (guint i = 0; i < dump->link_types->len; i++)
        if (g_array_index(dump->link_types, int, i) == link_type)
            return i;
    g_array_append_val(dump->link_types, link_type);
    put_interface(dump, link_type);
    return dump->link_types->len - 1;
}

dump_file *dump_open(const char *path, bool per_packet, GError **error)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        g_set_error(error, DUMP_ERROR, 0, "%s: %s", path, g_strerror(errno));
        return NULL;
    }
    dump_file *dump = g_new0(dump_file, 1);
    dump->path = g_strdup(path);
    dump->file = file;
    dump->link_types = g_array_new(FALSE, FALSE, sizeof(int));
    dump->per_packet = per_packet;
    put_section(dump);
    return dump;
}

void dump_add(dump_file *dump, const frame *packet)
{
    uint32_t interface = interface_of(dump, packet->link_type);
    size_t len = packet->bytes.len, padding = (size_t)(-len & 3);
    uint32_t block_len = (uint32_t)(32 + len + padding);
    put_u32(dump, BLOCK_PACKET);
    put_u32(dump, block_len);
    put_u32(dump, interface);
    put_u32(dump, (uint32_t)((uint64_t)packet->time_ns >> 32));
    put_u32(dump, (uint32_t)packet->time_ns);
    put_u32(dump, (uint32_t)len);
    put_u32(dump, packet->wire_len);
    put(dump, packet->bytes.data, len);
    put(dump, (const uint8_t[3]){0}, padding);
    put_u32(dump, block_len);
    if (dump->per_packet && fflush(dump->file) != 0 && dump->reason == 0)
        dump->reason = errno;
}

bool dump_close(dump_file *dump, GError **error)
{
    if (fclose(dump->file) != 0 && dump->reason == 0)
        dump->reason = errno;
    bool fine = dump->reason == 0;
    if (!fine)
        g_set_error(error, DUMP_ERROR, 0, "%s: %s", dump->path, g_strerror(dump->reason));
    g_array_free(dump->link_types, TRUE);
    g_free(dump->path);
    g_free(dump);
    return fine;
}
