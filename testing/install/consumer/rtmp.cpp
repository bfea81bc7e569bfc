// Writes a message as chunks and reads it again with the installed library: the status is 0 when it is the
// same.
#include <millrace/rtmp/chunk_reader.hpp>
#include <millrace/rtmp/chunk_writer.hpp>

int main()
{
    using namespace millrace::rtmp;
    const Message sent{.csid = 6,
                       .stream = 1,
                       .timestamp = 40,
                       .type = MessageType::audio,
                       .payload = millrace::Bytes(1000, 0xaf)};
    millrace::Bytes wire;
    ChunkWriter{}.write(wire, sent);
    ChunkReader reader;
    if (!reader.feed(wire)) {
        return 1;
    }
    const auto received = reader.next();
    return received && *received == sent ? 0 : 1;
}
