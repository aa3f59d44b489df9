# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Plays the steps of a scenario."""

from __future__ import annotations

import dataclasses
import time
import uuid

from annals import AnnalsError, CheckQuery, CheckStream, Filter, Item, NewEvent, Tracking
from annals.aio import connect
from annals_scenarios import account
from annals_scenarios.aio.background import (
    WAIT_SECONDS,
    Handler,
    Subscriber,
    Worker,
    Writer,
)
from annals_scenarios.aio.tasks import Task, post, sleep
from annals_scenarios.matching import Mismatch, describe_error, describe_events, expect

APPEND_EVENTS_MAX = 1000
POLL_SECONDS = 0.05


@dataclasses.dataclass
class Product:
    name: str
    price: int
    tags: list[str]


async def run(scenario, server, steady, control):
    """Mismatch, AnnalsError or TimeoutError where a step does not give what it must."""
    account.prove()
    name = scenario["scenario"].replace("_", "-")
    async with connect(steady) as steady_client, connect(server) as client:
        await steady_client.namespaces.create(name)
        steps = Steps(client.namespace(name), steady_client.namespace(name), client, control)
        try:
            for number, step in enumerate(scenario["steps"], 1):
                await play(steps, number, step)
        finally:
            await steps.end()


async def play(steps, number, step):
    [verb] = [name for name in step if name != "gives"]
    arguments = steps.resolve(step[verb] or {})
    wanted = steps.resolve(step.get("gives") or {})
    try:
        try:
            got = await getattr(steps, f"do_{verb}")(**arguments)
        except AnnalsError as error:
            if "error" not in wanted:
                raise
            got = {"error": describe_error(error)}
        expect(wanted, got or {})
    except Exception as error:
        raise Mismatch(f"step {number} {verb}: {type(error).__name__}: {error}") from error


