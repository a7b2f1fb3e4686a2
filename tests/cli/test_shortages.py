"""Disks that are full, folders that vanish, terminals that close, numbers that are not finite: nothing is lost, and the program says where things are."""
import contextlib
import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from support import PROGRAM, SOURCE, png_size, write_png
from test_resume import StoppedTest, whole_png, whole_safetensors
from test_run import SMALL

LONG = SMALL.replace("epochs: 6", "epochs: 100000") + "snapshot_interval: 1\n"


class Shortages(StoppedTest):
    def setUp(self):
        super().setUp()
        (self.folder / "tmp").mkdir()

    def environment(self, extra=None):
        return super().environment({"TMPDIR": str(self.folder / "tmp"), **(extra or {})})

    def wait_for(self, condition, process):
        for _ in range(6000):  # a busy machine may need long to load the model
            if condition():
                return
            self.assertIsNone(process.poll(), "the run ended")
            time.sleep(.05)
        self.fail("it did not happen within 5 minutes")

    def take_away(self, name):
        """At once, while the program writes into it."""
        os.rename(self.folder / name, self.folder / "gone")
        shutil.rmtree(self.folder / "gone")

    def finish(self, process, code):
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, code, errors)
        return errors

    def test_folder_vanishes_and_comes_back(self):
        self.write("a.yaml", LONG)
        process = self.start("a.yaml", "-o", "out/", "-v", "1")
        self.wait_for(lambda: (self.folder / "out/a.yaml").exists(), process)
        os.rename(self.folder / "out", self.folder / "gone")
        time.sleep(1)
        os.rename(self.folder / "gone", self.folder / "out")
        time.sleep(1)
        errors = self.finish(process, 130)
        self.assertIn("the run goes on and will try again", errors)
        whole_png(self.folder / "out/a.png")
        whole_safetensors(self.folder / "out/a.checkpoint.safetensors")

    def test_folder_stays_away(self):
        self.write("a.yaml", LONG)
        process = self.start("a.yaml", "-o", "out/", "-v", "1")
        self.wait_for(lambda: (self.folder / "out/a.yaml").exists(), process)
        self.take_away("out")
        time.sleep(.5)
        errors = self.finish(process, 1)
        rescued = self.folder / "tmp/a.png"
        self.assertIn(f"the picture is in '{rescued}' instead", errors)
        whole_png(rescued)
        self.run_program("resume", rescued, "--epochs", "3")

    def test_files_that_change_during_the_run(self):
        """The model and a picture are overwritten in place once the run has begun; the bytes are those of a run left alone."""
        model = self.folder / "model"
        shutil.copytree(SOURCE / "models/mini", model)
        write_png(self.folder / "wish.png", 40, 40, lambda x, y: (255, 5 * x, 5 * y))
        yaml = (SMALL.replace("epochs: 6", "epochs: 40") + "snapshot_interval: 1\n").replace("- text: strawberry", "- text: strawberry\n      - image: wish.png")
        self.assertIn("wish.png", yaml)
        self.write("a.yaml", yaml)
        self.run_program("a.yaml", "-m", "./model", "-o", "whole.png")
        process = self.start("a.yaml", "-m", "./model", "-o", "parts.png")
        self.wait_for(lambda: (self.folder / "parts.yaml").exists(), process)
        weights = model / "open_clip_model.safetensors"
        with open(weights, "r+b") as file:
            file.write(bytes(weights.stat().st_size // 2))
            file.truncate()
        (self.folder / "wish.png").write_bytes(b"no picture")
        _, errors = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, errors)
        self.assertEqual(self.data("whole.png"), self.data("parts.png"))

    def test_file_in_place_of_the_folder(self):
        self.write("a.yaml", LONG)
        process = self.start("a.yaml", "-o", "out/", "-v", "0")
        self.wait_for(lambda: (self.folder / "out/a.yaml").exists(), process)
        self.take_away("out")
        self.write("out", "a file")
        time.sleep(.3)
        self.finish(process, 1)
        self.assertEqual((self.folder / "out").read_text(), "a file")
        whole_png(self.folder / "tmp/a.png")

    def test_temporary_folder_fails_too(self):
        self.write("a.yaml", LONG)
        process = self.start("a.yaml", "-o", "out/", "-v", "0")
        self.wait_for(lambda: (self.folder / "out/a.yaml").exists(), process)
        self.take_away("out")
        shutil.rmtree(self.folder / "tmp")
        errors = self.finish(process, 1)
        self.assertIn("lost", errors)

    @contextlib.contextmanager
    def small_disk(self, kilobytes):
        if os.geteuid() != 0:
            self.skipTest("mounting a small tmpfs needs root")
        place = self.folder / "disk"
        place.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place], capture_output=True).returncode != 0:
            self.skipTest("this container must not mount a tmpfs")
        try:
            yield place
        finally:
            subprocess.run(["umount", "-l", place], check=True)

    def test_full_disk(self):
        with self.small_disk(400) as disk:
            self.write("a.yaml", LONG)
            process = self.start("a.yaml", "-o", "disk/", "-v", "1")
            self.wait_for(lambda: (disk / "a.yaml").exists(), process)
            time.sleep(.3)
            with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
                while filler.write(b"x" * 4096):
                    pass
            time.sleep(.5)
            whole_png(disk / "a.png")
            whole_safetensors(disk / "a.checkpoint.safetensors")
            errors = self.finish(process, 1)
            self.assertIn("No space left on device", errors)
            whole_png(disk / "a.png")
            whole_safetensors(disk / "a.checkpoint.safetensors")
            whole_png(self.folder / "tmp/a.png")

    def test_full_disk_with_room_again(self):
        with self.small_disk(400) as disk:
            self.write("a.yaml", LONG)
            (disk / "filler").write_bytes(b"x" * 390 * 1024)
            process = self.start("a.yaml", "-o", "disk/", "-v", "1")
            time.sleep(4)
            self.assertIsNone(process.poll())
            (disk / "filler").unlink()
            self.wait_for(lambda: (disk / "a.yaml").exists(), process)
            self.finish(process, 130)
            whole_png(disk / "a.png")

    def test_read_only_folder(self):
        self.write("a.yaml", SMALL)
        place = self.folder / "out"
        place.mkdir()
        place.chmod(0o555)
        self.addCleanup(place.chmod, 0o755)
        if os.access(place, os.W_OK):
            self.skipTest("this user (root) may write to read-only folders")
        _, errors = self.run_program("a.yaml", "-o", "out/", code=2)
        self.assertIn("out/a.png", errors)

    def test_closed_terminal_and_closed_pipes(self):
        self.write("a.yaml", SMALL.replace("epochs: 6", "epochs: 12").replace("verbose: 0", "verbose: 2"))
        process = self.start("a.yaml", "-o", "x.png", "--json")
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=300), 0)
        whole_png(self.folder / "x.png")
        self.assertIn("12 of 12", self.run_program("show", "x.png")[0])


