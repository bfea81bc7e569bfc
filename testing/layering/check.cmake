# A room's view: with its include path, every header of the rooms that it has declared can be included, and no other.
# COMPILER ROOM OWN (its include folder) INCLUDES (what it may see) ROOT (the tree) SCRATCH
cmake_minimum_required(VERSION 3.25)
file(GLOB folders LIST_DIRECTORIES true "${ROOT}/libs/*/include" "${ROOT}/net/include" "${ROOT}/store/include"
  "${ROOT}/doors/include" "${ROOT}/doors/*/include" "${ROOT}/server/include" "${ROOT}/server/*/include")
set(flags "")
foreach(folder IN LISTS INCLUDES)
  list(APPEND flags "-I${folder}")
endforeach()
if(NOT OWN IN_LIST INCLUDES)
  message(FATAL_ERROR "${ROOM} does not see its own headers in ${OWN}")
endif()

# Preprocesses a file that holds `text`; `result` and `said` are the compiler's.
macro(preprocess text)
  file(WRITE "${SCRATCH}/${ROOM}.cpp" "${text}")
  execute_process(COMMAND ${COMPILER} -std=c++20 -E ${flags} "${SCRATCH}/${ROOM}.cpp"
    RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE said)
endmacro()

set(seen "")
set(refused 0)
foreach(folder IN LISTS folders)
  file(GLOB_RECURSE headers RELATIVE "${folder}" "${folder}/*.hpp")
  foreach(header IN LISTS headers)
    if(folder IN_LIST INCLUDES)
      string(APPEND seen "#include <${header}>\n")
      continue()
    endif()
    preprocess("#include <${header}>\n")
    if(result EQUAL 0)
      message(FATAL_ERROR "${ROOM} can include <${header}> of ${folder}, which it has not declared")
    elseif(NOT said MATCHES "No such file|file not found")
      message(FATAL_ERROR "the compiler refused <${header}> for another reason: ${said}")
    endif()
    math(EXPR refused "${refused} + 1")
  endforeach()
endforeach()

preprocess("${seen}")
if(NOT result EQUAL 0)
  message(FATAL_ERROR "${ROOM} cannot include what it has declared: ${said}")
endif()
message(STATUS "${ROOM}: every header that it declared is found, ${refused} others are refused")
