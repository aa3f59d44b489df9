#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What each rule of tidy.py refuses, and what it lets pass."""

import unittest

import tidy

SPDX = "// SPDX-License-Identifier: Apache-2.0\n// SPDX-FileCopyrightText: The annals authors\n"


def repository(**files):
    """Keyword names cannot hold slashes: give {path: text} as `files`."""
    return tidy.Repository([tidy.File(path, text) for path, text in files["files"].items()])


def run(rule, files):
    return list(rule(repository(files=files)))


class LineLength(unittest.TestCase):
    def test_names_the_line(self):
        found = run(tidy.line_length, {"a.cpp": "short\n" + "x" * 101})
        self.assertEqual(found, ["a.cpp:2: 101 columns; break the line at 100"])

    def test_lets_links_and_prose_pass(self):
        self.assertEqual(
            run(tidy.line_length, {"a.md": "x" * 200, "b.cpp": "// https://" + "x" * 200}), []
        )


class Leftovers(unittest.TestCase):
    def test_finds_the_word_alone(self):
        self.assertEqual(len(run(tidy.leftovers, {"a.go": "// FIXME: later"})), 1)
        self.assertEqual(run(tidy.leftovers, {"a.go": "// unmistakable TODOS"}), [])


class ModuleReadme(unittest.TestCase):
    def test_is_needed(self):
        call = {"modules/log/CMakeLists.txt": "annals_module(log)"}
        self.assertEqual(len(run(tidy.module_readme, call)), 1)
        self.assertEqual(run(tidy.module_readme, call | {"modules/log/README.md": "# log"}), [])


class Spdx(unittest.TestCase):
    def test_both_lines_are_needed(self):
        self.assertEqual(len(run(tidy.spdx, {"a.cpp": "int x;"})), 2)
        self.assertEqual(run(tidy.spdx, {"a.cpp": SPDX + "int x;"}), [])

    def test_foreign_files_name_their_own_authors(self):
        text = "// SPDX-License-Identifier: MIT\n// SPDX-FileCopyrightText: Somebody else\n"
        self.assertEqual(run(tidy.spdx, {"proto/a.proto": text}), [])


class DeclaredIncludes(unittest.TestCase):
    CMAKE = {
        "modules/base/CMakeLists.txt": "annals_module(base)",
        "modules/codec/CMakeLists.txt": "annals_module(codec DEPENDS base)",
        "modules/log/CMakeLists.txt": (
            "annals_module(log\n  DEPENDS base # the rest is ours\n"
            "  PRIVATE_DEPENDS codec zstd::zstd\n  TEST_DEPENDS base_testing)"
        ),
    }

    def check(self, path, include):
        return run(tidy.declared_includes, self.CMAKE | {path: f'#include "annals/{include}"'})

    def test_a_public_header_may_use_depends_only(self):
        self.assertEqual(self.check("modules/log/include/annals/log/a.hpp", "base/b.hpp"), [])
        found = self.check("modules/log/include/annals/log/a.hpp", "codec/c.hpp")
        self.assertEqual(len(found), 1)
        self.assertIn("add codec to DEPENDS", found[0])

    def test_a_source_may_use_private_depends(self):
        self.assertEqual(self.check("modules/log/src/a.cpp", "codec/c.hpp"), [])
        self.assertEqual(self.check("modules/log/src/a.cpp", "log/a.hpp"), [])
        self.assertEqual(len(self.check("modules/codec/src/a.cpp", "log/a.hpp")), 1)

    def test_fakes_are_declared_by_their_own_name(self):
        fake = "base/testing/fake_clock.hpp"
        self.assertEqual(self.check("modules/log/src/a_test.cpp", fake), [])
        self.assertEqual(len(self.check("modules/log/src/a.cpp", fake)), 1)

    def test_generated_protobuf_is_no_module(self):
        self.assertEqual(self.check("modules/log/src/a.cpp", "v1/events.pb.h"), [])


class FakesInTheProduct(unittest.TestCase):
    def test_are_refused_outside_tests(self):
        text = '#include "annals/base/testing/fake_clock.hpp"'
        self.assertEqual(len(run(tidy.fakes_in_the_product, {"modules/log/src/a.cpp": text})), 1)
        self.assertEqual(run(tidy.fakes_in_the_product, {"modules/log/src/a_test.cpp": text}), [])


