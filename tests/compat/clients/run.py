#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Runs a client's runner against a real server and a proxy that cuts (README.md):

    run.py [--name NAME] [--scenarios FILE] [--only SCENARIO]... [--data DIR] -- COMMAND...

Fails unless every scenario of the list was reported as passed, once, and COMMAND answered 0.
"""

import argparse
import http.server
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

from annals_server import Server  # noqa: E402
from proxy import Proxy  # noqa: E402

RUN_SECONDS_MAX = 600


class Stage:
    """The server, the two ways to it, and what the control does with them."""

    def __init__(self, folder):
        self._folder = folder
        self._server = Server(folder)
        self._lock = threading.Lock()
        self.proxy = Proxy(self._target)
        self.steady = Proxy(self._target)

    def _target(self):
        server = self._server
        return ("127.0.0.1", server.grpc_port) if server else None

    def kill(self):
        server, self._server = self._server, None
        if server:
            server.kill()

    def start(self):
        if not self._server:
            self._server = Server(self._folder)

    def crash(self):
        self.kill()
        self.start()

    def restart(self):
        server, self._server = self._server, None
        if server:
            code = server.stop()
            if code != 0:
                raise RuntimeError(f"the server answered SIGTERM with {code}")
        self.start()

    def do(self, path):
        """Carries out `server/restart` and the like; KeyError where there is no such action."""
        action = {
            "server/restart": self.restart, "server/crash": self.crash,
            "server/kill": self.kill, "server/start": self.start,
            "network/reset": self.proxy.reset, "network/cut": self.proxy.cut,
            "network/stall": self.proxy.stall, "network/silence": self.proxy.silence,
            "network/heal": self.proxy.heal,
        }[path]
        with self._lock:
            action()

    def close(self):
        self.proxy.close()
        self.steady.close()
        if self._server:
            self._server.stop()


def control(stage):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                stage.do(self.path.strip("/"))
            except KeyError:
                self.send_error(404, "no such action")
                return
            except Exception as error:  # the runner must hear of it
                self.send_error(500, str(error).splitlines()[0])
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def names_of(path):
    return re.findall(r"^- scenario: (\S+)$", path.read_text(), re.MULTILINE)


def report(wanted, results, code):
    """Complaints, empty when all is well."""
    complaints = []
    for name in wanted:
        reported = results.get(name, [])
        if len(reported) != 1:
            complaints.append(f"{name}: reported {len(reported)} times")
        elif reported[0].get("passed") is not True:
            complaints.append(f"{name}: {reported[0].get('message', 'failed without a message')}")
    complaints += [f"{name}: not in the list" for name in results if name not in wanted]
    if code != 0 and not complaints:
        complaints.append(f"the runner answered {code}")
    return complaints


def run(command, stage, arguments, wanted):
    server = control(stage)
    flags = ["--scenarios", str(arguments.scenarios), "--server", stage.proxy.address,
             "--steady", stage.steady.address,
             "--control", f"http://127.0.0.1:{server.server_address[1]}"]
    for name in arguments.only:
        flags += ["--only", name]
    process = subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, text=True)
    ends = threading.Timer(RUN_SECONDS_MAX, lambda: process.send_signal(signal.SIGKILL))
    ends.start()
    results = {}
    for line in process.stdout:
        try:
            result = json.loads(line)
            results.setdefault(result["scenario"], []).append(result)
        except (ValueError, KeyError, TypeError):
            print(f"{arguments.name}: not a result: {line.rstrip()}", file=sys.stderr)
            continue
        mark = "ok  " if result.get("passed") is True else "FAIL"
        print(f"{mark} {arguments.name} {result['scenario']} "
              f"{result.get('seconds', 0):.2f} s {result.get('message', '')}", flush=True)
    code = process.wait()
    ends.cancel()
    server.shutdown()
    return report(wanted, results, code)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="client")
    parser.add_argument("--scenarios", type=pathlib.Path, default=HERE / "scenarios.yaml")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    wanted = names_of(arguments.scenarios)
    unknown = [name for name in arguments.only if name not in wanted]
    if unknown or not wanted:
        sys.exit(f"{arguments.scenarios} has no scenario {', '.join(unknown) or 'at all'}")
    wanted = arguments.only or wanted
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(pathlib.Path(folder) / "data")
        try:
            complaints = run(arguments.command, stage, arguments, wanted)
        finally:
            stage.close()
    for complaint in complaints:
        print(f"FAILED {arguments.name} {complaint}")
    print(f"{arguments.name}: {len(wanted)} scenarios, {len(complaints)} complaints")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
