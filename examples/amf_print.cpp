// Prints AMF0 values given in hexadecimal, for whoever looks at a capture: amf_print HEX
#include <millrace/amf/amf0.hpp>

#include <cstdio>
#include <string_view>

namespace {

int digit(char c)
{
    const std::string_view digits = "0123456789abcdef";
    const auto at = digits.find(static_cast<char>(c | 0x20));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fprintf(stderr, "usage: amf_print 0200076f6e4d65746144617461…\n");
        return 2;
    }
    millrace::Bytes bytes;
    int high = -1;
    for (const char c : std::string_view{arguments[1]}) {
        const int value = digit(c);
        if (value < 0) {
            continue; // Spaces and the like.
        }
        if (high < 0) {
            high = value;
        } else {
            bytes.push_back(static_cast<std::uint8_t>(high * 16 + value));
            high = -1;
        }
    }
    millrace::amf::Amf0Reader reader{bytes};
    while (!reader.at_end()) {
        const auto at = reader.position();
        const auto value = reader.next();
        if (!value) {
            std::fprintf(stderr, "at byte %zu: %s\n", at, value.error().message().c_str());
            return 1;
        }
        std::printf("%zu: %s\n", at, to_string(*value).c_str());
    }
    return 0;
}
