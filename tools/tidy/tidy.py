#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Repository hygiene as a test: every message names file and line, and the better form.

    tidy.py [--root DIR]

Looks at the files that git tracks or would track. A rule is one function that yields complaints;
RULES lists them. tidy_test.py shows for each what it refuses and what it lets pass.
"""

import argparse
import pathlib
import re
import subprocess
import sys

LINE_LENGTH_MAX = 100
MAIN_LINES_MAX = 80

CODE = {".cpp", ".hpp", ".proto", ".py", ".sh", ".cmake"}
CODE_NAMES = {"CMakeLists.txt", "Makefile"}
SKIPPED_FOLDERS = {".git", "build", "bin", "data", "node_modules", "__pycache__", ".cache", ".venv"}
OWN_FOLDER = "tools/tidy/"

FOREIGN_HEADERS = re.compile(
    r"#\s*include\s*[<\"]((?:rocksdb|grpcpp|grpc|librdkafka|boost/beast|annals/grpc_kit)/[^>\"]*"
    r"|rdkafkacpp\.h|rdkafka\.h|[^>\"]*\.grpc\.pb\.h)[>\"]"
)
# Shared below the public headers of others; what they show is the point of them.
KITS = {"grpc_kit"}
OUR_INCLUDE = re.compile(r"#\s*include\s*[<\"]annals/([a-z0-9_]+)/([^>\"]+)[>\"]")
ANY_INCLUDE = re.compile(r"#\s*include\s*[<\"]([^>\"]+)[>\"]")
LEFTOVER = re.compile(r"\b(FIXME|TODO|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$})/-])/(?:work|root|home/[a-z][\w-]*)/")
SLEEP = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\s*\(")
AWAIT = re.compile(r"\bco_await\b|\bANNALS_CO_\w+\s*\(")
CAPTURING_LAMBDA = re.compile(r"(?<![\w\])\[])\[\s*[&=*\w][^\[\]]*\]\s*(?:\(|\{|<|mutable\b|->)")
MODULE_CALL = re.compile(r"annals_module\s*\(([^)]*)\)", re.DOTALL)


class File:
    """A text file of the repository: its path from the top, its text, its lines."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.name = path.rsplit("/", 1)[-1]
        self.suffix = pathlib.PurePosixPath(path).suffix
        parts = path.split("/")
        self.module = parts[1] if parts[0] == "modules" and len(parts) > 2 else None
        self.part = parts[2] if self.module and len(parts) > 3 else None

    def is_code(self):
        return self.suffix in CODE or self.name in CODE_NAMES

    def is_cpp(self):
        return self.suffix in {".cpp", ".hpp"}

    def is_twin(self):
        return self.name.endswith(("_test.cpp", "_bench.cpp", "_fuzz.cpp", "_test_support.hpp"))

    def is_public_header(self):
        return self.suffix == ".hpp" and self.part == "include"

    def is_own(self):
        return self.path.startswith(OWN_FOLDER)

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


class Repository:
    def __init__(self, files):
        self.files = files
        self.by_path = {file.path: file for file in files}
        self.modules = {
            file.module: parse_module(file)
            for file in files
            if file.module and file.path == f"modules/{file.module}/CMakeLists.txt"
        }


def parse_module(cmake_file):
    """keyword -> bare names, from the annals_module() call."""
    text = re.sub(r"#.*", "", cmake_file.text)
    call = MODULE_CALL.search(text)
    declared = {}
    keyword = None
    for word in call.group(1).split()[1:] if call else []:
        if word in {"DEPENDS", "PRIVATE_DEPENDS", "TEST_DEPENDS", "TESTING_DEPENDS"}:
            keyword = word
        elif keyword:
            declared.setdefault(keyword, set()).add(word)
    return declared


def complaint(file, line, what):
    return f"{file.path}:{line}: {what}"


