"""Runs that are stopped and go on: the end has the same bytes as that of a run that was never stopped."""
import json
import os
import pathlib
import random
import signal
import subprocess
import time
import unittest

from support import PROGRAM, ProgramTest, png_size
from test_run import SMALL

KILLS = int(os.environ.get("CLIPIG_KILLS", "12"))
OPTIMIZERS = ["adam", "sgd: {momentum: .9}", "sparse_adam", "rmsprop", "adadelta", "lbfgs: {history: 3}"]
KILLED = """
model: mini
resolution: 40
epochs: 300
seed: 11
verbose: 0
snapshot_interval: .3
targets:
  - batch_size: 2
    features:
      - text: strawberry
    transforms:
      - random_shift: -.1 .1
"""


def whole_png(path):
    """Raises unless the file ends as a PNG must."""
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND", path
    return data


def whole_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
    assert 8 + size + end == len(data), path
    return header


class StoppedTest(ProgramTest):
    def start(self, *arguments):
        """Starts clipig in a process group of its own."""
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.environment(), start_new_session=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def stop_at(self, epochs, *arguments, signal_number=signal.SIGTERM):
        """Runs until the event stream tells that so many epochs are done, then sends the signal. Returns standard error."""
        process = self.start(*arguments, "--json")
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["epoch"] + 1 >= epochs:
                break
        process.send_signal(signal_number)
        _, errors = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 130, errors)
        return errors

    def data(self, name):
        return (self.folder / name).read_bytes()


class Resume(StoppedTest):
    def check_equal_end(self, yaml, epochs=300, stop=9):
        self.write("a.yaml", yaml)
        self.run_program("a.yaml", "-e", epochs, "-o", "whole.png")
        self.stop_at(stop, "a.yaml", "-e", epochs, "-o", "parts.png")
        self.assertNotEqual(self.data("whole.png"), self.data("parts.png"), "it was stopped too late to test anything")
        self.run_program("resume", "parts.png")
        self.assertEqual(self.data("whole.png"), self.data("parts.png"))

    def test_every_optimizer(self):
        for optimizer in OPTIMIZERS:
            with self.subTest(optimizer):
                name = optimizer.split(":")[0]
                self.folder.joinpath(name).mkdir()
                self.folder, before = self.folder / name, self.folder
                self.check_equal_end(SMALL + f"optimizer: {{{optimizer}}}\n" if ":" in optimizer else SMALL + f"optimizer: {optimizer}\n")
                self.folder = before

    def test_averages_bests_and_wishes(self):
        """What is kept beside the picture is in the checkpoint; what is drawn or masked does not depend on it."""
        yaml = SMALL.replace("resolution: 48 32", "resolution: ['32 + 16 * ts(0, .2)', 40]").replace(
            "batch_size: 3", "batch_size: 3\n    mask: {shape: x < .2 + t, feather: 2}\n    mean_embedding: .3\n    no_text: true")
        yaml += "  - {noise: .05, p: .5, mask: y > .5, end: 90%}\ngradient: {normalize: rms, clip_rms: .9}\n"
        for more in ["ema: .9\n", "keep_best: true\n", "ema: .5 + .4 * t\nkeep_best: true\n", "keep_best: true\noptimizer: lbfgs\npixels: pyramid\n"]:
            with self.subTest(more):
                name = str(len(list(self.folder.iterdir())))
                self.folder.joinpath(name).mkdir()
                self.folder, before = self.folder / name, self.folder
                self.check_equal_end(yaml + more, 150, 45)
                self.folder = before

    def test_resolution_changes_and_scales_are_fair(self):
        yaml = SMALL.replace("resolution: 48 32", "resolution: ['32 + 16 * ts(0, .5)', 40]").replace("batch_size: 3", "batch_size: 3\n    feature_scale: fair\n    select: best")
        self.check_equal_end(yaml + "learnrate: 1 - .9 * t\n")

    def test_every_parametrisation(self):
        names = [line.split("\t")[0] for line in self.run_program("list", "pixels")[0].splitlines()]
        self.assertIn("rgb", names)
        for name in names:
            if name == "rgb":
                continue
            with self.subTest(name):
                self.folder.joinpath(name).mkdir()
                self.folder, before = self.folder / name, self.folder
                self.check_equal_end(SMALL.replace("resolution: 48 32", "resolution: ['32 + 16 * ts(0, .2)', 40]") + f"pixels: {name}\n", 200, 60)
                self.folder = before

    def test_more_epochs(self):
        """A constant schedule: 10 epochs and then 10 more are 20."""
        yaml = SMALL.replace("end: 50%", "end: 3")
        self.write("a.yaml", yaml)
        self.run_program("a.yaml", "-e", "20", "-o", "whole.png")
        self.run_program("a.yaml", "-e", "10", "-o", "parts.png")
        self.run_program("resume", "parts.checkpoint.safetensors", "--epochs", "20")
        self.assertEqual(self.data("whole.png"), self.data("parts.png"))
        before = self.data("parts.png")
        self.run_program("resume", "parts.png")
        self.assertEqual(before, self.data("parts.png"), "nothing was left to do")

    def test_changed_configuration(self):
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "x.png")
        self.write("more.yaml", "epochs: 12\nlearnrate: .1\noptimizer: sgd\nresolution: 64 40\n")
        _, errors = self.run_program("resume", "x.png", "more.yaml", "-v", "1")
        self.assertIn("optimiser", errors)
        self.assertEqual(png_size(self.folder / "x.png"), (64, 40))
        story, _ = self.run_program("show", "x.png")
        self.assertRegex(story, r"(?m)^learnrate: \.1$")
        self.assertRegex(story, r"(?m)^seed: 3$")
        self.assertEqual(story.count("text: strawberry"), 1)
        self.write("whole.yaml", SMALL.replace("strawberry", "banana").replace("epochs: 6", "epochs: 14"))
        self.run_program("resume", "x.png", "whole.yaml")
        story, _ = self.run_program("show", "x.png")
        self.assertNotIn("strawberry", story)
        self.assertIn("banana", story)

    def test_nothing_to_resume_from(self):
        self.write("a.yaml", SMALL + "checkpoint: false\n")
        self.run_program("a.yaml", "-o", "x.png")
        self.assertEqual(list(self.folder.glob("*.safetensors")), [])
        _, errors = self.run_program("resume", "x.png", code=2)
        self.assertIn("no checkpoint beside", errors)
        self.write("bad.checkpoint.safetensors", "no checkpoint")
        _, errors = self.run_program("resume", "bad.checkpoint.safetensors", code=2)
        self.assertIn("bad.checkpoint.safetensors", errors)

    def test_a_checkpoint_cannot_choose_a_folder(self):
        self.write("a.yaml", SMALL)
        (self.folder / "inner").mkdir()
        self.run_program("a.yaml", "-o", "inner/x.png")
        path = self.folder / "inner/x.checkpoint.safetensors"
        data = path.read_bytes()
        size = int.from_bytes(data[:8], "little")
        header = json.loads(data[8:8 + size])
        header["__metadata__"]["clipig.picture"] = "../evil.png"
        changed = json.dumps(header).encode()
        path.write_bytes(len(changed).to_bytes(8, "little") + changed + data[8 + size:])
        _, errors = self.run_program("resume", path, code=2)
        self.assertIn("not a plain file name", errors)
        self.assertFalse((self.folder / "evil.png").exists())


