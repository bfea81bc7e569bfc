# shellcheck shell=bash
# Sourced by ./run and ./test: what the machine must have, and how it gets it.

# Debian's programs first: what the lists install belongs to these, not to another python3 or node of the same name.
export PATH="/usr/bin:/bin:$PATH"

say() { printf '%s\n' "$*"; }

# One clear line, then the end.
fail() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

# The packages of the lists named that are not here, one a line; an alternative a|b stays as it is.
missing_packages() {
    local line package command installed
    installed=$'\n'$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')$'\n'
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@" | while read -r package command; do
        if [ -n "$command" ] && command -v "$command" >/dev/null; then
            continue
        fi
        for line in ${package//|/ }; do
            if [[ $installed == *$'\n'"$line"$'\n'* ]]; then
                continue 2
            fi
        done
        printf '%s\n' "$package"
    done
}

# apt's word for each package asked for: of alternatives, the first that it can install. Fails when it knows none.
resolve_packages() {
    local package choice known
    for package in "$@"; do
        known=
        for choice in ${package//|/ }; do
            if [[ $(LC_ALL=C apt-cache policy "$choice" 2>/dev/null) =~ Candidate:\ [^\(] ]]; then
                known=$choice
                break
            fi
        done
        [ -n "$known" ] || return 1
        printf '%s\n' "$known"
    done
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# apt_quietly LOG ARGUMENTS…: apt-get without questions; its text goes to the log, its progress here in tenths.
apt_quietly() {
    local log=$1 kind name percent step status word='' last=''
    shift
    # apt writes "dlstatus:N:PERCENT:TEXT" and "pmstatus:PACKAGE:PERCENT:TEXT" to descriptor 3, which is opened behind
    # sudo, because sudo closes all but the first three.
    {
        status=0
        # shellcheck disable=SC2016 # for the inner shell
        as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 sh -c '
            log=$1
            shift
            exec apt-get -y -q -o DPkg::Lock::Timeout=600 -o APT::Status-Fd=3 "$@" 3>&1 >>"$log" 2>&1
        ' apt-get "$log" "$@" </dev/null || status=$?
        printf 'exit:%s\n' "$status"
    } | {
        status=1
        while IFS=: read -r kind name percent _; do
            case $kind in
            exit) status=$name ;;
            dlstatus) word=downloaded ;;
            pmstatus) word=installed ;;
            *) continue ;;
            esac
            step=${percent%%.*}
            step=$((${step:-0} / 10))
            if [ "$kind" != exit ] && [ "$step" -gt 0 ] && [ "$word$step" != "$last" ]; then
                say "   $word ${step}0 %"
                last=$word$step
            fi
        done
        exit "$status"
    }
}

apt_update() {
    say "-- refreshing the package lists (apt-get update)"
    apt_quietly "$1" update || say "   apt-get update met errors, see $1"
}

# ensure_packages LIST…: installs what is missing from the lists, and nothing when nothing is.
ensure_packages() {
    local missing chosen log
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "-- no apt on this machine: taking it that what $* name is installed"
        return 0
    fi
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "packages are missing and there is no sudo; as root: apt-get install ${missing[*]%%|*}"
    fi
    mkdir -p build/log
    log=build/log/apt.log
    : >"$log"
    say "-- missing: ${missing[*]%%|*}"
    if ! chosen=$(resolve_packages "${missing[@]}"); then
        apt_update "$log"
        chosen=$(resolve_packages "${missing[@]}") ||
            fail "apt does not know all of: ${missing[*]} (Debian 12 has them; on Ubuntu enable 'universe')"
    fi
    mapfile -t chosen <<<"$chosen"
    say "-- installing ${#chosen[@]} packages and what they stand on (apt-get install, log in $log)"
    if ! apt_quietly "$log" install --no-install-recommends "${chosen[@]}"; then
        # The lists may be older than the archive: once more with fresh ones.
        apt_update "$log"
        apt_quietly "$log" install --no-install-recommends "${chosen[@]}" ||
            fail "apt-get could not install the packages: $(grep -m1 '^E:' "$log" || tail -n 1 "$log")"
    fi
    hash -r
}

# unpack_packages FOLDER LIST: the files of the packages in the list below FOLDER, without installing them: what would
# start a service if it were installed.
unpack_packages() {
    local folder=$1 wanted log=$PWD/build/log/unpack.log
    wanted=$(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$2")
    if [ "$(cat "$folder/.unpacked" 2>/dev/null)" = "$wanted" ] || ! command -v apt-get >/dev/null; then
        return 0
    fi
    say "-- unpacking ${wanted//$'\n'/ } into $folder (log in build/log/unpack.log)"
    rm -rf "$folder"
    mkdir -p "$folder/packages" build/log
    # shellcheck disable=SC2086 # one word a package
    (cd "$folder/packages" && apt-get download $wanted) >"$log" 2>&1 || {
        apt_update "$PWD/build/log/apt.log"
        # shellcheck disable=SC2086
        (cd "$folder/packages" && apt-get download $wanted) >"$log" 2>&1 || fail "apt-get could not download them: $(tail -n 1 "$log")"
    }
    local package
    for package in "$folder"/packages/*.deb; do
        dpkg-deb -x "$package" "$folder" || fail "$package cannot be unpacked"
    done
    printf '%s\n' "$wanted" >"$folder/.unpacked"
}
