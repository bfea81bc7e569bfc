# Writes a C++ file that holds every file of a folder: cmake -DFOLDER=… -DOUTPUT=… -P embed.cmake
#
# The bytes come in by the assembler's .incbin, which takes no time whatever their size. A file under assets/ has its
# content's hash in its name.
cmake_minimum_required(VERSION 3.25)

file(GLOB_RECURSE names RELATIVE "${FOLDER}" "${FOLDER}/*")
list(SORT names)
if(NOT "index.html" IN_LIST names)
  message(FATAL_ERROR "there is no index.html in ${FOLDER}")
endif()

set(type_html "text/html; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_json "application/json")

set(symbols "")
set(declarations "")
set(entries "")
set(number 0)
foreach(name IN LISTS names)
  cmake_path(GET name EXTENSION LAST_ONLY extension)
  string(REGEX REPLACE "^\\." "" extension "${extension}")
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "the type of ${name} is not known: add it to console/embed/embed.cmake")
  endif()
  file(SHA256 "${FOLDER}/${name}" hash)
  string(SUBSTRING "${hash}" 0 20 hash)
  set(immutable false)
  if(name MATCHES "^assets/")
    set(immutable true)
  endif()
  set(symbol "kMillraceConsoleFile${number}")
  string(APPEND symbols "    \".balign 16\\n${symbol}:\\n.incbin \\\"${FOLDER}/${name}\\\"\\n${symbol}End:\\n\"\n")
  string(APPEND declarations "extern const std::uint8_t ${symbol}[];\nextern const std::uint8_t ${symbol}End[];\n")
  string(APPEND entries "        File{\"/${name}\", \"${type_${extension}}\", {${symbol}, ${symbol}End}, \"\\\"${hash}\\\"\", ${immutable}},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUTPUT}" "// Made by console/embed/embed.cmake.
#include <millrace/console/files.hpp>

#include <array>

// The labels are local to this object: no two programs or libraries can collide over them.
asm(\".pushsection .rodata\\n\"
${symbols}    \".popsection\\n\");

extern \"C\" {
${declarations}}

namespace millrace::console {

std::span<const File> files()
{
    static const std::array all{
${entries}    };
    return all;
}

} // namespace millrace::console
")
