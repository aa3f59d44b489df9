#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""clients/go/README.md from an empty folder, word by word, as somebody would who has never seen it.

Code behind a line that names a file becomes that file; shell blocks run, and answer what the text
block behind them says; other code runs within one program, each block on its own.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "tests/support"))

from annals_server import Server  # noqa: E402

BLOCK = re.compile(r"(?:`(?P<name>[\w/.]+)`:\n\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
                   re.DOTALL | re.MULTILINE)
PACKAGES = ("context", "crypto/tls", "errors", "fmt", "log", "log/slog", "time",
            "annals.dev/annals", "annals.dev/annals/annalsotel")
ENDS = "# Ctrl-C ends it"
SECONDS_MAX = 300

SNIPPETS = """package main

import (
{imports}
)

{functions}

func main() {{
	client, err := annals.Connect("")
	if err != nil {{
		log.Fatal(err)
	}}
{calls}
}}
"""
CALL = """	func() {{
		// what goes on for ever ends after a while
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := snippet{number}(ctx, client); err != nil {{
			log.Fatal("snippet {number}: ", err)
		}}
	}}()"""


def snippets(fragments):
    """One program of all fragments; each may answer an error."""
    functions = "\n\n".join(
        f"func snippet{number}(ctx context.Context, client *annals.Client) error {{\n{text}\n"
        + "\treturn nil\n}" for number, text in enumerate(fragments))
    used = [package for package in PACKAGES
            if re.search(rf"\b{package.rsplit('/', 1)[-1]}\.", functions) or package in
            ("context", "log", "time", "annals.dev/annals")]
    return SNIPPETS.format(
        imports="\n".join(f'\t"{package}"' for package in used), functions=functions,
        calls="\n".join(CALL.format(number=number) for number in range(len(fragments))))


class Stranger:
    def __init__(self, folder, address):
        self.folder = folder
        self.environment = dict(os.environ, ANNALS=str(REPOSITORY), ANNALS_SERVER=address,
                                GOFLAGS="", GOWORK="off", GOTOOLCHAIN="local")

    def shell(self, text, wanted):
        """Runs the block as in one terminal: `cd` stays."""
        marked = f"set -e\n{text}\npwd >&3\n"
        place, write = os.pipe()
        done = subprocess.run(["bash", "-c", f"exec 3>&{write}\n{marked}"], cwd=self.folder,
                              env=self.environment, pass_fds=[write], text=True,
                              stdout=subprocess.PIPE, timeout=SECONDS_MAX, check=False)
        os.close(write)
        with os.fdopen(place) as end:
            self.folder = pathlib.Path(end.read().strip() or self.folder)
        self.same(text, done.returncode, 0)
        if wanted is not None:
            self.same(text, done.stdout, wanted)

    def until_ctrl_c(self, text, wanted):
        """Runs the block until it said what it should, then presses Ctrl-C. Started again it must
        say nothing more, because what it handled is saved."""
        for lines in (wanted.splitlines(), []):
            process = subprocess.Popen(["bash", "-c", text], cwd=self.folder, text=True,
                                       env=self.environment, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, start_new_session=True)
            for line in lines:
                self.same(text, process.stdout.readline().rstrip("\n"), line)
            if not lines:
                self.annals_until_owned()
            os.killpg(process.pid, signal.SIGINT)
            # `go run` that was interrupted answers 1; a program that failed it tells about
            rest, complaints = process.communicate(timeout=SECONDS_MAX)
            self.same(text, rest + complaints, "")

    def annals_until_owned(self):
        """Waits until the second instance has claimed the consumer."""
        program = os.environ["ANNALS_PROGRAM"]
        while True:
            shown = subprocess.run(
                [program, "--server", self.environment["ANNALS_SERVER"], "-o", "json", "consumer",
                 "get", "billing"], text=True, stdout=subprocess.PIPE, check=True).stdout
            if re.search(r'"epoch": *"?2\b', shown):
                return

    @staticmethod
    def same(what, got, wanted):
        if got != wanted:
            sys.exit(f"{what}\nanswered\n{got}\ninstead of\n{wanted}")


def follow(page, stranger):
    fragments = []
    blocks = list(BLOCK.finditer(page))
    for index, block in enumerate(blocks):
        text = block["text"]
        if block["kind"] == "go" and block["name"]:
            path = stranger.folder / block["name"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif block["kind"] == "go":
            fragments.append(text)
        elif block["kind"] == "sh":
            follows = blocks[index + 1] if index + 1 < len(blocks) else None
            wanted = follows["text"] if follows and follows["kind"] == "text" else None
            if ENDS in text:
                stranger.until_ctrl_c(text, wanted)
            else:
                stranger.shell(text, wanted)
    program = stranger.folder / "snippets"
    program.mkdir()
    (program / "main.go").write_text(snippets(fragments))
    stranger.shell("go mod tidy && go vet ./... && go run ./snippets", None)
    return len(fragments)


def main():
    page = (REPOSITORY / "clients/go/README.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, Server(None) as server:
        count = follow(page, Stranger(pathlib.Path(folder), server.address))
    print(f"the README does what it says; {count} snippets ran")


if __name__ == "__main__":
    main()
