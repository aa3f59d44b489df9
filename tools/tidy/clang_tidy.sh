#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# clang_tidy.sh [all]: clang-tidy on the .cpp files that differ from the last commit, or on all.
# Needs build/dev to be configured.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "${1:-}" = all ]; then
    mapfile -t files < <(git ls-files -co --exclude-standard -- '*.cpp')
else
    mapfile -t files < <(
        {
            git diff --name-only --diff-filter=d HEAD -- '*.cpp' 2>/dev/null || true
            git ls-files -o --exclude-standard -- '*.cpp'
        } | sort -u
    )
fi

compiled=()
for file in "${files[@]}"; do
    # programs of another preset (fuzz, bench) are not in this compilation database
    if grep -qF "/$file\"" build/dev/compile_commands.json; then compiled+=("$file"); fi
done
[ ${#compiled[@]} -gt 0 ] || exit 0
# what is generated must be there to be included: all headers, but nothing of it is compiled
cmake --build build/dev --target help | sed -n 's/: CUSTOM_COMMAND$//p' | grep '\.pb\.h$' |
    xargs cmake --build build/dev --target >/dev/null
printf 'clang-tidy: %d files\n' "${#compiled[@]}"
printf '%s\0' "${compiled[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p build/dev --quiet --warnings-as-errors='*'
