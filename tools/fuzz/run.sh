#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# run.sh FOLDER SECONDS [TARGET]: runs every fuzz target of the folder, or this one, for so long.
# Seeds are read from fuzz/corpus/<target>/, those with known defects among them; new inputs stay
# below the build tree, and an input that breaks a target is kept there too: its path is printed.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$1
seconds=$2
only=${3:-*_fuzz}
cd "$top"

found=0
failed=()
for target in "$folder"/$only; do
    [ -x "$target" ] || continue
    found=1
    name=$(basename "$target")
    work=$folder/state/$name
    mkdir -p "$work/corpus" "$work/findings"
    seeds=()
    [ -d "fuzz/corpus/$name" ] && seeds=("fuzz/corpus/$name")
    printf '%s: %s seconds\n' "$name" "$seconds"
    if ! "$target" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=0 \
        -print_funcs=0 -verbosity=0 -artifact_prefix="$work/findings/" \
        "$work/corpus" "${seeds[@]}"; then
        failed+=("$name")
        ls -1t "$work"/findings/* 2>/dev/null | head -n 1
    fi
done
if [ $found = 0 ]; then
    echo "no fuzz targets in $folder; name one src/<what>_fuzz.cpp in a module" >&2
    exit 1
fi
if [ ${#failed[@]} -gt 0 ]; then
    echo "broken: ${failed[*]}. Make the input a test before you mend the code." >&2
    exit 1
fi
