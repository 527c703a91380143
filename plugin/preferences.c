/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preferences.h"

#include "compat.h"

#include <epan/prefs.h>

static preference_bool stream;

void preferences_register(int proto)
{
    module_t *module = prefs_register_protocol(proto, NULL);
    prefs_register_bool_preference(
        module, "stream", "Show the client on every packet of a connection",
        "Adds tlsfp.stream.ja4, tlsfp.stream.ja3 and tlsfp.stream.client to each packet of a "
        "connection whose ClientHello was seen; to those before it, too, once the whole file was "
        "read.",
        &stream);
}

bool preferences_stream(void)
{
    return stream;
}
