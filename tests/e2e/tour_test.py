# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The tour, word by word: every ```console block of README.md between <!-- tour --> and
<!-- /tour -->, as console.py types it in."""

import re
import unittest

from console import Console, blocks_of
from program import ROOT

README = ROOT / "README.md"


class Tour(Console):
    def test_the_tour_is_true(self):
        text = README.read_text(encoding="utf-8")
        marked = re.search(r"<!-- tour -->.*<!-- /tour -->", text, re.DOTALL)
        self.assertIsNotNone(marked, "README.md has a part between the tour marks")
        before = "\n" * text.count("\n", 0, marked.start())
        blocks = list(blocks_of(README, before + marked[0]))
        self.assertGreater(len(blocks), 5)
        self.walk(blocks)


if __name__ == "__main__":
    unittest.main()
