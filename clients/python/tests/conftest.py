# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What the tests share: a real server, and clients of it in namespaces of their own.

They run against the installed wheel. PYTHONPATH has tests/support, ANNALS_PROGRAM names the
program.
"""

import itertools

import annals
import pytest
from annals_server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def store(server):
    """A client in an empty namespace."""
    with annals.connect(server.address) as client:
        name = f"t{next(_numbers)}"
        client.namespaces.create(name)
        yield client.namespace(name)
