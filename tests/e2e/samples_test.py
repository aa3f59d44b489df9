# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The pages of samples/, word by word: every block of users/README.md and metrics/README.md, as
console.py types it in. SAMPLE_USERS and SAMPLE_METRICS name the programs, or they are in bin/."""

import os
import unittest

from console import Console, blocks_of
from program import ROOT


class Samples(Console):
    def walk_page(self, sample):
        program = f"annals-{sample}"
        self.install(program, os.environ.get(f"SAMPLE_{sample.upper()}", ROOT / "bin" / program))
        page = ROOT / "samples" / sample / "README.md"
        text = page.read_text(encoding="utf-8")
        blocks = list(blocks_of(page, text))
        self.assertEqual(len(blocks), text.count("```") // 2, "a block that nobody types in")
        self.assertGreater(len(blocks), 2)
        self.walk(blocks)

    def test_users(self):
        self.walk_page("users")

    def test_metrics(self):
        self.walk_page("metrics")


if __name__ == "__main__":
    unittest.main()
