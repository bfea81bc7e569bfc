#include "hls_config.hpp"

namespace millrace::server {
namespace {

constexpr double kLongestWindow = 7.0 * 24 * 3600;

} // namespace

void read_hls(const std::string& file, const toml::node& node, doors::HlsSettings& settings)
{
    auto& cut = settings.cut;
    std::string container = "fmp4";
    std::string encryption = "none";
    std::string start = "request";
    std::size_t rotate = 0;
    std::size_t memory = cut.bytes >> 20U;
    const auto* table = node.as_table();
    TableReader reader{file, "hls."};
    if (table == nullptr) {
        reader.fail(node, "hls must be a table, written as [hls]");
    }
    reader.flag("enabled", settings.enabled);
    reader.text("container", container);
    reader.seconds("window", cut.window, 6, kLongestWindow);
    reader.seconds("segment", cut.segment, 1, 30);
    reader.seconds("longest", cut.longest, 2, 60);
    reader.seconds("part", cut.part, 0.1, 2);
    reader.flag("low_latency", cut.low_latency);
    reader.text("encryption", encryption);
    reader.count("rotate_every", rotate, 0, 1000000);
    reader.text("start", start);
    reader.seconds("hold", settings.hold, 1, 60);
    reader.seconds("idle", settings.idle, 5, 86400);
    reader.count("memory_mib", memory, 16, 1U << 20U);
    reader.read(*table);
    const auto choice = [&](const std::string& key, const std::string& value, const std::string& a,
                            const std::string& b) {
        if (value != a && value != b) {
            reader.fail(node,
                        "hls." + key + " must be \"" + a + "\" or \"" + b + "\", not \"" + value + "\"");
        }
        return value == b;
    };
    cut.container = choice("container", container, "fmp4", "ts") ? hls::Container::ts : hls::Container::fmp4;
    cut.encryption = choice("encryption", encryption, "none", "aes-128") ? hls::Encryption::aes_128
                                                                         : hls::Encryption::none;
    settings.at_publication = choice("start", start, "request", "publication");
    if (cut.longest < cut.segment) {
        reader.fail(node, "hls.longest must not be less than hls.segment");
    }
    cut.rotate_every = static_cast<std::uint32_t>(rotate);
    cut.bytes = memory << 20U;
}

} // namespace millrace::server
