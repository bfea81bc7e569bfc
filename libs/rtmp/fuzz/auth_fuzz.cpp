// Whatever a client puts into its query and whatever a server puts into its refusal: nobody is accepted
// without the password, nothing is held past its limits, a client gives up after three answers, and a client
// with the password is let in whatever came before.
//
// input := (length:u8 text)*     by turns a query and a description
#include "operations.hpp"
#include <millrace/rtmp/auth.hpp>

#include <string>

namespace {

using namespace millrace;
using namespace millrace::rtmp;
using Kind = AuthVerdict::Kind;

constexpr Clock::time_point kNow{std::chrono::hours{1}};
constexpr std::size_t kChallenges = 4;

std::optional<std::string> password_of(std::string_view user)
{
    return user == "u" ? std::optional<std::string>{"a password that no input has"} : std::nullopt;
}

/// A known user with the password must always come in.
void let_in(AuthChallenger& server, AuthScheme scheme)
{
    AuthResponder client{"u", *password_of("u"), fill_with_counting};
    std::string suffix;
    for (int i = 0; i < 3; ++i) {
        const auto query = suffix.empty() ? std::string{} : suffix.substr(1);
        const auto verdict = server.judge(scheme, "live", query, password_of, kNow);
        if (verdict.kind == Kind::accepted) {
            expect(i == 2);
            return;
        }
        const auto next = client.answer(verdict.description, "live");
        expect(next.has_value());
        suffix = *next;
    }
    expect(false);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    AuthChallenger server{fill_with_counting, {.challenges = kChallenges}};
    AuthResponder client{"u", "p", fill_with_counting};
    ByteReader in{ByteView{data, size}};
    int answers = 0;
    for (int turn = 0; !in.at_end(); ++turn) {
        const auto text = in.text(std::min<std::size_t>(in.u8(), in.remaining()));
        if (turn % 2 == 0) {
            for (const auto scheme : {AuthScheme::adobe, AuthScheme::llnw}) {
                const auto verdict = server.judge(scheme, "live", text, password_of, kNow);
                expect(verdict.kind != Kind::accepted);
                expect(verdict.description.starts_with("[ AccessManager.Reject ] : [ "));
            }
            expect(server.outstanding() <= kChallenges);
        } else if (const auto next = client.answer(text, "live")) {
            expect(next->starts_with("?authmod="));
            ++answers;
        }
    }
    expect(answers <= 2);
    let_in(server, AuthScheme::adobe);
    let_in(server, AuthScheme::llnw);
    return 0;
}