def strip_comments(text):
    """Comments and string contents become spaces; offsets and lines stay."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] + re.sub(r"[^\n]", " ", token[1:-1]) + token[-1]
        return re.sub(r"[^\n]", " ", token)

    pattern = r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    return re.sub(pattern, blank, text, flags=re.DOTALL)


# --- the rules ------------------------------------------------------------------------------------


def line_length(repository):
    for file in repository.files:
        if not file.is_code():
            continue
        for number, line in enumerate(file.lines, 1):
            if len(line) > LINE_LENGTH_MAX and "http" not in line:
                yield complaint(
                    file, number, f"{len(line)} columns; break the line at {LINE_LENGTH_MAX}"
                )


def leftovers(repository):
    for file in repository.files:
        if file.is_own() or file.name == "package-lock.json":
            continue
        for number, line in enumerate(file.lines, 1):
            if match := LEFTOVER.search(line):
                yield complaint(
                    file, number, f"leftover {match[1]}; do it now, or open an issue and remove it"
                )


def module_readme(repository):
    for module in sorted(repository.modules):
        if f"modules/{module}/README.md" not in repository.by_path:
            yield (
                f"modules/{module}/CMakeLists.txt:1: the module has no README.md; write what it"
                " promises, what it leaves to others, its threads, a map of its files"
            )


def spdx(repository):
    for file in repository.files:
        if not file.is_code() or not file.text.strip():
            continue
        head = "\n".join(file.lines[:8])
        for tag, value in (
            ("SPDX-License-Identifier", "Apache-2.0"),
            ("SPDX-FileCopyrightText", "The annals authors"),
        ):
            if f"{tag}:" not in head:
                yield complaint(file, 1, f"the line '{tag}: {value}' is missing; put it on top")


def declared_includes(repository):
    for file in repository.files:
        if not file.is_cpp() or file.module not in repository.modules or not file.part:
            continue
        declared = repository.modules[file.module]
        keywords = ["DEPENDS"]
        if file.part == "testing":
            keywords.append("TESTING_DEPENDS")
        elif file.part != "include":
            keywords.append("PRIVATE_DEPENDS")
            if file.is_twin():
                keywords.append("TEST_DEPENDS")
        names = set().union(*(declared.get(keyword, set()) for keyword in keywords))
        for number, line in enumerate(file.lines, 1):
            match = OUR_INCLUDE.match(line.strip())
            if not match or match[1] == file.module or match[1] not in repository.modules:
                continue
            module = match[1]
            is_fake = match[2].startswith("testing/")
            wanted = f"{module}_testing" if is_fake else module
            fakes_bring_it = not is_fake and f"{module}_testing" in names
            if wanted not in names and not fakes_bring_it:
                yield complaint(
                    file,
                    number,
                    f"includes {module}, which modules/{file.module}/CMakeLists.txt does not"
                    f" declare for this place; add {wanted} to {keywords[-1]}, or do without",
                )


def fakes_in_the_product(repository):
    for file in repository.files:
        if not file.is_cpp() or file.part == "testing" or file.is_twin():
            continue
        if not file.path.startswith(("modules/", "apps/")):
            continue
        for number, line in enumerate(file.lines, 1):
            match = OUR_INCLUDE.match(line.strip())
            if match and match[2].startswith("testing/"):
                yield complaint(
                    file, number, "the product includes a fake; take the real body"
                )


def machine_paths(repository):
    for file in repository.files:
        for number, line in enumerate(file.lines, 1):
            if match := MACHINE_PATH.search(line):
                yield complaint(
                    file,
                    number,
                    f"{match[0]} exists on one machine only; write a path relative to the project",
                )


def foreign_types_in_public_headers(repository):
    for file in repository.files:
        if not file.is_public_header() or file.module in KITS:
            continue
        for number, line in enumerate(file.lines, 1):
            if match := FOREIGN_HEADERS.search(line):
                yield complaint(
                    file,
                    number,
                    f"a public header shows {match[1]}; hide it behind a pimpl or a port and"
                    " include it in src/",
                )


def sleeping_tests(repository):
    for file in repository.files:
        if not file.name.endswith("_test.cpp"):
            continue
        for match in SLEEP.finditer(strip_comments(file.text)):
            yield complaint(
                file,
                file.line_of(match.start()),
                f"a test waits by the clock ({match[1]}); advance the fake clock, or await the"
                " event",
            )


def unreferenced_files(repository):
    included = set()
    for file in repository.files:
        if file.is_cpp():
            own = {match for line in file.lines for match in ANY_INCLUDE.findall(line)}
            included |= {(target, file.path) for target in own}
    targets = {}
    for target, origin in included:
        targets.setdefault(target, set()).add(origin)

    for file in repository.files:
        if not file.module or not file.is_cpp():
            continue
        base = f"modules/{file.module}"
        if file.suffix == ".cpp":
            if file.part not in {"src", "testing"}:
                yield complaint(
                    file, 1, f"no target compiles it; move it to {base}/src or {base}/testing"
                )
            continue
        names = [file.name]
        for folder in (f"{base}/include/", f"{base}/testing/include/", f"{base}/src/"):
            if file.path.startswith(folder):
                names.append(file.path[len(folder) :])
        # A quoted name beside the file, or its path from an include directory.
        users = set()
        for name in names:
            users |= targets.get(name, set())
        if not users - {file.path}:
            yield complaint(file, 1, "nothing includes it; use it or remove it")


def pragma_once(repository):
    for file in repository.files:
        if file.suffix == ".hpp" and "#pragma once" not in file.text:
            yield complaint(file, 1, "a header without '#pragma once'; put it below the SPDX lines")


def thin_mains(repository):
    for file in repository.files:
        if re.fullmatch(r"apps/[^/]+/main\.cpp", file.path) and len(file.lines) > MAIN_LINES_MAX:
            yield complaint(
                file,
                MAIN_LINES_MAX,
                f"main.cpp is longer than {MAIN_LINES_MAX} lines; move work into a module",
            )


def statement_after(text, start):
    """The text from start to the end of its statement, braces and brackets included."""
    depth = 0
    for index in range(start, len(text)):
        sign = text[index]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth < 0:
                return text[start:index]
        elif sign == ";" and depth == 0:
            return text[start:index]
    return text[start:]


def lambdas_in_await(repository):
    for file in repository.files:
        if not file.is_cpp() or not AWAIT.search(file.text):
            continue
        text = "\n".join(
            "" if line.lstrip().startswith("#") else line
            for line in strip_comments(file.text).split("\n")
        )
        for match in AWAIT.finditer(text):
            lambda_match = CAPTURING_LAMBDA.search(statement_after(text, match.start()))
            if lambda_match:
                yield complaint(
                    file,
                    file_line(text, match.start() + lambda_match.start()),
                    "a capturing lambda inside an expression with co_await is destroyed twice by"
                    " g++ 12; give it a name on the line before",
                )


def file_line(text, offset):
    return text.count("\n", 0, offset) + 1


RULES = (
    line_length,
    leftovers,
    module_readme,
    spdx,
    declared_includes,
    fakes_in_the_product,
    machine_paths,
    foreign_types_in_public_headers,
    sleeping_tests,
    unreferenced_files,
    pragma_once,
    thin_mains,
    lambdas_in_await,
)


# --- reading the repository -----------------------------------------------------------------------


def list_paths(root):
    """What git tracks or would track; without git, everything but build output."""
    try:
        listing = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"],
            check=True,
            capture_output=True,
        ).stdout
        return sorted({path for path in listing.decode().split("\0") if path})
    except (OSError, subprocess.CalledProcessError):
        return sorted(
            path.relative_to(root).as_posix()
            for path in root.rglob("*")
            if not SKIPPED_FOLDERS.intersection(path.relative_to(root).parts)
        )


def read_repository(root):
    files = []
    for path in list_paths(root):
        full = root / path
        if "/testdata/" in f"/{path}" or full.is_symlink() or not full.is_file():
            continue
        try:
            files.append(File(path, full.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return Repository(files)


def complaints(repository):
    found = [text for rule in RULES for text in rule(repository)]

    def place(text):
        path, line, _ = text.split(":", 2)
        return path, int(line)

    return sorted(found, key=place)


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2]
    )
    options = parser.parse_args(arguments)
    found = complaints(read_repository(options.root))
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
