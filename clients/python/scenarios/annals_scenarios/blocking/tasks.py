# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What runs beside the steps, for threads. aio/tasks.py is its twin."""

from __future__ import annotations

import concurrent.futures
import threading
import time
import urllib.request


class Changes:
    """Tells those who wait that something they look at has changed."""

    def __init__(self):
        self._condition = threading.Condition()

    def notify(self):
        with self._condition:
            self._condition.notify_all()

    def wait_for(self, predicate, seconds):
        """TimeoutError."""
        with self._condition:
            if not self._condition.wait_for(predicate, seconds):
                raise TimeoutError(f"not so after {seconds} s")


class Task:
    """A function that runs beside the steps."""

    def __init__(self, function):
        self._future = concurrent.futures.Future()
        self._function = function
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            self._future.set_result(self._function())
        except BaseException as error:
            self._future.set_exception(error)

    def wait(self, seconds):
        """Raises what it raised, or TimeoutError."""
        return self._future.result(seconds)


def sleep(seconds):
    time.sleep(seconds)


def post(url):
    request = urllib.request.Request(url, data=b"", method="POST")
    urllib.request.urlopen(request, timeout=120).close()
