#!/usr/bin/env bash
# Proves "two commands on a fresh machine" in a Debian 12 tree that holds nothing but the base system.
set -euo pipefail
export LC_ALL=C

usage() {
    cat <<'TEXT'
usage: testing/clean-root.sh [options] [-- part…]      as root, on a Debian machine; needs debootstrap

Makes a minimal bookworm tree from the mirrors that this machine's apt uses, copies the project into it without .git
and without its build, and in it, as on a fresh machine,
  1. runs ./run --demo until the server answers,
  2. plays rtmp://…/live/demo and http://…/live/demo.flv with ffprobe and ffmpeg,
  3. ends it with SIGINT (under two seconds, status 0) and starts it again (under two seconds).

  --work DIR        where the trees stand; DIR/base is made once (default: /var/tmp/millrace-clean-root)
  --port-offset N   added to every port of the server (default: 20000)
  --user            as a user who may use sudo, instead of as root
  --test            runs ./test there too, afterwards; with `-- part…` only these parts
  --test-only       no server: ./test alone
  --again           in the tree of the last run instead of a fresh one
TEXT
}

fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
say() { printf '[%4d s] %s\n' "$SECONDS" "$*"; }

source_tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=/var/tmp/millrace-clean-root
offset=20000 as_user='' serve=1 test='' again=''
arguments=("$@")
while [ $# -gt 0 ]; do
    case $1 in
    --work) work=$2 && shift ;;
    --port-offset) offset=$2 && shift ;;
    --user) as_user=1 ;;
    --test) test=1 ;;
    --test-only) test=1 serve='' ;;
    --again) again=1 ;;
    -h | --help) usage && exit 0 ;;
    --) shift && break ;;
    *) usage >&2 && exit 2 ;;
    esac
    shift
done
parts=("$@")
[ "$(id -u)" = 0 ] || fail "chroot needs root"

# In name spaces of its own: what is mounted or started here is gone when this script is.
if [ -z "${MILLRACE_CLEAN_ROOT:-}" ]; then
    MILLRACE_CLEAN_ROOT=1 exec unshare --mount --propagation private --pid --fork --kill-child \
        "${BASH_SOURCE[0]}" "${arguments[@]}"
fi

# --- the tree ---------------------------------------------------------------------------------------------------

# "URI RELEASE COMPONENT" a line: what apt reads on this machine, of Debian 12.
# shellcheck disable=SC2016 # apt's own variables
sources=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk '$2 ~ /^bookworm(-updates|-security)?$/ && $3 == "main"' | sort -u)
[ -n "$sources" ] || fail "this machine's apt has no bookworm; the mirror is taken from there"

