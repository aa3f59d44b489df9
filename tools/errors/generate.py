#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Generates code and documentation from the error catalogue (errors.toml).

    generate.py --cpp DIR    writes include/annals/base/error_code.hpp, src/error_code.cpp below DIR
    generate.py --page       writes docs/reference/errors.md
    generate.py --check      fails when the page is not what --page would write

Numbers travel on the wire and are never reused: two errors with one number are refused, and so is a
number that the committed page gives to another name. A removed error's number goes into the list
`retired = [...]` at the head of the catalogue.
"""

import argparse
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "tools/errors/errors.toml"
PAGE = ROOT / "docs/reference/errors.md"

GRPC_STATUS = {
    "CANCELLED": 1,
    "UNKNOWN": 2,
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "ABORTED": 10,
    "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "DATA_LOSS": 15,
    "UNAUTHENTICATED": 16,
}

RETRY = {
    "never": "change the request",
    "as_is": "send it again as it is",
    "later": "back off, then send it again",
    "reread": "read the current state, decide again",
}

FIELDS = {
    "name": str,
    "number": int,
    "grpc": str,
    "http": int,
    "retry": str,
    "sentence": str,
    "help": str,
}

SPDX = ("SPDX-License-Identifier: Apache-2.0", "SPDX-FileCopyrightText: The annals authors")


class CatalogueError(Exception):
    """The catalogue breaks a rule; the text says which entry and what to do."""


def load(path):
    with open(path, "rb") as file:
        document = tomllib.load(file)
    errors = document.get("error", [])
    check(errors, document.get("retired", []))
    return sorted(errors, key=lambda entry: entry["number"]), document.get("retired", [])


def check(errors, retired):
    if not errors:
        raise CatalogueError("the catalogue has no [[error]] entries")
    names, numbers = set(), {}
    for entry in errors:
        name = entry.get("name", "(without a name)")
        for field, kind in FIELDS.items():
            if not isinstance(entry.get(field), kind) or entry[field] == "":
                raise CatalogueError(f"{name}: give it a {field} ({kind.__name__})")
        unknown = set(entry) - set(FIELDS)
        if unknown:
            raise CatalogueError(f"{name}: unknown field {', '.join(sorted(unknown))}; remove it")
        if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
            raise CatalogueError(f"{name}: write the name in snake_case")
        if name == "ok" or name in names:
            raise CatalogueError(f"{name}: the name is taken; choose another one")
        number = entry["number"]
        if not 1 <= number <= 255:
            raise CatalogueError(f"{name}: number {number} does not fit a byte; use 1 to 255")
        if number in numbers:
            raise CatalogueError(
                f"{name}: number {number} belongs to {numbers[number]}; take a number never used"
            )
        if number in retired:
            raise CatalogueError(f"{name}: number {number} is retired; take a number never used")
        if entry["grpc"] not in GRPC_STATUS:
            raise CatalogueError(f"{name}: {entry['grpc']} is no gRPC status")
        if not 400 <= entry["http"] <= 599:
            raise CatalogueError(f"{name}: HTTP {entry['http']} is not an error; use 400-599")
        if entry["retry"] not in RETRY:
            raise CatalogueError(f"{name}: retry is one of {', '.join(RETRY)}")
        names.add(name)
        numbers[number] = name


def check_history(errors, retired, page_text):
    """Compares with the committed page, the memory of the numbers given away."""
    now = {entry["number"]: entry["name"] for entry in errors}
    for number, name in re.findall(r"^\| (\d+) \| \[`(\w+)`\]", page_text, re.MULTILINE):
        number = int(number)
        if number in now and now[number] != name:
            raise CatalogueError(
                f"{now[number]}: number {number} belonged to {name}; take a number never used"
            )
        if number not in now and number not in retired:
            raise CatalogueError(f"number {number} ({name}) is gone; add it to retired = [...]")


def pascal(name):
    return "k" + "".join(part.capitalize() for part in name.split("_"))


def cpp_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def cpp_header(errors):
    enumerators = "\n".join(
        f"    /// {entry['sentence']}\n    {pascal(entry['name'])} = {entry['number']},"
        for entry in errors
    )
    return f"""// {SPDX[0]}
// {SPDX[1]}
// Generated from tools/errors/errors.toml by tools/errors/generate.py; change the catalogue.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace annals {{

/// Every failure that annals can answer with. Numbers travel on the wire and are never reused.
enum class ErrorCode : std::uint8_t {{
{enumerators}
}};

/// One entry of the catalogue: what doors, pages and clients need to know about a code.
struct ErrorInfo {{
    ErrorCode code;
    std::string_view name;
    int number;
    int grpc_status;
    int http_status;
    /// never (change the request), as_is, later (back off first), reread (the state first).
    std::string_view retry;
    std::string_view sentence;
    std::string_view help;
}};