class MachinePaths(unittest.TestCase):
    def test_are_refused_in_every_text(self):
        self.assertEqual(len(run(tidy.machine_paths, {"a.md": "see /" + "work/main/x"})), 1)
        self.assertEqual(len(run(tidy.machine_paths, {"a.md": "`/" + "home/anna/x`"})), 1)

    def test_other_paths_pass(self):
        text = "build/home/a/ ${top}/home/a/ https://example.org/home/a/ /var/lib/annals/"
        self.assertEqual(run(tidy.machine_paths, {"a.md": text}), [])


class ForeignTypes(unittest.TestCase):
    def test_stay_out_of_public_headers(self):
        text = "#include <rocksdb/db.h>"
        header = "modules/index/include/annals/index/a.hpp"
        self.assertEqual(len(run(tidy.foreign_types_in_public_headers, {header: text})), 1)
        self.assertEqual(
            run(tidy.foreign_types_in_public_headers, {"modules/index/src/a.hpp": text}), []
        )

    def test_a_kit_shows_them_and_nobody_shows_a_kit(self):
        kit = {"modules/grpc_kit/include/annals/grpc_kit/a.hpp": "#include <grpcpp/channel.h>"}
        self.assertEqual(run(tidy.foreign_types_in_public_headers, kit), [])
        other = {
            "modules/client/include/annals/client/a.hpp": '#include "annals/grpc_kit/a.hpp"'
        }
        self.assertEqual(len(run(tidy.foreign_types_in_public_headers, other)), 1)


class SleepingTests(unittest.TestCase):
    def test_are_refused(self):
        text = "std::this_thread::sleep" + "_for(1s);"
        self.assertEqual(len(run(tidy.sleeping_tests, {"modules/a/src/a_test.cpp": text})), 1)
        self.assertEqual(run(tidy.sleeping_tests, {"modules/a/src/a.cpp": text}), [])
        self.assertEqual(run(tidy.sleeping_tests, {"modules/a/src/a_test.cpp": "// " + text}), [])


class UnreferencedFiles(unittest.TestCase):
    def test_a_header_needs_a_reader(self):
        header = {"modules/a/src/detail/x.hpp": "#pragma once"}
        self.assertEqual(len(run(tidy.unreferenced_files, header)), 1)
        reader = {"modules/a/src/a.cpp": '#include "detail/x.hpp"'}
        self.assertEqual(run(tidy.unreferenced_files, header | reader), [])

    def test_a_source_lies_where_the_build_looks(self):
        self.assertEqual(len(run(tidy.unreferenced_files, {"modules/a/extra/a.cpp": ""})), 1)


class PragmaOnce(unittest.TestCase):
    def test_is_needed(self):
        self.assertEqual(len(run(tidy.pragma_once, {"a.hpp": "int x;"})), 1)
        self.assertEqual(run(tidy.pragma_once, {"a.hpp": "#pragma once"}), [])


class ThinMains(unittest.TestCase):
    def test_work_belongs_in_modules(self):
        self.assertEqual(len(run(tidy.thin_mains, {"apps/annals/main.cpp": "\n" * 81})), 1)
        self.assertEqual(run(tidy.thin_mains, {"apps/annals/main.cpp": "\n" * 79}), [])


class LambdasInAwait(unittest.TestCase):
    def found(self, statement):
        return run(tidy.lambdas_in_await, {"a.cpp": "int x;\n" + statement})

    def test_refused_in_the_same_expression(self):
        found = self.found("co_await offload(pool,\n    [&file] { return file.sync(); });")
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("a.cpp:3: "))
        self.assertEqual(len(self.found("auto x = co_await f([=](int i) { return i; });")), 1)
        self.assertEqual(len(self.found("ANNALS_CO_TRY(auto x, f([this] { return 1; }));")), 1)

    def test_named_or_without_capture_passes(self):
        self.assertEqual(self.found("auto work = [&file] { g(file); };\nco_await f(work);"), [])
        self.assertEqual(self.found("co_await f([] { return 1; });"), [])
        self.assertEqual(self.found("auto [a, b] = co_await f(x[i], y[j](k));"), [])
        self.assertEqual(self.found("if (co_await ready()) { g([&x] { h(x); }); }"), [])
        self.assertEqual(self.found("// co_await f([&x] { });"), [])


if __name__ == "__main__":
    unittest.main()
