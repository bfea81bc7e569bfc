// Values or errors, spelled like std::expected of C++23.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace millrace {

/// What went wrong: a code of the room that saw it, and the clause that was broken.
class Error {
public:
    /// Expects: `clause` outlives the error; a string literal such as "RTMP 1.0 §5.3.1.2".
    Error(std::error_code code, std::string_view clause = {}) : code_{code}, clause_{clause} {}

    template <class Enum>
    requires std::is_error_code_enum_v<Enum> Error(Enum code, std::string_view clause = {})
        : code_{make_error_code(code)}, clause_{clause}
    {
    }

    std::error_code code() const { return code_; }
    std::string_view clause() const { return clause_; }

    /// "chunk continues a chunk stream that has no header yet (RTMP 1.0 §5.3.1.2)".
    std::string message() const;

    friend bool operator==(const Error& a, const Error& b) { return a.code_ == b.code_; }
    friend bool operator==(const Error& a, const std::error_code& b) { return a.code_ == b; }

private:
    std::error_code code_;
    std::string_view clause_;
};

/// The error case on its way into a Result: `return Unexpected{Errc::orphan_chunk, "RTMP 1.0 §5.3.1.2"};`
class Unexpected {
public:
    Unexpected(Error error) : error_{error} {}

    template <class Enum>
    requires std::is_error_code_enum_v<Enum> Unexpected(Enum code, std::string_view clause = {})
        : error_{code, clause}
    {
    }

    const Error& error() const { return error_; }

private:
    Error error_;
};

/// A value, or the Error that prevented it.
template <class T = void>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : held_{std::in_place_index<0>, std::move(value)} {}
    Result(Unexpected unexpected) : held_{std::in_place_index<1>, unexpected.error()} {}

    bool has_value() const { return held_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    /// Expects: has_value().
    T& operator*() & { return *std::get_if<0>(&held_); }
    const T& operator*() const& { return *std::get_if<0>(&held_); }
    T&& operator*() && { return std::move(*std::get_if<0>(&held_)); }
    T* operator->() { return std::get_if<0>(&held_); }
    const T* operator->() const { return std::get_if<0>(&held_); }

    T value_or(T other) const& { return has_value() ? **this : std::move(other); }

    /// Expects: !has_value().
    const Error& error() const { return *std::get_if<1>(&held_); }

private:
    std::variant<T, Error> held_;
};

/// Success, or the Error that prevented it.
template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Unexpected unexpected) : error_{unexpected.error()}, failed_{true} {}

    bool has_value() const { return !failed_; }
    explicit operator bool() const { return has_value(); }

    /// Expects: !has_value().
    const Error& error() const { return error_; }

private:
    Error error_{std::error_code{}};
    bool failed_ = false;
};

} // namespace millrace
