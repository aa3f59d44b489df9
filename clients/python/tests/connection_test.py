# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What goes with every call: tokens, headers, TLS, trace contexts, deadlines."""

import concurrent.futures
import contextlib
import http.server
import socket
import subprocess
import threading

import annals
import grpc
import pytest
from annals import v1
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Listener(grpc.GenericRpcHandler):
    """A server that answers GetInfo and keeps the metadata of each call."""

    def __init__(self):
        self.calls = []

    def service(self, details):
        self.calls.append(dict(details.invocation_metadata))
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: v1.ServerInfo(version="listener"),
            request_deserializer=v1.GetInfoRequest.FromString,
            response_serializer=v1.ServerInfo.SerializeToString,
        )


@pytest.fixture
def listener():
    listener = Listener()
    listener.server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    listener.server.add_generic_rpc_handlers((listener,))
    yield listener
    listener.server.stop(None)


@pytest.fixture(scope="module")
def spans():
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


def test_tokens_and_headers_go_with_every_call(listener):
    port = listener.server.add_insecure_port("127.0.0.1:0")
    listener.server.start()
    tokens = iter(["one", "two"])
    options = annals.Options(
        token=lambda: next(tokens), plain_token=True, headers={"X-Tenant": "tea"}
    )
    with annals.connect(f"127.0.0.1:{port}", options) as store:
        store.info()
        store.info()
    assert [call["authorization"] for call in listener.calls] == ["Bearer one", "Bearer two"]
    assert all(call["x-tenant"] == "tea" for call in listener.calls)


def test_a_token_does_not_go_out_in_plain_text_unless_it_may():
    for token in ("secret", lambda: "secret"):
        with pytest.raises(ValueError, match="token: .* plain_token=True"):
            annals.Options(token=token)
    annals.Options(token="secret", tls=annals.Tls())


def test_tls_checks_the_server_and_shows_the_clients_certificate(listener, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=annals.test", "-addext", "subjectAltName=DNS:annals.test",
         "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    key, certificate = (tmp_path / "key.pem").read_bytes(), (tmp_path / "cert.pem").read_bytes()
    port = listener.server.add_secure_port(
        "127.0.0.1:0",
        grpc.ssl_server_credentials([(key, certificate)], certificate, require_client_auth=True),
    )
    listener.server.start()
    tls = annals.Tls(certificate, certificate, key, server_name="annals.test")
    with annals.connect(f"127.0.0.1:{port}", annals.Options(tls=tls)) as store:
        assert store.info().version == "listener"
    for wrong in (annals.Tls(), annals.Tls(certificate, server_name="annals.test")):
        options = annals.Options(tls=wrong, deadline_seconds=1)
        with annals.connect(f"127.0.0.1:{port}", options) as store:
            with pytest.raises(annals.errors.Unavailable):
                store.info()


def test_trace_contexts_go_out_and_come_back(listener, store, spans):
    port = listener.server.add_insecure_port("127.0.0.1:0")
    listener.server.start()
    tracer = trace.get_tracer("test")
    with tracer.start_as_current_span("buy") as span:
        context = span.get_span_context()
        with annals.connect(f"127.0.0.1:{port}") as other:
            other.info()
        store.append("order-1", annals.NewEvent("Placed"))
    expected = f"00-{context.trace_id:032x}-{context.span_id:016x}-"
    assert listener.calls[0]["traceparent"].startswith(expected)
    [event] = store.read("order-1")
    assert event.traceparent.startswith(expected)

    store.append("order-1", annals.NewEvent("Sent"))
    consumer = store.consumer("billing")

    def handle(event):
        assert trace.get_current_span().get_span_context().is_valid
        if event.type == "Sent":
            consumer.stop()

    consumer.run(handle)
    placed, sent = [each for each in spans.get_finished_spans() if each.name.startswith("process")]
    assert placed.kind is trace.SpanKind.CONSUMER
    assert [link.context.span_id for link in placed.links] == [context.span_id]
    assert placed.parent is None and not sent.links
    assert placed.attributes["messaging.destination.name"] == "order-1"


def test_a_closed_client_says_so(server):
    store = annals.connect(server.address)
    store.close()
    with pytest.raises(annals.errors.Cancelled):
        store.info()


def test_nobody_there_is_unavailable_after_the_deadline():
    options = annals.Options(deadline_seconds=0.3)
    with annals.connect("127.0.0.1:1", options) as store:
        with pytest.raises(annals.errors.Unavailable) as caught:
            store.info()
    assert (caught.value.name, caught.value.retry) == ("unavailable", annals.Retry.LATER)


class NoGrpc(http.server.BaseHTTPRequestHandler):
    """Answers whatever comes as an HTTP/1 server does."""

    def log_message(self, format, *arguments):
        pass


def test_an_http_server_is_told_apart():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), NoGrpc) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        port = page.server_address[1]
        # it is not tried again: such a deadline would outlast the test
        options = annals.Options(deadline_seconds=3600)
        with annals.connect(f"127.0.0.1:{port}", options) as store:
            for call in (
                store.info,
                lambda: store.append("a-1", annals.NewEvent("A")),
                lambda: list(store.read("a-1")),
                lambda: next(iter(store.subscribe())),
                lambda: store.consumer("billing").run(lambda event: None),
                lambda: next(iter(store.groups.join("billing"))),
            ):
                with pytest.raises(annals.errors.Unavailable) as caught:
                    call()
                assert "give the port of the server's gRPC" in str(caught.value)
                assert f"127.0.0.1:{port}" in str(caught.value)
                assert caught.value.metadata["field"] == "address"
                assert caught.value.retry is annals.Retry.NEVER and not caught.value.is_transient
        page.shutdown()


