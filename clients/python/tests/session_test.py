# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A session's reads ask for what its writes were answered with, whatever reads."""

import concurrent.futures

import annals
import grpc
import pytest
from annals import v1

ANSWERS = {
    "Append": (v1.AppendRequest, v1.AppendResponse(position="first", last_position=7)),
    "Read": (v1.ReadRequest, v1.ReadResponse(is_end=True)),
    "Scan": (v1.ReadRequest, v1.ReadResponse(is_end=True)),
    "Create": (v1.CreateEntityRequest, v1.WrittenEntity(position="second")),
    "Get": (v1.GetEntityRequest, v1.Entity(document="{}")),
    "List": (v1.ListEntitiesRequest, v1.EntityPage()),
    "Count": (v1.ListEntitiesRequest, v1.EntityCount()),
}


class Answers(grpc.GenericRpcHandler):
    """Answers each call with what is ready, and keeps the request."""

    def __init__(self):
        self.requests = []

    def service(self, details):
        name = details.method.rsplit("/", 1)[1]
        kind, answer = ANSWERS[name]

        def unary(request, context):
            self.requests.append((name, request))
            return answer

        def stream(request, context):
            yield unary(request, context)

        how = (
            grpc.unary_stream_rpc_method_handler
            if name == "Scan"
            else grpc.unary_unary_rpc_method_handler
        )
        return how(
            stream if name == "Scan" else unary,
            request_deserializer=kind.FromString,
            response_serializer=type(answer).SerializeToString,
        )


@pytest.fixture
def answers():
    handler = Answers()
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with annals.connect(f"127.0.0.1:{port}") as store:
        handler.store = store
        yield handler
    server.stop(None)


def look(store):
    list(store.read("a-1"))
    store.read_page("a-1")
    entities = store.entities("product", dict)
    entities.get("p1")
    list(entities.list())
    entities.count()


def asked(answers):
    found = [(name, request.min_position) for name, request in answers.requests
             if hasattr(request, "min_position")]  # fmt: skip
    answers.requests.clear()
    assert [name for name, _ in found] == ["Scan", "Read", "Get", "List", "Count"]
    return {position for _, position in found}


def test_reads_of_a_session_wait_for_its_writes(answers):
    session = answers.store.session()
    look(session)
    assert asked(answers) == {""}
    session.append("a-1", annals.NewEvent("A"))
    look(session)
    assert asked(answers) == {"first"}
    session.entities("product", dict).create({}, "p1")
    look(session)
    assert (asked(answers), session.position) == ({"second"}, "second")


def test_others_do_not_wait(answers):
    answers.store.session().append("a-1", annals.NewEvent("A"))
    answers.store.append("a-1", annals.NewEvent("A"))
    look(answers.store)
    assert asked(answers) == {""}