/// All entries, by number.
[[nodiscard]] std::span<const ErrorInfo> error_catalogue();

/// The entry of a code. The code must be one of the enumerators.
[[nodiscard]] const ErrorInfo& error_info(ErrorCode code);

[[nodiscard]] std::optional<ErrorCode> error_code_from_name(std::string_view name);

/// For numbers read from a wire or a file.
[[nodiscard]] std::optional<ErrorCode> error_code_from_number(int number);

}}  // namespace annals
"""


def cpp_body(errors):
    rows = "\n".join(
        f"""    ErrorInfo{{
        ErrorCode::{pascal(entry['name'])},
        {cpp_string(entry['name'])},
        {entry['number']},
        {GRPC_STATUS[entry['grpc']]},
        {entry['http']},
        {cpp_string(entry['retry'])},
        {cpp_string(entry['sentence'])},
        {cpp_string(entry['help'])},
    }},"""
        for entry in errors
    )
    cases = "\n".join(
        f"        case {entry['number']}:\n            return &kCatalogue[{index}];"
        for index, entry in enumerate(errors)
    )
    return f"""// {SPDX[0]}
// {SPDX[1]}
// Generated from tools/errors/errors.toml by tools/errors/generate.py; change the catalogue.
#include "annals/base/error_code.hpp"

#include <array>
#include <cstdlib>

namespace annals {{
namespace {{

constexpr std::array<ErrorInfo, {len(errors)}> kCatalogue{{{{
{rows}
}}}};

const ErrorInfo* find(int number) {{
    switch (number) {{
{cases}
        default:
            return nullptr;
    }}
}}

}}  // namespace

std::span<const ErrorInfo> error_catalogue() {{ return kCatalogue; }}

const ErrorInfo& error_info(ErrorCode code) {{
    const ErrorInfo* info = find(static_cast<int>(code));
    if (info == nullptr) std::abort();
    return *info;
}}

std::optional<ErrorCode> error_code_from_name(std::string_view name) {{
    for (const ErrorInfo& info : kCatalogue) {{
        if (info.name == name) return info.code;
    }}
    return std::nullopt;
}}

std::optional<ErrorCode> error_code_from_number(int number) {{
    const ErrorInfo* info = find(number);
    if (info == nullptr) return std::nullopt;
    return info->code;
}}

}}  // namespace annals
"""


def page(errors, retired):
    lines = [
        f"<!-- {SPDX[0]} -->",
        f"<!-- {SPDX[1]} -->",
        "<!-- Generated by tools/errors/generate.py --page from tools/errors/errors.toml -->",
        "",
        "# Errors",
        "",
        "Every answer that is not a success carries one of these names and numbers, whichever door",
        "it leaves by. A name and its number keep their meaning for ever; no number is reused.",
        "",
        "What **retry** says:",
        "",
    ]
    lines += [f"- `{name}`: {meaning}" for name, meaning in RETRY.items()]
    lines += ["", "| number | name | gRPC | HTTP | retry |", "|---|---|---|---|---|"]
    for entry in errors:
        link = f"[`{entry['name']}`](#{entry['name']})"
        cells = [entry["number"], link, f"`{entry['grpc']}`", entry["http"], entry["retry"]]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    if retired:
        numbers = ", ".join(str(number) for number in sorted(retired))
        lines += ["", f"Retired numbers: {numbers}."]
    for entry in errors:
        lines += ["", f"## {entry['name']}", "", entry["sentence"], "", entry["help"]]
    return "\n".join(lines) + "\n"


def write_if_changed(path, text):
    """Keeps the time stamp of an unchanged file, so that nothing is compiled again."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--catalogue", type=pathlib.Path, default=CATALOGUE)
    parser.add_argument("--docs", type=pathlib.Path, default=PAGE, help="the page")
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--cpp", type=pathlib.Path, metavar="DIR")
    task.add_argument("--page", action="store_true")
    task.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)

    try:
        errors, retired = load(options.catalogue)
        committed = options.docs.read_text(encoding="utf-8") if options.docs.exists() else ""
        check_history(errors, retired, committed)
    except (CatalogueError, tomllib.TOMLDecodeError) as error:
        print(f"{options.catalogue.name}: {error}", file=sys.stderr)
        return 1

    if options.cpp:
        write_if_changed(options.cpp / "include/annals/base/error_code.hpp", cpp_header(errors))
        write_if_changed(options.cpp / "src/error_code.cpp", cpp_body(errors))
    elif options.page:
        write_if_changed(options.docs, page(errors, retired))
    elif committed != page(errors, retired):
        print(
            "docs/reference/errors.md:1: is not what the catalogue says;"
            " run tools/errors/generate.py --page and commit the page",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