class Steps:
    """One method for each verb; each answers what its step gives."""

    def __init__(self, client, steady, server, control):
        self._client = client
        self._steady = steady
        self._server = server
        self._control = control
        self._saved = {}
        self._running = {}
        self._sessions = {}

    def resolve(self, value):
        """With what `$name.field` stands for."""
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, str) and value.startswith("$") and "." in value:
            name, _, field = value[1:].partition(".")
            return self._saved[name][field]
        return value

    async def end(self):
        await post(f"{self._control}/network/heal")
        for each in self._running.values():
            if hasattr(each, "stop") and not each.is_over:
                await each.stop()

    def _view(self, session="", steady=False, namespace=""):
        if session:
            return self._sessions[session]
        if namespace:
            return self._server.namespace(namespace)
        return self._steady if steady else self._client

    async def do_append(
        self, stream="", events=(), expected="any", checks=(), tracking=None,
        idempotency_key="", deadline_ms=None, session="", steady=False, count=0,
        **more,
    ):  # fmt: skip
        client = self._view(session, steady)
        if count:
            return await self._append_numbers(client, stream, count, more.get("from", 0))
        made = [
            NewEvent(
                event["type"],
                event.get("data"),
                stream=event.get("stream", ""),
                tags=event.get("tags", ()),
                **({"id": uuid.UUID(event["id"])} if "id" in event else {}),
            )
            for event in events
        ]
        appended = await client.append(
            stream,
            made,
            expected=expected,
            checks=[_check(check) for check in checks],
            tracking=Tracking(**tracking) if tracking else None,
            idempotency_key=idempotency_key,
            deadline_seconds=deadline_ms / 1000 if deadline_ms else None,
        )
        return self._keep(more, _appended(appended))

    async def _append_numbers(self, client, stream, count, start):
        first = None
        for begin in range(start, start + count, APPEND_EVENTS_MAX):
            end = min(begin + APPEND_EVENTS_MAX, start + count)
            events = [NewEvent("Numbered", {"number": number}) for number in range(begin, end)]
            answer = _appended(await client.append(stream, events))
            if first is None:
                first = answer
        answer["first_position"] = first["first_position"]
        answer["streams"] = {stream: [first["streams"][stream][0], answer["streams"][stream][1]]}
        return answer

    async def do_read(
        self, stream="", namespace="", session="", only="", at=0, network="", **more
    ):
        client = self._view(session, False, namespace)
        found = []
        async for event in client.read(stream, filter=_filter(more), **more):
            found.append(event)
            if len(found) == at:
                await post(f"{self._control}/network/{network}")
        return describe_events(found, only)

    async def do_appends(self, stream, count, deadline_ms, **more):
        writer = Writer(self._client, stream, count, deadline_ms / 1000)
        self._running[more["as"]] = writer.start()

    async def do_subscribe(self, stream="", namespace="", start="", batch=0, **more):
        subscription = self._view(namespace=namespace).subscribe(
            stream, filter=_filter(more), from_end=start == "end", batch_events_max=batch
        )
        self._running[more["as"]] = Subscriber(subscription).start()

    async def do_take(self, count, only="", **more):
        return describe_events(await self._running[more["from"]].take(count), only)

    async def do_consumer(self, name, batch=100, dies_at=0, copies_to="", **more):
        consumer = self._client.consumer(
            name, filter=_filter(more), batch_events_max=batch, save_seconds=WAIT_SECONDS
        )
        handler = Handler(self._client, consumer, dies_at, copies_to)
        self._running[more["as"]] = handler.start()

    async def do_handled(self, by, count, only=""):
        handler = self._running[by]
        await handler.until(lambda: len(handler.events) >= count)
        await self._until(lambda: handler.progress.at >= handler.events[count - 1].position)
        return describe_events(handler.events[:count], only)

    async def _until(self, predicate):
        """What nobody tells of is asked for again and again."""
        end = time.monotonic() + WAIT_SECONDS
        while not predicate():
            if time.monotonic() > end:
                raise TimeoutError(f"not so after {WAIT_SECONDS} s")
            await sleep(POLL_SECONDS)

    async def do_wait(self, live=False, appended=0, **more):
        running = self._running[more["for"]]
        if live:
            await self._until(lambda: running.is_live or running.is_over)
            if not running.is_live:
                raise running.error
        elif appended:
            await running.until(lambda: running.appended >= appended)
        else:
            await running.ended()
        return {
            "appended": getattr(running, "appended", 0),
            "handled": len(getattr(running, "events", ())),
        }

    async def do_stop(self, what):
        running = self._running[what]
        await running.stop()
        if isinstance(running, Handler):
            return {"handled": running.progress.handled, "at": running.progress.at}
        return {}

    async def do_progress(self, consumer):
        progress = await self._client.consumers.get(consumer)
        return {"at": progress.at, "behind": progress.behind, "epoch": progress.epoch}

    async def do_group(self, do, name, settings=None, until=None):
        groups = self._client.groups
        if do == "create":
            await groups.create(name, **(settings or {}))
            return {}
        if do == "get":
            return await self._group_status(name, until or {})
        if do == "parked":
            found = [each async for each in groups.parked(name)]
            return {"parked": [_fields(each, "key position error attempts") for each in found]}
        if do == "retry_parked":
            return {"changed": await groups.retry_parked(name, all=True)}
        raise Mismatch(f"group does not {do}")

    async def _group_status(self, name, until):
        end = time.monotonic() + WAIT_SECONDS
        while True:
            status = await self._client.groups.get(name)
            got = _fields(status, " ".join(until))
            if got == until:
                return got
            if time.monotonic() > end:
                raise Mismatch(f"{got} instead of {until}")
            await sleep(POLL_SECONDS)

    async def do_member(self, group, in_flight=1, **more):
        member = self._client.groups.join(group, member=more["as"], in_flight_max=in_flight)
        self._running[more["as"]] = Worker(member).start()

    async def do_deliver(self, to, count, in_order_of=""):
        found = [
            {
                "stream": each.event.stream,
                "position": each.event.position,
                "attempt": each.attempt,
            }
            for each in await self._running[to].take(count)
        ]
        if in_order_of:
            found.sort(key=lambda each: each[in_order_of])
        return {"deliveries": found}

    async def do_settle(self, by, event, how, reason=""):
        worker = self._running[by]
        delivery = worker.of(event)
        settle = getattr(worker.member, how)
        if reason:
            await settle(delivery, reason)
        else:
            await settle(delivery)

    async def do_crud(self, do, id="", session="", **more):
        products = self._view(session).entities("product", Product)
        if do == "create":
            answer = await products.create(Product(**more["value"]), id)
        elif do == "replace":
            answer = await products.replace(
                id, Product(**more["value"]), expected_revision=more.get("expected")
            )
        elif do == "patch":
            answer = await products.patch(id, more["patch"])
        elif do == "undo":
            answer = await products.undo(id, more["to_revision"])
        elif do == "delete":
            answer = await products.delete(id)
        elif do == "get":
            entity = await products.get(id, as_of_revision=more.get("as_of_revision"))
            return {"value": dataclasses.asdict(entity.value), "revision": entity.revision}
        elif do == "history":
            changes = [change async for change in products.history(id)]
            return {"changes": [_fields(change, "kind revision") for change in changes]}
        elif do == "list":
            found = [each async for each in products.list(where=more.get("where", ()))]
            return {"values": [dataclasses.asdict(each.value) for each in found]}
        elif do == "count":
            return {"count": await products.count()}
        else:
            raise Mismatch(f"crud does not {do}")
        return self._keep(more, _fields(answer, "revision is_created is_unchanged position"))

    async def do_session(self, of="", **more):
        if "as" in more:
            of = more["as"]
            self._sessions[of] = self._client.session()
        return {"position": self._sessions[of].position}

    async def do_decide(self, stream, deposit=None, withdraw=None, workers=0, times=1):
        command = account.Withdraw(withdraw) if deposit is None else account.Deposit(deposit)
        if workers:
            return await self._decide_at_once(stream, command, workers, times)
        try:
            decision = await self._client.decide(account.ACCOUNT, stream, command)
        except account.Overdrawn:
            return {"refused": "overdrawn"}
        return {
            "events": [
                {"type": type(event).__name__, "data": dataclasses.asdict(event)}
                for event in decision.events
            ],
            "revision": decision.revision,
            "state": dataclasses.asdict(decision.state),
        }

    async def _decide_at_once(self, stream, command, workers, times):
        async def work():
            refusals = 0
            for _ in range(times):
                try:
                    await self._client.decide(account.ACCOUNT, stream, command, tries_max=100)
                except account.Overdrawn:
                    refusals += 1
            return refusals

        tasks = [Task(work) for _ in range(workers)]
        refusals = sum([await task.wait(WAIT_SECONDS) for task in tasks])
        return {"decided": workers * times - refusals, "refusals": refusals}

    async def do_server(self, do):
        await post(f"{self._control}/server/{do}")

    async def do_network(self, do, heal_after_ms=0):
        await post(f"{self._control}/network/{do}")
        if heal_after_ms:

            async def heal():
                await sleep(heal_after_ms / 1000)
                await post(f"{self._control}/network/heal")

            self._healing = Task(heal)

    def _keep(self, more, result):
        if "as" in more:
            self._saved[more["as"]] = result
        return result


def _appended(answer):
    return {
        "first_position": answer.first_position,
        "last_position": answer.last_position,
        "position": answer.position,
        "is_replay": answer.is_replay,
        "streams": {name: list(revisions) for name, revisions in answer.streams.items()},
    }


def _check(check):
    if "query" in check:
        items = [Item(item.get("types", ()), item.get("tags", ())) for item in check["query"]]
        return CheckQuery(items, check.get("after", ""))
    return CheckStream(check["stream"], check["expected"])


def _filter(more):
    """Takes the filter's parts out of a step's arguments."""
    parts = {name: more.pop(name) for name in ("categories", "types", "tags") if name in more}
    return Filter(**parts) if parts else None


def _fields(message, names):
    return {name: getattr(message, name) for name in names.split()}
