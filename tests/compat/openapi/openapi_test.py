#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Runs schemathesis with what /openapi.json says against the server that says it:

    openapi_test.py FOLDER

FOLDER gets a virtual environment the first time, which needs the network.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import venv

from annals_server import Server

HERE = pathlib.Path(__file__).resolve().parent
NAMESPACE = "described"  # as in hooks.py
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
          "response_schema_conformance")  # fmt: skip
SKIPPED = 77


def make_venv(folder, requirements):
    stamp = folder / "requirements.txt"
    if stamp.exists() and stamp.read_text() == requirements.read_text():
        return
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    subprocess.run(
        [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
         "--only-binary", ":all:", "-r", requirements], check=True)  # fmt: skip
    shutil.copy(requirements, stamp)


def main(folder):
    try:
        make_venv(folder, HERE / "requirements.txt")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"schemathesis cannot be installed: {error}. It needs python3-venv and, the first "
              "time, the network.")  # fmt: skip
        return SKIPPED
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks"}
    environment["PYTHONPATH"] = f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    with Server(None) as server:
        base = f"http://127.0.0.1:{server.http_port}"
        server.run("namespace", "create", NAMESPACE)
        for name in ("default", NAMESPACE):
            for stream in ("order-1", "order-2", "cart-1"):
                server.run("-n", name, "stream", "append", stream, "--type", "placed", "--data",
                           '{"total":1}')
        done = subprocess.run(
            [folder / "bin" / "schemathesis", "run", f"{base}/openapi.json",
             "--experimental=openapi-3.1", "--checks", ",".join(CHECKS),
             "--hypothesis-max-examples=25", "--hypothesis-deadline=20000",
             "--request-timeout", "20000", "--hypothesis-database", "none",
             # a handshake is no request with an answer
             "--exclude-path-regex", "/ws$"],
            env=environment, cwd=folder, check=False)  # fmt: skip
        if server.stop() != 0:
            return 1
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
