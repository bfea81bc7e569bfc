#include <millrace/amf/value.hpp>

#include <array>
#include <charconv>

namespace millrace::amf {
namespace {

/// Writes values as one line, until there is enough of it.
class Printer {
public:
    explicit Printer(std::size_t limit) : limit_{limit} {}

    void print(const Value& value)
    {
        std::visit([this](const auto& held) { (*this)(held); }, value.held());
    }

    std::string take()
    {
        if (full()) {
            out_.resize(limit_);
            out_ += "...";
        }
        return std::move(out_);
    }

    void operator()(Undefined) { out_ += "undefined"; }
    void operator()(Null) { out_ += "null"; }
    void operator()(Unsupported) { out_ += "unsupported"; }
    void operator()(bool truth) { out_ += truth ? "true" : "false"; }

    void operator()(double number)
    {
        std::array<char, 32> digits{};
        const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        out_.append(digits.data(), end);
    }

    void operator()(const std::string& text) { quoted(text); }

    void operator()(const Object& object)
    {
        plain(object.class_name);
        members(object.members);
    }

    void operator()(const EcmaArray& array)
    {
        members(array.members);
        if (!array.dense.empty()) {
            items(array.dense);
        }
    }

    void operator()(const StrictArray& array) { items(array); }

    void operator()(Date date)
    {
        out_ += "date ";
        (*this)(date.ms);
    }

    void operator()(const Xml& xml)
    {
        out_ += "xml ";
        quoted(xml.text);
    }

    void operator()(const ByteArray& array)
    {
        constexpr std::string_view kDigits = "0123456789abcdef";
        out_ += "bytes ";
        for (const auto byte : array.bytes) {
            if (full()) {
                return;
            }
            out_ += kDigits[byte >> 4U];
            out_ += kDigits[byte & 15U];
        }
    }

    void operator()(const IntVector& vector) { items(vector.items); }
    void operator()(const UintVector& vector) { items(vector.items); }
    void operator()(const DoubleVector& vector) { items(vector.items); }

    void operator()(const ObjectVector& vector)
    {
        plain(vector.type_name);
        items(vector.items);
    }

    void operator()(const Dictionary& dictionary)
    {
        out_ += '{';
        const char* separator = "";
        for (const auto& [key, value] : dictionary.pairs) {
            if (full()) {
                return;
            }
            out_ += separator;
            print(key);
            out_ += "=>";
            print(value);
            separator = ",";
        }
        out_ += '}';
    }

    void operator()(const Externalized& object)
    {
        plain(object.class_name);
        out_ += '(';
        for (const auto& value : object.body) {
            print(value);
        }
        out_ += ')';
    }

private:
    void one(const Value& value) { print(value); }
    void one(double number) { (*this)(number); }

    template <class Items>
    void items(const Items& all)
    {
        out_ += '[';
        const char* separator = "";
        for (const auto& item : all) {
            if (full()) {
                return;
            }
            out_ += separator;
            one(item);
            separator = ",";
        }
        out_ += ']';
    }

    bool full() const { return out_.size() > limit_; }

    /// A peer's text, of which nothing may break the line.
    void plain(std::string_view text)
    {
        for (const char c : text) {
            if (full()) {
                return;
            }
            out_ += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
        }
    }

    void quoted(std::string_view text)
    {
        out_ += '"';
        plain(text);
        out_ += '"';
    }

    void members(const Members& all)
    {
        out_ += '{';
        const char* separator = "";
        for (const auto& [name, value] : all) {
            if (full()) {
                return;
            }
            out_ += separator;
            plain(name);
            out_ += ':';
            print(value);
            separator = ",";
        }
        out_ += '}';
    }

    std::size_t limit_;
    std::string out_;
};

} // namespace

std::string to_string(const Value& value, std::size_t limit)
{
    Printer printer{limit};
    printer.print(value);
    return printer.take();
}

} // namespace millrace::amf
