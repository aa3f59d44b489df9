# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The tests of the dialect once more over a store that is not empty."""

import os
import pathlib
import unittest

from annals_server import REPOSITORY

FOLDER = pathlib.Path(os.environ.get("ANNALS_SHARED_DATA", REPOSITORY.parent / "shared/data"))
PERMITS = FOLDER / "permit-receipts.csv"


def with_permits(base):
    """The same tests over a store that holds the permit data: 8,577 events of 1,434 streams."""

    class Filled(base):
        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            if cls.server is None:
                return
            cls.server.run("import", "csv", PERMITS, "--stream-column", "case:concept:name",
                           "--type-column", "concept:name", "--time-column", "time:timestamp",
                           "--actor-column", "org:resource", "--tag-column", "group=org:group")

        def test_begins_with_the_permits(self):
            self.assertGreaterEqual(len(self.store.logs(size=10_000)), 8577)

    Filled.__name__ = Filled.__qualname__ = base.__name__ + "WithPermits"
    return unittest.skipUnless(
        PERMITS.exists(), f"{PERMITS} is not there; set ANNALS_SHARED_DATA")(Filled)


def add_filled(module, *bases):
    """Each of these classes once more, into the module's globals()."""
    for base in bases:
        filled = with_permits(base)
        module[filled.__name__] = filled
