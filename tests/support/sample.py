# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A program of samples/ on ports that the kernel picks, for tests."""

import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DOOR = re.compile(r"(\w+) \S+:(\d+)")


class Sample:
    """A running sample; `ports` has those of its ready line. Its log is `log`."""

    def __init__(self, name, *flags, doors=("http",)):
        # not ANNALS_…: the server refuses settings that it does not know
        variable = name.replace("annals-", "sample-").upper().replace("-", "_")
        program = os.environ.get(variable, str(REPOSITORY / "bin" / name))
        listen = [word for door in doors for word in (f"--{door}", "127.0.0.1:0")]
        self.log = []
        self.process = subprocess.Popen(
            [program, *listen, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        ready = self.process.stdout.readline()
        self.ports = {door: int(port) for door, port in DOOR.findall(ready.partition(":")[2])}
        if set(self.ports) != set(doors):
            self.kill()
            raise RuntimeError(f"{name} did not start: {ready}" + "".join(self.log))

    def _read_log(self):
        self.log.extend(self.process.stderr)

    def ask(self, method, path, body=None, fields=None, timeout=60):
        """An HTTP request on a connection of its own: status, header fields, body. The body is what
        its JSON says, or text."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports["http"], timeout=timeout)
        try:
            text = body if body is None or isinstance(body, (str, bytes)) else json.dumps(body)
            connection.request(method, path, text, fields or {})
            answer = connection.getresponse()
            content = answer.read().decode()
            if "json" in answer.headers.get("Content-Type", "") and content:
                content = json.loads(content)
            return answer.status, answer.headers, content
        finally:
            connection.close()

    def stop(self, timeout=30):
        """SIGTERM unless it has ended; answers the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self._end()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._end()

    def _end(self):
        self._reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