class NotFinite(StoppedTest):
    # expressions that give nan are errors of their own; these become infinite in float32
    CASES = {
        "transform mul": ("- noise: .05", "- mul: inf if epoch == 3 else 1"),
        "constraint mean": ("- mean: {above: .2, below: .6}", "- mean: {above: .2, weight: 1e39 if epoch == 3 else 1}"),
    }

    def test_skip_names_target_operator_and_epoch(self):
        for name, (old, new) in self.CASES.items():
            with self.subTest(name):
                self.write("a.yaml", SMALL.replace(old, new))
                _, errors = self.run_program("a.yaml", "-o", "x.png", "-v", "1")
                self.assertIn(f"epoch 3: target 'target': {name} (targets[0]", errors)
                self.assertIn("0.5 times", errors)

    def test_stop(self):
        self.write("a.yaml", SMALL.replace("- noise: .05", "- mul: inf if epoch == 3 else 1") + "on_nan: stop\n")
        _, errors = self.run_program("a.yaml", "-o", "x.png", code=1)
        self.assertIn("transform mul", errors)
        self.write("b.yaml", SMALL)
        whole_png(self.folder / "x.png")

    def test_steps_that_are_too_large(self):
        """The pixels themselves become infinite; the picture that is saved is a good one."""
        self.write("a.yaml", SMALL.replace("epochs: 6", "epochs: 12") + "learnrate: 1e38 if epoch == 4 else 1\noptimizer: sgd\n")
        _, errors = self.run_program("a.yaml", "-o", "x.png", "-v", "1")
        self.assertIn("epoch ", errors)
        out, _ = self.run_program("apply", "x.png", "-c", "mean: {above: .9}")
        self.assertGreater(float(out.split("\t")[1]), 0)

    def test_ends_when_nothing_helps(self):
        self.write("a.yaml", SMALL.replace("- noise: .05", "- mul: inf").replace("epochs: 6", "epochs: 100"))
        _, errors = self.run_program("a.yaml", "-o", "x.png", code=1)
        self.assertIn("the run ends here", errors)


