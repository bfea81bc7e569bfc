#include <millrace/base/result.hpp>

namespace millrace {

std::string Error::message() const
{
    std::string text = code_.message();
    if (!clause_.empty()) {
        text.append(" (").append(clause_).append(")");
    }
    return text;
}

} // namespace millrace