class Kills(StoppedTest):
    def test_kill_at_random_moments(self):
        """kill -9 in a loop. Each run is resumed; whole files at every moment; the same bytes at the end."""
        self.write("a.yaml", KILLED)
        self.run_program("a.yaml", "-o", "whole.png")
        chance = random.Random(5)
        kills = finished = restarts = 0
        while kills < KILLS:
            resumable = (self.folder / "parts.checkpoint.safetensors").exists()
            if not resumable:
                restarts += (self.folder / "parts.png").exists()
                (self.folder / "parts.png").unlink(missing_ok=True)
            process = self.start("resume", "parts.png") if resumable else self.start("a.yaml", "-o", "parts.png")
            time.sleep(chance.uniform(.2, float(os.environ.get("CLIPIG_KILL_SECONDS", "3"))))
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills += 1
            _, errors = process.communicate(timeout=60)
            self.assertIn(process.returncode, (0, -signal.SIGKILL), errors)
            if (self.folder / "parts.checkpoint.safetensors").exists():
                whole_safetensors(self.folder / "parts.checkpoint.safetensors")
            picture = self.folder / "parts.png"
            if picture.exists() and picture.stat().st_size > 0:
                whole_png(picture)
            if process.returncode == 0:
                finished += 1
                self.assertEqual(self.data("whole.png"), self.data("parts.png"))
                for path in self.folder.glob("parts*"):
                    path.unlink()
        if (self.folder / "parts.checkpoint.safetensors").exists():
            self.run_program("resume", "parts.png")
            self.assertEqual(self.data("whole.png"), self.data("parts.png"))
            self.assertEqual([p.name for p in self.folder.iterdir() if p.name.startswith(".parts")], [], "leftovers of the kills")
        print(f"{kills} kills, {finished + 1} runs brought to their end, {restarts} kills before the first checkpoint")

    def test_stop_during_snapshots(self):
        """With a snapshot after every epoch the signal hits one of them."""
        self.write("a.yaml", SMALL.replace("epochs: 6", "epochs: 80") + "snapshot_interval: 1\n")
        self.run_program("a.yaml", "-o", "whole.png")
        for number, stop in [(signal.SIGTERM, 2), (signal.SIGHUP, 5), (signal.SIGINT, 9)]:
            errors = self.stop_at(stop, "a.yaml", "-o", "parts.png", "-v", "1", signal_number=number)
            self.assertIn("clipig resume", errors)
            whole_png(self.folder / "parts.png")
            self.run_program("resume", "parts.png")
            self.assertEqual(self.data("whole.png"), self.data("parts.png"))
            for path in self.folder.glob("parts*"):
                path.unlink()


if __name__ == "__main__":
    unittest.main()
