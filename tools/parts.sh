# shellcheck shell=bash
# Sourced by ./test: one function a part. Each says what it found, sets passed, failed and skipped, and returns non-zero
# when something failed.
# shellcheck disable=SC2034 # the counts are read by ./test

# judge COMMAND…: a part that is one test.
judge() {
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        return 1
    fi
}

# skip WHY: a part that cannot be done here or has nothing to do yet.
skip() {
    say "skipped: $1"
    skipped=$((skipped + 1))
}

# take_count ARGUMENTS…: of tools/tally.py.
take_count() {
    local counts
    counts=$(python3 tools/tally.py "$@") || return 1
    read -r passed failed skipped <<<"$counts"
}

# The sources that we wrote, from the disk because there may be no git.
our_files() {
    find . \( -path ./build -o -name node_modules -o -name dist -o -name .git \) -prune -o -type f "$@" -print
}

# The build of a preset, once in a run; it may go on after a failed file to show all that is wrong.
declare -A built
ensure_built() {
    local preset=$1
    if [ -z "${built[$preset]:-}" ]; then
        built[$preset]=no
        configure "$preset" && NINJA_FLAGS="-k 0" build "$preset" && built[$preset]=yes
    elif [ "${built[$preset]}" = no ]; then
        say "build/$preset could not be built, see above"
    fi
    [ "${built[$preset]}" = yes ]
}

part_hygiene() {
    local status=0 scripts
    python3 tools/hygiene.py --junit build/test/hygiene.xml || status=1
    take_count build/test/hygiene.xml || return 1
    mapfile -t scripts < <(our_files -name "*.sh" && grep -lE '^#!.*\b(ba)?sh$' run test .ci/run)
    judge shellcheck -x "${scripts[@]}" || status=1
    return "$status"
}

part_format() {
    local files odd
    mapfile -t files < <(our_files \( -name '*.cpp' -o -name '*.hpp' \))
    odd=$(clang-format-14 --dry-run --Werror "${files[@]}" 2>&1 | sed -n 's/^\(\.[^:]*\):[0-9].* error: .*/\1/p' | sort -u)
    say "${#files[@]} files"
    [ -z "$odd" ] || say "not as clang-format-14 -i would have it:"$'\n'"$odd"
    judge test -z "$odd"
}

part_build() { judge ensure_built dev; }

part_headers() {
    ensure_built dev || return 1
    NINJA_FLAGS="-k 0" judge build dev all_verify_interface_header_sets
}

# run_ctest PRESET LABEL: CTest's verdicts, counted by the programs' own cases.
run_ctest() {
    local preset=$1 label=$2 details=$PWD/build/test/$1-$2 status=0
    ensure_built "$preset" || return 1
    rm -rf "$details" "$details.xml"
    mkdir -p "$details"
    GTEST_OUTPUT="xml:$details/" ctest --test-dir "build/$preset" -L "^$label\$" -j "$(nproc)" --no-tests=error \
        --output-on-failure --output-junit "$details.xml" || status=1
    take_count --ctest --details "$details" "$details.xml" || return 1
    return "$status"
}

part_unit() { run_ctest dev unit; }
part_layering() { run_ctest dev layering; }
part_install() { run_ctest dev install; }
part_tsan() { run_ctest tsan unit; }

part_fuzz() {
    if ! our_files -name '*_fuzz.cpp' | grep -q .; then
        skip "there is no fuzz target"
        return 0
    fi
    run_ctest dev fuzz
}

part_docs() {
    rm -rf build/api
    mkdir -p build
    judge doxygen docs/Doxyfile
}

part_lint() {
    ensure_built dev || return 1
    judge python3 tools/tidy.py
}

# Where the build made the page, so that the source tree is never written to.
part_console() {
    local page=build/dev/console/page junit=$PWD/build/test/console.xml status=0
    if [ ! -f console/package.json ]; then
        skip "there is no console"
        return 0
    fi
    ensure_built dev || return 1
    rm -f "$junit"
    npm --prefix "$page" test -- --reporter=default --reporter=junit --outputFile.junit="$junit" || status=1
    take_count "$junit" || return 1
    judge npm --prefix "$page" run check || status=1
    return "$status"
}

part_e2e() {
    local status=0
    if [ ! -d e2e ]; then
        skip "there is no e2e"
        return 0
    fi
    ensure_built dev || return 1
    rm -f build/test/e2e*.xml
    # Most of them wait for media most of the time: several files at once, then those that measure, by themselves.
    python3 -m pytest e2e -m "not alone" -n "${E2E_JOBS:-3}" --dist loadfile --junitxml=build/test/e2e.xml || status=1
    python3 -m pytest e2e -m alone --junitxml=build/test/e2e-alone.xml || status=1
    take_count build/test/e2e.xml build/test/e2e-alone.xml || return 1
    return "$status"
}

# Every fuzz target for FUZZ_SECONDS (60) with libFuzzer, from its corpus; what it finds stays in build/fuzz/found.
part_sweep() {
    local target name seeds status=0
    ensure_built fuzz || return 1
    mkdir -p build/fuzz/found
    while read -r target; do
        name=$(basename "$target")
        seeds=$(dirname "$target" | sed 's,^\./build/fuzz/,,')/fuzz/corpus/${name%_fuzz}
        say "-- $name"
        mkdir -p "build/fuzz/corpus/$name"
        judge "$target" -max_total_time="${FUZZ_SECONDS:-60}" -print_final_stats=1 \
            -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/corpus/$name" "$seeds" \
            >"build/log/$name.log" 2>&1 || status=1
        grep -E '^(stat::number_of_executed_units|SUMMARY)|DONE .*cov:' "build/log/$name.log" || tail -n 20 "build/log/$name.log"
    done < <(find ./build/fuzz -name '*_fuzz' -type f -perm -u+x | sort)
    return "$status"
}
