# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The annals authors
"""annals bench load: the profiles that come with it, faults in a profile, Ctrl-C, finite runs; the
report is compared with what the store holds."""

import json
import pathlib
import signal
import tempfile
import threading
import unittest

from program import ROOT, CommandLine, Server

PROFILES = ["order-desk", "sensor-feed", "document-editor"]


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.server = Server(cls.folder / "data")
        cls.annals = CommandLine(cls.server.address, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.scratch.cleanup()

    def load(self, *words):
        return self.annals("bench", "load", "--server", self.server.address, *words)

    def report(self, name):
        return json.loads((self.folder / "bench/results" / name / "report.json").read_text())

    def categories(self, tag):
        answer = self.annals("category", "list", "-o", "json")
        self.assertEqual(answer.code, 0, answer.err)
        return {one["name"]: one for one in answer.json() if one["name"].endswith("_" + tag)}


class TheProfiles(WithServer):
    def run_profile(self, name):
        answer = self.load("--profile", name, "--duration", "2s", "--set", "warm_up=500ms")
        self.assertEqual(answer.code, 0, answer.err)
        report = self.report(name)
        self.assertEqual(report["profile"], name)
        self.assertTrue(report["checked"]["held"], report["checked"])
        return report

    def check_against_store(self, report):
        """What the report says was written is what the server itself counts."""
        written = {}
        for actor in report["actors"]:
            if actor["does"] in ("append", "crud-create", "crud-update", "crud-delete"):
                events = written.get(actor["category"], 0) + actor["counts"]["events"]
                written[actor["category"]] = events
        stored = {name: one["events"] for name, one in self.categories(report["tag"]).items()}
        self.assertTrue(written)
        self.assertEqual(written, stored)
        for actor in report["actors"]:
            self.assertEqual(actor["counts"]["errors"], 0, actor)
            self.assertEqual(actor["counts"]["wrong"], 0, actor)
            self.assertGreater(actor["counts"]["operations"], 0, actor["name"])
            if actor["does"] == "subscribe":
                heard = actor["workers"] * stored[actor["category"]]
                self.assertEqual(actor["counts"]["events"], heard)
            if actor["does"] == "group-member":
                self.assertEqual(actor["counts"]["events"], stored[actor["category"]])
            points = sum(point["operations"] for point in actor["points"])
            self.assertEqual(points, actor["counts"]["operations"])

    def test_order_desk(self):
        report = self.run_profile("order-desk")
        self.check_against_store(report)
        counter = next(actor for actor in report["actors"] if actor["name"] == "counter")
        self.assertEqual(counter["counts"]["done"] + counter["missed"], 400)
        groups = self.annals("group", "list", "-o", "json").json()
        self.assertEqual([one for one in groups if report["tag"] in one["group"]], [])

    def test_sensor_feed(self):
        self.check_against_store(self.run_profile("sensor-feed"))

    def test_document_editor(self):
        report = self.run_profile("document-editor")
        self.check_against_store(report)
        actors = {actor["name"]: actor["counts"] for actor in report["actors"]}
        self.assertEqual(actors["library"]["done"], 500)
        objects = self.annals("crud", "count", f"document_{report['tag']}", "-o", "json").json()
        created = actors["library"]["done"] + actors["newcomers"]["done"]
        self.assertEqual(objects["entities"], created - actors["cleaners"]["done"])

    def test_reports_are_there_in_every_shape(self):
        answer = self.load("--profile", "sensor-feed", "--duration", "1s", "--set", "warm_up=0s",
                           "-o", "json", "-q")  # fmt: skip
        self.assertEqual(answer.code, 0, answer.err)
        self.assertEqual(answer.json()["tag"], self.report("sensor-feed")["tag"])
        self.assertEqual(answer.err, "")
        folder = self.folder / "bench/results/sensor-feed"
        names = {path.name for path in folder.iterdir()}
        wanted = {"report.html", "report.json", "load.hlog"}
        wanted |= {f"{name}.hgrm" for name in ("gateways", "alarms", "dashboard", "archive")}
        self.assertEqual(names, wanted)
        page = (folder / "report.html").read_text()
        self.assertEqual(page.count("<svg"), 4)
        self.assertIn("All checks hold.", page)

    def test_they_are_listed_and_printed_as_their_files_are(self):
        listed = self.load("--list", "-o", "json").json()
        self.assertEqual([one["profile"] for one in listed], PROFILES)
        for name in PROFILES:
            file = ROOT / "bench/profiles" / f"{name}.toml"
            self.assertEqual(self.load("--print-profile", name).out, file.read_text())


class AProfileOfOnesOwn(WithServer):
    def write(self, text):
        path = self.folder / "own.toml"
        path.write_text(text)
        return path

    def test_a_finite_run_does_each_operation_once(self):
        path = self.write(
            'name = "own"\n[[actors]]\nname = "tracker"\ndoes = "append"\noperations = 1210\n'
            'in_flight = 8\n[[actors]]\nname = "renames"\ndoes = "crud-update"\nafter = "things"\n'
            'operations = 100\nfield = "name"\ncategory = "thing"\nsize = { bytes = 80 }\n'
            '[[actors]]\nname = "things"\ndoes = "crud-create"\noperations = 10\nfield = "name"\n'
            'category = "thing"\n'
        )
        answer = self.load("--profile", path)
        self.assertEqual(answer.code, 0, answer.err)
        report = self.report("own")
        done = {actor["name"]: actor["counts"]["done"] for actor in report["actors"]}
        self.assertEqual(done, {"tracker": 1210, "renames": 100, "things": 10})
        stored = {name: one["events"] for name, one in self.categories(report["tag"]).items()}
        self.assertEqual(stored[f"load_{report['tag']}"], 1210)
        self.assertEqual(stored[f"thing_{report['tag']}"], 110)

    def test_a_fault_names_line_key_value_and_remedy(self):
        path = self.write('name = "own"\nduration = "1s"\n[[actors]]\ndoes = "append"\nrat = 5\n')
        answer = self.load("--profile", path, "-o", "json")
        self.assertEqual(answer.code, 2)
        error = json.loads(answer.err)["error"]
        self.assertEqual(error["code"], "config_invalid")
        self.assertEqual(error["fields"]["origin"], f"{path}:5")
        self.assertEqual(error["fields"]["key"], "actors.actor 1.rat")
        self.assertEqual(error["fields"]["value"], "5")
        self.assertIn("did you mean rate?", error["fields"]["remedy"])

    def test_a_fault_of_a_flag_names_the_flag(self):
        answer = self.load("--profile", "order-desk", "--duration", "soon", "-o", "json")
        self.assertEqual(answer.code, 2)
        fields = json.loads(answer.err)["error"]["fields"]
        self.assertEqual((fields["origin"], fields["key"]), ("--duration", "duration"))
        self.assertIn("soon", fields["value"])
        self.assertIn("a number and its unit", fields["remedy"])

    def test_wrong_usage_names_the_flag(self):
        answer = self.load("--profile", "order-desk", "--set", "actors.clerks.rate=fast")
        self.assertEqual(answer.code, 2)
        self.assertIn("--set actors.clerks.rate", answer.err)
        for flags in ("--profile", "order-desk", "--set", "rate"), ("--set", "rate"):
            answer = self.load(*flags)
            self.assertEqual(answer.code, 2)
            self.assertIn("--set rate: it has no value: give KEY=VALUE", answer.err)
        self.assertEqual(self.load().code, 2)
        self.assertEqual(self.load("--profile", "nothing").code, 2)

    def test_errors_are_counted_and_the_exit_code_is_1(self):
        # Larger than the event may be: every append is refused.
        path = self.write(
            'name = "own"\n[[actors]]\nname = "w"\ndoes = "append"\noperations = 1\n'
            'batch = 65\nsize = { bytes = 1_048_576 }\n'
        )
        answer = self.load("--profile", path)
        self.assertEqual(answer.code, 1, answer.err)
        self.assertIn("not all checks hold", answer.err)
        counts = self.report("own")["actors"][0]["counts"]
        self.assertEqual(counts["by_code"], {"limit_exceeded": 1})


class AServerOfItsOwn(unittest.TestCase):
    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.annals = CommandLine(folder=self.folder)
        self.addCleanup(self.scratch.cleanup)

    def test_on_a_folder_that_is_gone_afterwards_and_in_memory(self):
        for flags in (["--work", self.folder], ["--memory"]):
            answer = self.annals("bench", "load", "--profile", "order-desk", "--duration", "1s",
                                 "--set", "warm_up=0s", *flags)  # fmt: skip
            self.assertEqual(answer.code, 0, answer.err)
            self.assertEqual([path.name for path in self.folder.iterdir()], ["bench"])

    def test_an_interrupted_run_is_checked_and_reported(self):
        running = self.annals.start(
            "bench", "load", "--profile", "order-desk", "--duration", "10m", "--memory"
        )
        # The first line of progress comes once operations are under way.
        lines = []
        for line in running.stderr:
            lines.append(line)
            if "/s" in line:
                break
        running.send_signal(signal.SIGINT)
        rest = []
        reader = threading.Thread(target=lambda: rest.append(running.stderr.read()))
        reader.start()
        out = running.stdout.read()
        reader.join()
        running.stderr.close()
        running.stdout.close()
        said = "".join(lines) + rest[0]
        self.assertEqual(running.wait(timeout=60), 0, said)
        self.assertIn("interrupted", said)
        self.assertIn("clerks", out)
        report = json.loads((self.folder / "bench/results/order-desk/report.json").read_text())
        self.assertTrue(report["interrupted"])
        self.assertTrue(report["checked"]["held"], report["checked"])
        self.assertLess(report["seconds"], 300)


if __name__ == "__main__":
    unittest.main()
