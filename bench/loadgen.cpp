// loadgen.cpp - load generator for live media servers (own code, written from scratch).
//
// Build:   g++ -std=c++20 -O2 -Wall -Wextra -o loadgen loadgen.cpp        (libc only; or the target `loadgen`
// of the bench preset) Usage:   loadgen MODE [--option value]...        one JSON line on stdout, progress on
// stderr
//
//   rtmp-publish  --url rtmp://127.0.0.1:1935/live/s%d --file a.flv --count M [--marker 1]
//   rtmp-play     --url rtmp://127.0.0.1:1935/live/s0  --count N
//   flv-play      --url http://127.0.0.1:8080/live/s0.flv  --count N
//   hls-play      --url http://127.0.0.1:8080/live/s0.m3u8 --count N
//   rtsp-play     --url rtsp://127.0.0.1:554/live/s0   --count N [--udp 1]
//   limit         --count N --kbps 2150 --tick-ms 40 [--server-cpu 0 --client-cpu 1]
//                 [--udp 1 [--gso 1]]  datagrams of 1400 bytes: sendmmsg(), or UDP_SEGMENT to UDP_GRO
//                 receivers
//
// "%d" in the URL of a play mode is replaced by (session index mod --streams).
//
// Common options (defaults):
//   --count N (1)  --ramp R sessions started per second (200)   --settle S s after ramp (3)
//   --duration S  measuring window, s (20; rtmp-publish: 0 = until SIGINT/SIGTERM)
//   --sample K    every K-th session is parsed completely (50; 1 = all); the others are parsed up to the
//                 first video key frame and then drained with recv(MSG_TRUNC) (bytes counted, not copied)
//   --batch-ms B  the generator sleeps B ms between two sweeps of its ready sockets (1; 0 = epoll_wait
//                 wakes it for every event). B>0 keeps the generator from being woken by each send() of the
//                 server, which would charge the server for an IPI a real remote client does not cost it.
//   --server-pid P[,P2]  CPU (utime+stime) and RSS of these processes and all their descendants
//   --server-core C (0)  --gen-core C (1): /proc/stat busy time of these cores is reported too
//   --expect-kbps K      a session below 95 % of it during the window counts in slow_sessions (0 = off)
//   --rcvbuf BYTES       SO_RCVBUF of each TCP session (0 = leave kernel autotuning)
//   --clean-other PCT    (12) The window is also cut into slices of one second; a slice in which processes
//   other than
//                        the server used more than PCT of the server core, or other than the generator more
//                        than PCT+8 of the generator core, is left out of the clean_* figures (clean_s =
//                        slices kept). For machines where something else runs now and then.
//   --label TEXT         copied to the JSON
//   --chunk N            RTMP outgoing chunk size of the publisher (4096)
//   --buffer-ms N        SetBufferLength the RTMP player announces (1000)
//   --hls-keepalive 0|1 (1)   --per-session FILE: one CSV line per session
//   --log 1              more on stderr
//
// The send-time marker (rtmp-publish --marker 1, the default): every AVC NALU video message gets one more NAL
// unit in front of its first one (directly after the 5 bytes FrameType/AVCPacketType/CompositionTime):
//   00 00 00 24 | 06 05 20 | UUID (16 bytes, kUuid) | 16 lower-case hex digits | 80
// i.e. an SEI user_data_unregistered of 36 bytes whose 16 hex digits are CLOCK_REALTIME in microseconds at
// the moment the message is handed to send(). Being ASCII, no emulation prevention is needed, so the same
// bytes survive in RTMP, FLV, RTP and TS; the players look for the UUID in the first 600 bytes of a video
// message or RTP packet, and anywhere in a TS segment.
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace {

using u8 = uint8_t;
using u32 = uint32_t;
using u64 = uint64_t;

// ---------------------------------------------------------------- time, small helpers
u64 clock_us(clockid_t c)
{
    timespec t{};
    clock_gettime(c, &t);
    return u64(t.tv_sec) * 1000000u + u64(t.tv_nsec) / 1000u;
}
u64 mono_us()
{
    return clock_us(CLOCK_MONOTONIC);
}
u64 real_us()
{
    return clock_us(CLOCK_REALTIME);
}

volatile sig_atomic_t g_stop = 0;
void on_signal(int)
{
    g_stop = 1;
}

[[noreturn]] void die(const char* fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "loadgen: ");
    vfprintf(stderr, fmt, ap);
    fprintf(stderr, "\n");
    va_end(ap);
    exit(2);
}

struct Opts {
    std::string mode, url, file, label, per_session;
    int count = 1, settle = 3, duration = 20, sample = 50, batch_ms = 1, streams = 1, chunk = 4096;
    double ramp = 200;
    std::vector<int> server_pids;
    int server_core = 0, gen_core = 1;
    int expect_kbps = 0, rcvbuf = 0, marker = 1, udp = 0, buffer_ms = 1000, hls_keepalive = 1, log = 0;
    int kbps = 2150, tick_ms = 40, server_cpu = 0, client_cpu = 1, port = 0, gso = 0;
    double clean_other = 12;
    bool duration_set = false;
} O;

struct Json {
    std::string s = "{";
    void sep()
    {
        if (s.size() > 1)
            s += ",";
    }
    void str(const char* k, const std::string& v)
    {
        sep();
        s += "\"" + std::string(k) + "\":\"";
        for (char c : v) {
            if (c == '"' || c == '\\')
                s += '\\';
            s += c;
        }
        s += "\"";
    }
    void num(const char* k, double v, int prec = 3)
    {
        sep();
        char b[64];
        snprintf(b, sizeof b, "%.*f", prec, v);
        s += "\"" + std::string(k) + "\":" + b;
    }
    void i(const char* k, long long v)
    {
        sep();
        s += "\"" + std::string(k) + "\":" + std::to_string(v);
    }
    void print()
    {
        printf("%s}\n", s.c_str());
        fflush(stdout);
    }
};

struct Dist {
    std::vector<u32> v;
    bool sorted = false;
    void add(u64 x)
    {
        v.push_back(u32(std::min<u64>(x, 0xffffffffu)));
        sorted = false;
    }
    double pct(double p)
    {
        if (v.empty())
            return -1;
        if (!sorted) {
            std::sort(v.begin(), v.end());
            sorted = true;
        }
        size_t k = size_t(p * double(v.size() - 1) + 0.5);
        return v[std::min(k, v.size() - 1)];
    }
};
// Prints p50/p99/max of a distribution kept in microseconds as milliseconds.
void put_dist(Json& j, const std::string& name, Dist& d)
{
    j.num((name + "_p50_ms").c_str(), d.pct(.5) / 1000.0);
    j.num((name + "_p90_ms").c_str(), d.pct(.9) / 1000.0);
    j.num((name + "_p99_ms").c_str(), d.pct(.99) / 1000.0);
    j.num((name + "_max_ms").c_str(), d.pct(1.0) / 1000.0);
    j.i((name + "_n").c_str(), (long long)d.v.size());
}

// ---------------------------------------------------------------- CPU / memory sampling
std::string slurp(const char* path)
{
    std::string s;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return s;
    char b[8192];
    ssize_t n;
    while ((n = read(fd, b, sizeof b)) > 0)
        s.append(b, size_t(n));
    close(fd);
    return s;
}

struct ProcSample {
    double cpu_s = 0, user_s = 0;
    long rss_kb = 0;
    int procs = 0, threads = 0;
    u64 ctxt = 0;
    std::vector<int> pids;
};

// The given processes and all their live descendants.
ProcSample sample_procs(const std::vector<int>& roots)
{
    ProcSample out;
    if (roots.empty())
        return out;
    static const double hz = double(sysconf(_SC_CLK_TCK));
    struct P {
        int ppid;
        double cpu, user;
        int thr;
    };
    std::map<int, P> ps;
    if (DIR* d = opendir("/proc")) {
        while (dirent* e = readdir(d)) {
            int pid = atoi(e->d_name);
            if (pid <= 0)
                continue;
            std::string s = slurp(("/proc/" + std::string(e->d_name) + "/stat").c_str());
            size_t r = s.rfind(')');
            if (r == std::string::npos)
                continue;
            char st;
            int ppid = 0, thr = 0;
            unsigned long ut = 0, stt = 0;
            // fields after comm: state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime
            // stime
            //                    cutime cstime priority nice num_threads
            sscanf(s.c_str() + r + 2, "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %d",
                   &st, &ppid, &ut, &stt, &thr);
            ps[pid] = P{ppid, double(ut + stt) / hz, double(ut) / hz, thr};
        }
        closedir(d);
    }
    for (auto& [pid, p] : ps) {
        int q = pid;
        bool mine = false;
        for (int depth = 0; depth < 32 && q > 0; depth++) {
            if (std::find(roots.begin(), roots.end(), q) != roots.end()) {
                mine = true;
                break;
            }
            auto it = ps.find(q);
            if (it == ps.end())
                break;
            q = it->second.ppid;
        }
        if (!mine)
            continue;
        out.cpu_s += p.cpu;
        out.user_s += p.user;
        out.threads += p.thr;
        out.procs++;
        out.pids.push_back(pid);
        std::string s = slurp(("/proc/" + std::to_string(pid) + "/status").c_str());
        if (size_t k = s.find("VmRSS:"); k != std::string::npos)
            out.rss_kb += atol(s.c_str() + k + 6);
        if (DIR* td = opendir(("/proc/" + std::to_string(pid) + "/task").c_str())) {
            while (dirent* e = readdir(td)) {
                if (e->d_name[0] == '.')
                    continue;
                std::string t =
                    slurp(("/proc/" + std::to_string(pid) + "/task/" + e->d_name + "/status").c_str());
                size_t a = t.find("\nvoluntary_ctxt_switches:");
                if (a != std::string::npos)
                    out.ctxt += u64(atoll(t.c_str() + a + 25));
            }
            closedir(td);
        }
    }
    return out;
}

