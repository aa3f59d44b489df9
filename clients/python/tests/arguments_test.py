# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Arguments that cannot be are refused by their names, before anything is sent."""

import datetime
import math
import subprocess
import typing
from dataclasses import dataclass, field

import annals
import pydantic
import pytest

PEM = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
KEY = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def refused(kind, words, call):
    with pytest.raises(kind) as caught:
        call()
    assert not isinstance(caught.value, annals.AnnalsError)
    assert words in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"certificate": PEM}, ValueError, "tls.key is missing"),
        ({"key": KEY}, ValueError, "tls.certificate is missing"),
        ({"authorities": b"x"}, ValueError, "tls.authorities has no -----BEGIN CERTIFICATE-----"),
        ({"authorities": PEM}, ValueError, "tls.authorities cannot be read"),
        ({"certificate": b"x", "key": KEY}, ValueError, "tls.certificate has no"),
        ({"certificate": PEM, "key": b"x"}, ValueError, "tls.key has no -----BEGIN PRIVATE KEY"),
        ({"certificate": "cert.pem"}, TypeError, "tls.certificate is a str: give the bytes"),
        ({"server_name": 5}, TypeError, "tls.server_name is 5: give a str"),
    ],
)
def test_tls_is_whole_or_refused(fields, kind, words):
    refused(kind, words, lambda: annals.Tls(**fields))


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"deadline_seconds": -1}, ValueError, "deadline_seconds is -1: give seconds"),
        ({"deadline_seconds": 0}, ValueError, "deadline_seconds is 0"),
        ({"deadline_seconds": math.nan}, ValueError, "deadline_seconds is nan"),
        ({"deadline_seconds": "5"}, TypeError, "deadline_seconds is '5'"),
        ({"keep_alive_seconds": 0}, ValueError, "keep_alive_seconds is 0"),
        ({"keep_alive_timeout_seconds": 1e9}, ValueError, "and at most 2.14748e+06"),
        ({"headers": {"a b": "x"}}, ValueError, "the name 'a b' cannot be"),
        ({"headers": {"a": "x\ny"}}, ValueError, "headers['a'] is 'x\\ny'"),
        ({"headers": {"a": 1}}, TypeError, "headers['a'] is 1: give a str"),
        ({"headers": {"a-bin": "x"}}, TypeError, "headers['a-bin'] is 'x': give bytes"),
        ({"headers": [("a", "b")]}, TypeError, "headers is [('a', 'b')]"),
        ({"token": "a\nb", "plain_token": True}, ValueError, "token is empty, or has a space"),
        ({"token": 5, "plain_token": True}, TypeError, "token is a int: give a str"),
        ({"tls": True}, TypeError, "tls is True: give a Tls"),
        ({"backoff": 1}, TypeError, "backoff is 1: give a Backoff"),
    ],
)
def test_options_are_looked_at_when_they_are_made(fields, kind, words):
    refused(kind, words, lambda: annals.Options(**fields))


def test_pauses_that_cannot_be_are_refused():
    refused(ValueError, "first_seconds is 0", lambda: annals.Backoff(first_seconds=0))
    refused(ValueError, "max_seconds is 1: give no less", lambda: annals.Backoff(2, 1))


def test_a_token_of_a_function_is_looked_at_too(server):
    options = annals.Options(token=lambda: "a b", plain_token=True)
    with annals.connect(server.address, options) as store:
        refused(ValueError, "token is empty, or has a space", store.info)


def test_a_token_that_is_refused_is_not_shown():
    with pytest.raises(ValueError) as caught:
        annals.Options(token="geheim geheim", plain_token=True)
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("target", "kind", "words"),
    [
        ("127.0.0.1:91936", ValueError, "its port is 91936; give 1 to 65535"),
        ("127.0.0.1:0", ValueError, "its port is 0"),
        ("dns:///localhost:99999", ValueError, "its port is 99999"),
        ("[::1]:65536", ValueError, "its port is 65536"),
        ("nonsense", ValueError, "target is 'nonsense': give host:port"),
        ("host:", ValueError, "give host:port"),
        ("::1:7400", ValueError, "give host:port"),
        ("a b:7400", ValueError, "give host:port"),
        ("http://localhost:7401", ValueError, "a URL: give host:port"),
        (5, TypeError, "target is 5: give a str"),
    ],
)
def test_an_address_that_cannot_be_is_refused(target, kind, words):
    refused(kind, words, lambda: annals.connect(target))


