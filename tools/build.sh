# shellcheck shell=bash
# Sourced by ./run and ./test after machine.sh: configures and builds a preset, and does next to nothing when it is built.

# configure PRESET: runs cmake when the folder has not been configured from this place with these presets.
# What changes later (a CMakeLists.txt, a new source) ninja sees by itself.
configure() {
    local preset=$1 folder=build/$1 stamp log=build/log/configure-$1.log
    stamp="$PWD $(cksum <CMakePresets.json) $(command -v g++ cmake ninja ccache mold npm || true)"
    stamp=${stamp//$'\n'/ }
    if [ -f "$folder/build.ninja" ] && [ "$(cat "$folder/.configured" 2>/dev/null)" = "$stamp" ]; then
        return 0
    fi
    if [ -f "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt"; then
        rm -rf "$folder" # The tree has been moved here with its build.
    fi
    say "-- configuring $folder"
    mkdir -p build/log
    if ! cmake --preset "$preset" >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        printf 'error: cmake could not configure %s; the whole of it is in %s\n' "$folder" "$log" >&2
        return 1
    fi
    printf '%s\n' "$stamp" >"$folder/.configured"
}

# Ninja's "[n/m] …" lines as one line that counts on a terminal, or a line each tenth; all else goes through.
show_progress() {
    local line done_ all step last=0 tty=''
    [ -t 1 ] && tty=1
    while IFS= read -r line; do
        if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
            done_=${BASH_REMATCH[1]} all=${BASH_REMATCH[2]}
            step=$((done_ * 10 / all))
            if [[ $line == *'Re-checking globbed directories'* ]]; then
                continue
            elif [ -n "$tty" ]; then
                printf '\r   built %s of %s\033[K' "$done_" "$all"
                [ "$done_" = "$all" ] && printf '\n'
            elif [ "$step" != "$last" ]; then
                printf '   built %s of %s\n' "$done_" "$all"
            fi
            last=$step
        elif [[ $line != 'ninja: no work to do.' && $line != 'ninja: Entering directory'* ]]; then
            printf '%s\n' "$line"
        fi
    done
}

# One compiler a core, but no more than fit into memory: a file that includes Beast takes about a gigabyte.
build_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null)
    [ "${memory:-$cores}" -ge 1 ] || memory=1
    printf '%s\n' $((${memory:-$cores} < cores ? memory : cores))
}

# build PRESET [TARGET…]: NINJA_FLAGS may hold more for ninja.
build() {
    local preset=$1
    shift
    # shellcheck disable=SC2086 # flags are words
    NINJA_STATUS='[%f/%t] ' cmake --build "build/$preset" --target "${@:-all}" -- \
        -j"$(build_jobs)" ${NINJA_FLAGS:-} 2>&1 | show_progress
    return "${PIPESTATUS[0]}"
}
