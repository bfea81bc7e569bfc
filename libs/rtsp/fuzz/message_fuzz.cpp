// Messages come out alike however the bytes are cut; what was read can be written and read again.
//
// input := role:u8 cut:u8 wire
#include <millrace/rtsp/message_reader.hpp>

#include <cstdlib>

namespace {

using namespace millrace;
using namespace millrace::rtsp;

void require(bool holds)
{
    if (!holds) {
        std::abort();
    }
}

std::vector<Message> read(ByteView wire, MessageReader::Role role, std::size_t step)
{
    MessageReader reader{role};
    reader.expect_channel(0);
    std::vector<Message> all;
    while (!wire.empty()) {
        const auto part = wire.first(std::min(step, wire.size()));
        wire = wire.subspan(part.size());
        const bool good = reader.feed(part).has_value();
        while (auto message = reader.next()) {
            all.push_back(std::move(*message));
        }
        if (!good) {
            break;
        }
    }
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) {
        return 0;
    }
    const auto role = data[0] % 2 == 0 ? MessageReader::Role::server : MessageReader::Role::client;
    const ByteView wire{data + 2, size - 2};
    const auto whole = read(wire, role, wire.size() + 1);
    require(read(wire, role, data[1] + 1U) == whole);
    for (const auto& message : whole) {
        Bytes out;
        std::visit([&out](const auto& each) { write(out, each); }, message);
        const auto again = read(out, MessageReader::Role::server, out.size());
        if (const auto* frame = std::get_if<Frame>(&message)) {
            require(again.size() == 1 && std::get<Frame>(again.front()) == *frame);
        } else {
            require(as_text(out).find('$') == std::string_view::npos);
        }
    }
    return 0;
}