base=$work/base root=$work/root
if [ ! -e "$base/.whole" ]; then
    command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
    mirror=$(awk '$2 == "bookworm" { print $1 }' <<<"$sources")
    say "making $base (debootstrap --variant=minbase)"
    rm -rf "$base" && mkdir -p "$work"
    debootstrap --variant=minbase bookworm "$base" "$mirror" >"$work/debootstrap.log" ||
        fail "debootstrap failed, see $work/debootstrap.log"
    awk '{ print "deb", $1, $2, $3 }' <<<"$sources" >"$base/etc/apt/sources.list"
    rm -rf "$base"/var/lib/apt/lists/* # As in a container image: the first apt-get update is ours to make.
    touch "$base/.whole"
fi
if [ -z "$again" ] || [ ! -d "$root/srv/millrace" ]; then
    say "a fresh tree in $root"
    rm -rf --one-file-system "$root"
    cp -a --reflink=auto "$base" "$root"
fi
# Names and certificate authorities are the network's, not the tree's.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
mkdir -p "$root/usr/local/share/ca-certificates" "$root/srv/millrace"
find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \;
tar -C "$source_tree" --exclude=./.git --exclude=./build --exclude=./data --exclude=node_modules --exclude=./console/dist \
    --exclude=__pycache__ --exclude=.pytest_cache -cf - . | tar -C "$root/srv/millrace" -xf - --no-same-owner
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"

# enter HOME CHROOT-OPTION…: sets `in_tree`, the command before a command in the tree, in the project, with nothing of
# this machine's environment.
enter() {
    in_tree=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$1" TERM="${TERM:-dumb}"
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"}
        chroot "${@:2}" "$root" /bin/bash -c 'cd /srv/millrace && exec "$@"' inside)
}
inside() { "${in_tree[@]}" "$@"; }
enter /root
if [ -n "$as_user" ]; then
    if [ ! -d "$root/home/somebody" ]; then
        say "a user with sudo"
        inside apt-get -qq update
        inside env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends sudo >/dev/null
        inside useradd --create-home somebody
        echo 'somebody ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/somebody"
    fi
    inside chown -R somebody: /srv/millrace
    enter /home/somebody --userspec=somebody:somebody
fi

# --- the two commands --------------------------------------------------------------------------------------------

http=$((8080 + offset)) rtmp=$((1935 + offset))
log=$work/run.log

# get PATH: the body of the server's answer, or nothing.
get() {
    {
        exec 3<>"/dev/tcp/127.0.0.1/$http" || return 1
        printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$1" >&3
        timeout 2 cat <&3
        exec 3>&-
    } 2>/dev/null
}

now_ms() { printf '%s\n' $(($(date +%s%N) / 1000000)); }

# start SECONDS: ./run --demo in the background, until it answers. Sets `server` and `took_ms`.
start() {
    local limit=$1 begun
    begun=$(now_ms)
    set -m # A job of its own, for which SIGINT is not ignored.
    "${in_tree[@]}" ./run --demo --port-offset "$offset" >"$log" 2>&1 </dev/null &
    server=$!
    set +m
    until [[ $(get /healthz) == *" 200 "* ]]; do
        kill -0 "$server" 2>/dev/null || fail "./run ended before it answered:"$'\n'"$(tail -n 30 "$log")"
        [ $(($(now_ms) - begun)) -lt $((limit * 1000)) ] || fail "no answer in $limit s:"$'\n'"$(tail -n 30 "$log")"
        sleep 0.05
    done
    took_ms=$(($(now_ms) - begun))
}

# stop: SIGINT, as Ctrl-C sends it.
stop() {
    local begun status=0
    begun=$(now_ms)
    kill -INT "$server"
    wait "$server" || status=$?
    took_ms=$(($(now_ms) - begun))
    [ "$status" = 0 ] || fail "SIGINT ended the server with status $status:"$'\n'"$(tail -n 20 "$log")"
    [ "$took_ms" -lt 2000 ] || fail "SIGINT took $took_ms ms"
}

# play URL: ffprobe finds H.264 and AAC, ffmpeg decodes five seconds without a complaint.
play() {
    local url=$1 found frames
    found=$(inside timeout 20 ffprobe -v error -show_entries stream=codec_name -of csv=p=0 "$url" </dev/null | sort | xargs)
    [ "$found" = "aac h264" ] || fail "ffprobe found '$found' in $url"
    inside timeout 30 ffmpeg -v error -xerror -t 5 -i "$url" -map 0 -f framehash - </dev/null >"$work/frames" ||
        fail "ffmpeg could not play $url"
    frames=$(grep -cv '^#' "$work/frames") || true
    [ "$frames" -gt 100 ] || fail "only $frames frames in five seconds of $url"
    say "played $url: $found, $frames frames in 5 s"
}

if [ -n "$serve" ]; then
    say "./run --demo"
    start 1800
    sed 's/^/         | /' "$log"
    say "answers after $((took_ms / 1000)) s"
    for _ in {1..100}; do
        [[ $(get /api/v1/streams) == *'"live/demo"'* ]] && break
        sleep 0.1
    done
    play "rtmp://127.0.0.1:$rtmp/live/demo"
    play "http://127.0.0.1:$http/live/demo.flv"
    stop
    say "SIGINT: ended after $took_ms ms with status 0"
    start 60
    say "second start: answers after $took_ms ms"
    [ "$took_ms" -lt 2000 ] || fail "the second start took longer than two seconds"
    stop
fi
if [ -n "$test" ]; then
    say "./test ${parts[*]}"
    inside ./test "${parts[@]}" </dev/null || fail "./test failed"
fi
say "all is well"
