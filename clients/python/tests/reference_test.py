# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""The reference pages: made from the docstrings, and nothing public is without one."""

import dataclasses
import enum
import importlib
import inspect
import os
import pathlib

import annals
import pytest

MODULES = ["annals", "annals.aio", "annals.blocking", "annals.errors", "annals.telemetry",
           "annals.testing"]  # fmt: skip
# Their names and types say all: simple, and the same in every class that has them.
PLAIN = {"close", "create", "delete", "stop", "pause", "resume", "then_nothing"}


@pytest.mark.parametrize("name", MODULES)
def test_every_public_name_says_what_it_is_for(name):
    module = importlib.import_module(name)
    missing = [] if module.__doc__ else [name]
    for public in getattr(module, "__all__", ()):
        thing = getattr(module, public)
        if not (inspect.isclass(thing) or inspect.isfunction(thing)):
            continue
        if not thing.__doc__ or is_made(thing):
            missing.append(f"{name}.{public}")
        if inspect.isclass(thing):
            missing += [f"{name}.{public}.{each}" for each in undocumented(thing)]
    assert not missing


def is_made(thing):
    """dataclasses gives a class without a docstring its signature instead."""
    return dataclasses.is_dataclass(thing) and thing.__doc__.startswith(f"{thing.__name__}(")


def undocumented(kind):
    if issubclass(kind, enum.Enum):
        return []
    return [
        name
        for name, member in vars(kind).items()
        if inspect.isfunction(member)
        and not name.startswith("_")
        and name not in PLAIN
        and not member.__doc__
        and len(inspect.signature(member).parameters) > 1
    ]


def test_the_pages_have_every_class():
    folder = pathlib.Path(os.environ["REFERENCE_PAGES"])
    for module, names in (("annals", annals.__all__), ("annals/aio", annals.aio.__all__)):
        text = (folder / f"{module}.html").read_text()
        for name in names:
            assert f'id="{name}"' in text or f"{name}.html" in text, f"{module}: {name}"
