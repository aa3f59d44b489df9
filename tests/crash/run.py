#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Kills a server at random moments and asks whether anything acknowledged is lost or doubled.

    run.py --rounds 200 [--seed N] [--annals bin/annals] [--client PATH] [--at-a-time 2]

A round starts a server on a data folder, lets the client (annals_crash_client) hold the stored
events against its journal of what was sent and answered, loads it from several threads and kills it
with SIGKILL after a random while. Some rounds end with SIGTERM, before some the index folder is
deleted. A folder serves a dozen rounds, then a new one is taken. A seed that failed is printed with
the folder, which then stays.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_SECONDS_MAX = 60
CHECK_SECONDS_MAX = 120
ROUNDS_PER_FOLDER = 12
THREADS = 6


class Failure(Exception):
    """What went wrong, with enough to look at it."""


class Server:
    """annals serve on a folder, on a free port."""

    def __init__(self, annals, folder):
        self.log = open(folder / "server.log", "ab")
        command = [
            annals, "serve", "--data", folder / "data", "--log-format", "json",
            "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0",
        ]  # fmt: skip
        started = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.address = f"127.0.0.1:{self.wait_until_ready(started)}"
        self.seconds_to_ready = time.monotonic() - started
        # The pipe must not fill up; its end comes with the process.
        threading.Thread(target=self.copy_log, daemon=True).start()

    def wait_until_ready(self, started):
        while time.monotonic() - started < READY_SECONDS_MAX:
            line = self.process.stderr.readline()
            self.log.write(line)
            self.log.flush()
            if not line:
                break
            if b'"server ready"' in line:
                return json.loads(line)["grpc_port"]
        self.process.kill()
        raise Failure(f"the server did not start; see {self.log.name}")

    def copy_log(self):
        for line in self.process.stderr:
            self.log.write(line)
        self.log.close()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failure("the server did not stop on SIGTERM") from None
        if code != 0:
            raise Failure(f"the server ended with {code} on SIGTERM")


def first_line(process, seconds_max):
    """The client's report, or nothing when it ended or took too long."""
    readable, _, _ = select.select([process.stdout], [], [], seconds_max)
    return process.stdout.readline().decode() if readable else ""


class Folder:
    """Rounds on one data folder, one after the other."""

    def __init__(self, options, seed):
        self.options = options
        self.seed = seed
        self.random = random.Random(seed)
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="annals-crash-", dir=options.work))
        self.counts = collections.Counter()

    def client(self, server, *more):
        command = [
            self.options.client, server.address, self.path / "journal", str(self.seed),
            str(THREADS), *more,
        ]  # fmt: skip
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish_client(self, process):
        try:
            _, errors = process.communicate(timeout=CHECK_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Failure("the client did not notice that the server is gone") from None
        if process.returncode != 0:
            raise Failure(errors.decode().strip() or f"the client ended with {process.returncode}")

    def delete_index(self):
        for index in sorted((self.path / "data").rglob("index")):
            if index.is_dir():
                shutil.rmtree(index)
                self.counts["index folders deleted"] += 1

    def round(self):
        if self.random.random() < 0.2:
            self.delete_index()
        server = Server(self.options.annals, self.path)
        process = None
        try:
            process = self.client(server)
            report = first_line(process, CHECK_SECONDS_MAX)
            if not report.startswith("checked"):
                self.finish_client(process)
                raise Failure("the client said nothing")
            time.sleep(self.random.uniform(0.01, self.options.load_seconds_max))
            if self.random.random() < 0.1:
                server.stop()
                self.counts["ended with SIGTERM"] += 1
            else:
                server.kill()
                self.counts["killed"] += 1
            self.finish_client(process)
            self.counts["unanswered but stored"] += int(
                report.split("unanswered_stored=")[1].split()[0]
            )
        finally:
            server.process.kill()
            server.process.wait()
            if process is not None and process.poll() is None:
                process.kill()
                process.communicate()

    def last_check(self):
        server = Server(self.options.annals, self.path)
        try:
            process = self.client(server, "check")
            output = process.stdout.readline().decode()
            self.finish_client(process)
            words = dict(word.split("=") for word in output.split()[1:])
            self.counts["events"] += int(words["events"])
            self.counts["acknowledged appends"] += int(words["acknowledged"])
            server.stop()
        finally:
            server.process.kill()
            server.process.wait()

    def run(self, rounds):
        try:
            for _ in range(rounds):
                self.round()
            self.last_check()
        except Failure as failure:
            raise Failure(f"seed {self.seed}, folder {self.path}: {failure}") from None
        shutil.rmtree(self.path)
        return self.counts


def build_missing(options):
    """`make crash` builds the server alone."""
    if options.client is None:
        target = "annals_crash_client"
        options.client = ROOT / "build/release/tests/crash" / target
        subprocess.run(
            ["cmake", "--build", "--preset", "release", "--target", target, "--parallel", "2"],
            cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def parse(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, help="of one folder, to see a failure again")
    parser.add_argument("--annals", type=pathlib.Path, default=ROOT / "bin/annals")
    parser.add_argument("--client", type=pathlib.Path)
    parser.add_argument("--at-a-time", type=int, default=2, help="folders at the same time")
    parser.add_argument("--load-seconds-max", type=float, default=0.4)
    parser.add_argument("--work", type=pathlib.Path, help="where the folders are made")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    build_missing(options)
    base = options.seed if options.seed is not None else random.SystemRandom().randrange(2**32)
    jobs = []
    for first in range(0, options.rounds, ROUNDS_PER_FOLDER):
        jobs.append((base + len(jobs), min(ROUNDS_PER_FOLDER, options.rounds - first)))
    print(f"{options.rounds} rounds on {len(jobs)} folders, seeds from {base}", flush=True)

    totals = collections.Counter()
    failures = []
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.at_a_time) as pool:
        running = [pool.submit(Folder(options, seed).run, rounds) for seed, rounds in jobs]
        for future in concurrent.futures.as_completed(running):
            try:
                totals += future.result()
            except Failure as failure:
                failures.append(str(failure))
                print(f"FAILED {failure}", flush=True)
    for name, count in sorted(totals.items()):
        print(f"{name}: {count}")
    print(f"{time.monotonic() - started:.0f} s")
    if failures:
        print(f"{len(failures)} folders failed; see one again with --rounds 12 --seed N")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