def test_the_address_of_the_environment_is_looked_at_too(monkeypatch):
    monkeypatch.setenv("ANNALS_SERVER", "localhost")
    refused(ValueError, "ANNALS_SERVER is 'localhost'", annals.connect)


@pytest.mark.parametrize(
    "target",
    ["localhost:7400", "[::1]:7400", "dns:///localhost:7400", "dns:localhost:7400", "unix:/a/b",
     "ipv4:127.0.0.1:7400,127.0.0.2:7400", "ipv6:[::1]:7400", "dns://8.8.8.8/a.test:7400"],
)  # fmt: skip
def test_an_address_of_grpc_is_taken(target):
    annals.connect(target).close()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"categories": "order"}, "categories is the str 'order': give a list of them, ['order']"),
        ({"types": "OrderPaid"}, "types is the str"),
        ({"stream_prefixes": "order-"}, "stream_prefixes is the str"),
        ({"tags": "a:1"}, "tags is the str"),
        ({"tags": [1]}, "tags[0] is 1: give a str"),
        ({"types": None}, "types is None: give a list of str"),
        ({"stream_pattern": ["a"]}, "stream_pattern is ['a']: give a str"),
        ({"recorded_since": 5}, "recorded_since is 5: give a datetime"),
        ({"recorded_until": datetime.date(2026, 1, 1)}, "recorded_until is"),
    ],
)
def test_a_filter_takes_no_text_for_a_list(fields, words):
    refused(TypeError, words, lambda: annals.Filter(**fields))


def test_an_item_takes_no_text_for_a_list():
    refused(TypeError, "types is the str", lambda: annals.Item(types="Placed"))
    refused(TypeError, "tags is the str", lambda: annals.Item(tags="a:1"))


@pytest.mark.parametrize(
    ("events", "kind", "words"),
    [
        ("A", TypeError, "events is 'A': give annals.NewEvent"),
        (5, TypeError, "events is 5: give annals.NewEvent"),
        (["A"], TypeError, "events[0] is 'A': give annals.NewEvent"),
        ([annals.NewEvent("A"), {"type": "A"}], TypeError, "events[1] is {'type': 'A'}"),
        (annals.NewEvent(5), TypeError, "events[0].type is 5: give a str"),
        (annals.NewEvent("A", tags="a:1"), TypeError, "events[0].tags is the str 'a:1'"),
        (annals.NewEvent("A", tags=[1]), TypeError, "events[0].tags[0] is 1: give a str"),
        (annals.NewEvent("A", actor=5), TypeError, "events[0].actor is 5"),
        (annals.NewEvent("A", id="x"), TypeError, "events[0].id is 'x': give a uuid.UUID"),
        (annals.NewEvent("A", valid_time=5), TypeError, "events[0].valid_time is 5"),
        (annals.NewEvent("A\ud800"), ValueError, "events[0].type is"),
        (annals.NewEvent("A", math.nan), ValueError, "events[0].data: "),
        (annals.NewEvent("A", {"a": "\ud800"}), ValueError, "events[0].data: a text in it has"),
        (annals.NewEvent("A", object()), TypeError, "events[0].data: object has no form in JSON"),
        (annals.NewEvent("A", metadata={1, object()}), TypeError, "events[0].metadata: object"),
    ],
)
def test_an_append_names_the_event_and_its_field(store, events, kind, words):
    refused(kind, words, lambda: store.append("s-1", events))


