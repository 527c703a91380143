/* SPDX-License-Identifier: GPL-2.0-or-later */
/** @file What differs between the Wireshark versions that the plugin is built for; no other file
 * checks the version. */
#ifndef TLSFP_COMPAT_H
#define TLSFP_COMPAT_H

#define WS_BUILD_DLL /* the plugin exports symbols, as Wireshark's own do */

#include <epan/epan_dissect.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/proto_data.h>
#include <stdbool.h>
#include <stdint.h>
#include <ws_symbol_export.h>
#include <ws_version.h>
#include <wsutil/filesystem.h>

#define WIRESHARK_AT_LEAST(major, minor)                                                           \
    (WIRESHARK_VERSION_MAJOR > (major) ||                                                          \
     (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

/** Whether this is a version on which the plugin's own way of asking for fields (wanted.h) was
 * measured. TLSFP_WIRESHARKS_WAY is set where the tests build the plugin without it. */
#if !defined(TLSFP_WIRESHARKS_WAY) && WIRESHARK_AT_LEAST(4, 0) && !WIRESHARK_AT_LEAST(4, 7)
#define TLSFP_MEASURED 1
#else
#define TLSFP_MEASURED 0
#endif

/** Wireshark's boolean type. */
#if WIRESHARK_AT_LEAST(4, 4)
typedef bool wireshark_bool;
#else
typedef gboolean wireshark_bool;
#endif

/** What a conversation filter's functions get besides the packet. */
#if WIRESHARK_AT_LEAST(4, 4)
#define TLSFP_FILTER_DATA , void *user_data _U_
#define TLSFP_REGISTER_FILTER(proto, name, is_valid, build)                                        \
    register_conversation_filter(proto, name, is_valid, build, NULL)
#else
#define TLSFP_FILTER_DATA
#define TLSFP_REGISTER_FILTER register_conversation_filter
#endif

/** Whether C code can add to a packet's menu. */
#define TLSFP_HAS_PACKET_MENUS WIRESHARK_AT_LEAST(4, 4)

/** The path of a file in the user's configuration folder; to be freed by the caller. */
static inline char *tlsfp_config_path(const char *name)
{
    return get_persconffile_path(name, FALSE);
}

/** The path of a file that was installed for everybody; to be freed by the caller. */
static inline char *tlsfp_data_path(const char *name)
{
    return get_datafile_path(name);
}

/** The value of an unsigned integer field. */
static inline uint32_t tlsfp_fvalue_uint(const field_info *fi)
{
#if WIRESHARK_AT_LEAST(4, 2)
    return fvalue_get_uinteger(fi->value);
#else
    return fvalue_get_uinteger(&((field_info *)(uintptr_t)fi)->value);
#endif
}

#if WIRESHARK_AT_LEAST(4, 2)
#define TLSFP_PLUGIN_DESCRIBE                                                                      \
    WS_DLL_PUBLIC uint32_t plugin_describe(void);                                                  \
    uint32_t plugin_describe(void)                                                                 \
    {                                                                                              \
        return 1; /* WS_PLUGIN_DESC_DISSECTOR, whose header is not installed everywhere */         \
    }
#else
#define TLSFP_PLUGIN_DESCRIBE
#endif

#endif
