#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The Go client beside what gRPC alone gives (clients/go/cmd/bench), against a server of its own:

    go_client_bench.py [--program PATH] [--memory] [--work DIR] [-- FLAGS OF THE BENCH]

Durable unless --memory. Needs Go; the module is built below DIR.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests/support"))

from annals_server import Server  # noqa: E402


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="instead of bin/annals")
    parser.add_argument("--memory", action="store_true", help="a server that writes nothing")
    parser.add_argument("--work", default=None, help="folder for the server's data")
    parser.add_argument("flags", nargs="*")
    options = parser.parse_args()
    if options.program:
        os.environ["ANNALS_PROGRAM"] = options.program
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        place = pathlib.Path(folder)
        environment = dict(os.environ, GOFLAGS="", GOWORK="off", GOTOOLCHAIN="local")
        subprocess.run(["go", "build", "-o", str(place / "bench"), "./bench"], check=True,
                       cwd=REPOSITORY / "clients/go/cmd", env=environment)
        with Server(None if options.memory else place / "data") as server:
            disk = [] if options.memory else ["-disk", folder]
            subprocess.run([place / "bench", "-server", server.address, *disk, *options.flags],
                           check=True)


if __name__ == "__main__":
    main()
