#!/usr/bin/env bash
# Fan-out of one stream: N viewers on one core, the load generator on another. One JSON line a run on standard output.
#
#   bench/fanout.sh [millrace|nginx-rtmp|limit] [VIEWERS] [SECONDS] [rtmp-play|flv-play]
#
# Needs two cores, ffmpeg, and for nginx-rtmp the Debian packages nginx and libnginx-mod-rtmp. What matters:
# server_cpu_s_per_gbit, latency_p50_ms and latency_p99_ms (publisher's write to viewer's read), rss_kb_per_session,
# first_key_p50_ms. `limit` measures bare send() calls of the same bytes every 40 ms: what no server can beat without
# sending less often.
set -euo pipefail
what=${1:-millrace} viewers=${2:-500} seconds=${3:-20} mode=${4:-rtmp-play}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$(mktemp -d)
pids=()
finish() {
    for pid in "${pids[@]}"; do
        kill -INT "$pid" 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

loadgen=$work/loadgen
g++ -std=c++20 -O2 -o "$loadgen" bench/loadgen.cpp
if [ "$what" = limit ]; then
    "$loadgen" limit --count "$viewers" --kbps 2150 --tick-ms 40 --duration "$seconds" --server-cpu 0 --client-cpu 1
    exit
fi

clip=build/bench-2mbit.flv
if [ ! -s "$clip" ]; then
    mkdir -p build
    ffmpeg -nostdin -loglevel error -y -f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi \
        -i sine=frequency=440:sample_rate=44100 -t 20 -c:v libx264 -preset ultrafast -b:v 2000k -minrate 2000k \
        -maxrate 2000k -bufsize 1000k -x264-params nal-hrd=cbr -g 50 -bf 0 -c:a aac -b:a 128k "$clip"
fi

rtmp=21935 http=28080
case $what in
millrace)
    taskset -c 0 build/release/millrace serve --threads 1 --port-offset 20000 --data "$work/data" --log-level warn \
        >"$work/log" 2>&1 &
    ;;
nginx-rtmp)
    cat >"$work/nginx.conf" <<CONF
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; master_process off; worker_processes 1; pid $work/nginx.pid; error_log $work/log;
events { worker_connections 4096; }
rtmp { server { listen 127.0.0.1:$rtmp; chunk_size 4096; application live { live on; } } }
CONF
    taskset -c 0 nginx -c "$work/nginx.conf" >"$work/log" 2>&1 &
    ;;
*)
    echo "fanout.sh: unknown server \"$what\": millrace, nginx-rtmp or limit" >&2
    exit 2
    ;;
esac
server=$!
pids+=("$server")
sleep 1
taskset -c 1 "$loadgen" rtmp-publish --url rtmp://127.0.0.1:$rtmp/live/s0 --file "$clip" --count 1 \
    >"$work/publish" 2>&1 &
pids=("$!" "${pids[@]}")
sleep 3
url=rtmp://127.0.0.1:$rtmp/live/s0
[ "$mode" = flv-play ] && url=http://127.0.0.1:$http/live/s0.flv
taskset -c 1 "$loadgen" "$mode" --url "$url" --count "$viewers" --duration "$seconds" --server-pid "$server" \
    --expect-kbps 2150 --label "$what"
