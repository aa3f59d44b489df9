# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""docs/reference/http.md, word by word: its ```console blocks are run in order against a fresh
server; `…` on the page stands for anything without a quote.
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

from program import ROOT, Server, clean_environment

PAGE = ROOT / "docs/reference/http.md"


def blocks(text):
    """(command, expected output) of each `$ ` in the console blocks."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, output = split_command(part)
            yield command, output.rstrip("\n")


def split_command(part):
    """A command goes on while a quote is open."""
    lines = part.split("\n")
    for count in range(1, len(lines) + 1):
        command = "\n".join(lines[:count])
        if command.count("'") % 2 == 0:
            return command, "\n".join(lines[count:])
    raise AssertionError(f"a quote is not closed:\n{part}")


def is_like(output, expected):
    pattern = re.escape(expected).replace("…", r'[^"\n]*')
    return re.fullmatch(pattern, output) is not None


class HttpPage(unittest.TestCase):
    maxDiff = None

    def test_every_example_answers_as_the_page_says(self):
        with tempfile.TemporaryDirectory() as scratch:
            server = Server(pathlib.Path(scratch) / "data")
            self.addCleanup(server.kill)
            environment = clean_environment()
            environment["HTTP"] = f"http://127.0.0.1:{server.ready['http_port']}"
            examples = list(blocks(PAGE.read_text(encoding="utf-8")))
            self.assertGreater(len(examples), 10)
            for command, expected in examples:
                with self.subTest(command=command):
                    done = subprocess.run(
                        ["bash", "-c", command], capture_output=True, text=True, timeout=60,
                        env=environment,
                    )  # fmt: skip
                    output = done.stdout.rstrip("\n")
                    if not is_like(output, expected):
                        self.assertEqual(output, expected)
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
