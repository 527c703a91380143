/* SPDX-License-Identifier: BSD-3-Clause */
#include "show/keeper.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "captures.h"

enum { MANY = 1000000 }; /* memory for all packets to wait */

/* Packets, each of a connection named by a letter; an upper-case letter: its hello is found there.
   '.' is of no connection. */
typedef struct {
    const char *name;
    size_t memory;
    const char *first; /* the packets, or what is wanted from the start */
    const char *packets;
    const char *expected; /* the packets written: their numbers */
    bool at_once;
} keeper_case;

static const keeper_case keeper_cases[] = {
    {"nothing", 0, "", "", "", false},
    {"second-time", 0, "a", "abab", "1,3", false},
    {"second-time-none", 0, "c", "abab", "", false},
    {"second-time-two", 0, "ac", "abc.a", "1,3,5", false},
    {"once-after", MANY, "", "Abab", "1,3", false},
    {"once-before", MANY, "", "abAb", "1,3", false},
    {"once-none", MANY, "", "abab", "", false},
    {"once-outside-the-window", 1000, "", "abbbbbbbbA", "10", false},
    {"once-in-order", MANY, "", "abcBA", "1,2,4,5", false},
    {"at-once", MANY, "", "abcBA", "2,4,1,5", true},
    {"at-once-later-packets", MANY, "", "abAbab", "1,3,5", true},
    {"at-once-none", MANY, "", "abab", "", true},
    {"at-once-outside-the-window", 1000, "", "abbbbbbbbA", "10", true},
    {"at-once-inside-the-window", 1000, "", "bbbbbbbbaA", "9,10", true},
};

static const tlsfp_hash_key key = {{1, 2}};

static void add_packet(packet_keeper *packets, uint64_t number, char connection)
{
    const frame packet = {.number = number, .time_ns = (int64_t)number, .link_type = 1};
    if (connection != '.')
        keeper_see(&packet, (uint64_t)g_ascii_tolower(connection), packets);
    if (g_ascii_isupper(connection))
        keeper_want(packets, (uint64_t)g_ascii_tolower(connection));
    keeper_add(packets, &packet);
}

/** The packets' times, which are their numbers before, joined by commas; to be freed. */
static char *numbers_in(const char *path)
{
    GError *error = NULL;
    GString *numbers = g_string_new(NULL);
    frame packet;
    struct capture *opened = capture_open(path, &error);
    g_assert_no_error(error);
    while (capture_next(opened, &packet, &error) == CAPTURE_FRAME)
        g_string_append_printf(numbers, "%s%d", numbers->len > 0 ? "," : "", (int)packet.time_ns);
    g_assert_no_error(error);
    capture_close(opened);
    return g_string_free(numbers, FALSE);
}

static void test_keeper(const void *data)
{
    const keeper_case *row = data;
    char *path;
    GError *error = NULL;
    int fd = g_file_open_tmp(NULL, &path, &error);
    g_assert_no_error(error);
    close(fd);
    dump_file *to = dump_open(path, false, &error);
    g_assert_no_error(error);
    const keeper_options how = {MAX(row->memory, 1000), row->memory > 0, row->at_once};
    packet_keeper *packets = keeper_new(to, &key, &how);
    for (const char *wanted = row->first; *wanted != '\0'; wanted++)
        keeper_want(packets, (uint64_t)*wanted);
    for (size_t i = 0; i < strlen(row->packets); i++)
        add_packet(packets, i + 1, row->packets[i]);
    keeper_end(packets);
    keeper_free(packets);
    g_assert_true(dump_close(to, &error));
    char *numbers = numbers_in(path);
    g_assert_cmpstr(numbers, ==, row->expected);
    g_free(numbers);
    g_unlink(path);
    g_free(path);
}

/** A packet inside another's tunnel is of both connections. */
static void test_tunnel(void)
{
    packet_keeper *packets = keeper_new(NULL, &key, &(keeper_options){2000, true, false});
    const frame packet = {.number = 1};
    for (uint64_t connection = 0; connection < 100; connection++)
        keeper_see(&packet, connection, packets);
    keeper_add(packets, &packet);
    keeper_free(packets); /* with what waits there */
    keeper_free(NULL);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    for (size_t i = 0; i < G_N_ELEMENTS(keeper_cases); i++) {
        char *path = g_strdup_printf("/keeper/%s", keeper_cases[i].name);
        g_test_add_data_func(path, &keeper_cases[i], test_keeper);
        g_free(path);
    }
    g_test_add_func("/keeper/tunnel", test_tunnel);
    return g_test_run();
}
