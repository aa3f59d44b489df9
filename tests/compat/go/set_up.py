#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Makes what the Go tests of this folder need below the build tree, once:

    set_up.py FOLDER

FOLDER/bin gets protoc's generators for Go from the Go module proxy, FOLDER/generated the stubs of
eskit's contracts, FOLDER the tests beside them, compiled to FOLDER/contract.test. Needs Go 1.24 or
later and, the first time, the network.
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
PROTO = REPOSITORY / "proto"
MODULE = "github.com/makkalot/eskit/generated/grpc/go"
GENERATORS = (
    ("protoc-gen-go", "google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11"),
    ("protoc-gen-go-grpc", "google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.1"),
)


def go(folder, *words):
    environment = dict(os.environ, GOBIN=str(folder / "bin"), GOFLAGS="", GOWORK="off",
                       GOTOOLCHAIN="local")
    subprocess.run(["go", *words], cwd=folder, env=environment, check=True)


def install_generators(folder):
    for name, package in GENERATORS:
        if not (folder / "bin" / name).exists():
            go(folder, "install", package)


def generate(folder):
    target = folder / "generated"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    root = PROTO / "contracts"
    path = f"{folder / 'bin'}:{os.environ['PATH']}"
    subprocess.run(
        ["protoc", f"-I{root}", f"-I{PROTO}", f"--go_out={target}", f"--go_opt=module={MODULE}",
         f"--go-grpc_out={target}", f"--go-grpc_opt=module={MODULE}",
         *sorted(root.rglob("*.proto"))], env=dict(os.environ, PATH=path), check=True)
    shutil.copy(HERE / "generated.mod", target / "go.mod")


def main(folder):
    if shutil.which("go") is None:
        sys.exit("Go is not there: install Go 1.24 or later (https://go.dev/dl), or leave these "
                 "tests out with ctest -E compat.go")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        install_generators(folder)
        generate(folder)
        for file in [*HERE.glob("*_test.go"), HERE / "go.mod", HERE / "go.sum"]:
            shutil.copy(file, folder)
        go(folder, "mod", "edit", f"-replace=annals.dev/annals={REPOSITORY / 'clients' / 'go'}")
        go(folder, "test", "-c", "-mod=readonly", "-o", "contract.test", ".")
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"eskit's client for Go could not be set up: {error}. It needs Go 1.24 or later, "
                 "protobuf-compiler and, the first time, the network (the Go module proxy).")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
