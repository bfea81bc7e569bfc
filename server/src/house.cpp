#include "access.hpp"
#include "demo.hpp"
#include "site.hpp"
#include "welcome.hpp"
#include <millrace/doors/http/serve.hpp>
#include <millrace/doors/rtmp/serve.hpp>
#include <millrace/server/house.hpp>

#include <boost/asio/signal_set.hpp>
#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace millrace::server {
namespace {

constexpr std::chrono::milliseconds kDrainTime{1200};
constexpr std::chrono::milliseconds kDrainStep{20};

void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// Everything that runs, in the order in which it stands on each other.
class House {
public:
    explicit House(Config config)
        : config_{std::move(config)}, workers_{std::make_unique<net::Workers>(config_.threads)},
          exchange_{*workers_, config_.settings}
    {
        for (auto& listen : config_.listen) {
            open(listen);
        }
        parts_.ports = {{"rtmp", port_of("rtmp", listeners_, config_.listen)},
                        {"http", port_of("http", listeners_, config_.listen)}};
    }

    ~House()
    {
        // Sessions that did not end in time go with their workers; what they stand on must outlive them.
        workers_->stop();
        for (auto& listener : listeners_) {
            listener->close();
        }
        exchange_.clear();
        demo_.reset();
        workers_.reset();
    }

    int run()
    {
        net::asio::io_context main;
        net::asio::signal_set signals{main, SIGINT, SIGTERM};
        signals.async_wait([](const net::error_code&, int) {});
        workers_->start();
        exchange_.start();
        for (auto& listener : listeners_) {
            listener->start();
        }
        if (config_.demo) {
            auto& desk = exchange_.desk(0);
            demo_ = std::make_unique<Demo>(exchange_, desk);
            desk.worker().spawn(demo_->run());
        }
        std::fputs(welcome_text(listeners_, config_.listen, config_.demo).c_str(), stdout);
        std::fflush(stdout);
        main.run_one(); // Until a signal comes.
        spdlog::info("shutting down");
        drain(main);
        return 0;
    }

private:
    void open(Listen& listen)
    {
        net::Listener::Limits limits{.connections = config_.connections};
        auto welcome = [this, &listen](net::Worker& worker, net::Caller caller) {
            serve(worker, std::move(caller), listen);
        };
        try {
            listeners_.push_back(std::make_unique<net::Listener>(*workers_, listen.address, welcome, limits));
        } catch (const std::runtime_error&) {
            // A machine without IPv6 listens on IPv4, unless the operator asked for that very address.
            if (!listen.preset || !no_ipv6()) {
                throw;
            }
            listen.address = "0.0.0.0" + listen.address.substr(listen.address.rfind(':'));
            listeners_.push_back(std::make_unique<net::Listener>(*workers_, listen.address, welcome, limits));
        }
    }

    bool no_ipv6() const
    {
        net::tcp::socket probe{(*workers_)[0].context()};
        net::error_code error;
        probe.open(net::tcp::v6(), error);
        if (!error) {
            probe.bind({net::asio::ip::address_v6::any(), 0}, error);
        }
        return static_cast<bool>(error);
    }

    void serve(net::Worker& worker, net::Caller caller, const Listen& listen)
    {
        auto& desk = exchange_.desk(worker.index());
        const std::string protocol{name(caller.protocol)};
        if (!listen.protocols.contains(protocol)) {
            spdlog::warn("{}: {} is not spoken on {}: closed", caller.remote, protocol, listen.address);
            desk.count("protocol_refused", protocol);
        } else if (caller.protocol == net::Protocol::rtmp) {
            doors::serve_rtmp(desk, std::move(caller), {.access = access_});
        } else {
            worker.spawn(doors::serve_http(desk, std::move(caller), site_));
        }
    }

    /// Says goodbye to all and waits for them, though not long.
    void drain(net::asio::io_context& main)
    {
        for (auto& listener : listeners_) {
            listener->stop();
        }
        if (demo_) {
            exchange_.desk(0).worker().post([this] { demo_->stop(); });
        }
        exchange_.drain("the server is shutting down");
        const auto open = [this] {
            std::uint64_t sum = 0;
            for (const auto& listener : listeners_) {
                sum += listener->counters().open;
            }
            return sum;
        };
        for (auto waited = kDrainStep; open() > 0 && waited < kDrainTime; waited += kDrainStep) {
            net::asio::steady_timer pause{main, kDrainStep};
            pause.wait();
        }
    }

    Config config_;
    std::shared_ptr<doors::RtmpAccess> access_ = std::make_shared<Access>(config_.applications);
    std::unique_ptr<net::Workers> workers_;
    exchange::Exchange exchange_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    SiteParts parts_{exchange_, listeners_, {}};
    std::shared_ptr<const doors::Site> site_ = std::make_shared<const doors::Site>(make_site(parts_));
    std::unique_ptr<Demo> demo_;
};

} // namespace

void check_house(const Config& config)
{
    for (const auto& warning : config.warnings) {
        spdlog::warn("{}", warning);
    }
    for (const auto& listen : config.listen) {
        static_cast<void>(net::parse_endpoint(listen.address));
    }
}

int run_house(Config config)
{
    std::signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    check_house(config);
    House house{std::move(config)};
    return house.run();
}

} // namespace millrace::server
