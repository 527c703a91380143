/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preferences.h"

#include "compat.h"

#include <epan/prefs.h>

/* The separator between two paths. */
#ifdef _WIN32
#define SEPARATORS ";,"
#else
#define SEPARATORS ";,:"
#endif

static wireshark_bool stream;
static wireshark_bool info;
static char status[2048] = "Lists are read once a capture is opened."; /* that the page shows */
static const char *label_files = "";

void preferences_register(int proto, struct epan_uat *names, void (*apply)(void))
{
    module_t *module = prefs_register_protocol(proto, apply);
    prefs_register_filename_preference(
        module, "labels", "Lists of client names",
        "Files that give fingerprints names: CSV with a first line such as ja4,name,level,comment, "
        "salesforce's JA3 lists, FoxIO's mapping, ja4db's JSON. Several are separated by ';'.",
        &label_files, FALSE);
    prefs_register_uat_preference(module, "labels_table", "Names of your own",
                                  "A table of fingerprints and the names of clients that have them",
                                  names);
    prefs_register_static_text_preference(module, "lists", status, "The lists in use");
    prefs_register_bool_preference(module, "info", "Name the client in the Info column",
                                   "Appends [JA4 name] to the Info column of each ClientHello.",
                                   &info);
    prefs_register_bool_preference(
        module, "stream", "Show the client on every packet of a connection",
        "Adds tlsfp.stream.ja4, tlsfp.stream.ja3 and tlsfp.stream.client to each packet of a "
        "connection whose ClientHello was seen; to those before it, too, once the whole file was "
        "read.",
        &stream);
}

void preferences_set_status(const char *text)
{
    g_strlcpy(status, text, sizeof status);
}

bool preferences_info(void)
{
    return info;
}

bool preferences_stream(void)
{
    return stream;
}

void preferences_add_labels(GPtrArray *paths)
{
    if (g_file_test(label_files, G_FILE_TEST_EXISTS)) { /* a separator may be part of a name */
        g_ptr_array_add(paths, g_strdup(label_files));
        return;
    }
    char **parts = g_strsplit_set(label_files, SEPARATORS, -1);
    for (char **part = parts; *part != NULL; part++)
        if (g_strstrip(*part)[0] != '\0')
            g_ptr_array_add(paths, g_strdup(*part));
    g_strfreev(parts);
}
