// The manifest of DASH over the same segments (ISO/IEC 23009-1, live profile).
#pragma once

#include <millrace/hls/packager.hpp>

#include <string>

namespace millrace::hls {

/// An MPD of type dynamic: a period for each run of segments without a discontinuity, an adaptation set for
/// each kind of track. Times count from 1970, so that nothing must be remembered. `folder`: where the
/// segments are, relative to the manifest. `now` is told to players whose clock is wrong. Expects: the
/// packager is ready(), its container is fMP4.
std::string dash_manifest(const Packager& packager, const std::string& folder, WallTime now);

} // namespace millrace::hls
