# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""promtool over what deploy/prometheus ships."""

import pathlib
import re
import subprocess
import unittest

PROMETHEUS = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "prometheus"


class Rules(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_configuration_and_rules_are_valid(self):
        self.promtool("check", "config", "prometheus.yml")

    def test_alerts_fire_when_they_must_and_only_then(self):
        self.promtool("test", "rules", "rules/alerts_test.yml")

    def test_every_alert_and_record_is_tried_by_the_rules_test(self):
        tried = (PROMETHEUS / "rules" / "alerts_test.yml").read_text()
        for name in ("alerts.yml", "recording.yml"):
            rules = (PROMETHEUS / "rules" / name).read_text()
            for rule in re.findall(r"- (?:alert|record): (\S+)", rules):
                self.assertIn(rule, tried)


if __name__ == "__main__":
    unittest.main()
