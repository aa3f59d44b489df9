#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
#
# Installs the Debian packages that a build needs and that are not there yet. Libraries are named in
# the "# apt:" comments of cmake/*.cmake, tools below. Nothing missing: nothing done, no root asked.
#
#   install_packages.sh            install what is missing
#   install_packages.sh --tests    also what only tests and benchmarks need (a browser, curl, wrk)
#   install_packages.sh --list     print every package, those of the tests included
#   ANNALS_SKIP_PACKAGES=1         leave packages alone (you installed them yourself)
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

tools=(
    clang-19 clang-format-19 clang-tidy-19 libclang-rt-19-dev llvm-19 mold
    g++ cmake ninja-build ccache make git ca-certificates
)
# what tests and benchmarks run or read, no build needs them
test_tools=(
    chromium curl openssl prometheus wrk libtest-json-schema-acceptance-perl python3-jsonschema
)
case "${1:-}" in
    --tests | --list) tools+=("${test_tools[@]}") ;;
    "") ;;
    *)
        printf 'annals setup: "%s" is not known; --tests or --list\n' "$1" >&2
        exit 2
        ;;
esac

fail() {
    printf 'annals setup: %s\n' "$1" >&2
    exit 1
}

python_is_good() {
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

mapfile -t needed < <(
    {
        sed -nE 's/^[[:space:]]*# apt: ([a-z0-9.+-]+)$/\1/p' "$top"/cmake/*.cmake
        printf '%s\n' "${tools[@]}"
    } | sort -u
)

if [ "${1:-}" = --list ]; then
    printf '%s\n' "${needed[@]}"
    exit 0
fi
[ "${ANNALS_SKIP_PACKAGES:-0}" = 1 ] && exit 0

command -v dpkg-query >/dev/null ||
    fail "this is not a Debian system. Install the likes of: ${needed[*]};
then run again with ANNALS_SKIP_PACKAGES=1."

declare -A present=()
while read -r package status; do
    [ "$status" = installed ] && present[${package%%:*}]=1
done < <(
    dpkg-query -W -f '${binary:Package} ${db:Status-Status}\n' "${needed[@]}" 2>/dev/null || true
)

missing=()
for package in "${needed[@]}"; do
    [ -n "${present[$package]:-}" ] || missing+=("$package")
done

# Any Python that is new enough will do, wherever it comes from.
python_is_good || missing+=(python3)

[ ${#missing[@]} -eq 0 ] && exit 0

command -v apt-get >/dev/null ||
    fail "these packages are missing and apt-get is not there to install them: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "packages are missing. As root, run:
apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi

printf 'annals setup: installing %s\n' "${missing[*]}"
quiet=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
"${as_root[@]}" "${quiet[@]}" update ||
    fail "the package lists cannot be fetched. Check the network and /etc/apt/sources.list*,
then try again."
"${as_root[@]}" "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}.
annals builds on Debian 12 (bookworm) with its updates and security archives enabled."

python_is_good ||
    fail "python3 is older than 3.11. Put a newer one first on PATH, or build on Debian 12."
