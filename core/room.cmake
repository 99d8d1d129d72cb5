# The rooms of the house and who may include whom. A room is a folder under core/: one namespace, one target, one idea.
#
#   gatehouse_room(NAME SOURCES file... [MAY_INCLUDE room...] [LINK library...] [LINK_PRIVATE library...])
#
# MAY_INCLUDE is the one home of the include rules. It links the rooms named (publicly: what a room may include, its
# includers may include too), and tests/architecture holds every #include of ours to it, reading the table that
# gatehouse_write_room_table writes. LINK_PRIVATE is for the library whose one door this room is.

set(werror ${GATEHOUSE_WERROR})
if(GATEHOUSE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 inlines checked code of the standard library otherwise and warns of bounds there that nothing crosses; the
  # daily build and clang's are where warnings count.
  set(werror OFF)
endif()
add_library(gatehouse_options INTERFACE)
# Of sources that are compiled together (below), GCC finds that names of the one hide another's, and that types are as
# local as a header's must not be; clang, which divided them, knows better.
set(gcc_units $<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:GATEHOUSE_IN_UNITS>>>)
target_compile_options(gatehouse_options INTERFACE
  -Wall -Wextra -Wpedantic $<IF:${gcc_units},-Wno-subobject-linkage,-Wshadow> -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual
  -fno-omit-frame-pointer -fstack-protector-strong
  $<$<BOOL:${werror}>:-Werror>)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT GATEHOUSE_SANITIZE)
  target_compile_options(gatehouse_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
  # A request passes through many small functions of many rooms: put together when linking, they cost 7 % less.
  include(CheckIPOSupported)
  check_ipo_supported(RESULT lto LANGUAGES C CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${lto})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 warns of texts of negative size in the standard library once it has inlined enough (its bugs 105329, 105651).
    target_compile_options(gatehouse_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
    target_link_options(gatehouse_options INTERFACE -Wno-restrict -Wno-stringop-overflow)
    if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
      # Structs of a few hundred bytes are cleared and copied with vector registers: `rep stos` and `rep movs`, GCC's
      # choice for an unknown processor, take dozens of cycles before their first byte.
      target_compile_options(gatehouse_options INTERFACE
        -mmemset-strategy=vector_loop:512:noalign,libcall:-1:noalign
        -mmemcpy-strategy=vector_loop:512:noalign,libcall:-1:noalign)
    endif()
  endif()
endif()
if(GATEHOUSE_SANITIZE)
  # vptr's check opens a pipe, so it takes every object for a broken one where a test has used up the descriptors.
  add_compile_options(-fsanitize=${GATEHOUSE_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -g1 -O1)
  add_link_options(-fsanitize=${GATEHOUSE_SANITIZE})
endif()
# What a fuzzer steers by, of our own code only. Not `fuzzer-no-link`: its stack depth is a static thread-local, which no
# plugin may have.
set(GATEHOUSE_COVERAGE "")
if(GATEHOUSE_FUZZERS)
  set(GATEHOUSE_COVERAGE -fsanitize-coverage=inline-8bit-counters,pc-table,indirect-calls,trace-cmp)
endif()

# Sources that include RapidJSON 1.1: its iterators compare in a way that C++20 finds ambiguous, and it adds to a null
# pointer in a stack that is still empty, where clang's sanitizer would end every run.
function(gatehouse_includes_rapidjson)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS
    "-fno-sanitize=pointer-overflow;$<$<CXX_COMPILER_ID:Clang>:-Wno-ambiguous-reversed-operator>")
endfunction()

# For a build from nothing, as CI's: it takes a third off the time of the compiler. Not in the daily build: ccache serves
# that one, and a file that forgets an #include has to be told so by something.
option(GATEHOUSE_PRECOMPILE "precompile the standard headers that most files include" OFF)
# GoogleTest alone, which every test includes: nothing can be forgotten behind it, so CI's daily build has this.
option(GATEHOUSE_PRECOMPILE_GTEST "precompile GoogleTest for the tests" OFF)
set(GATEHOUSE_PRECOMPILED
  <algorithm> <array> <chrono> <cstdint> <cstring> <functional> <map> <memory> <mutex> <optional> <ostream> <span> <string>
  <string_view> <unordered_map> <utility> <variant> <vector>)

if(GATEHOUSE_PRECOMPILE OR GATEHOUSE_PRECOMPILE_GTEST)
  # Compilers take precompiled headers only where they see the same macros.
  target_compile_definitions(gatehouse_options INTERFACE $<TARGET_PROPERTY:Poco::Net,INTERFACE_COMPILE_DEFINITIONS>
    $<TARGET_PROPERTY:Poco::Foundation,INTERFACE_COMPILE_DEFINITIONS>)
endif()

# Compiles those sources of a target together that .ci/together.py found to fit: half of the time of a checked build. As with
# what is precompiled, the daily build goes without.
set(GATEHOUSE_UNITS "" CACHE FILEPATH "which sources are compiled together, as .ci/together.py writes it")
if(GATEHOUSE_UNITS)
  include(${GATEHOUSE_UNITS})
endif()
function(gatehouse_units target)
  if(NOT GATEHOUSE_UNITS)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  set(compiled "")
  foreach(source IN LISTS sources)
    cmake_path(ABSOLUTE_PATH source OUTPUT_VARIABLE path)
    get_source_file_property(options ${source} COMPILE_OPTIONS)  # of its own: a unit would not have them
    if(DEFINED "GATEHOUSE_UNIT_OF_${path}" AND NOT options)
      set(source ${GATEHOUSE_UNIT_OF_${path}})
    endif()
    list(APPEND compiled ${source})
  endforeach()
  list(REMOVE_DUPLICATES compiled)
  set_target_properties(${target} PROPERTIES SOURCES "${compiled}" GATEHOUSE_IN_UNITS ON)
endfunction()

function(gatehouse_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;MAY_INCLUDE;LINK;LINK_PRIVATE" ${ARGN})
  add_library(gatehouse_${name} STATIC ${ROOM_SOURCES})
  add_library(gatehouse::${name} ALIAS gatehouse_${name})
  target_include_directories(gatehouse_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
  target_link_libraries(gatehouse_${name} PRIVATE gatehouse_options)
  target_compile_options(gatehouse_${name} PRIVATE ${GATEHOUSE_COVERAGE})
  foreach(other IN LISTS ROOM_MAY_INCLUDE)
    target_link_libraries(gatehouse_${name} PUBLIC gatehouse_${other})
  endforeach()
  target_link_libraries(gatehouse_${name} PUBLIC ${ROOM_LINK} PRIVATE ${ROOM_LINK_PRIVATE})
  if(GATEHOUSE_PRECOMPILE AND name STREQUAL "base")
    target_precompile_headers(gatehouse_base PRIVATE ${GATEHOUSE_PRECOMPILED})
  elseif(GATEHOUSE_PRECOMPILE)
    target_precompile_headers(gatehouse_${name} REUSE_FROM gatehouse_base)
  endif()
  # At the end of the folder's file: what it says of single sources comes behind.
  cmake_language(EVAL CODE "cmake_language(DEFER CALL gatehouse_units gatehouse_${name})")
  list(JOIN ROOM_MAY_INCLUDE " " others)
  set_property(GLOBAL APPEND PROPERTY GATEHOUSE_ROOMS "${name}: ${others}")
endfunction()

function(gatehouse_write_room_table)
  get_property(rows GLOBAL PROPERTY GATEHOUSE_ROOMS)
  list(JOIN rows "\n" text)
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/rooms.txt CONTENT "${text}\n")
endfunction()
