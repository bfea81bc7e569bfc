# Installs all rooms from BUILD into SCRATCH, then builds the examples as a project of its own that knows only the result.
# BUILD EXAMPLES (the project) SCRATCH COMPILER LAUNCHER FLAGS GENERATOR
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")

function(run step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${step} failed (${result}):\n${said}")
  endif()
endfunction()

run("installing" ${CMAKE_COMMAND} --install "${BUILD}" --component clients --prefix "${SCRATCH}/prefix")
run("configuring the examples" ${CMAKE_COMMAND} -S "${EXAMPLES}" -B "${SCRATCH}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
  "-DCMAKE_CXX_FLAGS=${FLAGS}")
run("building the examples" ${CMAKE_COMMAND} --build "${SCRATCH}/build")
run("running one of them" "${SCRATCH}/build/amf_print" "05")
