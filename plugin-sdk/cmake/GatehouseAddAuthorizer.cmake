# gatehouse_add_authorizer(NAME source...): a loadable module for the gateway, with one exported symbol.
#
#  - the version script, not only hidden visibility: std::make_shared and statically linked libraries export symbols that
#    keep a module mapped for ever, or bind it to the host's copy of a function
#  - -z now, -z relro, --no-undefined: a missing symbol fails at link or load time, never at the first request
# A module is built with C++17 unless the project says otherwise.

function(gatehouse_add_authorizer name)
  set(map "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map")
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Gatehouse::SDK)
  set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON)
  if(NOT DEFINED CMAKE_CXX_STANDARD)
    set_target_properties(${name} PROPERTIES CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON)
  endif()
  if(MINGW)
    target_link_options(${name} PRIVATE -static)
  elseif(UNIX AND NOT APPLE)
    target_link_options(${name} PRIVATE "LINKER:--version-script=${map}" LINKER:-z,now LINKER:-z,relro
      LINKER:-z,noexecstack)
    # clang leaves the sanitizers' own functions to the program that loads the module.
    if(NOT (CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND (GATEHOUSE_SANITIZE OR GATEHOUSE_FUZZERS)))
      target_link_options(${name} PRIVATE LINKER:--no-undefined)
    endif()
    set_target_properties(${name} PROPERTIES LINK_DEPENDS "${map}")
  endif()
endfunction()
