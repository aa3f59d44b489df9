# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A port of this test alone, also while nobody listens on it: for what goes away and comes back."""

import socket


class KeptPort:
    """A loopback port that the kernel picked and gives to nobody else until close().

    A port that is merely free again may be the near end of anybody's next connection, or another
    test's server. This one stays bound by a socket that never listens: connections to it are
    refused, and who asks for it by its number, with SO_REUSEADDR as servers do, may listen on it.
    """

    def __init__(self):
        self._keeper = socket.socket()
        self._keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._keeper.bind(("127.0.0.1", 0))
        self.number = self._keeper.getsockname()[1]

    def listen(self):
        """A socket that listens on it."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.number))
        listener.listen(128)
        return listener

    def close(self):
        self._keeper.close()
