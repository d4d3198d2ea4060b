# SPDX-License-Identifier: MIT
# ESP-IDF's part: before anything is configured it reads each component as a script, as far as its registration, to
# learn what it requires.
macro(idf_component_register)
    message(STATUS "${ARGN}")
    return()
endmacro()
include("${COMPONENT}/CMakeLists.txt")