def test_a_call_that_the_server_cancelled_is_sent_again(listener):
    answers = iter([grpc.StatusCode.CANCELLED, grpc.StatusCode.CANCELLED, None])

    def service(details):
        def answer(request, context):
            code = next(answers)
            if code is not None:
                context.abort(code, "")
            return v1.ServerInfo(version="listener")

        return grpc.unary_unary_rpc_method_handler(
            answer,
            request_deserializer=v1.GetInfoRequest.FromString,
            response_serializer=v1.ServerInfo.SerializeToString,
        )

    listener.service = service
    port = listener.server.add_insecure_port("127.0.0.1:0")
    listener.server.start()
    with annals.connect(f"127.0.0.1:{port}") as store:
        assert store.info().version == "listener"
    assert next(answers, "over") == "over"


def test_every_error_of_the_catalogue_has_a_class():
    assert len(annals.errors.BY_NAME) > 50
    for name, kind in annals.errors.BY_NAME.items():
        assert issubclass(kind, annals.AnnalsError) and kind.name == name and kind.number > 0
        assert kind.__doc__ and kind.help


def test_the_client_has_the_servers_version(store):
    assert store.info().version == annals.__version__


class Cable:
    """Carries one connection to a server until it is pulled: then it stays and carries nothing."""

    def __init__(self, target):
        self.is_pulled = threading.Event()
        self.connections = 0
        self._ends = []
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                outside, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            inside = socket.create_connection(self._target)
            self._ends += [outside, inside]
            for source, sink in ((outside, inside), (inside, outside)):
                threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source, sink):
        is_first = self.connections == 1
        try:
            while data := source.recv(65_536):
                if is_first and self.is_pulled.is_set():
                    continue
                sink.sendall(data)
        except OSError:
            pass
        if not (is_first and self.is_pulled.is_set()):
            sink.close()

    def close(self):
        self._listener.close()
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def test_a_network_that_went_silent_is_noticed(store, server):
    host, port = server.address.rsplit(":", 1)
    cable = Cable((host, int(port)))
    options = annals.Options(keep_alive_seconds=0.2, keep_alive_timeout_seconds=0.2)
    with annals.connect(cable.address, options) as client:
        subscription = client.namespace(store.name).subscribe()
        store.append("a-1", [annals.NewEvent("Before")])
        taken = [next(iter(subscription)).type]
        cable.is_pulled.set()
        store.append("a-1", [annals.NewEvent("Meanwhile")])
        taken.append(next(iter(subscription)).type)
        assert "ping timeout" in str(subscription.last_error)
        subscription.stop()
    cable.close()
    assert taken == ["Before", "Meanwhile"]
    # also where it was silent for long before
    assert ("grpc.http2.max_pings_without_data", 0) in options.channel_arguments()
