# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A real Prometheus on a port that the kernel picks, with what deploy/prometheus ships."""

import json
import math
import pathlib
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

SHIPPED = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"


class Prometheus:
    def __init__(self, folder, targets, interval="1s"):
        """`targets`: by job, where it really is."""
        shutil.copytree(SHIPPED, folder / "shipped")
        config = folder / "shipped" / "prometheus.yml"
        text = config.read_text()
        for job, target in targets.items():
            text, places = re.subn(rf"(job_name: {job}\n(?:.*\n)+?.*targets: )\[.*\]",
                                   rf'\1["{target}"]', text)
            if places != 1:
                raise RuntimeError(f"deploy/prometheus/prometheus.yml has {places} jobs {job}")
        text, intervals = re.subn(r"(scrape|evaluation)_interval: 15s", rf"\1_interval: {interval}",
                                  text)
        if (text.count("job_name: "), intervals) != (len(targets), 2):
            raise RuntimeError("deploy/prometheus/prometheus.yml is not what this test knows")
        config.write_text(text)
        self.log = []
        self.url = None
        self._listens = threading.Event()
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/tsdb",
             "--web.listen-address=127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if not self._listens.wait(60) or self.url is None:
            self.stop()
            raise RuntimeError("Prometheus did not start:\n" + "".join(self.log))
        self._wait_until_ready()

    def _read_log(self):
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r'msg="Listening on" address=(127\.0\.0\.1:\d+)', line)
            if found:
                self.url = f"http://{found.group(1)}"
                self._listens.set()
        self._listens.set()

    def _wait_until_ready(self):
        until = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(self.url + "/-/ready", timeout=30).close()
                return
            except urllib.error.HTTPError as error:  # 503: it reads its own log first
                if error.code != 503 or time.monotonic() > until:
                    raise
            time.sleep(0.1)

    def get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def ask(self, expression):
        """The samples: labels and value."""
        data = self.get("/api/v1/query", query=expression)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(sample["metric"], float(sample["value"][1])) for sample in data["result"]]

    def wait_for(self, expression, seconds=60, gives_up=lambda: None):
        """Until the expression has samples that are numbers; answers them. `gives_up` raises when
        waiting makes no sense any more."""
        until = time.monotonic() + seconds
        while True:
            samples = [one for one in self.ask(expression) if not math.isnan(one[1])]
            if samples or time.monotonic() > until:
                return samples
            gives_up()
            time.sleep(0.2)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self._reader.join(10)
        self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
