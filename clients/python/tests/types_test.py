# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""Types: the client itself, and what a user writes with it."""

import os
import pathlib
import shutil
import subprocess
import sys

import annals

HERE = pathlib.Path(__file__).resolve().parent


def mypy(folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder / "cache", *arguments],
        cwd=folder,
        env={**os.environ, "MYPYPATH": "", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_client_is_strictly_typed(tmp_path):
    shutil.copytree(pathlib.Path(annals.__file__).parent, tmp_path / "annals")
    shutil.copy(HERE.parent / "pyproject.toml", tmp_path)
    code, output = mypy(tmp_path, "annals")
    assert code == 0, output


def test_the_wheel_tells_its_users_their_mistakes(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import annals\n"
        "store = annals.connect('127.0.0.1:1')\n"
        "reveal_type(store.append('a-1', annals.NewEvent('A'), expected='no_stream'))\n"
        "store.append('a-1', annals.NewEvent('A'), expected='nostream')\n"
        "class Product: ...\n"
        "reveal_type(store.entities('product', Product).get('p1').value)\n"
    )
    code, output = mypy(tmp_path, str(program))
    assert code == 1
    assert 'Revealed type is "annals.appended.Appended"' in output
    assert 'Revealed type is "program.Product"' in output
    assert output.count(": error:") == 1 and "program.py:4" in output, output


def test_the_readme_is_typed(tmp_path):
    from readme_test import examples

    for number, (_, program, _) in enumerate(examples()):
        (tmp_path / f"example_{number}.py").write_text(program)
    code, output = mypy(tmp_path, *[f"example_{n}.py" for n in range(len(examples()))])
    assert code == 0, output
