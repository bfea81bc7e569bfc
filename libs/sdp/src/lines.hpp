// The lines of a session description one by one, each read as its letter says.
#pragma once

#include <millrace/sdp/description.hpp>

namespace millrace::sdp {

struct Line {
    char letter = 0;
    std::string_view value;
};

/// Takes the next line that has a letter and a `=` from the beginning of `text`; none at the end.
std::optional<Line> take_line(std::string_view& text, QuirkCounts& quirks);

Origin read_origin(std::string_view value, QuirkCounts& quirks);
std::optional<Connection> read_connection(std::string_view value, QuirkCounts& quirks);
std::optional<Bandwidth> read_bandwidth(std::string_view value, QuirkCounts& quirks);
/// Nothing is too odd: a medium that cannot be played has `skip` set.
Media read_media(std::string_view value, QuirkCounts& quirks);

} // namespace millrace::sdp
