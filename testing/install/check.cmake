# Installs ROOM alone from BUILD into SCRATCH, then builds and runs a project of its own that knows only the result.
# BUILD ROOM CONSUMER (the project) SCRATCH COMPILER LAUNCHER FLAGS GENERATOR
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${SCRATCH}")

function(run step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ROOM}: ${step} failed (${result}):\n${said}")
  endif()
endfunction()

run("installing" ${CMAKE_COMMAND} --install "${BUILD}" --component ${ROOM} --prefix "${SCRATCH}/prefix")
run("configuring the consumer" ${CMAKE_COMMAND} -S "${CONSUMER}" -B "${SCRATCH}/build" -G "${GENERATOR}"
  "-DCMAKE_PREFIX_PATH=${SCRATCH}/prefix" "-DROOM=${ROOM}" "-DCMAKE_CXX_COMPILER=${COMPILER}"
  "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DCMAKE_CXX_FLAGS=${FLAGS}")
run("building the consumer" ${CMAKE_COMMAND} --build "${SCRATCH}/build")
run("running the consumer" "${SCRATCH}/build/consumer")
