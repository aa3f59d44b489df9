# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Deciding on streams that are not shown whole."""

from dataclasses import dataclass

import annals
import pytest


@dataclass(frozen=True)
class Counted:
    by: int


counter: annals.Decider[int, int, Counted] = annals.Decider(
    0, lambda by, total: [Counted(by)], lambda total, event: total + event.by, [Counted]
)


@pytest.mark.parametrize("before", [2, 3])
def test_a_stream_whose_beginning_or_all_is_hidden_goes_on(store, before):
    for by in (1, 2, 3):
        store.decide(counter, "counter-1", by)
    store.streams.truncate("counter-1", before)
    hidden = 6 if before == 3 else 3
    assert store.load(counter, "counter-1") == (6 - hidden, 2)
    decision = store.decide(counter, "counter-1", 4)
    assert (decision.state, decision.revision, decision.tries) == (10 - hidden, 3, 1)


def test_a_stream_that_was_deleted_begins_anew(store):
    store.decide(counter, "counter-1", 1)
    store.streams.delete("counter-1")
    assert store.load(counter, "counter-1") == (0, None)
    decision = store.decide(counter, "counter-1", 4)
    assert (decision.state, decision.revision, decision.tries) == (4, 1, 1)
