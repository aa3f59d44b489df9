# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""What the wheel's build adds to the committed sources (generate.py)."""

import pathlib
import sys
import tempfile

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import generate  # noqa: E402


class GeneratedSources(BuildHookInterface):
    def initialize(self, version, build_data):
        self._folder = tempfile.TemporaryDirectory()
        made = pathlib.Path(self._folder.name)
        generate.generate(made)
        for path in made.rglob("*"):
            if path.is_file():
                build_data["force_include"][str(path)] = str(path.relative_to(made))

    def finalize(self, version, build_data, artifact_path):
        self._folder.cleanup()
