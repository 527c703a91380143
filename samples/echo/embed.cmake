# SPDX-License-Identifier: BSD-3-Clause
# Writes OUTPUT, a C file that has the bytes of files: NAME=FILE pairs in EMBED.
set(code "/* Made by embed.cmake. */\n#include \"answer/page_assets.h\"\n")
foreach(pair IN LISTS EMBED)
    string(REPLACE "=" ";" pair "${pair}")
    list(GET pair 0 name)
    list(GET pair 1 file)
    file(READ "${file}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND code "static const uint8_t ${name}_bytes[] = {${bytes}};\n"
        "const tlsfp_span ${name} = {${name}_bytes, sizeof ${name}_bytes};\n")
endforeach()
file(WRITE "${OUTPUT}" "${code}")