def test_an_event_that_is_too_large_is_told_with_a_remedy(store):
    with pytest.raises(annals.errors.LimitExceeded, match="at most 16 MiB of events") as refused:
        store.append("s-1", annals.NewEvent("A", b"a" * 18_000_000))
    fields = refused.value.metadata
    assert (fields["field"], fields["limit"]) == ("message", "17825792")
    assert int(fields["value"]) > 18_000_000
    assert not refused.value.is_transient


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda s: s.append(5, annals.NewEvent("A")), TypeError, "stream is 5: give a str"),
        (lambda s: s.append("s", annals.NewEvent("A"), expected=2**64), ValueError, "expected is"),
        (lambda s: s.append("s", annals.NewEvent("A"), deadline_seconds=-1), ValueError,
         "deadline_seconds is -1"),
        (lambda s: list(s.read(5)), TypeError, "stream is 5: give a str"),
        (lambda s: list(s.read("\ud800")), ValueError, "stream is '\\ud800'"),
        (lambda s: list(s.read("s", limit=-1)), ValueError, "limit is -1: give a whole number"),
        (lambda s: list(s.read("s", limit="5")), TypeError, "limit is '5': give an int"),
        (lambda s: list(s.read("s", from_revision=-1)), ValueError, "from_revision is -1"),
        (lambda s: list(s.read(from_time=5)), TypeError, "from_time is 5"),
        (lambda s: s.groups.create("g", attempts_max=-1), ValueError, "attempts_max is -1"),
        (lambda s: s.groups.create("g", attempts_max="a"), TypeError, "attempts_max is 'a'"),
        (lambda s: s.groups.create("g", nonsense=1), ValueError, "there is no nonsense"),
        (lambda s: s.groups.join("g", in_flight_max=-5), ValueError, "in_flight_max is -5"),
        (lambda s: s.consumer("c").run(None), TypeError, "handle is None: give a function"),
        (lambda s: s.consumer("c").run_batches(None), TypeError, "handle is None"),
        (lambda s: s.consumer("c", save_seconds=-1), ValueError, "save_seconds is -1"),
        (lambda s: s.consumer(5), TypeError, "name is 5: give a str"),
        (lambda s: s.entities("p", dict).get("a", as_of_revision=-1), ValueError,
         "as_of_revision is -1"),
        (lambda s: s.entities("p", dict).get(5), TypeError, "id is 5: give a str"),
        (lambda s: list(s.entities("p", dict).list(where="price>3")), TypeError,
         "where is the str 'price>3'"),
        (lambda s: s.entities("p", dict).count(where="price>3"), TypeError, "where is the str"),
        (lambda s: s.entities("p", dict).patch("a", "b"), TypeError, "patch is 'b'"),
        (lambda s: s.retry_on_conflict(lambda: 1, tries_max=0), ValueError,
         "tries_max is 0: give a whole number from 1 to"),
        (lambda s: s.retry_on_conflict(lambda: 1, tries_max="3"), TypeError,
         "tries_max is '3': give an int"),
        (lambda s: s.decide(None, "s", None, tries_max=-1), ValueError, "tries_max is -1"),
        (lambda s: s.decide(None, "s", None, tries_max=1.5), TypeError, "tries_max is 1.5"),
        (lambda s: s.entities("p", dict).update("a", dict, tries_max=0), ValueError,
         "tries_max is 0"),
        (lambda s: s.entities("p", dict).update("a", dict, tries_max=None), TypeError,
         "tries_max is None"),
        (lambda s: s.groups.join("g").retry(None, after_ms=-1), ValueError, "after_ms is -1"),
        (lambda s: s.groups.rewind("g", "a", from_position=-1), ValueError,
         "from_position is -1"),
        (lambda s: s.groups.rewind("g", "a", from_position="1"), TypeError,
         "from_position is '1'"),
        (lambda s: s.groups.edit_parked("g", -1, {}, "a"), ValueError, "position is -1"),
        (lambda s: s.groups.retry_parked("g", [1, -1]), ValueError, "positions[1] is -1"),
        (lambda s: s.groups.retry_parked("g", 5), TypeError, "positions is 5: give a list"),
        (lambda s: s.consumers.rewind("c", "a", at=-1), ValueError, "at is -1"),
        (lambda s: s.streams.truncate("s", -1), ValueError, "before is -1"),
    ],
)  # fmt: skip
def test_calls_name_what_cannot_be(store, call, kind, words):
    refused(kind, words, lambda: call(store))


@dataclass
class Maker:
    name: str
    town: str = ""


@dataclass
class Product:
    name: str
    price: int
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    maker: Maker | None = None
    by: Maker = field(default_factory=lambda: Maker("nobody"))


class Model(pydantic.BaseModel):
    name: str
    price: typing.Annotated[int, pydantic.Field(ge=0)]
    by: Maker | None = None


