#include "access.hpp"
#include "archive.hpp"
#include "demo.hpp"
#include "hls_epoch.hpp"
#include "rtsp_access.hpp"
#include "site.hpp"
#include "welcome.hpp"
#include <millrace/doors/http/serve.hpp>
#include <millrace/doors/rtmp/serve.hpp>
#include <millrace/doors/rtsp/house.hpp>
#include <millrace/server/house.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>
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
constexpr const char* kGoodbye = "the server is shutting down";
constexpr std::chrono::seconds kRefresh{5}; ///< Between two looks at the certificate's files.

void raise_descriptor_limit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

objects::Settings shared_objects(const Config& config)
{
    auto settings = config.shared_objects;
    settings.folder = config.data + "/shared_objects";
    return settings;
}

/// Everything that runs, in the order in which it stands on each other.
class House {
public:
    explicit House(Config config)
        : config_{std::move(config)}, workers_{std::make_unique<net::Workers>(config_.threads)},
          exchange_{*workers_, config_.settings}, shelf_{shared_objects(config_)},
          relays_{exchange_, config_.relay}, tunnels_{std::make_shared<doors::Tunnels>(
                                                 exchange_, [this](exchange::Desk& desk, net::Caller caller) {
                                                     welcome_tunnel(desk, std::move(caller));
                                                 })}
    {
        archive_.attend(exchange_);
        attend_hls();
        open_tls();
        for (auto& listen : config_.listen) {
            open(listen);
        }
        for (const char* protocol : {"rtmp", "rtmps", "http", "https", "rtsp", "rtsps"}) {
            parts_.ports.emplace(protocol, port_of(protocol, listeners_, config_.listen));
        }
    }

    ~House()
    {
        // Sessions that did not end in time go with their workers; what they stand on must outlive them.
        workers_->stop();
        for (auto& listener : listeners_) {
            listener->close();
        }
        archive_.stop_reading();
        tunnels_->clear();
        const auto [msn, discontinuity] = hls_.numbers();
        epoch_.finish(msn, discontinuity);
        hls_.clear();
        rtsp_.clear();
        exchange_.clear();
        relays_.clear();
        shelf_.stop();
        archive_.stop_writing();
        demo_.reset();
        workers_.reset();
    }

    int run()
    {
        net::asio::io_context main;
        net::asio::signal_set signals{main, SIGINT, SIGTERM};
        signals.async_wait([&main](const net::error_code&, int) { main.stop(); });
        net::asio::signal_set hang_up{main, SIGHUP};
        net::asio::co_spawn(main, refresh_tls(main, hang_up), net::kDetached);
        exchange_.set_relay(&relays_);
        workers_->start();
        exchange_.start();
        shelf_.start();
        relays_.start();
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
        main.run(); // Until a signal comes.
        main.restart();
        spdlog::info("shutting down");
        drain(main);
        return 0;
    }

private:
    void attend_hls()
    {
        if (!epoch_.warning().empty()) {
            spdlog::warn("{}", epoch_.warning());
        }
        exchange_.on_claimed = [this, before = exchange_.on_claimed](const auto& stream, const auto& claim) {
            if (before) {
                before(stream, claim);
            }
            hls_.claimed(stream);
        };
    }

