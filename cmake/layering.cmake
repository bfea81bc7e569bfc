# Who stands on whom: told by millrace_library(), held here, and proved for each room by a test.
#
# Arrows point down because a room may only name rooms that are there already; no protocol stands on another, and the
# hub on none. That a room cannot include what it has not declared is the work of the include folders; the tests
# layering_ROOM show it, by compiling an include of every header of every other room.
set_property(GLOBAL PROPERTY MILLRACE_STANDING "")
set(MILLRACE_PROTOCOLS rtmp rtsp mms rsvp hls)

# Notes what `name` stands on, and refuses what it must not stand on.
function(millrace_stand name depends private_depends)
  set(below "")
  foreach(need IN LISTS depends private_depends)
    if(need MATCHES "^millrace::(.*)$")
      if(NOT TARGET ${need})
        message(FATAL_ERROR "'${name}' wants ${need}, which is not below it (see docs/hacking.md)")
      endif()
      get_property(further GLOBAL PROPERTY MILLRACE_BELOW_${CMAKE_MATCH_1})
      list(APPEND below ${CMAKE_MATCH_1} ${further})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES below)
  if(name IN_LIST MILLRACE_PROTOCOLS OR name STREQUAL "hub")
    foreach(room IN LISTS below)
      if(room IN_LIST MILLRACE_PROTOCOLS)
        message(FATAL_ERROR "'${name}' must not stand on the protocol '${room}'")
      endif()
    endforeach()
  endif()
  set_property(GLOBAL APPEND PROPERTY MILLRACE_STANDING ${name})
  set_property(GLOBAL PROPERTY MILLRACE_BELOW_${name} ${below})
  set_property(GLOBAL PROPERTY MILLRACE_DEPENDS_${name} ${depends} ${private_depends})
  set_property(GLOBAL PROPERTY MILLRACE_FOLDER_${name} "${CMAKE_CURRENT_SOURCE_DIR}/include")
endfunction()

# One test a room. It runs the compiler with the include path that the room's sources have.
function(millrace_layering_tests)
  file(WRITE "${CMAKE_BINARY_DIR}/layering/nothing.cpp" "")
  get_property(rooms GLOBAL PROPERTY MILLRACE_STANDING)
  foreach(room IN LISTS rooms)
    get_property(depends GLOBAL PROPERTY MILLRACE_DEPENDS_${room})
    list(FILTER depends INCLUDE REGEX "^millrace::")
    add_library(layering_${room} OBJECT EXCLUDE_FROM_ALL "${CMAKE_BINARY_DIR}/layering/nothing.cpp")
    target_link_libraries(layering_${room} PRIVATE millrace_${room} ${depends})
    get_property(own GLOBAL PROPERTY MILLRACE_FOLDER_${room})
    add_test(NAME layering_${room} COMMAND ${CMAKE_COMMAND}
      -D "COMPILER=${CMAKE_CXX_COMPILER}" -D "ROOM=${room}" -D "OWN=${own}" -D "ROOT=${CMAKE_SOURCE_DIR}"
      -D "INCLUDES=$<TARGET_PROPERTY:layering_${room},INCLUDE_DIRECTORIES>"
      -D "SCRATCH=${CMAKE_BINARY_DIR}/layering" -P "${CMAKE_SOURCE_DIR}/testing/layering/check.cmake")
    set_tests_properties(layering_${room} PROPERTIES LABELS layering TIMEOUT 300)
  endforeach()
endfunction()
