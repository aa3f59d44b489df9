# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A consumer that is killed again and again: killed_consumer.py ADDRESS NAMESPACE FLAVOUR SEED.

Writes each event on, with tracking, and prints its position before that, as what may be doubled.
"""

import asyncio
import random
import sys

import annals

CONSUMER = "copier"


def copy_of(event):
    # other content at each try: it would be refused or doubled, never taken for a replay
    return annals.NewEvent("Copied", {"of": event.position, "number": event.json()["number"],
                                      "by": random.random()}, stream=f"copy-{event.stream}")


def main(address, namespace, flavour, batch):
    options = annals.Options(deadline_seconds=60)
    filter = annals.Filter(categories=["source"])
    if flavour == "aio":

        async def run():
            async with annals.aio.connect(address, options, namespace=namespace) as store:

                async def copy(event):
                    print(event.position, flush=True)
                    await store.append_once("", copy_of(event), event.tracking(CONSUMER))

                consumer = store.consumer(CONSUMER, filter=filter, batch_events_max=batch)
                consumer.stop_on_signals()
                await consumer.run(copy)

        asyncio.run(run())
        return
    with annals.connect(address, options, namespace=namespace) as store:

        def copy(event):
            print(event.position, flush=True)
            store.append_once("", copy_of(event), event.tracking(CONSUMER))

        consumer = store.consumer(CONSUMER, filter=filter, batch_events_max=batch)
        consumer.stop_on_signals()
        consumer.run(copy)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
