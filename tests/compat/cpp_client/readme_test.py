#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""clients/cpp/README.md as a stranger follows it, against the installed package:

    readme_test.py BUILD_FOLDER

Files that the page names are built with CMake as the page's CMakeLists.txt says, main.cpp with
pkg-config too, and run; what the page shows as their output must be it. All other pieces of C++
become functions of one program, which is run in process and against a server."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

from annals_server import Server  # noqa: E402

PAGE = pathlib.Path(__file__).resolve().parents[3] / "clients/cpp/README.md"
BLOCK = re.compile(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PIECES = """#include <annals/typed.hpp>
#include <chrono>
#include <iostream>

struct Product { std::string name; int price; };
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Product, name, price)

// A store of its own for each piece: in process, or a namespace of the server that is named.
annals::Client open_store(char** arguments, int number) {
    if (arguments[1] == nullptr) return annals::embedded::open("", {.is_memory = true});
    const annals::Client client = annals::connect(arguments[1]);
    const std::string name = "piece-" + std::to_string(number);
    client.create_namespace(name);
    return client.in_namespace(name);
}

"""


def run(*command, cwd, env=None):
    done = subprocess.run(command, cwd=cwd, env=env, text=True, capture_output=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} answered {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")
    return done.stdout


def main():
    build = pathlib.Path(sys.argv[1])
    compiler = os.environ["CXX"]
    with tempfile.TemporaryDirectory() as scratch:
        prefix, shop = pathlib.Path(scratch) / "prefix", pathlib.Path(scratch) / "shop"
        shop.mkdir()
        run("cmake", "--install", build, "--prefix", prefix, cwd=scratch)
        programs, pieces, commands, shown, last = [], [], [], {}, None
        for name, language, text in BLOCK.findall(PAGE.read_text()):
            if name:
                (shop / name).write_text(text)
                if name.endswith(".cpp"):
                    last = name.removesuffix(".cpp")
                    programs.append(last)
            elif language == "cpp":
                pieces.append(text)
            elif language == "sh":
                commands.append(text)
            elif language == "text":
                shown[last] = text
        if len(programs) < 3 or len(pieces) < 7 or len(shown) < 2 or len(commands) != 1:
            sys.exit(f"the page has {programs}, {len(pieces)} pieces, {list(shown)} and {commands}")

        functions = "".join(f"void piece_{number}(const annals::Client& client) {{\n{text}}}\n\n"
                            for number, text in enumerate(pieces))
        calls = "".join(f"    piece_{number}(open_store(arguments, {number}));\n"
                        for number in range(len(pieces)))
        (shop / "pieces.cpp").write_text(
            PIECES + functions + "int main(int, char** arguments) {\n" + calls + "}\n")
        lists = shop / "CMakeLists.txt"
        lists.write_text(lists.read_text().replace("account_test)", "account_test pieces)"))
        # the page's own commands: they end with running main, behind what CMake says
        output = run("sh", "-ec", commands[0].replace("$HOME/annals", str(prefix)), cwd=shop,
                     env={**os.environ, "CMAKE_GENERATOR": "Ninja"})
        if not output.endswith("\n" + shown["main"]):
            sys.exit(f"the page's commands wrote\n{output}and the page says\n{shown['main']}")
        for name in [*programs, "pieces"]:
            if name == "main":
                continue
            output = run(shop / "build" / name, cwd=shop)
            if name in shown and output != shown[name]:
                sys.exit(f"{name} wrote\n{output}and the page says\n{shown[name]}")

        with Server(None) as server:
            over_grpc = run(shop / "build" / "pieces", f"127.0.0.1:{server.grpc_port}", cwd=shop)
        if len(over_grpc.splitlines()) < len(pieces) / 2:
            sys.exit(f"the pieces wrote little over gRPC:\n{over_grpc}")

        shutil.rmtree(shop / "shop-data")
        folder = next(prefix.glob("lib*/pkgconfig")) if list(prefix.glob("lib*/pkgconfig")) else \
            next(prefix.glob("lib/*/pkgconfig"))
        flags = run("pkg-config", "--cflags", "--libs", "annals", cwd=shop,
                    env={**os.environ, "PKG_CONFIG_PATH": str(folder)}).split()
        run(compiler, "-std=c++20", "main.cpp", "-o", "by_pkg_config", *flags, cwd=shop)
        if run(shop / "by_pkg_config", cwd=shop) != shown["main"]:
            sys.exit("main.cpp built with pkg-config wrote something else")
    print(f"{len(programs)} programs and {len(pieces)} pieces of the page do as it says")


if __name__ == "__main__":
    main()
