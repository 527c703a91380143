# SPDX-License-Identifier: BSD-3-Clause
# tlsfp_follow_prefix(FILE OLD NEW...): in FILE, which is installed before this call, each OLD becomes NEW, in which <prefix>
# is the prefix of cmake --install. FILE is below that prefix, or absolute.
function(tlsfp_follow_prefix file)
    string(CONFIGURE [[
        set(file "@file@")
        get_filename_component(prefix "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
        get_filename_component(file "${file}" ABSOLUTE BASE_DIR "${prefix}")
        set(file "$ENV{DESTDIR}${file}")
        set(pairs "@ARGN@")
        file(READ "${file}" text)
        set(changed "${text}")
        while(pairs)
            list(POP_FRONT pairs old new)
            string(REPLACE "<prefix>" "${prefix}" new "${new}")
            string(REPLACE "${old}" "${new}" changed "${changed}")
        endwhile()
        if(NOT changed STREQUAL text)
            file(WRITE "${file}" "${changed}")
        endif()
    ]] code @ONLY)
    install(CODE "${code}")
endfunction()
