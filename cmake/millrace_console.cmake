# millrace_build_page(FOLDER STAMP): the commands that build the console with npm.
#
# FOLDER becomes where the built files are, STAMP a file that is newer than all of them. The sources are copied to the
# build folder and built there: a source tree is never written to, and two build folders do not meet.
function(millrace_build_page folder stamp)
  find_program(MILLRACE_NPM npm)
  if(NOT MILLRACE_NPM)
    message(FATAL_ERROR "The console needs npm. Install nodejs and npm (Node.js 18 or newer), or configure with -DMILLRACE_CONSOLE=OFF.")
  endif()
  set(source "${CMAKE_CURRENT_SOURCE_DIR}")
  set(work "${CMAKE_CURRENT_BINARY_DIR}/page")
  file(MAKE_DIRECTORY "${work}")
  set(modules "${CMAKE_CURRENT_BINARY_DIR}/modules.stamp")
  set(built "${CMAKE_CURRENT_BINARY_DIR}/page.stamp")
  set(npm "${CMAKE_COMMAND}" -E env CI=1 NO_COLOR=1 npm_config_update_notifier=false "${MILLRACE_NPM}" --loglevel=error)

  set(packages package.json package-lock.json .npmrc)
  list(TRANSFORM packages PREPEND "${source}/" OUTPUT_VARIABLE package_files)
  add_custom_command(OUTPUT "${modules}"
    COMMAND "${CMAKE_COMMAND}" -E copy ${package_files} "${work}"
    COMMAND ${npm} ci --prefer-offline
    COMMAND "${CMAKE_COMMAND}" -E touch "${modules}"
    DEPENDS ${package_files}
    WORKING_DIRECTORY "${work}"
    COMMENT "Installing the console's packages with npm" VERBATIM)

  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${source}/src/*" "${source}/test/*.ts")
  set(settings "${source}/index.html" "${source}/vite.config.ts" "${source}/tsconfig.json")
  add_custom_command(OUTPUT "${built}"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${work}/src" "${work}/test" "${work}/dist"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${source}/src" "${work}/src"
    COMMAND "${CMAKE_COMMAND}" -E copy_directory "${source}/test" "${work}/test"
    COMMAND "${CMAKE_COMMAND}" -E copy ${settings} "${work}"
    COMMAND ${npm} run --silent build -- --logLevel warn
    COMMAND "${CMAKE_COMMAND}" -E touch "${built}"
    DEPENDS "${modules}" ${sources} ${settings}
    WORKING_DIRECTORY "${work}"
    COMMENT "Building the console with npm" VERBATIM)

  if(MILLRACE_TESTS)
    add_test(NAME console_types COMMAND ${npm} run --silent check WORKING_DIRECTORY "${work}")
    add_test(NAME console_page COMMAND ${npm} test --silent WORKING_DIRECTORY "${work}")
    set_tests_properties(console_types console_page PROPERTIES LABELS console TIMEOUT 300)
  endif()
  set(${folder} "${work}/dist" PARENT_SCOPE)
  set(${stamp} "${built}" PARENT_SCOPE)
endfunction()
