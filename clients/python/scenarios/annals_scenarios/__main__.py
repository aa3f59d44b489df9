# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""python -m annals_scenarios --flavour aio|blocking --scenarios FILE --server … (see run.py)."""

import argparse
import json
import pathlib
import sys
import time
import traceback

import yaml


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--flavour", choices=["aio", "blocking"], default="blocking")
    parser.add_argument("--scenarios", type=pathlib.Path, required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--steady", required=True)
    parser.add_argument("--control", required=True)
    parser.add_argument("--only", action="append", default=[])
    arguments = parser.parse_args()
    if arguments.flavour == "aio":
        import asyncio

        from annals_scenarios.aio.runner import run

        def play(scenario):
            asyncio.run(run(scenario, arguments.server, arguments.steady, arguments.control))
    else:
        from annals_scenarios.blocking.runner import run

        def play(scenario):
            run(scenario, arguments.server, arguments.steady, arguments.control)

    is_good = True
    for scenario in yaml.safe_load(arguments.scenarios.read_text()):
        if arguments.only and scenario["scenario"] not in arguments.only:
            continue
        began = time.monotonic()
        result = {"scenario": scenario["scenario"], "passed": True}
        try:
            play(scenario)
        except Exception as error:
            result.update(passed=False, message=f"{type(error).__name__}: {error}")
            traceback.print_exc(file=sys.stderr)
            is_good = False
        result["seconds"] = round(time.monotonic() - began, 3)
        print(json.dumps(result), flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
