// All relays of a house.
#pragma once

#include <millrace/exchange/exchange.hpp>
#include <millrace/relay/report.hpp>
#include <millrace/relay/rules.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace millrace::relay {

struct Surroundings;
class Pull;
class Push;

/// Keeps the rules, and a relay for each stream and server that they lead to. Pulls are spread over the
/// workers; a push lives where its stream is at home.
class Relays final : public exchange::Relay {
public:
    Relays(exchange::Exchange& exchange, Settings settings);
    ~Relays() override;
    Relays(const Relays&) = delete;
    Relays& operator=(const Relays&) = delete;

    /// Begins what runs always. Expects: the workers run, and the exchange knows this relay.
    void start();
    /// Ends all of them; running() tells when they have said goodbye.
    void stop();
    std::size_t running() const;
    /// Lets go of all of them. Expects: the workers' threads have ended, the workers are there.
    void clear();

    /// Adds a rule at run time; gives its id. Throws std::runtime_error that says what is wrong with it.
    std::string add(PullRule rule);
    net::awaitable<std::string> add(PushRule rule);
    /// Ends what a rule has begun and forgets it; false when there is none of that id.
    bool remove(const std::string& id);
    /// To be awaited on any worker.
    net::awaitable<Report> report();

    bool brings(const std::string& name) const override;
    net::awaitable<std::string> bring(std::string name, std::string route) override;
    void began(const std::shared_ptr<exchange::LocalStream>& stream, exchange::Desk& home) override;

private:
    struct Rule {
        std::string id;
        std::variant<PullRule, PushRule> what;
        std::uint64_t relays = 0; ///< Made for it so far.
    };

    std::string insert(std::variant<PullRule, PushRule> what);
    std::shared_ptr<Pull> make_pull(Rule& rule, const std::string& name);
    std::shared_ptr<Pull> find_or_make(const std::string& name);
    bool retire(const Pull& pull);
    void push(Rule& rule, const std::shared_ptr<exchange::LocalStream>& stream, exchange::Desk& home);
    std::string id_for(Rule& rule, bool many);

    exchange::Exchange& exchange_;
    const Settings settings_;
    std::unique_ptr<Surroundings> around_;
    mutable std::mutex mutex_; ///< For all below.
    std::vector<std::unique_ptr<Rule>> rules_;
    std::unordered_map<std::string, std::shared_ptr<Pull>> pulls_; ///< By stream.
    std::vector<std::shared_ptr<Push>> pushes_;
    std::uint64_t last_rule_ = 0;
    std::size_t last_worker_ = 0;
    std::atomic<std::size_t> on_demand_{0}; ///< Rules; most houses have none.
    bool stopping_ = false;
};

} // namespace millrace::relay