struct CoreSample {
    double busy = 0, total = 0, softirq = 0;
};
CoreSample sample_core(int core)
{
    CoreSample c;
    std::string s = slurp("/proc/stat"), key = "cpu" + std::to_string(core) + " ";
    size_t p = s.find("\n" + key);
    if (p == std::string::npos)
        return c;
    unsigned long long v[8] = {};
    sscanf(s.c_str() + p + 1 + key.size(), "%llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1], &v[2],
           &v[3], &v[4], &v[5], &v[6], &v[7]);
    for (int i = 0; i < 8; i++)
        c.total += double(v[i]);
    c.busy = c.total - double(v[3]) - double(v[4]);
    c.softirq = double(v[6]);
    return c;
}
long sockstat_tcp_mem_pages()
{
    std::string s = slurp("/proc/net/sockstat");
    size_t p = s.find("TCP: ");
    if (p == std::string::npos)
        return 0;
    p = s.find(" mem ", p);
    return p == std::string::npos ? 0 : atol(s.c_str() + p + 5);
}
double self_cpu()
{
    rusage r{};
    getrusage(RUSAGE_SELF, &r);
    return double(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
           double(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

// ---------------------------------------------------------------- global counters
struct Stats {
    u64 bytes = 0; // application bytes received (or sent by the publisher), whole run
    u64 reads = 0; // receive syscalls that returned data
    int started = 0, connected = 0, playing = 0, got_data = 0, got_key = 0, failed = 0, disconnects = 0;
    u64 stalls = 0; // gaps > 2 s of a session that had received media
    int stalled_sessions = 0;
    u64 v_msgs = 0, a_msgs = 0, ts_backwards = 0, keys = 0, seq_lost = 0,
        rtp_pkts = 0;    // sampled sessions, in the window
    u64 max_dts_gap = 0; // sampled sessions: largest step of video timestamps, ms
    u64 hls_playlists = 0, hls_segments = 0, hls_errors = 0, hls_underruns = 0, hls_not_new = 0;
    Dist latency, clean_latency, first_key, first_media, connect_time, hls_first_age, send_late, seg_fetch;
    u64 blocked = 0;
    std::string last_error;
} S;
bool g_window = false; // inside the measuring window
Dist g_slice_latency;  // latencies of the current one-second slice
void add_latency(u64 us)
{
    S.latency.add(us);
    g_slice_latency.add(us);
}

void note_error(const std::string& e)
{
    if (S.last_error.empty() || O.log)
        fprintf(stderr, "loadgen: %s\n", e.c_str());
    S.last_error = e;
}

// ---------------------------------------------------------------- the marker
const u8 kUuid[16] = {0x6c, 0x67, 0xa5, 0x3d, 0x91, 0x4e, 0x4b, 0xd2,
                      0x8f, 0x17, 0xe3, 0x5b, 0x2a, 0xc9, 0x70, 0xb6};
constexpr size_t kMarkerLen = 4 + 36;

void put_marker(u8* p, u64 t)
{
    static const char* hex = "0123456789abcdef";
    p[0] = p[1] = p[2] = 0;
    p[3] = 36;
    p[4] = 0x06;
    p[5] = 0x05;
    p[6] = 32;
    memcpy(p + 7, kUuid, 16);
    for (int i = 0; i < 16; i++)
        p[23 + i] = u8(hex[(t >> (60 - 4 * i)) & 15]);
    p[39] = 0x80;
}
u64 hex16(const u8* p)
{
    u64 v = 0;
    for (int i = 0; i < 16; i++) {
        int c = p[i], d;
        if (c >= '0' && c <= '9')
            d = c - '0';
        else if (c >= 'a' && c <= 'f')
            d = c - 'a' + 10;
        else
            return 0;
        v = v << 4 | u64(d);
    }
    return v;
}
// Send time found in the first `limit` bytes, else 0.
u64 find_marker(const u8* p, size_t n, size_t limit = 600)
{
    n = std::min(n, limit);
    if (n < 32)
        return 0;
    const void* q = memmem(p, n - 16, kUuid, 16);
    return q ? hex16(static_cast<const u8*>(q) + 16) : 0;
}

// ---------------------------------------------------------------- URL
struct Url {
    std::string scheme, host, app, stream, path;
    int port = 0;
    sockaddr_in sa{};
};
Url parse_url(const std::string& u)
{
    Url r;
    size_t p = u.find("://");
    if (p == std::string::npos)
        die("bad url %s", u.c_str());
    r.scheme = u.substr(0, p);
    size_t s = u.find('/', p + 3);
    std::string hp = u.substr(p + 3, s == std::string::npos ? std::string::npos : s - p - 3);
    r.path = s == std::string::npos ? "/" : u.substr(s);
    size_t c = hp.find(':');
    r.host = hp.substr(0, c);
    r.port = c != std::string::npos ? atoi(hp.c_str() + c + 1)
             : r.scheme == "rtmp"   ? 1935
             : r.scheme == "rtsp"   ? 554
                                    : 80;
    size_t l = r.path.rfind('/');
    r.app = r.path.substr(1, l > 0 ? l - 1 : 0);
    r.stream = r.path.substr(l + 1);
    r.sa.sin_family = AF_INET;
    r.sa.sin_port = htons(uint16_t(r.port));
    if (inet_pton(AF_INET, r.host.c_str(), &r.sa.sin_addr) != 1)
        die("host must be an IPv4 address: %s", r.host.c_str());
    return r;
}
std::string subst(const std::string& u, int n)
{
    size_t p = u.find("%d");
    return p == std::string::npos ? u : u.substr(0, p) + std::to_string(n) + u.substr(p + 2);
}

// ---------------------------------------------------------------- sockets and sessions
int g_ep = -1;
u64 g_now = 0; // monotonic µs at the start of the current sweep
constexpr size_t kRxBuf = 1 << 20;
u8* g_rx = nullptr;

struct Handler {
    virtual ~Handler() = default;
    virtual void on_event(u32 ev) = 0;
};

struct Session;
struct TimerQ {
    struct E {
        u64 at;
        Session* s;
        u64 gen;
        bool operator<(const E& o) const { return at > o.at; }
    };
    std::priority_queue<E> q;
} T;

struct Session : Handler {
    int id = 0, fd = -1;
    bool sampled = false, connecting = true, discard = false, dead = false, counted_play = false,
         stalled_once = false;
    Url url;
    u64 t_start = 0, t_first = 0, t_key = 0, last_rx = 0, bytes = 0, bytes_w0 = 0, bytes_w1 = 0,
        timer_gen = 0;
    std::string out;
    bool want_out = false;

    virtual void on_connected() = 0;
    virtual void on_data(const u8* p, size_t n) = 0;
    virtual void after_discard(size_t) {}
    virtual void on_timer() {}
    virtual bool on_eof() { return false; } // true: the session goes on (it reconnected)
    virtual size_t discard_limit() { return kRxBuf; }

    void open_tcp()
    {
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0) {
            fail("socket: " + std::string(strerror(errno)));
            return;
        }
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (O.rcvbuf)
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &O.rcvbuf, sizeof O.rcvbuf);
        connecting = true;
        want_out = true;
        epoll_event e{};
        e.events = EPOLLIN | EPOLLOUT;
        e.data.ptr = static_cast<Handler*>(this);
        epoll_ctl(g_ep, EPOLL_CTL_ADD, fd, &e);
        if (connect(fd, reinterpret_cast<const sockaddr*>(&url.sa), sizeof url.sa) < 0 &&
            errno != EINPROGRESS)
            fail("connect: " + std::string(strerror(errno)));
    }
    virtual void start()
    {
        t_start = mono_us();
        S.started++;
        open_tcp();
    }
    void set_out(bool w)
    {
        if (w == want_out || fd < 0)
            return;
        want_out = w;
        epoll_event e{};
        e.events = EPOLLIN | (w ? u32(EPOLLOUT) : 0u);
        e.data.ptr = static_cast<Handler*>(this);
        epoll_ctl(g_ep, EPOLL_CTL_MOD, fd, &e);
    }
    void send_bytes(const void* p, size_t n)
    {
        if (fd < 0)
            return;
        const char* c = static_cast<const char*>(p);
        if (out.empty()) {
            ssize_t k = ::send(fd, c, n, MSG_NOSIGNAL | MSG_DONTWAIT);
            if (k < 0) {
                if (errno != EAGAIN && errno != EINTR) {
                    disconnect(strerror(errno));
                    return;
                }
                k = 0;
            }
            if (size_t(k) == n)
                return;
            c += k;
            n -= size_t(k);
            S.blocked++;
        }
        out.append(c, n);
        set_out(true);
    }
    void send_str(const std::string& s) { send_bytes(s.data(), s.size()); }
    void flush()
    {
        while (!out.empty()) {
            ssize_t k = ::send(fd, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (k < 0) {
                if (errno != EAGAIN && errno != EINTR)
                    disconnect(strerror(errno));
                return;
            }
            out.erase(0, size_t(k));
        }
        set_out(false);
    }
    void close_fd()
    {
        if (fd >= 0) {
            close(fd);
            fd = -1;
        }
        out.clear();
    }
    void fail(const std::string& why)
    {
        if (dead)
            return;
        dead = true;
        S.failed++;
        note_error("session " + std::to_string(id) + " failed: " + why);
        close_fd();
    }
    void disconnect(const char* why)
    {
        if (dead)
            return;
        if (!counted_play) {
            fail(std::string("closed before play: ") + why);
            return;
        }
        dead = true;
        S.disconnects++;
        note_error("session " + std::to_string(id) + " disconnected: " + why);
        close_fd();
    }
    void playing()
    {
        if (!counted_play) {
            counted_play = true;
            S.playing++;
        }
    }
    void rx(size_t n)
    {
        bytes += n;
        S.bytes += n;
        S.reads++;
    }
    // Media data arrived: stall bookkeeping (all sessions).
    void media_rx()
    {
        if (!t_first) {
            t_first = mono_us();
            S.got_data++;
            S.first_media.add(t_first - t_start);
        } else if (g_now > last_rx + 2000000 && O.mode != "hls-play") { // HLS: see hls_underruns
            S.stalls++;
            if (!stalled_once) {
                stalled_once = true;
                S.stalled_sessions++;
            }
        }
        last_rx = g_now;
    }
    void key_rx()
    {
        if (t_key)
            return;
        t_key = mono_us();
        S.got_key++;
        S.first_key.add(t_key - t_start);
        if (!sampled)
            discard = true;
    }
    void on_event(u32 ev) override
    {
        if (dead || fd < 0)
            return;
        if (connecting && (ev & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
            int err = 0;
            socklen_t l = sizeof err;
            getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &l);
            if (err) {
                fail(std::string("connect: ") + strerror(err));
                return;
            }
            connecting = false;
            S.connected++;
            S.connect_time.add(mono_us() - t_start);
            set_out(false);
            on_connected();
            if (dead || fd < 0)
                return;
        } else if (ev & EPOLLOUT) {
            flush();
            if (dead || fd < 0)
                return;
        }
        if (ev & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
            size_t lim = discard ? std::min(discard_limit(), kRxBuf) : kRxBuf;
            ssize_t n = recv(fd, g_rx, lim, MSG_DONTWAIT | (discard ? MSG_TRUNC : 0));
            if (n > 0) {
                rx(size_t(n));
                if (discard) {
                    media_rx();
                    after_discard(size_t(n));
                } else
                    on_data(g_rx, size_t(n));
            } else if (n == 0) {
                if (!on_eof())
                    disconnect("closed by server");
            } else if (errno != EAGAIN && errno != EINTR) {
                disconnect(strerror(errno));
            }
        }
    }
    void timer(u64 at) { T.q.push({at, this, ++timer_gen}); }
};

std::vector<std::unique_ptr<Session>> g_sessions;

// ---------------------------------------------------------------- sampled media checks
struct MediaCheck {
    long long last_v = -1, last_a = -1;
    void video(Session* s, u32 ts, const u8* p, size_t n, bool is_key)
    {
        s->media_rx();
        if (is_key)
            s->key_rx();
        if (!s->sampled)
            return;
        if (last_v >= 0) {
            if (ts < last_v) {
                if (g_window)
                    S.ts_backwards++;
            } else if (g_window)
                S.max_dts_gap = std::max<u64>(S.max_dts_gap, u64(ts - last_v));
        }
        last_v = ts;
        if (!g_window)
            return;
        S.v_msgs++;
        if (is_key)
            S.keys++;
        if (u64 t = find_marker(p, n)) {
            u64 now = real_us();
            add_latency(now > t ? now - t : 0);
        }
    }
    void audio(Session* s, u32 ts)
    {
        s->media_rx();
        if (!s->sampled)
            return;
        if (last_a >= 0 && ts < last_a && g_window)
            S.ts_backwards++;
        last_a = ts;
        if (g_window)
            S.a_msgs++;
    }
    // One FLV/RTMP tag body.
    void flv_tag(Session* s, int type, u32 ts, const u8* p, size_t n)
    {
        if (type == 9 && n >= 5) {
            bool avc = (p[0] & 0x8f) == 0x07;
            if (avc && p[1] != 1)
                return; // sequence header / end of sequence
            video(s, ts, p, n, (p[0] & 0x70) == 0x10);
        } else if (type == 8 && n >= 2) {
            if ((p[0] >> 4) == 10 && p[1] == 0)
                return;
            audio(s, ts);
        }
    }
};

// ---------------------------------------------------------------- RTMP
u32 be16(const u8* p)
{
    return u32(p[0]) << 8 | p[1];
}
u32 be24(const u8* p)
{
    return u32(p[0]) << 16 | u32(p[1]) << 8 | p[2];
}
u32 be32(const u8* p)
{
    return u32(p[0]) << 24 | be24(p + 1);
}
void w8(std::string& s, u32 v)
{
    s += char(v & 255);
}
void w16(std::string& s, u32 v)
{
    w8(s, v >> 8);
    w8(s, v);
}
void w24(std::string& s, u32 v)
{
    w8(s, v >> 16);
    w16(s, v);
}
void w32(std::string& s, u32 v)
{
    w16(s, v >> 16);
    w16(s, v);
}

void amf_str_raw(std::string& s, std::string_view v)
{
    w16(s, u32(v.size()));
    s.append(v);
}
void amf_str(std::string& s, std::string_view v)
{
    w8(s, 2);
    amf_str_raw(s, v);
}
void amf_num(std::string& s, double d)
{
    u64 b;
    memcpy(&b, &d, 8);
    w8(s, 0);
    w32(s, u32(b >> 32));
    w32(s, u32(b));
}
double amf_get_num(const u8* p)
{
    u64 b = u64(be32(p)) << 32 | be32(p + 4);
    double d;
    memcpy(&d, &b, 8);
    return d;
}

void append_chunks(std::string& o, int csid, int type, u32 msid, u32 ts, const char* p, size_t n,
                   size_t chunk, bool fmt1 = false, u32 delta = 0)
{
    w8(o, u32((fmt1 ? 1 : 0) << 6 | csid));
    u32 t = fmt1 ? delta : ts;
    bool ext = t >= 0xffffff;
    w24(o, ext ? 0xffffff : t);
    w24(o, u32(n));
    w8(o, u32(type));
    if (!fmt1) {
        w8(o, msid);
        w8(o, msid >> 8);
        w8(o, msid >> 16);
        w8(o, msid >> 24);
    }
    if (ext)
        w32(o, t);
    size_t k = std::min(n, chunk);
    o.append(p, k);
    for (size_t off = k; off < n; off += k) {
        w8(o, u32(0xc0 | csid));
        if (ext)
            w32(o, t);
        k = std::min(n - off, chunk);
        o.append(p + off, k);
    }
}

struct ChunkReader {
    struct CS {
        u32 ts = 0, delta = 0, len = 0, msid = 0;
        u8 type = 0;
        bool ext = false, active = false;
        std::vector<u8> msg;
    };
    std::map<u32, CS> cs;
    CS* small[64] = {};
    u32 chunk = 128;
    std::vector<u8> buf;
    CS* cur = nullptr;
    size_t left = 0; // payload bytes left of the current chunk

    CS* get(u32 id)
    {
        if (id < 64) {
            if (!small[id])
                small[id] = &cs[id];
            return small[id];
        }
        return &cs[id];
    }
    template <class F>
    bool feed(const u8* p, size_t n, F&& cb)
    {
        if (!buf.empty()) {
            buf.insert(buf.end(), p, p + n);
            std::vector<u8> t;
            t.swap(buf);
            return run(t.data(), t.size(), cb);
        }
        return run(p, n, cb);
    }
    template <class F>
    bool run(const u8* p, size_t n, F&& cb)
    {
        size_t i = 0;
        for (;;) {
            if (cur) {
                size_t k = std::min(left, n - i);
                cur->msg.insert(cur->msg.end(), p + i, p + i + k);
                i += k;
                left -= k;
                if (left)
                    return true;
                CS* c = cur;
                cur = nullptr;
                if (c->msg.size() >= c->len) {
                    c->active = false;
                    u32 old = chunk;
                    cb(c->type, c->ts, c->msid, c->msg.data(), c->msg.size());
                    (void)old;
                    c->msg.clear();
                }
                continue;
            }
            size_t s = i;
            if (n - i < 1)
                return true;
            u32 fmt = p[i] >> 6, id = p[i] & 63;
            i++;
            if (id == 0) {
                if (n - i < 1)
                    return keep(p + s, n - s);
                id = 64u + p[i++];
            } else if (id == 1) {
                if (n - i < 2)
                    return keep(p + s, n - s);
                id = 64u + p[i] + 256u * p[i + 1];
                i += 2;
            }
            static const size_t hl[4] = {11, 7, 3, 0};
            if (n - i < hl[fmt])
                return keep(p + s, n - s);
            CS* c = get(id);
            u32 t = 0;
            bool ext = c->ext;
            if (fmt < 3) {
                t = be24(p + i);
                ext = t == 0xffffff;
            }
            size_t h = hl[fmt];
            if (ext && n - i < h + 4)
                return keep(p + s, n - s);
            if (ext)
                t = be32(p + i + h);
            if (fmt <= 1) {
                c->len = be24(p + i + 3);
                c->type = p[i + 6];
            }
            if (fmt == 0)
                c->msid = u32(p[i + 7]) | u32(p[i + 8]) << 8 | u32(p[i + 9]) << 16 | u32(p[i + 10]) << 24;
            i += h + (ext ? 4 : 0);
            c->ext = ext;
            if (!c->active) {
                if (fmt == 0) {
                    c->ts = t;
                    c->delta = 0;
                } else {
                    if (fmt < 3)
                        c->delta = t;
                    c->ts += c->delta;
                }
                c->active = true;
                c->msg.clear();
                if (c->len > (64u << 20))
                    return false;
                c->msg.reserve(c->len);
            }
            left = std::min<size_t>(chunk, c->len - c->msg.size());
            cur = c;
        }
    }
    bool keep(const u8* p, size_t n)
    {
        buf.assign(p, p + n);
        return true;
    }
};

struct RtmpBase : Session {
    enum { HS, UP } st = HS;
    std::string hs;
    ChunkReader rd;
    u32 ack_win = 2500000, msid = 1;
    u64 acked = 0;
    std::string app;

    void on_connected() override
    {
        std::string c(1 + 1536, '\0');
        c[0] = 3;
        for (size_t i = 9; i < c.size(); i++)
            c[i] = char((i * 131 + size_t(id) * 17) & 255);
        send_str(c);
    }
    void cmd(int csid, u32 sid, const std::string& body)
    {
        std::string o;
        append_chunks(o, csid, 20, sid, 0, body.data(), body.size(), 128);
        send_str(o);
    }
    void ctl(int type, const std::string& body)
    {
        std::string o;
        append_chunks(o, 2, type, 0, 0, body.data(), body.size(), 128);
        send_str(o);
    }
    void connect_cmd(bool pub)
    {
        std::string b;
        amf_str(b, "connect");
        amf_num(b, 1);
        w8(b, 3);
        auto kv = [&](const char* k, const std::string& v) {
            amf_str_raw(b, k);
            amf_str(b, v);
        };
        kv("app", url.app);
        if (pub)
            kv("type", "nonprivate");
        kv("flashVer", pub ? "FMLE/3.0 (compatible; loadgen)" : "LNX 9,0,124,2");
        kv("tcUrl", "rtmp://" + url.host + ":" + std::to_string(url.port) + "/" + url.app);
        if (!pub) {
            amf_str_raw(b, "fpad");
            w8(b, 1);
            w8(b, 0);
            amf_str_raw(b, "capabilities");
            amf_num(b, 15);
            amf_str_raw(b, "audioCodecs");
            amf_num(b, 4071);
            amf_str_raw(b, "videoCodecs");
            amf_num(b, 252);
            amf_str_raw(b, "videoFunction");
            amf_num(b, 1);
        }
        w24(b, 9);
        cmd(3, 0, b);
    }
    void on_data(const u8* p, size_t n) override
    {
        if (st == HS) {
            hs.append(reinterpret_cast<const char*>(p), n);
            if (hs.size() < 1 + 1536 * 2)
                return;
            send_bytes(hs.data() + 1, 1536); // C2 = S1
            st = UP;
            after_handshake();
            std::string rest = hs.substr(1 + 1536 * 2);
            hs.clear();
            hs.shrink_to_fit();
            if (rest.empty() || dead)
                return;
            parse(reinterpret_cast<const u8*>(rest.data()), rest.size());
            return;
        }
        parse(p, n);
        ack();
    }
    void parse(const u8* p, size_t n)
    {
        bool ok = rd.feed(
            p, n, [this](int type, u32 ts, u32 sid, const u8* q, size_t l) { message(type, ts, sid, q, l); });
        if (!ok)
            disconnect("bad chunk stream");
    }
    void after_discard(size_t) override { ack(); }
    void ack()
    {
        if (dead || bytes - acked < ack_win)
            return;
        acked = bytes;
        std::string b;
        w32(b, u32(bytes));
        ctl(3, b);
    }
    void message(int type, u32 ts, u32, const u8* q, size_t l)
    {
        switch (type) {
        case 1:
            if (l >= 4)
                rd.chunk = be32(q) & 0x7fffffff;
            break;
        case 5:
            if (l >= 4 && be32(q))
                ack_win = be32(q);
            break;
        case 4:
            if (l >= 6 && be16(q) == 6) {
                std::string b;
                w16(b, 7);
                b.append(reinterpret_cast<const char*>(q) + 2, 4);
                ctl(4, b);
            }
            break;
        case 17:
            if (l) {
                q++;
                l--;
            }
            [[fallthrough]];
        case 20: command(q, l); break;
        case 8:
        case 9:
        case 18: media(type, ts, q, l); break;
        case 22: { // aggregate
            size_t i = 0;
            long long base = -1;
            while (i + 11 <= l) {
                int tt = q[i];
                u32 len = be24(q + i + 1), tts = be24(q + i + 4) | u32(q[i + 7]) << 24;
                if (base < 0)
                    base = tts;
                if (i + 11 + len > l)
                    break;
                media(tt, ts + u32(tts - base), q + i + 11, len);
                i += 11 + len + 4;
            }
            break;
        }
        default: break;
        }
    }
    void command(const u8* q, size_t l)
    {
        if (l < 3 || q[0] != 2)
            return;
        size_t n = be16(q + 1);
        if (l < 3 + n)
            return;
        std::string name(reinterpret_cast<const char*>(q) + 3, n);
        size_t i = 3 + n;
        double txn = 0;
        if (i + 9 <= l && q[i] == 0) {
            txn = amf_get_num(q + i + 1);
            i += 9;
        }
        if (name == "_result") {
            double v = 0;
            // skip null / find a trailing number
            if (i + 1 <= l && q[i] == 5 && i + 10 <= l && q[i + 1] == 0)
                v = amf_get_num(q + i + 2);
            result(int(txn), v);
        } else if (name == "_error") {
            fail("_error from server");
        } else if (name == "onStatus") {
            std::string body(reinterpret_cast<const char*>(q) + i, l - i);
            status(body);
        }
    }
    virtual void after_handshake() = 0;
    virtual void result(int txn, double v) = 0;
    virtual void status(const std::string& body) = 0;
    virtual void media(int, u32, const u8*, size_t) {}
};

struct RtmpPlay : RtmpBase {
    MediaCheck mc;
    void after_handshake() override { connect_cmd(false); }
    void result(int txn, double v) override
    {
        if (txn == 1) {
            std::string w;
            w32(w, 2500000);
            ctl(5, w);
            std::string b;
            amf_str(b, "createStream");
            amf_num(b, 2);
            w8(b, 5);
            cmd(3, 0, b);
        } else if (txn == 2) {
            msid = u32(v);
            std::string b;
            amf_str(b, "play");
            amf_num(b, 3);
            w8(b, 5);
            amf_str(b, url.stream);
            amf_num(b, -2000);
            cmd(8, msid, b);
            std::string u;
            w16(u, 3);
            w32(u, msid);
            w32(u, u32(O.buffer_ms));
            ctl(4, u);
        }
    }
    void status(const std::string& b) override
    {
        if (b.find("NetStream.Play.Start") != std::string::npos ||
            b.find("NetStream.Play.Reset") != std::string::npos ||
            b.find("NetStream.Data.Start") != std::string::npos)
            playing();
        else if (b.find("StreamNotFound") != std::string::npos || b.find(".Failed") != std::string::npos)
            fail("play refused");
    }
    void media(int type, u32 ts, const u8* p, size_t n) override
    {
        if (type == 18)
            return;
        playing();
        mc.flv_tag(this, type, ts, p, n);
    }
};

// ---------------------------------------------------------------- RTMP publisher
struct FlvFile {
    std::vector<u8> d;
    struct Tag {
        int type;
        u32 ts;
        size_t off, len;
        bool seq, vnal;
    };
    std::vector<Tag> heads, tags;
    u32 loop_ms = 0;
    void load(const std::string& f)
    {
        std::string s = slurp(f.c_str());
        if (s.size() < 13 || s.compare(0, 3, "FLV"))
            die("not an FLV file: %s", f.c_str());
        d.assign(s.begin(), s.end());
        size_t i = be32(&d[5]) + 4;
        long long v0 = -1, v1 = -1, vp = -1, step = 40;
        u32 t0 = 0;
        bool first = true;
        while (i + 11 <= d.size()) {
            Tag t{};
            t.type = d[i] & 31;
            t.len = be24(&d[i + 1]);
            t.ts = be24(&d[i + 4]) | u32(d[i + 7]) << 24;
            t.off = i + 11;
            i += 11 + t.len + 4;
            if (i > d.size())
                break;
            const u8* p = &d[t.off];
            if (t.type == 18) {
                heads.push_back(t);
                continue;
            }
            if (t.type != 8 && t.type != 9)
                continue;
            if (t.type == 9 && t.len >= 5 && (p[0] & 15) == 7) {
                if (p[1] == 0) {
                    heads.push_back(t);
                    continue;
                }
                if (p[1] != 1)
                    continue;
                t.vnal = true;
            }
            if (t.type == 8 && t.len >= 2 && (p[0] >> 4) == 10 && p[1] == 0) {
                heads.push_back(t);
                continue;
            }
            if (first) {
                t0 = t.ts;
                first = false;
            }
            t.ts = t.ts >= t0 ? t.ts - t0 : 0;
            if (t.type == 9) {
                if (v0 < 0)
                    v0 = t.ts;
                if (vp >= 0 && t.ts > vp)
                    step = t.ts - vp;
                vp = v1 = t.ts;
            }
            tags.push_back(t);
        }
        if (tags.empty())
            die("no media in %s", f.c_str());
        std::stable_sort(tags.begin(), tags.end(), [](const Tag& a, const Tag& b) { return a.ts < b.ts; });
        loop_ms = v1 > v0 ? u32(v1 - v0 + step) : tags.back().ts + 23;
        while (!tags.empty() && tags.back().ts >= loop_ms)
            tags.pop_back();
        double bits = 0;
        for (auto& t : tags)
            bits += double(t.len) * 8;
        fprintf(stderr, "loadgen: %s: %zu tags, loop %u ms, %.0f kbit/s payload\n", f.c_str(), tags.size(),
                loop_ms, bits / loop_ms);
    }
} g_flv;

int g_publishing = 0;
struct RtmpPublish : RtmpBase {
    size_t idx = 0;
    u64 t0 = 0;
    u32 loop = 0, prev_ts[2] = {0, 0};
    bool started[2] = {false, false};
    std::string buf, pay;

    void after_handshake() override { connect_cmd(true); }
    void result(int txn, double v) override
    {
        if (txn == 1) {
            std::string c;
            w32(c, u32(O.chunk));
            ctl(1, c);
            for (const char* n : {"releaseStream", "FCPublish"}) {
                std::string b;
                amf_str(b, n);
                amf_num(b, n[0] == 'r' ? 2 : 3);
                w8(b, 5);
                amf_str(b, url.stream);
                cmd(3, 0, b);
            }
            std::string b;
            amf_str(b, "createStream");
            amf_num(b, 4);
            w8(b, 5);
            cmd(3, 0, b);
        } else if (txn == 4) {
            msid = u32(v);
            std::string b;
            amf_str(b, "publish");
            amf_num(b, 5);
            w8(b, 5);
            amf_str(b, url.stream);
            amf_str(b, "live");
            cmd(8, msid, b);
        }
    }
    void status(const std::string& b) override
    {
        if (b.find("NetStream.Publish.Start") != std::string::npos) {
            if (counted_play)
                return;
            playing();
            g_publishing++;
            buf.clear();
            for (auto& t : g_flv.heads) {
                std::string m;
                if (t.type == 18)
                    amf_str(m, "@setDataFrame");
                m.append(reinterpret_cast<const char*>(&g_flv.d[t.off]), t.len);
                append_chunks(buf,
                              t.type == 9   ? 6
                              : t.type == 8 ? 4
                                            : 5,
                              t.type, msid, 0, m.data(), m.size(), size_t(O.chunk));
            }
            send_str(buf);
            t0 = mono_us();
            timer(t0);
        } else if (b.find("BadName") != std::string::npos || b.find("error") != std::string::npos) {
            fail("publish refused");
        }
    }
    void on_timer() override
    {
        if (dead)
            return;
        u64 now = mono_us();
        buf.clear();
        u64 due = 0;
        for (;;) {
            auto& t = g_flv.tags[idx];
            u32 ts = t.ts + loop * g_flv.loop_ms;
            due = t0 + u64(ts) * 1000;
            if (due > now)
                break;
            if (g_window)
                S.send_late.add(now - due);
            const char* p = reinterpret_cast<const char*>(&g_flv.d[t.off]);
            size_t n = t.len;
            if (t.vnal && O.marker) {
                pay.resize(kMarkerLen + n);
                memcpy(pay.data(), p, 5);
                put_marker(reinterpret_cast<u8*>(pay.data()) + 5, real_us());
                memcpy(pay.data() + 5 + kMarkerLen, p + 5, n - 5);
                p = pay.data();
                n = pay.size();
            }
            int k = t.type == 9 ? 0 : 1;
            append_chunks(buf, k ? 4 : 6, t.type, msid, ts, p, n, size_t(O.chunk), started[k],
                          ts - prev_ts[k]);
            started[k] = true;
            prev_ts[k] = ts;
            if (++idx == g_flv.tags.size()) {
                idx = 0;
                loop++;
            }
        }
        if (!buf.empty()) {
            bytes += buf.size();
            S.bytes += buf.size();
            send_str(buf);
        }
        if (!dead)
            timer(due);
    }
};

// ---------------------------------------------------------------- HTTP
struct Http {
    enum { HEAD, BODY, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, DONE } st = HEAD;
    std::string head, line;
    int code = 0;
    long long left = -1; // body bytes left; -1: until close
    bool chunked = false, close_after = false;
    void reset() { *this = Http(); }
    static std::string header(const std::string& h, const char* name)
    {
        size_t nl = strlen(name), p = 0;
        while ((p = h.find("\r\n", p)) != std::string::npos) {
            p += 2;
            if (h.size() > p + nl && !strncasecmp(h.c_str() + p, name, nl) && h[p + nl] == ':') {
                size_t b = p + nl + 1, e = h.find("\r\n", b);
                while (b < e && h[b] == ' ')
                    b++;
                return h.substr(b, e - b);
            }
        }
        return "";
    }
    // Feeds bytes; body(p, n) is called with entity bytes. Returns bytes consumed (stops at the end of a
    // response).
    template <class F>
    size_t feed(const u8* p, size_t n, F&& body)
    {
        size_t i = 0;
        while (i < n && st != DONE) {
            switch (st) {
            case HEAD: {
                head += char(p[i++]);
                if (head.size() >= 4 && !head.compare(head.size() - 4, 4, "\r\n\r\n")) {
                    code = head.size() > 12 ? atoi(head.c_str() + 9) : 0;
                    chunked = !strcasecmp(header(head, "Transfer-Encoding").c_str(), "chunked");
                    std::string cl = header(head, "Content-Length");
                    close_after = !strcasecmp(header(head, "Connection").c_str(), "close");
                    if (chunked)
                        st = CHUNK_SIZE;
                    else {
                        left = cl.empty() ? -1 : atoll(cl.c_str());
                        st = left == 0 ? DONE : BODY;
                    }
                }
                break;
            }
            case BODY: {
                size_t k = left < 0 ? n - i : std::min<size_t>(size_t(left), n - i);
                body(p + i, k);
                i += k;
                if (left >= 0 && (left -= (long long)k) == 0)
                    st = DONE;
                break;
            }
            case CHUNK_SIZE:
                line += char(p[i++]);
                if (line.size() >= 2 && line[line.size() - 1] == '\n') {
                    left = strtoll(line.c_str(), nullptr, 16);
                    line.clear();
                    st = left ? CHUNK_DATA : CHUNK_END;
                }
                break;
            case CHUNK_DATA: {
                size_t k = std::min<size_t>(size_t(left), n - i);
                body(p + i, k);
                i += k;
                if ((left -= (long long)k) == 0) {
                    st = CHUNK_END;
                    left = 1;
                }
                break;
            }
            case CHUNK_END: // CRLF after a chunk (left=1) or after the last chunk (left=0)
                if (p[i++] == '\n')
                    st = left ? CHUNK_SIZE : DONE;
                break;
            case DONE: break;
            }
        }
        return i;
    }
};

struct FlvReader {
    std::vector<u8> b;
    bool head = false;
    template <class F>
    void feed(const u8* p, size_t n, F&& cb)
    {
        b.insert(b.end(), p, p + n);
        size_t i = 0;
        if (!head) {
            if (b.size() < 13)
                return;
            head = true;
            i = 13;
        }
        while (b.size() - i >= 11) {
            size_t len = be24(&b[i + 1]);
            if (b.size() - i < 11 + len + 4)
                break;
            cb(b[i] & 31, be24(&b[i + 4]) | u32(b[i + 7]) << 24, &b[i + 11], len);
            i += 11 + len + 4;
        }
        b.erase(b.begin(), b.begin() + long(i));
    }
};

struct FlvPlay : Session {
    Http http;
    FlvReader flv;
    MediaCheck mc;
    void on_connected() override
    {
        send_str("GET " + url.path + " HTTP/1.1\r\nHost: " + url.host + ":" + std::to_string(url.port) +
                 "\r\nUser-Agent: loadgen\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n");
    }
    void on_data(const u8* p, size_t n) override
    {
        http.feed(p, n, [&](const u8* q, size_t l) {
            if (http.code != 200)
                return;
            playing();
            flv.feed(q, l, [&](int type, u32 ts, const u8* b, size_t bl) {
                if (type != 18)
                    mc.flv_tag(this, type, ts, b, bl);
            });
        });
        if (http.st != Http::HEAD && http.code != 200)
            fail("HTTP " + std::to_string(http.code));
    }
};

// ---------------------------------------------------------------- HLS
struct HlsPlay : Session {
    enum { PLAYLIST, SEGMENT, IDLE } what = PLAYLIST;
    struct Seg {
        std::string uri;
        double dur;
    };
    Http http;
    std::string body, cur_path, list_path;
    std::vector<Seg> todo;
    size_t todo_i = 0;
    long long next_seq = -1;
    double target = 2, fetched_media = 0;
    u64 t_load = 0, t_play0 = 0, t_req = 0, w_seg = 0;
    bool first_batch = true;

    void start() override
    {
        list_path = url.path;
        Session::start();
    }
    void on_connected() override { request(list_path, PLAYLIST); }
    void request(const std::string& path, decltype(what) w)
    {
        what = w;
        http.reset();
        body.clear();
        discard = false;
        cur_path = path;
        t_req = mono_us();
        if (w == PLAYLIST)
            t_load = t_req;
        if (fd < 0) {
            reopen();
            return;
        }
        get();
    }
    void get()
    {
        send_str("GET " + cur_path + " HTTP/1.1\r\nHost: " + url.host + ":" + std::to_string(url.port) +
                 "\r\nUser-Agent: loadgen\r\nAccept: */*\r\nConnection: " +
                 (O.hls_keepalive ? "keep-alive" : "close") + "\r\n\r\n");
    }
    // A further TCP connection of the same viewer.
    void reopen()
    {
        close_fd();
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0) {
            disconnect(strerror(errno));
            return;
        }
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        connect(fd, reinterpret_cast<const sockaddr*>(&url.sa), sizeof url.sa);
        want_out = true;
        connecting = false;
        epoll_event e{};
        e.events = EPOLLIN | EPOLLOUT;
        e.data.ptr = static_cast<Handler*>(this);
        epoll_ctl(g_ep, EPOLL_CTL_ADD, fd, &e);
        out = "GET " + cur_path + " HTTP/1.1\r\nHost: " + url.host + ":" + std::to_string(url.port) +
              "\r\nUser-Agent: loadgen\r\nAccept: */*\r\nConnection: " +
              (O.hls_keepalive ? "keep-alive" : "close") + "\r\n\r\n";
    }
    bool on_eof() override
    {
        if (what == IDLE) {
            close_fd();
            return true;
        }
        if (http.st == Http::BODY && http.left < 0) {
            close_fd();
            complete();
            return true;
        }
        if (http.st == Http::HEAD && http.head.empty() && counted_play) {
            reopen();
            return true;
        } // kept-alive connection expired
        return false;
    }
    void on_data(const u8* p, size_t n) override
    {
        http.feed(p, n, [&](const u8* q, size_t l) {
            if (what == PLAYLIST || sampled)
                body.append(reinterpret_cast<const char*>(q), l);
        });
        if (http.st == Http::DONE)
            complete();
        else if (http.st == Http::BODY && what == SEGMENT && !sampled && http.left > 0)
            discard = true;
    }
    size_t discard_limit() override { return size_t(http.left); }
    void after_discard(size_t n) override
    {
        if ((http.left -= (long long)n) <= 0) {
            discard = false;
            http.st = Http::DONE;
            complete();
        }
    }
    std::string resolve(const std::string& u)
    {
        if (u.compare(0, 7, "http://") == 0) {
            size_t s = u.find('/', 7);
            return s == std::string::npos ? "/" : u.substr(s);
        }
        if (!u.empty() && u[0] == '/')
            return u;
        std::string base = list_path.substr(0, list_path.find('?'));
        return base.substr(0, base.rfind('/') + 1) + u;
    }
    void complete()
    {
        int code = http.code;
        bool cl = http.close_after || !O.hls_keepalive;
        if (cl)
            close_fd();
        if (code != 200 && code != 206) {
            S.hls_errors++;
            if (!counted_play && g_now > t_start + 15000000) {
                fail("HTTP " + std::to_string(code));
                return;
            }
            if (what == SEGMENT) {
                todo_i++;
                next();
                return;
            }
            what = IDLE;
            timer(mono_us() + 500000);
            return;
        }
        if (what == PLAYLIST) {
            if (g_window)
                S.hls_playlists++;
            parse_playlist();
        } else {
            segment_done();
            todo_i++;
            next();
        }
    }
    void parse_playlist()
    {
        playing();
        std::vector<Seg> segs;
        long long seq = 0;
        double dur = 0;
        bool variant = false;
        size_t p = 0;
        while (p < body.size()) {
            size_t e = body.find('\n', p);
            if (e == std::string::npos)
                e = body.size();
            std::string l = body.substr(p, e - p);
            p = e + 1;
            while (!l.empty() && (l.back() == '\r' || l.back() == ' '))
                l.pop_back();
            if (l.empty())
                continue;
            if (!l.compare(0, 22, "#EXT-X-MEDIA-SEQUENCE:"))
                seq = atoll(l.c_str() + 22);
            else if (!l.compare(0, 22, "#EXT-X-TARGETDURATION:"))
                target = atof(l.c_str() + 22);
            else if (!l.compare(0, 8, "#EXTINF:"))
                dur = atof(l.c_str() + 8);
            else if (!l.compare(0, 17, "#EXT-X-STREAM-INF"))
                variant = true;
            else if (l[0] != '#') {
                if (variant) {
                    list_path = resolve(l);
                    request(list_path, PLAYLIST);
                    return;
                }
                segs.push_back({l, dur});
            }
        }
        todo.clear();
        todo_i = 0;
        if (segs.empty()) {
            what = IDLE;
            timer(t_load + 500000);
            return;
        }
        long long last = seq + (long long)segs.size() - 1;
        if (next_seq < 0)
            next_seq = std::max(seq, last - 2);
        if (next_seq < seq)
            next_seq = seq; // fell behind the window
        for (long long s = next_seq; s <= last; s++)
            todo.push_back(segs[size_t(s - seq)]);
        if (todo.empty()) {
            if (g_window)
                S.hls_not_new++;
            what = IDLE;
            timer(t_load + u64(std::max(0.2, target / 2) * 1e6));
            return;
        }
        next_seq = last + 1;
        next();
    }
    void next()
    {
        if (dead)
            return;
        if (todo_i < todo.size()) {
            request(resolve(todo[todo_i].uri), SEGMENT);
            return;
        }
        what = IDLE;
        u64 now = mono_us();
        if (first_batch) {
            first_batch = false;
            t_play0 = now;
        }
        u64 wait = u64((todo.empty() ? target : todo.back().dur) * 1e6);
        timer(std::max(now + 1000, t_load + wait));
    }
    void segment_done()
    {
        u64 now = mono_us();
        media_rx();
        if (!t_key) {
            t_key = now;
            S.got_key++;
            S.first_key.add(now - t_start);
        }
        if (t_play0) { // simple player buffer
            double played = double(now - t_play0) / 1e6;
            if (played > fetched_media) {
                if (g_window)
                    S.hls_underruns++;
                t_play0 = now - u64(fetched_media * 1e6);
            }
        }
        fetched_media += todo[todo_i].dur;
        if (!g_window)
            return;
        S.hls_segments++;
        S.seg_fetch.add(now - t_req);
        if (sampled && !body.empty()) {
            const u8* b = reinterpret_cast<const u8*>(body.data());
            size_t n = body.size(), i = 0;
            u64 first = 0, lastm = 0, rn = real_us();
            while (i + 32 < n) {
                const void* q = memmem(b + i, n - i - 16, kUuid, 16);
                if (!q)
                    break;
                i = size_t(static_cast<const u8*>(q) - b) + 16;
                if (u64 t = hex16(b + i)) {
                    if (!first)
                        first = t;
                    lastm = t;
                    S.v_msgs++;
                }
            }
            if (lastm) {
                add_latency(rn - lastm);
                S.hls_first_age.add(rn - first);
            }
        }
    }
    void on_timer() override
    {
        if (!dead && what == IDLE)
            request(list_path, PLAYLIST);
    }
};

// ---------------------------------------------------------------- RTSP
int g_next_udp = 20000;
struct RtspPlay : Session {
    struct Track {
        bool video;
        std::string control;
        int rtp = -1, rtcp = -1, port = 0, sport = 0;
        u32 ssrc = 0;
        int last_seq = -1;
        u32 ext = 0;
    };
    struct UdpSock : Handler {
        RtspPlay* s;
        int track, fd;
        bool rtcp;
        UdpSock(RtspPlay* a, int t, int f, bool r) : s(a), track(t), fd(f), rtcp(r) {}
        void on_event(u32) override { rtcp ? s->drain_rtcp(fd) : s->udp_rx(track, fd); }
    };
    std::vector<Track> tracks;
    std::vector<std::unique_ptr<UdpSock>> socks;
    int cseq = 0, st = 0;
    size_t setup_i = 0;
    std::string base, session, buf;
    bool key_started = false;
    MediaCheck mc;
    u64 ka_n = 0;

    void req(const std::string& m, const std::string& u, const std::string& extra = "")
    {
        std::string r =
            m + " " + u + " RTSP/1.0\r\nCSeq: " + std::to_string(++cseq) + "\r\nUser-Agent: loadgen\r\n";
        if (!session.empty())
            r += "Session: " + session + "\r\n";
        send_str(r + extra + "\r\n");
    }
    std::string full() const { return "rtsp://" + url.host + ":" + std::to_string(url.port) + url.path; }
    void on_connected() override { req("OPTIONS", full()); }
    void on_data(const u8* p, size_t n) override
    {
        buf.append(reinterpret_cast<const char*>(p), n);
        size_t i = 0;
        while (i < buf.size() && !dead) {
            const u8* b = reinterpret_cast<const u8*>(buf.data()) + i;
            size_t left = buf.size() - i;
            if (b[0] == '$') {
                if (left < 4)
                    break;
                size_t l = be16(b + 2);
                if (left < 4 + l)
                    break;
                int ch = b[1];
                if (!(ch & 1) && size_t(ch / 2) < tracks.size())
                    rtp(ch / 2, b + 4, l, l);
                i += 4 + l;
            } else {
                size_t e = buf.find("\r\n\r\n", i);
                if (e == std::string::npos)
                    break;
                std::string head = buf.substr(i, e + 4 - i);
                size_t cl = size_t(atol(Http::header(head, "Content-Length").c_str()));
                if (buf.size() < e + 4 + cl)
                    break;
                std::string body = buf.substr(e + 4, cl);
                i = e + 4 + cl;
                reply(head, body);
            }
        }
        buf.erase(0, i);
        if (discard && !buf.empty()) {
            buf.clear();
            buf.shrink_to_fit();
        }
    }
    void reply(const std::string& h, const std::string& b)
    {
        int code = h.size() > 12 ? atoi(h.c_str() + 9) : 0;
        if (h.compare(0, 5, "RTSP/"))
            return; // a request of the server
        if (st >= 4)
            return; // keep-alive answers
        if (code != 200) {
            fail("RTSP " + std::to_string(code) + " in state " + std::to_string(st));
            return;
        }
        if (st == 0) {
            st = 1;
            req("DESCRIBE", full(), "Accept: application/sdp\r\n");
        } else if (st == 1) {
            base = Http::header(h, "Content-Base");
            if (base.empty())
                base = full();
            size_t p = 0;
            int m = -1;
            while (p < b.size()) {
                size_t e = b.find('\n', p);
                if (e == std::string::npos)
                    e = b.size();
                std::string l = b.substr(p, e - p);
                p = e + 1;
                while (!l.empty() && l.back() == '\r')
                    l.pop_back();
                if (!l.compare(0, 8, "m=video ")) {
                    tracks.push_back({true, "", -1, -1, 0, 0, 0, -1, 0});
                    m = int(tracks.size()) - 1;
                } else if (!l.compare(0, 8, "m=audio ")) {
                    tracks.push_back({false, "", -1, -1, 0, 0, 0, -1, 0});
                    m = int(tracks.size()) - 1;
                } else if (m >= 0 && !l.compare(0, 10, "a=control:"))
                    tracks[size_t(m)].control = l.substr(10);
            }
            if (tracks.empty()) {
                fail("no tracks in SDP");
                return;
            }
            st = 2;
            setup();
        } else if (st == 2) {
            std::string s = Http::header(h, "Session");
            if (!s.empty())
                session = s.substr(0, s.find(';'));
            std::string t = Http::header(h, "Transport");
            if (size_t k = t.find("server_port="); k != std::string::npos)
                tracks[setup_i].sport = atoi(t.c_str() + k + 12);
            if (++setup_i < tracks.size())
                setup();
            else {
                st = 3;
                req("PLAY", base, "Range: npt=0.000-\r\n");
            }
        } else if (st == 3) {
            st = 4;
            playing();
            timer(mono_us() + 5000000);
        }
    }
    void setup()
    {
        Track& t = tracks[setup_i];
        std::string u = t.control.compare(0, 7, "rtsp://") == 0
                            ? t.control
                            : base + (base.back() == '/' ? "" : "/") + t.control;
        std::string tr;
        if (O.udp) {
            if (!bind_pair(t)) {
                fail("no UDP port pair");
                return;
            }
            tr = "RTP/AVP;unicast;client_port=" + std::to_string(t.port) + "-" + std::to_string(t.port + 1);
        } else {
            tr = "RTP/AVP/TCP;unicast;interleaved=" + std::to_string(setup_i * 2) + "-" +
                 std::to_string(setup_i * 2 + 1);
        }
        req("SETUP", u, "Transport: " + tr + "\r\n");
    }
    bool bind_pair(Track& t)
    {
        for (int tries = 0; tries < 20000; tries++) {
            int p = g_next_udp;
            g_next_udp += 2;
            if (g_next_udp > 32000)
                g_next_udp = 20000;
            int f[2] = {-1, -1};
            bool ok = true;
            for (int k = 0; k < 2 && ok; k++) {
                f[k] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
                sockaddr_in a{};
                a.sin_family = AF_INET;
                a.sin_port = htons(uint16_t(p + k));
                a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
                if (f[k] < 0 || bind(f[k], reinterpret_cast<sockaddr*>(&a), sizeof a) < 0)
                    ok = false;
            }
            if (!ok) {
                for (int x : f)
                    if (x >= 0)
                        close(x);
                if (errno == EMFILE)
                    return false;
                continue;
            }
            int rb = 1 << 20;
            if (setsockopt(f[0], SOL_SOCKET, SO_RCVBUFFORCE, &rb, sizeof rb) < 0)
                setsockopt(f[0], SOL_SOCKET, SO_RCVBUF, &rb, sizeof rb);
            t.rtp = f[0];
            t.rtcp = f[1];
            t.port = p;
            for (int k = 0; k < 2; k++) {
                socks.push_back(std::make_unique<UdpSock>(this, int(setup_i), f[k], k == 1));
                epoll_event e{};
                e.events = EPOLLIN;
                e.data.ptr = static_cast<Handler*>(socks.back().get());
                epoll_ctl(g_ep, EPOLL_CTL_ADD, f[k], &e);
            }
            return true;
        }
        return false;
    }
    void drain_rtcp(int f)
    {
        char b[1500];
        while (recv(f, b, sizeof b, MSG_DONTWAIT) > 0) {
        }
    }
    void udp_rx(int tr, int f)
    {
        constexpr int V = 64;
        static u8 pool[V][2048];
        static mmsghdr mh[V];
        static iovec iv[V];
        size_t want = sampled ? 2048 : 64;
        for (int i = 0; i < V; i++) {
            iv[i] = {pool[i], want};
            mh[i] = {};
            mh[i].msg_hdr.msg_iov = &iv[i];
            mh[i].msg_hdr.msg_iovlen = 1;
        }
        int n = recvmmsg(f, mh, V, MSG_DONTWAIT | MSG_TRUNC, nullptr);
        if (n <= 0)
            return;
        size_t sum = 0;
        for (int i = 0; i < n; i++)
            sum += mh[i].msg_len;
        rx(sum);
        for (int i = 0; i < n; i++)
            rtp(tr, pool[i], std::min<size_t>(mh[i].msg_len, want), mh[i].msg_len);
    }
    // `have` bytes are readable of a packet of `l` bytes.
    void rtp(int tr, const u8* p, size_t have, size_t l)
    {
        if (have < 13 || l < 13 || (p[0] >> 6) != 2)
            return;
        media_rx();
        Track& t = tracks[size_t(tr)];
        int seq = int(be16(p + 2));
        t.ssrc = be32(p + 8);
        if (g_window) {
            S.rtp_pkts++;
            if (t.last_seq >= 0) {
                int d = (seq - t.last_seq) & 0xffff;
                if (d != 1 && d < 0x8000)
                    S.seq_lost += u64(d - 1);
            }
        }
        t.last_seq = seq;
        t.ext = u32(seq);
        bool m = p[1] & 0x80;
        size_t h = 12 + 4u * (p[0] & 15u);
        if ((p[0] & 0x10) && have >= h + 4)
            h += 4 + 4 * be16(p + h + 2);
        if (have <= h + 1)
            return;
        const u8* q = p + h;
        if (t.video) {
            int nt = q[0] & 31;
            bool idr = nt == 5 || (nt == 28 && (q[1] & 0x9f) == 0x85);
            if (nt == 24) {
                size_t i = 1;
                while (i + 3 <= have - h) {
                    if ((q[i + 2] & 31) == 5)
                        idr = true;
                    i += 2 + be16(q + i);
                }
            }
            if (idr)
                key_started = true;
            if (m && key_started) {
                if (!t_key)
                    key_rx();
                if (sampled && g_window)
                    S.keys++;
                key_started = false;
            }
            if (sampled && g_window) {
                if (m)
                    S.v_msgs++;
                if (u64 ts = find_marker(q, have - h)) {
                    u64 now = real_us();
                    add_latency(now > ts ? now - ts : 0);
                }
            }
        } else if (sampled && g_window) {
            S.a_msgs++;
        }
        if (O.udp)
            discard = false;
    }
    void on_timer() override
    {
        if (dead || st < 4)
            return;
        for (size_t i = 0; i < tracks.size(); i++) {
            Track& t = tracks[i];
            std::string r;
            w8(r, 0x81);
            w8(r, 201);
            w16(r, 7);
            w32(r, u32(0x10000000 + id * 4 + int(i)));
            w32(r, t.ssrc);
            w32(r, 0);
            w32(r, t.ext);
            w32(r, 0);
            w32(r, 0);
            w32(r, 0);
            if (O.udp) {
                if (t.rtcp < 0 || !t.sport)
                    continue;
                sockaddr_in a = url.sa;
                a.sin_port = htons(uint16_t(t.sport + 1));
                sendto(t.rtcp, r.data(), r.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&a), sizeof a);
            } else {
                std::string f = "$";
                w8(f, u32(i * 2 + 1));
                w16(f, u32(r.size()));
                send_str(f + r);
            }
        }
        if (++ka_n % 2 == 0)
            req("OPTIONS", base);
        timer(mono_us() + 5000000);
    }
};

