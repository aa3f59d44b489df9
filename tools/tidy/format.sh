#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# format.sh            formats our C++ files in place
# format.sh --check    fails and names the files that are not formatted
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mapfile -d '' -t files < <(git ls-files -z -co --exclude-standard -- '*.cpp' '*.hpp')
existing=()
for file in "${files[@]}"; do
    [ -f "$file" ] && existing+=("$file")
done
[ ${#existing[@]} -gt 0 ] || exit 0

if [ "${1:-}" = --check ]; then
    unformatted=$(printf '%s\0' "${existing[@]}" |
        xargs -0 -n 50 clang-format-19 --dry-run 2>&1 |
        sed -nE 's/^(.*):([0-9]+):[0-9]+: warning: .*/\1:\2: is not formatted; run make format/p' |
        sort -u -t: -k1,1)
    [ -z "$unformatted" ] && exit 0
    printf '%s\n' "$unformatted" >&2
    exit 1
fi
printf '%s\0' "${existing[@]}" | xargs -0 -n 20 -P "$(nproc)" clang-format-19 -i