class Stories(StoppedTest):
    def test_picture_runs_again(self):
        self.write("a.yaml", SMALL + "metrics: true\n")
        for extension in ["png", "webp", "jpg", "tif"]:
            with self.subTest(extension):
                self.run_program("a.yaml", "-o", f"x.{extension}")
                self.run_program(f"x.{extension}", "-o", f"again.{extension}")
                self.assertEqual(self.data(f"x.{extension}"), self.data(f"again.{extension}"))
                story, _ = self.run_program("show", f"x.{extension}")
                for part in ["strawberry", "# seed: 3", "# model: mini sha256:", "# epochs: 6 of 6", "# similarity: "]:
                    self.assertIn(part, story)
                self.write("shown.yaml", story)
                self.run_program("shown.yaml", "-o", f"shown.{extension}")
                self.assertEqual(self.data(f"x.{extension}"), self.data(f"shown.{extension}"))
        self.run_program("x.png")
        self.assertEqual(self.data("x.png"), self.data("x-1.png"), "the new one gets the next free name")

    def test_depth(self):
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "x.png", "--set", "png_depth=16")
        self.assertEqual(self.data("x.png")[24], 16)
        self.run_program("a.yaml", "-o", "y.png")
        self.assertEqual(self.data("y.png")[24], 8)
        _, errors = self.run_program("a.yaml", "--set", "png_depth=12", code=2)
        self.assertIn("png_depth", errors)

    def test_other_files_are_refused(self):
        from support import write_png
        write_png(self.folder / "plain.png", 4, 4, lambda x, y: (1, 2, 3))
        for arguments in [["plain.png"], ["show", "plain.png"], ["check", "plain.png"]]:
            _, errors = self.run_program(*arguments, code=2)
            self.assertIn("carries no configuration", errors)
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "x.gif", code=2)
        self.assertEqual(list(self.folder.glob("x*")), [])

    def test_names_stay_in_their_folder(self):
        inner = self.folder / "inner"
        inner.mkdir()
        (self.folder / "a.yaml").write_text(SMALL)
        (self.folder / "...yaml").write_text(SMALL)
        self.run_program("inner/../a.yaml", "-o", "inner/")
        self.run_program("...yaml", "-o", "inner/")
        self.assertEqual(sorted(p.name for p in inner.glob("*.png")), ["a.png", "clipig.png"])
        self.assertEqual(list(self.folder.glob("*.png")), [])


class Logs(StoppedTest):
    def test_json_lines(self):
        self.write("a.yaml", SMALL)
        out, _ = self.run_program("a.yaml", "-o", "x.png", "--json", "--log", "run.jsonl")
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([e["event"] for e in events], ["started"] + ["step"] * 6 + ["picture"])
        self.assertEqual(events[0]["seed"], 3)
        self.assertEqual(events[-1]["path"], "x.png")
        self.assertEqual(events[3]["targets"][0]["features"][0]["name"], "strawberry")
        self.assertEqual((self.folder / "run.jsonl").read_text(), out)

    def test_json_tells_failures(self):
        self.write("a.yaml", SMALL.replace("weight: -.3", "weight: 1 / (epoch - 4)"))
        out, _ = self.run_program("a.yaml", "-o", "x.png", "--json", code=2)
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([e["event"] for e in events[-2:]], ["picture", "failed"])
        self.assertIn("division by zero", events[-1]["message"])

    def test_log_file(self):
        self.write("a.yaml", SMALL)
        for _ in range(2):
            _, errors = self.run_program("a.yaml", "-o", "x.png", "--log", "run.log")
            self.assertEqual(errors, "")
        text = (self.folder / "run.log").read_text()
        self.assertEqual(text.count("epoch 6/6"), 2)
        self.run_program("a.yaml", "--log", "nowhere/run.log", code=2)

    def test_metrics_and_plot(self):
        self.write("a.yaml", SMALL.replace("text: blue", "text: 'blue, \"deep\"'") + "metrics: true\n")
        self.run_program("a.yaml", "-e", "20", "-o", "whole.png")
        with open(self.folder / "whole.csv", newline="") as file:
            rows = list(csv.reader(file))
        self.assertEqual(rows[0], ["epoch", "loss", "learnrate", "seconds", "target: strawberry", 'target: blue, "deep"'])
        self.assertEqual([row[0] for row in rows[1:]], [str(i) for i in range(20)])
        self.stop_at(5, "a.yaml", "-e", "60", "-o", "parts.png")
        with open(self.folder / "parts.csv", "a") as file:
            file.write("999999,1,1,1,1,1\n10000")
        self.run_program("resume", "parts.png")
        with open(self.folder / "parts.csv", newline="") as file:
            self.assertEqual([row[0] for row in csv.reader(file)][1:], [str(i) for i in range(60)])
        self.run_program("plot", "parts.csv", "-o", "plot.png", "--width", "400", "--height", "300")
        self.assertEqual(png_size(self.folder / "plot.png"), (400, 300))
        self.run_program("plot", "a.yaml", code=2)


if __name__ == "__main__":
    unittest.main()