// ---------------------------------------------------------------- event loop
void sweep(int timeout_ms)
{
    static epoll_event ev[4096];
    for (;;) {
        int n = epoll_wait(g_ep, ev, 4096, timeout_ms);
        g_now = mono_us();
        for (int i = 0; i < n; i++)
            static_cast<Handler*>(ev[i].data.ptr)->on_event(ev[i].events);
        if (n < 4096)
            return;
        timeout_ms = 0;
    }
}
void run_timers()
{
    u64 now = mono_us();
    while (!T.q.empty() && T.q.top().at <= now) {
        auto e = T.q.top();
        T.q.pop();
        if (e.gen == e.s->timer_gen && !e.s->dead)
            e.s->on_timer();
    }
}

struct Snapshot {
    u64 t = 0, bytes = 0, reads = 0;
    ProcSample srv;
    CoreSample sc, gc;
    double self = 0;
};
Snapshot snap()
{
    Snapshot s;
    s.t = mono_us();
    s.bytes = S.bytes;
    s.reads = S.reads;
    s.srv = sample_procs(O.server_pids);
    s.sc = sample_core(O.server_core);
    s.gc = sample_core(O.gen_core);
    s.self = self_cpu();
    return s;
}

// One-second slices of the window: see --clean-other.
struct Slices {
    std::vector<int> pids;
    u64 t = 0, bytes = 0;
    double srv = 0, self = 0;
    CoreSample sc, gc;
    int kept = 0, dropped = 0;
    double sum_s = 0, sum_cpu = 0, sum_gbit = 0, worst = 0;