@dataclass
class Other:
    name: str
    price: int


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda p: p.create({"name": "a", "price": 1}, "p9"), TypeError, "is no Product"),
        (lambda p: p.create(Other("a", 1), "p9"), TypeError, "product 'p9': Other("),
        (lambda p: p.create(Product(1, 2), "p9"), ValueError,
         "product 'p9': Product.name: 1 is not str"),
        (lambda p: p.create_many({"p9": Product("a", "x")}), ValueError,
         "product 'p9': Product.price: 'x' is not int"),
        (lambda p: p.replace("p1", Product("a", "x")), ValueError, "Product.price: 'x' is not int"),
        (lambda p: p.patch("p1", {"price": "x"}), ValueError,
         "product 'p1': Product.price: 'x' is not int"),
        (lambda p: p.patch("p1", {"price": None}), ValueError, "Product.price is removed"),
        (lambda p: p.patch("p1", {"by": {"name": 5}}), ValueError, "Product.by.name: 5 is not"),
        (lambda p: p.patch("p1", {"tags": [5]}), ValueError, "Product.tags[0]: 5 is not str"),
        (lambda p: p.patch("p1", [{"op": "replace", "path": "/price", "value": "x"}]), ValueError,
         "Product.price: 'x' is not int"),
        (lambda p: p.patch("p1", [{"op": "remove", "path": "/price"}]), ValueError,
         "Product.price is removed"),
        (lambda p: p.update("p1", lambda product: Product("a", "x")), ValueError,
         "Product.price: 'x' is not int"),
    ],
)  # fmt: skip
def test_what_is_written_is_held_to_the_type(store, call, kind, words):
    products = store.entities("product", Product)
    products.create(Product("tea", 250), "p1")
    refused(kind, words, lambda: call(products))
    [only] = store.entities("product", dict).list()
    assert (only.id, only.revision, only.value["price"]) == ("p1", 0, 250)


def test_what_fits_the_type_is_written(store):
    products = store.entities("product", Product)
    products.create(Product("tea", 250, "old", maker=Maker("a")), "p1")
    products.patch("p1", {"price": 3, "note": None, "unknown": {"a": 1}, "by": {"town": "x"}})
    products.patch("p1", [{"op": "add", "path": "/tags/-", "value": "new"}])
    products.patch("p1", [{"op": "replace", "path": "/price", "value": 4}])
    assert products.get("p1").value == Product(
        "tea", 4, None, ["new"], Maker("a"), Maker("nobody", "x")
    )


def test_a_model_of_pydantic_holds_its_own_rules(store):
    models = store.entities("model", Model)
    models.create(Model(name="a", price=1), "m1")
    models.patch("m1", {"price": 2})
    for call in (
        lambda: models.patch("m1", {"price": -1}),
        lambda: models.patch("m1", {"name": None}),
        lambda: models.create(Model.model_construct(name="a", price=-1), "m2"),
    ):
        with pytest.raises(ValueError, match="price|name"):
            call()
    refused(TypeError, "is no Model", lambda: models.create({"name": "a", "price": 1}))
    assert models.get("m1").value == Model(name="a", price=2)


def test_a_stored_document_that_does_not_fit_is_named(store):
    store.entities("product", dict).create({"name": "tea", "price": "x"}, "p1")
    products = store.entities("product", Product)
    for call in (
        lambda: products.get("p1"),
        lambda: list(products.list()),
        lambda: products.page(),
        lambda: products.update("p1", lambda product: None),
    ):
        with pytest.raises(annals.EntityMisfit) as caught:
            call()
        assert "product 'p1' at revision 0" in str(caught.value)
        assert "Product.price: 'x' is not int" in str(caught.value)
        assert caught.value.metadata == {"type": "product", "id": "p1"}
        assert isinstance(caught.value, annals.errors.EntityUnreadable)
        assert isinstance(caught.value, ValueError)


def test_the_right_certificates_are_taken(tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=a", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    key, certificate = (tmp_path / "key.pem").read_bytes(), (tmp_path / "cert.pem").read_bytes()
    annals.connect("a:1", annals.Options(tls=annals.Tls(certificate, certificate, key))).close()
