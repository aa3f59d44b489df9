# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""A list of objects tells of those that cannot be read."""

import annals
import pytest


def test_an_object_that_cannot_be_read_is_told_in_its_place(store):
    products = store.entities("product", dict)
    for id in "123":
        products.create({"name": id}, id)
    store.append("product-2", annals.NewEvent("product.Updated", "text"))
    seen = []
    with pytest.raises(annals.errors.EntityUnreadable) as failure:
        for product in products.list():
            seen.append(product.id)
    assert seen == ["1"]
    assert failure.value.metadata["id"] == "2"
    told = []
    for product in products.list(on_unreadable=lambda one: told.append((one.id, one.revision))):
        told.append(product.id)
    assert told == ["1", ("2", 1), "3"]
