#!/usr/bin/env bash
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tools/fuzz.sh [--seconds N] [--corpus DIR] [TARGET...]: runs each target of build/fuzz/bin/weighbridge-fuzz for N seconds of processor time (60),
# one after the other, from the files of tests/data (and of DIR). What it finds lies in build/fuzz/findings/TARGET; the exit status is 1 then.
# A finding becomes a test: copy it to tests/data/fuzz/TARGET.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=$PWD/build/fuzz/bin/weighbridge-fuzz
seconds=60
roots=("$PWD/tests/data")
targets=()
while [ $# -gt 0 ]; do
    case $1 in
    --seconds) seconds=$2; shift ;;
    --corpus) roots+=("$(realpath -- "$2")"); shift ;;
    *) targets+=("$1") ;;
    esac
    shift
done
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <("$program" --list)
export WEIGHBRIDGE_RESOURCES=$PWD/resources
# an allocation of 256 MiB, 1.5 GiB in all or five seconds for one small input are findings too
limits=(-rss_limit_mb=1536 -malloc_limit_mb=256 -timeout=5 -max_len=65536)
found=0
for target in "${targets[@]}"; do
    export WEIGHBRIDGE_FUZZ_TARGET=$target
    corpus=build/fuzz/corpus/$target
    findings=build/fuzz/findings/$target
    mkdir -p "$corpus" "$findings"
    "$program" --seeds "$corpus" "${roots[@]}"
    status=0
    # standard error also goes to a file: its last lines hold the numbers
    "$program" "${limits[@]}" -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$findings/" "$corpus" > "build/fuzz/$target.log" 2>&1 || status=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log")
    printf '%-18s %10s runs %6s inputs  %s\n' "$target" "${runs:-?}" "$(ls "$corpus" | wc -l)" "$([ $status -eq 0 ] && echo ok || echo "FINDING: build/fuzz/$target.log")"
    [ $status -eq 0 ] || found=1
done
exit $found