    double cpu() const
    {
        static const double hz = double(sysconf(_SC_CLK_TCK));
        double c = 0;
        for (int pid : pids) {
            std::string x = slurp(("/proc/" + std::to_string(pid) + "/stat").c_str());
            size_t r = x.rfind(')');
            unsigned long ut = 0, st = 0;
            if (r != std::string::npos)
                sscanf(x.c_str() + r + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
            c += double(ut + st) / hz;
        }
        return c;
    }
    void take()
    {
        t = mono_us();
        bytes = S.bytes;
        srv = cpu();
        self = self_cpu();
        sc = sample_core(O.server_core);
        gc = sample_core(O.gen_core);
        g_slice_latency = Dist();
    }
    void begin(const std::vector<int>& p)
    {
        pids = p;
        take();
    }
    void tick(u64 now)
    {
        if (now < t + 1000000)
            return;
        double sec = double(mono_us() - t) / 1e6, c = cpu() - srv, own = self_cpu() - self,
               gb = double(S.bytes - bytes) * 8 / 1e9;
        CoreSample x = sample_core(O.server_core), y = sample_core(O.gen_core);
        double o0 = 100 * (x.busy - sc.busy) / std::max(1.0, x.total - sc.total) - 100 * c / sec;
        double o1 = 100 * (y.busy - gc.busy) / std::max(1.0, y.total - gc.total) - 100 * own / sec;
        if (o0 <= O.clean_other && o1 <= O.clean_other + 8) {
            kept++;
            sum_s += sec;
            sum_cpu += c;
            sum_gbit += gb;
            S.clean_latency.v.insert(S.clean_latency.v.end(), g_slice_latency.v.begin(),
                                     g_slice_latency.v.end());
        } else {
            dropped++;
        }
        worst = std::max(worst, std::max(o0, o1));
        take();
    }
    void put(Json& j)
    {
        j.i("clean_s", kept);
        j.i("dropped_s", dropped);
        if (!kept)
            return;
        j.num("clean_server_cpu_pct", 100 * sum_cpu / sum_s, 1);
        j.num("clean_server_cpu_s_per_gbit", sum_gbit > 0 ? sum_cpu / sum_gbit : -1, 4);
        j.num("clean_gbit_per_s", sum_gbit / sum_s, 4);
        S.clean_latency.sorted = false;
        if (!S.clean_latency.v.empty()) {
            j.num("clean_latency_p50_ms", S.clean_latency.pct(.5) / 1000);
            j.num("clean_latency_p99_ms", S.clean_latency.pct(.99) / 1000);
            j.num("clean_latency_max_ms", S.clean_latency.pct(1) / 1000);
        }
    }
};

void put_cpu(Json& j, const Snapshot& a, const Snapshot& b, const ProcSample& idle)
{
    double sec = double(b.t - a.t) / 1e6, gbit = double(b.bytes - a.bytes) * 8 / 1e9;
    double cpu = b.srv.cpu_s - a.srv.cpu_s;
    j.num("window_s", sec);
    j.num("gbit", gbit);
    j.num("gbit_per_s", gbit / sec, 4);
    if (!O.server_pids.empty()) {
        j.num("server_cpu_s", cpu);
        j.num("server_cpu_pct", 100 * cpu / sec, 1);
        j.num("server_user_pct", 100 * (b.srv.user_s - a.srv.user_s) / sec, 1);
        j.num("server_cpu_s_per_gbit", gbit > 0 ? cpu / gbit : -1, 4);
        j.num("rss_mb", double(b.srv.rss_kb) / 1024, 1);
        j.num("rss_mb_before", double(idle.rss_kb) / 1024, 1);
        j.i("server_procs", b.srv.procs);
        j.i("server_threads", b.srv.threads);
        j.num("server_vol_ctxt_per_s", double(b.srv.ctxt - a.srv.ctxt) / sec, 0);
    }
    auto core = [&](const char* n, const CoreSample& x, const CoreSample& y) {
        double t = y.total - x.total;
        j.num((std::string(n) + "_busy_pct").c_str(), t > 0 ? 100 * (y.busy - x.busy) / t : -1, 1);
        j.num((std::string(n) + "_softirq_pct").c_str(), t > 0 ? 100 * (y.softirq - x.softirq) / t : -1, 1);
    };
    core("server_core", a.sc, b.sc);
    core("gen_core", a.gc, b.gc);
    j.num("gen_cpu_pct", 100 * (b.self - a.self) / sec, 1);
}

int run_sessions()
{
    g_ep = epoll_create1(EPOLL_CLOEXEC);
    // 1 MiB, all pages touched
    g_rx = static_cast<u8*>(
        mmap(nullptr, kRxBuf, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
    bool publish = O.mode == "rtmp-publish";
    if (publish)
        g_flv.load(O.file);
    ProcSample idle = sample_procs(O.server_pids);
    u64 t_begin = mono_us();
    int created = 0;
    u64 w_start = 0;
    Snapshot A, B;
    Slices slices;
    u64 next_report = t_begin + 5000000;
    u64 t_ramp_done = 0, t_end = 0;
    std::vector<u64> lag_tcpmem;
    for (;;) {
        u64 now = mono_us();
        g_now = now;
        // ramp
        if (created < O.count) {
            int due = std::min(O.count, 1 + int(double(now - t_begin) / 1e6 * O.ramp));
            for (int burst = 0; created < due && burst < 64; burst++) {
                std::unique_ptr<Session> s;
                if (publish)
                    s = std::make_unique<RtmpPublish>();
                else if (O.mode == "rtmp-play")
                    s = std::make_unique<RtmpPlay>();
                else if (O.mode == "flv-play")
                    s = std::make_unique<FlvPlay>();
                else if (O.mode == "hls-play")
                    s = std::make_unique<HlsPlay>();
                else
                    s = std::make_unique<RtspPlay>();
                s->id = created;
                s->sampled = O.sample > 0 && created % O.sample == 0;
                s->url = parse_url(subst(O.url, publish ? created : created % std::max(1, O.streams)));
                s->start();
                g_sessions.push_back(std::move(s));
                created++;
            }
            if (created == O.count)
                t_ramp_done = mono_us();
        }
        run_timers();
        if (publish || O.batch_ms == 0) {
            // wake up for events, and for the next timer with sub-ms precision
            u64 n2 = mono_us();
            u64 lim = n2 + 2000;
            if (!T.q.empty())
                lim = std::min(lim, T.q.top().at);
            if (lim > n2) {
                timespec ts{time_t((lim - n2) / 1000000), long((lim - n2) % 1000000) * 1000};
                epoll_event ev[256];
                int n = epoll_pwait2(g_ep, ev, 256, &ts, nullptr);
                g_now = mono_us();
                for (int i = 0; i < n; i++)
                    static_cast<Handler*>(ev[i].data.ptr)->on_event(ev[i].events);
            } else {
                sweep(0);
            }
        } else {
            sweep(0);
            timespec ts{0, O.batch_ms * 1000000L};
            nanosleep(&ts, nullptr);
        }
        now = mono_us();
        if (!w_start && t_ramp_done && now >= t_ramp_done + u64(O.settle) * 1000000) {
            w_start = now;
            for (auto& s : g_sessions)
                s->bytes_w0 = s->bytes;
            A = snap();
            slices.begin(A.srv.pids);
            g_window = true;
            t_end = O.duration > 0 ? w_start + u64(O.duration) * 1000000 : 0;
        }
        if (w_start)
            slices.tick(now);
        if (w_start && ((t_end && now >= t_end) || g_stop))
            break;
        if (!w_start && g_stop)
            break;
        if (now >= next_report) {
            next_report += 5000000;
            fprintf(stderr,
                    "loadgen: t=%.0fs started=%d connected=%d playing=%d media=%d key=%d failed=%d disc=%d "
                    "%.1f MB\n",
                    double(now - t_begin) / 1e6, S.started, S.connected, S.playing, S.got_data, S.got_key,
                    S.failed, S.disconnects, double(S.bytes) / 1e6);
        }
    }
    B = snap();
    for (auto& s : g_sessions)
        s->bytes_w1 = s->bytes;
    g_window = false;
    g_now = mono_us();
    long tcp_pages = sockstat_tcp_mem_pages();
    // sessions silent at the end
    int silent = 0;
    if (!publish)
        for (auto& s : g_sessions)
            if (!s->dead && s->t_first && O.mode != "hls-play" && g_now > s->last_rx + 2000000) {
                silent++;
                S.stalls++;
                if (!s->stalled_once)
                    S.stalled_sessions++;
            }
    Json j;
    j.str("mode", O.mode + (O.udp ? "-udp" : ""));
    if (!O.label.empty())
        j.str("label", O.label);
    j.i("count", O.count);
    j.i("connected", S.connected);
    j.i("playing", S.playing);
    j.i("failed", S.failed);
    j.i("disconnects", S.disconnects);
    if (!publish) {
        j.i("got_media", S.got_data);
        j.i("got_key", S.got_key);
        j.i("stalls", (long long)S.stalls);
        j.i("stalled_sessions", S.stalled_sessions);
        j.i("silent_at_end", silent);
    }
    put_cpu(j, A, B, idle);
    slices.put(j);
    double sec = double(B.t - A.t) / 1e6;
    if (!publish) {
        std::vector<double> rate;
        for (auto& s : g_sessions)
            rate.push_back(double(s->bytes_w1 - s->bytes_w0) * 8 / 1000 / sec);
        std::sort(rate.begin(), rate.end());
        if (!rate.empty()) {
            j.num("kbps_min", rate.front(), 0);
            j.num("kbps_p1", rate[size_t(double(rate.size() - 1) * .01)], 0);
            j.num("kbps_p50", rate[rate.size() / 2], 0);
            j.num("kbps_max", rate.back(), 0);
        }
        if (O.expect_kbps) {
            long slow = 0;
            for (double r : rate)
                slow += r < 0.95 * O.expect_kbps;
            j.i("slow_sessions", slow);
        }
        if (O.server_pids.size())
            j.num("rss_kb_per_session", double(B.srv.rss_kb - idle.rss_kb) / std::max(1, O.count), 1);
        j.num("kernel_tcp_mem_mb", double(tcp_pages) * 4096 / 1048576, 1);
        j.num("recv_calls_per_s", double(B.reads - A.reads) / sec, 0);
        j.num("first_media_p50_ms", S.first_media.pct(.5) / 1000);
        j.num("first_media_p99_ms", S.first_media.pct(.99) / 1000);
        put_dist(j, "first_key", S.first_key);
        int ns = O.sample > 0 ? (O.count + O.sample - 1) / O.sample : 0;
        j.i("sampled_sessions", ns);
        if (O.mode == "hls-play") {
            j.i("hls_playlists", (long long)S.hls_playlists);
            j.i("hls_segments", (long long)S.hls_segments);
            j.i("hls_errors", (long long)S.hls_errors);
            j.i("hls_underruns", (long long)S.hls_underruns);
            put_dist(j, "seg_fetch", S.seg_fetch);
            put_dist(j, "seg_last_frame_age", S.latency);
            put_dist(j, "seg_first_frame_age", S.hls_first_age);
        } else {
            put_dist(j, "latency", S.latency);
            j.num("v_msgs_per_sampled_s", ns ? double(S.v_msgs) / ns / sec : 0, 2);
            j.num("a_msgs_per_sampled_s", ns ? double(S.a_msgs) / ns / sec : 0, 2);
            j.i("ts_backwards", (long long)S.ts_backwards);
            if (O.mode == "rtsp-play") {
                j.i("rtp_pkts", (long long)S.rtp_pkts);
                j.i("rtp_lost", (long long)S.seq_lost);
            } else {
                j.i("max_video_ts_step_ms", (long long)S.max_dts_gap);
            }
        }
    } else {
        j.i("streams_publishing", g_publishing);
        put_dist(j, "send_late", S.send_late);
        j.i("send_blocked", (long long)S.blocked);
        if (O.server_pids.size())
            j.num("server_cpu_pct_per_stream", 100 * (B.srv.cpu_s - A.srv.cpu_s) / sec / std::max(1, O.count),
                  4),
                j.num("rss_kb_per_stream", double(B.srv.rss_kb - idle.rss_kb) / std::max(1, O.count), 1);
    }
    j.i("batch_ms", publish ? 0 : O.batch_ms);
    if (!S.last_error.empty())
        j.str("last_error", S.last_error);
    j.print();
    if (!O.per_session.empty()) {
        if (FILE* f = fopen(O.per_session.c_str(), "w")) {
            fprintf(f, "id,kbps,first_media_ms,first_key_ms,stalled,dead\n");
            for (auto& s : g_sessions)
                fprintf(f, "%d,%.0f,%.1f,%.1f,%d,%d\n", s->id,
                        double(s->bytes_w1 - s->bytes_w0) * 8 / 1000 / sec,
                        s->t_first ? double(s->t_first - s->t_start) / 1000 : -1,
                        s->t_key ? double(s->t_key - s->t_start) / 1000 : -1, s->stalled_once, s->dead);
            fclose(f);
        }
    }
    return 0;
}

// ---------------------------------------------------------------- limit mode
// The server process accepts N connections and, every tick, hands each of them the bytes that bitrate gives
// per tick in one send() (N sends back to back, always from the same memory: what a batching fan-out costs at
// least with plain send()). The client process (this program's own draining loop) runs on another core.
void pin(int cpu)
{
    if (cpu < 0)
        return;
    cpu_set_t s;
    CPU_ZERO(&s);
    CPU_SET(cpu, &s);
    sched_setaffinity(0, sizeof s, &s);
}
struct LimitConn {
    int fd;
    size_t pend = 0;
    bool out = false;
};

int limit_server(int lfd, volatile u64* shared)
{
    pin(O.server_cpu);
    std::vector<LimitConn> cs;
    size_t per = size_t(double(O.kbps) * 1000 / 8 * O.tick_ms / 1000);
    std::vector<u8> data(per + 64, 0x5a);
    int ep = epoll_create1(0);
    cs.reserve(size_t(O.count));
    while (int(cs.size()) < O.count) {
        int fd = accept4(lfd, nullptr, nullptr, SOCK_NONBLOCK);
        if (fd < 0)
            continue;
        int one = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        cs.push_back({fd, 0, false});
        epoll_event e{};
        e.events = 0;
        e.data.u64 = cs.size() - 1;
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    }
    u64 next = mono_us(), calls = 0, partial = 0, late_max = 0;
    auto push = [&](size_t i, size_t add) {
        LimitConn& c = cs[i];
        c.pend += add;
        while (c.pend) {
            size_t k = std::min(c.pend, per);
            ssize_t n = send(c.fd, data.data(), k, MSG_DONTWAIT | MSG_NOSIGNAL);
            calls++;
            if (n < 0) {
                if (errno == EAGAIN) {
                    if (!c.out) {
                        c.out = true;
                        partial++;
                        epoll_event e{};
                        e.events = EPOLLOUT;
                        e.data.u64 = i;
                        epoll_ctl(ep, EPOLL_CTL_MOD, c.fd, &e);
                    }
                } else
                    c.pend = 0;
                return;
            }
            c.pend -= size_t(n);
            if (size_t(n) < k)
                continue;
        }
        if (c.out) {
            c.out = false;
            epoll_event e{};
            e.events = 0;
            e.data.u64 = i;
            epoll_ctl(ep, EPOLL_CTL_MOD, c.fd, &e);
        }
    };
    while (!shared[0]) {
        u64 now = mono_us();
        if (now >= next) {
            late_max = std::max(late_max, now - next);
            if (shared[4]) {
                shared[4] = 0;
                late_max = 0;
            }
            for (size_t i = 0; i < cs.size(); i++)
                push(i, per);
            next += u64(O.tick_ms) * 1000;
            shared[1] = calls;
            shared[2] = partial;
            shared[3] = late_max;
        }
        now = mono_us();
        u64 w = next > now ? next - now : 0;
        timespec ts{time_t(w / 1000000), long(w % 1000000) * 1000};
        epoll_event ev[512];
        int n = epoll_pwait2(ep, ev, 512, &ts, nullptr);
        for (int i = 0; i < n; i++)
            push(size_t(ev[i].data.u64), 0);
    }
    return 0;
}

// The same over UDP: one connected socket per session, 1400-byte datagrams, per tick one sendmmsg() or (gso)
// one sendmsg() with UDP_SEGMENT.
int limit_udp_server(const std::vector<int>& ports, volatile u64* shared)
{
    pin(O.server_cpu);
    constexpr size_t kPkt = 1400;
    size_t per = size_t(double(O.kbps) * 1000 / 8 * O.tick_ms / 1000);
    std::vector<u8> data(per + kPkt, 0x5a);
    std::vector<int> fds;
    for (int port : ports) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        sockaddr_in a{};
        a.sin_family = AF_INET;
        a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        a.sin_port = htons(uint16_t(port));
        if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) < 0)
            die("udp connect: %s", strerror(errno));
        int sb = 1 << 20;
        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &sb, sizeof sb) < 0)
            setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &sb, sizeof sb);
        fds.push_back(fd);
    }
    std::vector<mmsghdr> mh(per / kPkt + 2);
    std::vector<iovec> iv(mh.size());
    u64 next = mono_us(), calls = 0, drops = 0, late_max = 0;
    while (!shared[0]) {
        u64 now = mono_us();
        late_max = std::max(late_max, now - next);
        if (shared[4]) {
            shared[4] = 0;
            late_max = 0;
        }
        for (int fd : fds) {
            if (O.gso) {
                for (size_t off = 0; off < per;) {
                    size_t k = std::min(per - off, size_t(46) * kPkt);
                    iovec v{data.data() + off, k};
                    char cb[CMSG_SPACE(sizeof(uint16_t))] = {};
                    msghdr m{};
                    m.msg_iov = &v;
                    m.msg_iovlen = 1;
                    m.msg_control = cb;
                    m.msg_controllen = sizeof cb;
                    cmsghdr* c = CMSG_FIRSTHDR(&m);
                    c->cmsg_level = SOL_UDP;
                    c->cmsg_type = UDP_SEGMENT;
                    c->cmsg_len = CMSG_LEN(sizeof(uint16_t));
                    uint16_t seg = kPkt;
                    memcpy(CMSG_DATA(c), &seg, sizeof seg);
                    if (sendmsg(fd, &m, MSG_DONTWAIT) < 0)
                        drops++;
                    calls++;
                    off += k;
                }
            } else {
                unsigned n = 0;
                for (size_t off = 0; off < per; off += kPkt, n++) {
                    iv[n] = {data.data() + off, std::min(kPkt, per - off)};
                    mh[n] = {};
                    mh[n].msg_hdr.msg_iov = &iv[n];
                    mh[n].msg_hdr.msg_iovlen = 1;
                }
                int r = sendmmsg(fd, mh.data(), n, MSG_DONTWAIT);
                calls++;
                drops += n - unsigned(std::max(r, 0));
            }
        }
        next += u64(O.tick_ms) * 1000;
        shared[1] = calls;
        shared[2] = drops;
        shared[3] = late_max;
        now = mono_us();
        if (next > now) {
            timespec ts{time_t((next - now) / 1000000), long((next - now) % 1000000) * 1000};
            nanosleep(&ts, nullptr);
        }
    }
    return 0;
}