    void open(Listen& listen)
    {
        net::Listener::Limits limits{.connections = config_.connections};
        auto welcome = [this, &listen](net::Worker& worker, net::Caller caller) {
            serve(worker, std::move(caller), listen);
        };
        try {
            listeners_.push_back(
                std::make_unique<net::Listener>(*workers_, listen.address, welcome, limits, tls_.get()));
        } catch (const std::runtime_error&) {
            // A machine without IPv6 listens on IPv4, unless the operator asked for that very address.
            if (!listen.preset || !no_ipv6()) {
                throw;
            }
            listen.address = "0.0.0.0" + listen.address.substr(listen.address.rfind(':'));
            listeners_.push_back(
                std::make_unique<net::Listener>(*workers_, listen.address, welcome, limits, tls_.get()));
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

    /// Finds or makes the certificate, when a listener wants one.
    void open_tls()
    {
        if (std::ranges::none_of(config_.listen, &Listen::wants_tls)) {
            return;
        }
        if (!config_.tls.certificate.empty()) {
            tls_ = std::make_unique<net::TlsServer>(config_.tls);
            return;
        }
        try {
            bool made = false;
            auto files = net::self_signed(config_.data + "/tls", made);
            if (made) {
                spdlog::warn(
                    "no certificate is configured: a self-signed one was made, {}; players must be told "
                    "to trust it",
                    files.certificate);
            }
            tls_ = std::make_unique<net::TlsServer>(std::move(files));
        } catch (const std::runtime_error& error) {
            spdlog::warn("no TLS will be spoken: {}", error.what());
        }
    }

    /// Looks every few seconds, and at each SIGHUP, whether the certificate has changed.
    net::awaitable<void> refresh_tls(net::asio::io_context& main, net::asio::signal_set& hang_up)
    {
        using namespace net::asio::experimental::awaitable_operators;
        net::asio::steady_timer timer{main};
        for (;;) {
            timer.expires_after(kRefresh);
            co_await (timer.async_wait(net::kNoThrow) || hang_up.async_wait(net::kNoThrow));
            if (tls_) {
                tls_->refresh();
            }
        }
    }

    void serve(net::Worker& worker, net::Caller caller, const Listen& listen)
    {
        using net::Protocol;
        auto& desk = exchange_.desk(worker.index());
        const bool tls = caller.tls;
        const auto spoken = [&listen](const std::string& protocol) {
            return listen.protocols.contains(protocol);
        };
        const bool tunnel = caller.protocol == Protocol::http && !spoken(tls ? "https" : "http") &&
                            spoken(tls ? "rtsps" : "rtsp");
        if ((caller.protocol == Protocol::rtsp && spoken(tls ? "rtsps" : "rtsp")) || tunnel) {
            rtsp_.serve(desk, std::move(caller));
            return;
        }
        if (caller.protocol == Protocol::http) {
            doors::HttpOffer offer{.site = spoken(tls ? "https" : "http") ? site_ : nullptr,
                                   .tunnels = spoken(tls ? "rtmpts" : "rtmpt") ? tunnels_ : nullptr,
                                   .shelf = &archive_.shelf(),
                                   .hls = config_.hls.enabled ? &hls_ : nullptr,
                                   .access = [access = access_](const doors::MediaRequest& asked) {
                                       return access->refuse_http(asked);
                                   }};
            // Also with neither: the door tells what is not spoken here.
            worker.spawn(doors::serve_http(desk, std::move(caller), std::move(offer)));
            return;
        }
        const std::string protocol{caller.protocol == Protocol::tls     ? "TLS (rtmps, rtmpts, https, rtsps)"
                                   : caller.protocol == Protocol::rtmpe ? "rtmpe"
                                   : caller.protocol == Protocol::rtsp  ? (tls ? "rtsps" : "rtsp")
                                   : tls                                ? "rtmps"
                                                                        : "rtmp"};
        if (!spoken(protocol)) {
            spdlog::warn("{}: {} is not spoken on {}: closed", caller.remote, protocol, listen.address);
            desk.count("protocol_refused", protocol);
            return;
        }
        doors::serve_rtmp(desk, shelf_, std::move(caller),
                          {.encryption = spoken("rtmpe"), .shelf = &archive_.shelf(), .access = access_});
    }

    /// RTMPTE is spoken in tunnels when any listener has it.
    void welcome_tunnel(exchange::Desk& desk, net::Caller caller)
    {
        const bool encryption = std::ranges::any_of(
            config_.listen, [](const Listen& listen) { return listen.protocols.contains("rtmpte"); });
        doors::serve_rtmp(desk, shelf_, std::move(caller),
                          {.encryption = encryption, .shelf = &archive_.shelf(), .access = access_});
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
        send_elsewhere(main);
        relays_.stop();
        exchange_.drain(kGoodbye);
        wait_until(main, kDrainTime, [this] { return open_connections() + relays_.running() == 0; });
    }

    /// Lets those go on their own who understand that they should.
    void send_elsewhere(net::asio::io_context& main)
    {
        if (config_.drain.time <= Clock::duration{}) {
            return;
        }
        const auto before = open_connections();
        const auto asked = exchange_.ask_to_move(config_.drain.server, kGoodbye);
        wait_until(main, kDrainStep, [] { return false; });
        wait_until(main, config_.drain.time, [&] { return open_connections() + *asked <= before; });
    }

    std::uint64_t open_connections() const
    {
        std::uint64_t sum = 0;
        for (const auto& listener : listeners_) {
            sum += listener->counters().open;
        }
        return sum;
    }

    template <class Done>
    static void wait_until(net::asio::io_context& main, Clock::duration most, Done done)
    {
        for (Clock::duration waited{}; !done() && waited < most; waited += kDrainStep) {
            net::asio::steady_timer pause{main, kDrainStep};
            pause.wait();
        }
    }

    Config config_;
    Archive archive_{config_.archive, config_.data};
    std::shared_ptr<Access> access_ = std::make_shared<Access>(config_.applications);
    std::unique_ptr<net::Workers> workers_;
    exchange::Exchange exchange_;
    objects::Shelf shelf_;
    HlsEpoch epoch_{config_.data};
    doors::HlsHouse hls_{exchange_, config_.hls, epoch_.first_msn(), epoch_.first_discontinuity()};
    relay::Relays relays_;
    std::unique_ptr<net::TlsServer> tls_; ///< None: no listener wants it.
    doors::RtspHouse rtsp_{exchange_, config_.rtsp,
                           std::make_shared<RtspGuard>(config_.applications, config_.rtsp),
                           &archive_.shelf()};
    std::shared_ptr<doors::Tunnels> tunnels_;
    std::vector<std::unique_ptr<net::Listener>> listeners_;
    SiteParts parts_{exchange_, shelf_, listeners_, relays_, {}, &archive_, &hls_};
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
    std::signal(SIGXFSZ, SIG_IGN); // A recording that may not grow ends; the house does not.
    raise_descriptor_limit();
    check_house(config);
    House house{std::move(config)};
    return house.run();
}

} // namespace millrace::server
