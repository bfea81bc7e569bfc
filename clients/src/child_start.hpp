// Starting a program with its standard streams in our hands.
#pragma once

#include <millrace/base/result.hpp>

#include <sys/types.h>

#include <string>
#include <vector>

namespace millrace::clients {

/// Which standard streams of a child we hold the other end of; those that we do not are /dev/null.
struct Streams {
    bool in = false;
    bool out = false;
    bool err = false;
};

/// A process that runs, and our ends of the pipes to it; -1 where there is none. Nobody owns them yet.
struct Started {
    pid_t process = 0;
    int in = -1;
    int out = -1;
    int err = -1;
};

/// Starts a program that is looked for on PATH, in a process group of its own: Ctrl-C in the terminal is for
/// us, who end the child ourselves.
///
/// Errors: those of the system, such as no_such_file_or_directory when there is no such program.
Result<Started> start_child(const std::vector<std::string>& command, Streams streams);

} // namespace millrace::clients