int run_limit()
{
    int lfd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    a.sin_port = htons(uint16_t(O.port));
    if (bind(lfd, reinterpret_cast<sockaddr*>(&a), sizeof a) < 0 || listen(lfd, 4096) < 0)
        die("listen: %s", strerror(errno));
    socklen_t al = sizeof a;
    getsockname(lfd, reinterpret_cast<sockaddr*>(&a), &al);
    auto* shared = static_cast<volatile u64*>(
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    struct C {
        int fd;
        u64 bytes, w0;
    };
    std::vector<C> cs;
    std::vector<int> ports;
    for (int i = 0; O.udp && i < O.count; i++) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), rb = 1 << 20;
        sockaddr_in b{};
        b.sin_family = AF_INET;
        b.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t bl = sizeof b;
        if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&b), sizeof b) < 0)
            die("udp bind: %s", strerror(errno));
        if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &rb, sizeof rb) < 0)
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rb, sizeof rb);
        if (O.gso)
            setsockopt(fd, SOL_UDP, UDP_GRO, &one, sizeof one);
        getsockname(fd, reinterpret_cast<sockaddr*>(&b), &bl);
        ports.push_back(ntohs(b.sin_port));
        cs.push_back({fd, 0, 0});
    }
    pid_t pid = fork();
    if (pid == 0)
        _exit(O.udp ? limit_udp_server(ports, shared) : limit_server(lfd, shared));
    close(lfd);
    pin(O.client_cpu);
    O.server_pids = {pid};
    O.server_core = O.server_cpu;
    O.gen_core = O.client_cpu;
    g_ep = epoll_create1(0);
    g_rx = static_cast<u8*>(
        mmap(nullptr, kRxBuf, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
    for (int i = 0; i < O.count; i++) {
        if (O.udp) {
            epoll_event e{};
            e.events = EPOLLIN;
            e.data.u64 = u64(i);
            epoll_ctl(g_ep, EPOLL_CTL_ADD, cs[size_t(i)].fd, &e);
            continue;
        }
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&a), sizeof a) < 0)
            die("connect: %s", strerror(errno));
        if (O.rcvbuf)
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &O.rcvbuf, sizeof O.rcvbuf);
        fcntl(fd, F_SETFL, O_NONBLOCK);
        cs.push_back({fd, 0, 0});
        epoll_event e{};
        e.events = EPOLLIN;
        e.data.u64 = u64(i);
        epoll_ctl(g_ep, EPOLL_CTL_ADD, fd, &e);
    }
    u64 t0 = mono_us(), w = 0;
    Snapshot A, B;
    Slices slices;
    u64 calls0 = 0;
    static epoll_event ev[4096];
    for (;;) {
        int n = epoll_wait(g_ep, ev, 4096, O.batch_ms ? 0 : 10);
        for (int i = 0; i < n; i++) {
            C& c = cs[size_t(ev[i].data.u64)];
            if (O.udp && !O.gso) {
                constexpr int V = 64;
                static mmsghdr mh[V];
                static iovec iv[V];
                for (int q = 0; q < V; q++) {
                    iv[q] = {g_rx + q * 64, 64};
                    mh[q] = {};
                    mh[q].msg_hdr.msg_iov = &iv[q];
                    mh[q].msg_hdr.msg_iovlen = 1;
                }
                int r = recvmmsg(c.fd, mh, V, MSG_DONTWAIT | MSG_TRUNC, nullptr);
                for (int q = 0; q < r; q++) {
                    c.bytes += mh[q].msg_len;
                    S.bytes += mh[q].msg_len;
                }
                S.reads += r > 0;
                continue;
            }
            ssize_t k = recv(c.fd, g_rx, kRxBuf, MSG_DONTWAIT | MSG_TRUNC);
            if (k > 0) {
                c.bytes += u64(k);
                S.bytes += u64(k);
                S.reads++;
            }
        }
        if (O.batch_ms && n < 4096) {
            timespec ts{0, O.batch_ms * 1000000L};
            nanosleep(&ts, nullptr);
        }
        u64 now = mono_us();
        if (!w && now > t0 + u64(O.settle) * 1000000) {
            w = now;
            for (auto& c : cs)
                c.w0 = c.bytes;
            A = snap();
            slices.begin(A.srv.pids);
            calls0 = shared[1];
            shared[4] = 1;
        }
        if (w)
            slices.tick(now);
        if (w && (now > w + u64(O.duration) * 1000000 || g_stop))
            break;
    }
    B = snap();
    u64 calls = shared[1] - calls0;
    shared[0] = 1;
    Json j;
    j.str("mode", O.udp ? O.gso ? "limit-udp-gso" : "limit-udp" : "limit");
    if (!O.label.empty())
        j.str("label", O.label);
    j.i("count", O.count);
    j.i("tick_ms", O.tick_ms);
    j.i("kbps", O.kbps);
    put_cpu(j, A, B, ProcSample{});
    slices.put(j);
    double sec = double(B.t - A.t) / 1e6;
    j.num("send_calls_per_s", double(calls) / sec, 0);
    j.num("server_us_per_send", calls ? (B.srv.cpu_s - A.srv.cpu_s) * 1e6 / double(calls) : -1, 2);
    j.num("recv_calls_per_s", double(B.reads - A.reads) / sec, 0);
    std::vector<double> rate;
    for (auto& c : cs)
        rate.push_back(double(c.bytes - c.w0) * 8 / 1000 / sec);
    std::sort(rate.begin(), rate.end());
    j.num("kbps_min", rate.front(), 0);
    j.num("kbps_p50", rate[rate.size() / 2], 0);
    j.num("tick_late_max_ms", double(shared[3]) / 1000);
    j.i(O.udp ? "send_drops" : "eagain", (long long)shared[2]);
    j.i("batch_ms", O.batch_ms);
    j.print();
    for (auto& c : cs)
        close(c.fd);
    int st;
    waitpid(pid, &st, 0);
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc < 2)
        die("usage: loadgen rtmp-publish|rtmp-play|flv-play|hls-play|rtsp-play|limit --option value ... (see "
            "the source)");
    O.mode = argv[1];
    std::map<std::string, std::function<void(const char*)>> h;
    auto I = [&](const char* n, int& v) { h[n] = [&v](const char* a) { v = atoi(a); }; };
    auto STR = [&](const char* n, std::string& v) { h[n] = [&v](const char* a) { v = a; }; };
    STR("--url", O.url);
    STR("--file", O.file);
    STR("--label", O.label);
    STR("--per-session", O.per_session);
    I("--count", O.count);
    I("--settle", O.settle);
    I("--sample", O.sample);
    I("--batch-ms", O.batch_ms);
    I("--streams", O.streams);
    I("--chunk", O.chunk);
    I("--server-core", O.server_core);
    I("--gen-core", O.gen_core);
    I("--expect-kbps", O.expect_kbps);
    I("--rcvbuf", O.rcvbuf);
    I("--marker", O.marker);
    I("--udp", O.udp);
    I("--buffer-ms", O.buffer_ms);
    I("--hls-keepalive", O.hls_keepalive);
    I("--log", O.log);
    I("--kbps", O.kbps);
    I("--tick-ms", O.tick_ms);
    I("--server-cpu", O.server_cpu);
    I("--client-cpu", O.client_cpu);
    I("--port", O.port);
    I("--gso", O.gso);
    h["--clean-other"] = [](const char* a) { O.clean_other = atof(a); };
    h["--duration"] = [](const char* a) {
        O.duration = atoi(a);
        O.duration_set = true;
    };
    h["--ramp"] = [](const char* a) { O.ramp = atof(a); };
    h["--server-pid"] = [](const char* a) {
        for (const char* p = a; *p;) {
            O.server_pids.push_back(atoi(p));
            while (*p && *p != ',')
                p++;
            if (*p)
                p++;
        }
    };
    for (int i = 2; i < argc; i += 2) {
        auto it = h.find(argv[i]);
        if (it == h.end() || i + 1 >= argc)
            die("bad option %s", argv[i]);
        it->second(argv[i + 1]);
    }
    if (O.mode == "rtmp-publish" && !O.duration_set)
        O.duration = 0;
    if (O.count < 1)
        die("--count must be at least 1");
    rlimit rl{};
    getrlimit(RLIMIT_NOFILE, &rl);
    rl.rlim_cur = rl.rlim_max;
    setrlimit(RLIMIT_NOFILE, &rl);
    struct sigaction sa {};
    sa.sa_handler = on_signal;
    sigaction(SIGINT, &sa, nullptr);
    sigaction(SIGTERM, &sa, nullptr);
    signal(SIGPIPE, SIG_IGN);
    if (O.mode == "limit")
        return run_limit();
    static const char* modes[] = {"rtmp-publish", "rtmp-play", "flv-play", "hls-play", "rtsp-play"};
    if (std::none_of(std::begin(modes), std::end(modes), [](const char* m) { return O.mode == m; }))
        die("unknown mode %s", O.mode.c_str());
    if (O.url.empty())
        die("--url is needed");
    if (O.mode == "rtmp-publish" && O.file.empty())
        die("--file is needed");
    return run_sessions();
}
