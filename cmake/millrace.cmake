# millrace_library(): a room, which sees its own headers and those of the rooms that it declares, and nothing else.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON) # The layering tests link what the rooms found.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set_property(GLOBAL PROPERTY MILLRACE_ROOMS "")
include(layering)

find_program(MILLRACE_CCACHE ccache)
if(MILLRACE_CCACHE)
  # One cache for all clones and worktrees: paths below the tree count as relative ones.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
    "${MILLRACE_CCACHE}")
endif()
find_program(MILLRACE_MOLD mold)
if(MILLRACE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Every target of the project, and only those: dependencies keep their own warnings.
add_library(millrace_flags INTERFACE)
target_compile_options(millrace_flags INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
target_compile_options(millrace_flags INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
if(MILLRACE_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Boost.Asio's thread fences are seen by TSan through its own annotations.
  target_compile_options(millrace_flags INTERFACE -Wno-error=tsan -Wno-tsan)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # From -O2 on GCC 12 sees overlaps in `"text" + string` (its bug 105651) and overflows in inserts into an empty
  # vector where there are none; real ones are the sanitizers' work.
  target_compile_options(millrace_flags INTERFACE -Wno-restrict -Wno-stringop-overflow)
endif()
if(MILLRACE_SANITIZE)
  target_compile_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(millrace_flags INTERFACE -fsanitize=${MILLRACE_SANITIZE})
  if(MILLRACE_SANITIZE MATCHES "undefined")
    target_compile_options(millrace_flags INTERFACE -fno-sanitize-recover=undefined)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      target_compile_options(millrace_flags INTERFACE -fno-sanitize=function)
    endif()
  endif()
endif()
if(MILLRACE_FUZZ)
  target_compile_options(millrace_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(millrace_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# millrace_library(NAME SOURCES … DEPENDS rooms… PRIVATE_DEPENDS rooms or libraries… TESTS … FUZZ …)
#
# Makes millrace::NAME from the folder in which it is called:
#   include/   public headers, each compiled alone, installed as COMPONENT NAME
#   SOURCES    its .cpp files (private headers stand beside them)
#   TESTS      test/*.cpp, one executable NAME_test
#   FUZZ       fuzz/X_fuzz.cpp: libFuzzer with MILLRACE_FUZZ, else a replay of fuzz/corpus/X as a test
function(millrace_library name)
  cmake_parse_arguments(ARG "NO_INSTALL" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS;TESTS;TEST_DEPENDS;FUZZ" ${ARGN})
  set(target millrace_${name})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_include_directories(${target} PRIVATE src)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:millrace_flags>)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(millrace::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} OUTPUT_NAME millrace_${name}
    VERIFY_INTERFACE_HEADER_SETS ON)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/*.hpp)
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS include FILES ${headers})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${ARG_DEPENDS})
  if(ARG_PRIVATE_DEPENDS)
    target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_DEPENDS})
  endif()
  millrace_stand(${name} "${ARG_DEPENDS}" "${ARG_PRIVATE_DEPENDS}")
  if(NOT ARG_NO_INSTALL)
    millrace_install_room(${name})
  endif()
  if(MILLRACE_TESTS)
    if(ARG_TESTS AND NOT MILLRACE_FUZZ) # clang 14 crashes on some of the tests, and needs none of them here.
      add_executable(${name}_test ${ARG_TESTS})
      target_link_libraries(${name}_test PRIVATE ${target} ${ARG_TEST_DEPENDS} millrace_testing millrace_flags
        GTest::gmock GTest::gtest GTest::gtest_main)
      target_include_directories(${name}_test PRIVATE src)
      add_test(NAME ${name} COMMAND ${name}_test WORKING_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
      set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
    endif()
    foreach(source IN LISTS ARG_FUZZ)
      millrace_fuzz(${target} ${source} ${ARG_TEST_DEPENDS})
    endforeach()
  endif()
endfunction()

# One fuzz target. It is always built; without libFuzzer it replays its corpus as a test.
function(millrace_fuzz target source)
  get_filename_component(fuzz ${source} NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" subject ${fuzz})
  add_executable(${fuzz} ${source})
  target_link_libraries(${fuzz} PRIVATE ${target} ${ARGN} millrace_testing millrace_flags)
  if(MILLRACE_FUZZ)
    target_link_options(${fuzz} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(${fuzz} PRIVATE "${CMAKE_SOURCE_DIR}/testing/src/replay_main.cpp")
    add_test(NAME ${fuzz} COMMAND ${fuzz} "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${subject}")
    set_tests_properties(${fuzz} PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
endfunction()

# What `cmake --install` gives: `--component rtmp` installs the room and all that it stands on; no component, all rooms.
function(millrace_install_room name)
  set_property(GLOBAL APPEND PROPERTY MILLRACE_ROOMS ${name})
  set(target millrace_${name})
  install(TARGETS ${target} EXPORT millrace_${name}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${name}
    FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${name})
  install(EXPORT millrace_${name} NAMESPACE millrace:: FILE millrace-${name}.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/millrace COMPONENT ${name})
  install(FILES "${CMAKE_BINARY_DIR}/millrace-config.cmake" "${CMAKE_BINARY_DIR}/millrace-config-version.cmake"
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/millrace COMPONENT ${name})
  # The rooms below come along when this component is installed alone; in the whole install they are there already.
  get_property(below GLOBAL PROPERTY MILLRACE_DEPENDS_${name})
  list(FILTER below INCLUDE REGEX "^millrace::")
  list(TRANSFORM below REPLACE "^millrace::" "")
  foreach(room IN LISTS below)
    get_target_property(folder millrace_${room} BINARY_DIR)
    install(CODE "set(CMAKE_INSTALL_COMPONENT ${room})
      include(\"${folder}/cmake_install.cmake\")
      set(CMAKE_INSTALL_COMPONENT ${name})" COMPONENT ${name} EXCLUDE_FROM_ALL)
  endforeach()
endfunction()

# Writes what find_package(millrace COMPONENTS rtmp) needs to find a room and the rooms below it.
function(millrace_install)
  get_property(rooms GLOBAL PROPERTY MILLRACE_ROOMS)
  set(MILLRACE_COMPONENT_DEPENDS "")
  foreach(room IN LISTS rooms)
    get_property(depends GLOBAL PROPERTY MILLRACE_DEPENDS_${room})
    list(TRANSFORM depends REPLACE "^millrace::" "")
    string(APPEND MILLRACE_COMPONENT_DEPENDS "set(_millrace_needs_${room} \"${depends}\")\n")
  endforeach()
  configure_file("${CMAKE_SOURCE_DIR}/cmake/millrace-config.cmake.in" "${CMAKE_BINARY_DIR}/millrace-config.cmake" @ONLY)
  write_basic_package_version_file("${CMAKE_BINARY_DIR}/millrace-config-version.cmake" COMPATIBILITY SameMinorVersion)
endfunction()
