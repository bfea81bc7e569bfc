// The test picture: what ffmpeg must be told to make it.
#pragma once

#include <string>
#include <vector>

namespace millrace::clients {

/// A command that writes the test picture as FLV to its standard output, in real time and without end: moving
/// shapes with a clock, a frame counter, and a beep with a flash once a second; H.264 and AAC, cheap to make.
///
/// The time of day stands in it where ffmpeg can draw text (it needs a font); time and frame number since the
/// start always do. Asks ffmpeg once whether it can, which takes a fraction of a second.
std::vector<std::string> test_picture_command();

/// The same, with or without the time of day.
std::vector<std::string> test_picture_command(bool time_of_day);

} // namespace millrace::clients
