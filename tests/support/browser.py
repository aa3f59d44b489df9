# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A headless Chromium, driven over the DevTools protocol through two pipes of its own: no port, no
driver, no network.
"""

import json
import os
import shutil
import subprocess
import tempfile
import threading

ANSWER_SECONDS_MAX = 120


class Browser:
    """`with Browser() as browser: page = browser.open(url); page.run("1 + 1")`."""

    def __init__(self):
        program = shutil.which("chromium")
        if program is None:
            raise FileNotFoundError("chromium is not there: install the Debian package chromium")
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        said_read, self._say = os.pipe()
        self._hear, heard_write = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4.
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{said_read} 4>&{heard_write}', "sh",
             program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--remote-debugging-pipe",
             f"--user-data-dir={self._profile.name}", "about:blank"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            pass_fds=(said_read, heard_write))  # fmt: skip
        os.close(said_read)
        os.close(heard_write)
        self._changed = threading.Condition()
        self._answers = {}
        self._last = 0
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with os.fdopen(self._hear, "rb") as pipe:
            rest = b""
            while piece := pipe.read1(65536):
                *messages, rest = (rest + piece).split(b"\0")
                for message in map(json.loads, messages):
                    if "id" not in message:
                        continue
                    with self._changed:
                        self._answers[message["id"]] = message
                        self._changed.notify_all()
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def ask(self, method, session=None, **parameters):
        """One command and its answer."""
        with self._changed:
            self._last += 1
            number = self._last
            message = {"id": number, "method": method, "params": parameters}
            if session:
                message["sessionId"] = session
            os.write(self._say, json.dumps(message).encode() + b"\0")
            self._changed.wait_for(
                lambda: number in self._answers or self._is_over, ANSWER_SECONDS_MAX)
            answer = self._answers.pop(number, None)
        if answer is None:
            raise AssertionError(f"the browser did not answer {method}")
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def open(self, url):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.go(url)
        return page

    def close(self):
        os.close(self._say)
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Page:
    def __init__(self, browser, session):
        self._browser = browser
        self._session = session

    def go(self, url):
        self._browser.ask("Page.enable", self._session)
        answer = self._browser.ask("Page.navigate", self._session, url=url)
        if "errorText" in answer:
            raise AssertionError(f"{url}: {answer['errorText']}")
        self.run("new Promise(done => document.readyState === 'complete' ? done() :"
                 " addEventListener('load', () => done()))")

    def run(self, script):
        """The value of the script, a promise's when it is kept."""
        answer = self._browser.ask(
            "Runtime.evaluate", self._session, expression=script, awaitPromise=True,
            returnByValue=True)  # fmt: skip
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")
