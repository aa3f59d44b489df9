# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A TCP proxy on a kernel-picked port that can be cut, stalled, silenced and healed, for tests."""

import concurrent.futures
import selectors
import socket
import threading

from kept_port import KeptPort

CHUNK = 64 * 1024
COMMAND_SECONDS_MAX = 60


class Proxy:
    """Carries bytes to `target()`: (host, port), or None while nobody is there.

    One thread moves all bytes and carries out all commands: none races with a connection, and
    when a command returns, it holds.
    """

    def __init__(self, target):
        self._target = target
        self._selector = selectors.DefaultSelector()
        self._peers = {}
        self._waiting = {}
        self._is_stalled = False
        self._silent = set()
        self._commands = []
        self._lock = threading.Lock()
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._listener = None
        self._port = KeptPort()
        self._listen()
        self._is_running = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def port(self):
        return self._port.number

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def reset(self):
        """Open connections break; new ones are taken."""
        self._do(self._break_all)

    def cut(self):
        """Open connections break, new ones are refused."""
        self._do(self._cut)

    def stall(self):
        """Open connections stay and carry nothing; new ones are taken and carry nothing."""
        self._do(self._stall)

    def silence(self):
        """Open connections stay and carry nothing; new ones are taken and carry."""
        self._do(self._silence)

    def heal(self):
        """New connections are taken and carry again; what had stalled or was silent breaks."""
        self._do(self._heal)

    def close(self):
        self._do(self._close)
        self._thread.join()

    def _do(self, command):
        done = concurrent.futures.Future()
        with self._lock:
            self._commands.append((command, done))
        self._wake.send(b"x")
        done.result(COMMAND_SECONDS_MAX)

    def _listen(self):
        self._listener = self._port.listen()
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _cut(self):
        self._break_all()
        self._is_stalled = False
        if self._listener:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _stall(self):
        self._is_stalled = True
        for end in self._peers:
            self._leave_alone(end)
        if not self._listener:
            self._listen()

    def _silence(self):
        self._silent = set(self._peers)
        for end in self._silent:
            self._leave_alone(end)

    def _leave_alone(self, end):
        """Neither what it sends nor its end is looked at any more."""
        try:
            self._selector.unregister(end)
        except KeyError:
            pass  # it was already

    def _heal(self):
        for end in list(self._silent):
            self._drop(end)
        if self._is_stalled:
            self._is_stalled = False
            for end in self._peers:
                self._selector.register(end, selectors.EVENT_READ)
            self._break_all()
        if not self._listener:
            self._listen()

    def _close(self):
        self._cut()
        self._port.close()
        self._is_running = False

    def _break_all(self):
        for end in list(self._peers):
            self._drop(end)

    def _drop(self, end):
        peer = self._peers.pop(end, None)
        if peer is None:
            return
        self._peers.pop(peer, None)
        self._silent -= {end, peer}
        for each in (end, peer):
            self._waiting.pop(each, None)
            self._leave_alone(each)
            each.close()

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        target = self._target()
        try:
            if target is None:
                raise ConnectionRefusedError
            server = socket.create_connection(target, timeout=5)
        except OSError:
            client.close()
            return
        for end, peer in ((client, server), (server, client)):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._peers[end] = peer
            self._waiting[end] = b""
            if not self._is_stalled:
                self._selector.register(end, selectors.EVENT_READ)

    def _read(self, end):
        try:
            data = end.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(end)
            return
        self._send(self._peers[end], data)

    def _send(self, end, data):
        """Sends to `end`; what does not fit waits, and meanwhile its peer is not read."""
        try:
            sent = end.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._drop(end)
            return
        self._waiting[end] = data[sent:]
        peer = self._peers[end]
        if self._waiting[end]:
            self._watch(end, writes=True)
            self._watch(peer, reads=False)
        else:
            self._watch(end, writes=False)
            self._watch(peer, reads=True)

    def _watch(self, end, reads=None, writes=None):
        try:
            events = self._selector.get_key(end).events
            self._selector.unregister(end)
        except KeyError:
            events = 0
        for wanted, bit in ((reads, selectors.EVENT_READ), (writes, selectors.EVENT_WRITE)):
            if wanted is not None:
                events = events | bit if wanted else events & ~bit
        if events:
            self._selector.register(end, events)

    def _run(self):
        while self._is_running:
            for key, events in self._selector.select():
                end = key.fileobj
                if end is self._woken:
                    self._woken.recv(4096)
                elif end is self._listener:
                    self._accept()
                else:
                    if end in self._peers and events & selectors.EVENT_WRITE:
                        self._send(end, self._waiting[end])
                    if end in self._peers and events & selectors.EVENT_READ:
                        self._read(end)
            with self._lock:
                commands, self._commands = self._commands, []
            for command, done in commands:
                try:
                    done.set_result(command())
                except Exception as error:  # whoever asked for it hears of it
                    done.set_exception(error)
