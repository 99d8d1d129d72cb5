# gatehouse_test(NAME SOURCES file... LINK target... [LABELS label...]): one GoogleTest program, one ctest entry a case.
# Labels: the room's name (CI picks the concurrent rooms for TSan by label), and unit, property, vectors.
include(GoogleTest)
function(gatehouse_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINK;LABELS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name} PRIVATE gatehouse_options ${TEST_LINK} GTest::gtest GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 120 LABELS "${TEST_LABELS}")
endfunction()

# gatehouse_fuzzer(NAME SOURCES file... LINK target...): defines LLVMFuzzerTestOneInput. With GATEHOUSE_FUZZERS (clang) it is a
# libFuzzer program in ${build}/fuzz; always, a plain program that runs the kept corpus/NAME once is a ctest entry.
function(gatehouse_fuzzer name)
  cmake_parse_arguments(FUZZ "" "" "SOURCES;LINK" ${ARGN})
  set(corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${name})
  if(GATEHOUSE_FUZZERS)
    add_executable(fuzz_${name} ${FUZZ_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE gatehouse_options ${FUZZ_LINK} -fsanitize=fuzzer)
    set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
    set_property(GLOBAL APPEND PROPERTY GATEHOUSE_FUZZ_TARGETS "fuzz_${name} ${corpus}")
  endif()
  add_executable(corpus_${name} ${FUZZ_SOURCES} ${PROJECT_SOURCE_DIR}/tests/support/corpus_main.cpp)
  target_link_libraries(corpus_${name} PRIVATE gatehouse_options ${FUZZ_LINK})
  set_target_properties(corpus_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_test(NAME fuzz.${name}.corpus COMMAND corpus_${name} ${corpus})
  set_tests_properties(fuzz.${name}.corpus PROPERTIES LABELS fuzz TIMEOUT 120)
endfunction()

function(gatehouse_add_room_folders)
  foreach(room IN LISTS ARGN)
    if(TARGET gatehouse_${room} AND EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${room}/CMakeLists.txt)
      add_subdirectory(${room})
    endif()
  endforeach()
endfunction()
