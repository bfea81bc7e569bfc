#include "child_start.hpp"
#include <millrace/clients/test_picture.hpp>

#include <sys/wait.h>

namespace millrace::clients {
namespace {

// testsrc2 draws the time and the frame number since the start by itself, without a font.
constexpr const char* kPicture = "testsrc2=size=640x360:rate=25";
constexpr const char* kFlash =
    ",drawbox=x=iw-72:y=16:w=56:h=56:color=white:t=fill:enable='lt(mod(t,1),0.08)'";
constexpr const char* kTimeOfDay =
    R"(,drawtext=text='%{gmtime\:%H\\\:%M\\\:%S} UTC':x=(w-tw)/2:y=h-64:fontsize=32:fontcolor=white)"
    R"(:box=1:boxcolor=black@0.6:boxborderw=8)";
constexpr const char* kBeep = "aevalsrc=0.25*sin(2*PI*1000*t)*lt(mod(t\\,1)\\,0.08):sample_rate=48000";

bool can_draw_text()
{
    auto trial = start_child({"ffmpeg", "-nostdin", "-v", "quiet", "-f", "lavfi", "-i",
                              "color=size=64x64:duration=0.04,drawtext=text=0", "-f", "null", "-"},
                             Streams{});
    int status = 0;
    return trial && ::waitpid(trial->process, &status, 0) == trial->process && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

} // namespace

std::vector<std::string> test_picture_command(bool time_of_day)
{
    // -re: the clock in the picture is right only while the picture is made no faster than it is watched.
    return {"ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-re",
            "-f",
            "lavfi",
            "-i",
            std::string{kPicture} + kFlash + (time_of_day ? kTimeOfDay : ""),
            "-re",
            "-f",
            "lavfi",
            "-i",
            kBeep,
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-tune",
            "zerolatency",
            "-profile:v",
            "main",
            "-pix_fmt",
            "yuv420p",
            "-threads",
            "1",
            "-g",
            "50",
            "-keyint_min",
            "50",
            "-sc_threshold",
            "0",
            "-b:v",
            "800k",
            "-maxrate",
            "800k",
            "-bufsize",
            "800k",
            "-c:a",
            "aac",
            "-b:a",
            "96k",
            "-ac",
            "2",
            "-flush_packets",
            "1",
            "-f",
            "flv",
            "-flvflags",
            "no_duration_filesize",
            "pipe:1"};
}

std::vector<std::string> test_picture_command()
{
    static const bool kTime = can_draw_text();
    return test_picture_command(kTime);
}

} // namespace millrace::clients
