#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A C++ consumer is killed with -9, again and again, while appends go on:

    killed_consumer_test.py COPIER

None is lost, each stream keeps its order, and nothing is doubled, because it copies with
tracking."""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

from annals_server import Server  # noqa: E402

EVENTS = 600
KILLS = 5
SECONDS_MAX = 240


def main():
    copier = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        server = Server(pathlib.Path(folder) / "data")
        address = f"127.0.0.1:{server.grpc_port}"
        appender = subprocess.Popen([copier, address, "append", str(EVENTS)])
        running = None
        try:
            for kill in range(KILLS):
                running = subprocess.Popen([copier, address, "copy"], stdout=subprocess.PIPE,
                                           text=True)
                for _ in range(2 + kill):  # so many batches, and then in the middle of one
                    if not running.stdout.readline():
                        sys.exit(f"the copier ended by itself with {running.wait()}")
                running.kill()
                running.wait()
            running = subprocess.Popen([copier, address, "copy"], stdout=subprocess.DEVNULL)
            if code := appender.wait(SECONDS_MAX):
                sys.exit(f"appends ended with {code}")
            subprocess.run([copier, address, "check", str(EVENTS)], check=True,
                           timeout=SECONDS_MAX)
        finally:
            for process in (running, appender):
                if process:
                    process.kill()
                    process.wait()
            server.stop()
    print(f"{EVENTS} events copied once, in order, over {KILLS} kills")


if __name__ == "__main__":
    main()
