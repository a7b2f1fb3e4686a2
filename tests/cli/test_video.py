"""Videos of runs: names, resuming, kills, encoders that fail. Frames themselves are tested beside the encoder (src/video)."""
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import time
import unittest

from support import PROGRAM, ProgramTest
from test_resume import StoppedTest
from test_run import SMALL

VIDEO = SMALL + "video: {fps: 10, interval: 2}\n"
LONG = SMALL.replace("epochs: 6", "epochs: 400") + "snapshot_interval: 5\n"


def boxes(data, start=0, end=None):
    """The boxes of an MP4: name -> content."""
    found, at, end = {}, start, len(data) if end is None else end
    while at < end:
        size, name = struct.unpack(">I4s", data[at:at + 8])
        assert size >= 8 and at + size <= end, "the file is not whole"
        found[name.decode()] = data[at + 8:at + size]
        at += size
    return found


def mp4_frames(path):
    """Number of frames of a whole MP4."""
    part = boxes(pathlib.Path(path).read_bytes())
    for name in ["moov", "trak", "mdia", "minf", "stbl"]:
        part = boxes(part[name])
    return struct.unpack(">I", part["stsz"][8:12])[0]


def webp_frames(path):
    """Number of frames and milliseconds of a whole animated WebP."""
    data = pathlib.Path(path).read_bytes()
    assert data[:4] == b"RIFF" and len(data) == 8 + struct.unpack("<I", data[4:8])[0], "the file is not whole"
    at, frames, time_ms = 12, 0, 0
    while at < len(data):
        name, size = struct.unpack("<4sI", data[at:at + 8])
        if name == b"ANMF":
            frames += 1
            time_ms += int.from_bytes(data[at + 8 + 12:at + 8 + 15], "little")
        at += 8 + size + size % 2
    return frames, time_ms


class Videos(StoppedTest):
    def names(self):
        return sorted(p.name for p in self.folder.iterdir() if p.name not in {"cache", "a.yaml"})

    def test_one_frame_for_each_interval(self):
        self.write("a.yaml", VIDEO)
        _, errors = self.run_program("a.yaml", "-o", "x.png", "-v", "1")
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 4)  # after 0, 2, 4 and 6 epochs
        self.assertIn("x.mp4: 4 frames", errors)
        self.run_program("a.yaml", "-e", "7", "-o", "y.png")
        self.assertEqual(mp4_frames(self.folder / "y.mp4"), 5, "and the last picture")
        self.run_program("a.yaml", "-o", "again.png", "--threads", "1")
        self.assertEqual(self.data("x.mp4"), self.data("again.mp4"))
        self.assertEqual([n for n in self.names() if n.startswith(".")], [])

    def test_short_forms(self):
        self.write("a.yaml", SMALL)
        for word, name, frames in [("true", "true.mp4", mp4_frames), ("mp4", "mp4.mp4", mp4_frames), ("webp", "webp.webp", lambda p: webp_frames(p)[0])]:
            self.run_program("a.yaml", "--set", f"video={word}", "-o", f"{word}.png")
            self.assertEqual(frames(self.folder / name), 7)
        self.run_program("a.yaml", "--set", "video=false", "-o", "none.png")
        self.assertFalse((self.folder / "none.mp4").exists())

    def test_hold_and_time(self):
        self.write("a.yaml", SMALL + "video: {format: webp, fps: 8, hold: 1.5}\n")
        self.run_program("a.yaml", "-o", "x.png")
        self.assertEqual(webp_frames(self.folder / "x.webp"), (7, 875 + 1500))

    def test_the_picture_does_not_change(self):
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "with.png", "--set", "video=true")
        self.run_program("a.yaml", "-o", "without.png")
        self.assertEqual(self.data("with.png"), self.data("without.png"))
        self.run_program("with.png", "-o", "from.png")
        self.assertFalse((self.folder / "from.mp4").exists(), "a picture's settings say nothing about videos")

    def test_nothing_is_overwritten(self):
        self.write("a.yaml", VIDEO)
        self.write("x.mp4", "mine")
        self.run_program("a.yaml", "-e", "2", "-o", "x.png")
        self.assertEqual((self.folder / "x.mp4").read_text(), "mine")
        self.assertEqual(mp4_frames(self.folder / "x.png.mp4"), 2)
        self.run_program("a.yaml", "-e", "2", "-o", "x.png")
        self.assertEqual(mp4_frames(self.folder / "x-1.mp4"), 2)
        self.run_program("a.yaml", "-e", "2", "-o", "y.webp", "--set", "video.format=webp")
        self.assertEqual(webp_frames(self.folder / "y.webp.webp")[0], 2)

    def test_resolution_changes(self):
        self.write("a.yaml", SMALL.replace("resolution: 48 32", "resolution: ['33 + 16 * ts(0, 1)', 41]") + "video: true\n")
        self.run_program("a.yaml", "-o", "x.png")
        data = self.data("x.mp4")
        track = boxes(boxes(boxes(data)["moov"])["trak"])["tkhd"]
        width, height = (v >> 16 for v in struct.unpack(">II", track[-8:]))
        self.assertEqual((width, height), (50, 42))  # the largest, 49 x 41, made even

    def test_stop_and_resume(self):
        for form in ["mp4", "webp"]:
            with self.subTest(form):
                count = mp4_frames if form == "mp4" else lambda path: webp_frames(path)[0]
                self.write("a.yaml", LONG + f"video: {{format: {form}, interval: 3}}\n")
                self.stop_at(20, "a.yaml", "-o", f"{form}.png")
                before = count(self.folder / f"{form}.{form}")
                self.assertGreaterEqual(before, 7)
                self.assertLess(before, 100, "it was stopped too late to test anything")
                _, errors = self.run_program("resume", f"{form}.png", "--epochs", "60", "-v", "1")
                self.assertNotIn("warning", errors)
                self.assertEqual(count(self.folder / f"{form}.{form}"), 21)
                self.run_program("resume", f"{form}.png", "--epochs", "64")
                self.assertEqual(count(self.folder / f"{form}.{form}"), 23)  # 0, 3 ... 63, and the last

    def test_killed_and_resumed(self):
        self.write("a.yaml", LONG.replace("snapshot_interval: 5", "checkpoint_interval: 7") + "video: true\n")
        process = self.start("a.yaml", "-e", "100000", "-o", "x.png", "--json")
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "step" and event["epoch"] >= 25:
                break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        _, errors = self.run_program("resume", "x.checkpoint.safetensors", "--epochs", "50", "-v", "1")
        self.assertNotIn("warning", errors)
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 51)
        self.assertEqual([n for n in self.names() if n.startswith(".")], [])

    def test_changed_video_begins_anew(self):
        self.write("a.yaml", VIDEO)
        self.run_program("a.yaml", "-o", "x.png")
        before = self.data("x.mp4")
        self.write("b.yaml", "epochs: 12\nvideo: {interval: 3}\n")
        _, errors = self.run_program("resume", "x.png", "b.yaml", "-v", "1")
        self.assertIn("another format or interval", errors)
        self.assertEqual(self.data("x.mp4"), before)
        self.assertEqual(mp4_frames(self.folder / "x.png.mp4"), 3)  # after 6, 9 and 12
        self.write("c.yaml", "epochs: 15\nresolution: 64\n")
        _, errors = self.run_program("resume", "x.png", "c.yaml", "-v", "1")
        self.assertIn("another size", errors)
        self.assertEqual(mp4_frames(self.folder / "x.png-1.mp4"), 2)  # after 12 and 15

    def test_lost_frames_are_told(self):
        self.write("a.yaml", VIDEO)
        self.run_program("a.yaml", "-o", "x.png")
        self.write("x.mp4", "")
        _, errors = self.run_program("resume", "x.png", "--epochs", "8", "-v", "1")
        self.assertIn("are lost", errors)
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 2)
        self.write("x.mp4", "somebody else's words")
        _, errors = self.run_program("resume", "x.png", "--epochs", "10", "-v", "1")
        self.assertIn("cannot go on", errors)
        self.assertEqual((self.folder / "x.mp4").read_text(), "somebody else's words")

    def programs(self):
        """The two other programs in a folder of their own."""
        folder = self.folder / "programs"
        folder.mkdir()
        for name in ["clipig", "clipig-engine"]:
            shutil.copy2(pathlib.Path(PROGRAM).resolve().parent / name, folder / name)
        return folder

    def run_copy(self, folder, *arguments):
        return subprocess.run([str(folder / "clipig"), *arguments], cwd=self.folder, text=True, capture_output=True, env=self.environment(), timeout=300)

    def test_without_the_encoder_there_is_a_picture(self):
        folder = self.programs()
        self.write("a.yaml", VIDEO)
        done = self.run_copy(folder, "a.yaml", "-o", "x.png", "-v", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, r"clipig-video'?: No such file or directory; the run goes on without a video")
        self.assertFalse((self.folder / "x.mp4").exists())
        self.assertTrue((self.folder / "x.png").stat().st_size > 100)
        # one that goes away in the middle
        (folder / "clipig-video").write_text("#!/bin/sh\necho ready\nhead -c 1000 > /dev/null\necho error out of ink\n")
        (folder / "clipig-video").chmod(0o755)
        done = self.run_copy(folder, "a.yaml", "-o", "y.png", "-v", "1", "-e", "30")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stderr.count("out of ink; the run goes on without a video"), 1)
        self.assertFalse((self.folder / "y.mp4").exists())

    def test_a_run_that_fails_keeps_its_video(self):
        self.write("a.yaml", SMALL.replace("weight: -.3", "weight: 1 / (epoch - 4)") + "video: true\n")
        self.run_program("a.yaml", "-o", "x.png", code=2)
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 5)
        self.write("b.yaml", SMALL.replace("weight: -.3", "weight: 1 / epoch") + "video: true\n")
        self.run_program("b.yaml", "-o", "y.png", code=2)
        self.assertEqual([n for n in self.names() if n.startswith("y")], [])

    @unittest.skipUnless(shutil.which("ffprobe"), "needs ffprobe")
    def test_ffprobe_agrees(self):
        self.write("a.yaml", SMALL.replace("48 32", "47 33") + "video: {fps: 12.5, hold: .4}\n")
        self.run_program("a.yaml", "-o", "x.png")
        done = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", "x.mp4"], cwd=self.folder, text=True,
                              capture_output=True, check=True)
        self.assertEqual(done.stderr, "")
        stream, = json.loads(done.stdout)["streams"]
        self.assertEqual(stream["nb_read_frames"], "12")  # 7 and the hold of 5
        self.assertEqual((stream["width"], stream["height"], stream["pix_fmt"]), (48, 34, "yuv420p"))
        self.assertEqual((stream["avg_frame_rate"], stream["color_space"], stream["has_b_frames"]), ("25/2", "bt709", 0))


class VideosOfMany(StoppedTest):
    MATRIX = VIDEO + "matrix: {seed: [1, 2]}\n"
    STAGES = SMALL.replace("resolution: 48 32", "").replace("epochs: 6", "").replace("random_crop: 30", "random_crop: 14") + """
video: {interval: 2}
stages:
  - {epochs: 5, resolution: 24 16}
  - {epochs: 4, resolution: 48 32, pixels: pyramid}
  - {epochs: 7, resolution: 36 24}
"""

    def test_each_picture_of_a_matrix_has_its_own(self):
        self.write("m.yaml", self.MATRIX)
        self.run_program("m.yaml", "-o", "out/")
        names = sorted(p.name for p in (self.folder / "out").iterdir())
        self.assertEqual([n for n in names if n.endswith(".mp4")], ["m-seed-1.mp4", "m-seed-2.mp4"])
        self.assertEqual([n for n in names if n.startswith(".")], [])
        self.assertNotEqual(self.data("out/m-seed-1.mp4"), self.data("out/m-seed-2.mp4"))
        self.write("alone.yaml", VIDEO)
        for seed in (1, 2):
            self.run_program("alone.yaml", "--seed", seed, "-o", f"alone{seed}.png")
            self.assertEqual(self.data(f"out/m-seed-{seed}.mp4"), self.data(f"alone{seed}.mp4"))
            self.assertEqual(mp4_frames(self.folder / f"out/m-seed-{seed}.mp4"), 4)

    def test_a_matrix_of_videos(self):
        self.write("m.yaml", SMALL + "matrix:\n  video: [{interval: 2, format: webp}, true, false]\n")
        self.run_program("m.yaml", "-o", "out/m.png")
        videos = sorted(p for p in (self.folder / "out").iterdir() if p.suffix in {".mp4", ".webp"})
        self.assertEqual([p.suffix for p in videos], [".webp", ".mp4"])
        self.assertEqual((webp_frames(videos[0])[0], mp4_frames(videos[1])), (4, 7))
        self.assertEqual(len([p for p in (self.folder / "out").glob("m-video-*.png")]), 3)

    def test_an_interrupted_matrix_goes_on_with_its_video(self):
        self.write("m.yaml", self.MATRIX.replace("epochs: 6", "epochs: 60").replace("batch_size: 3", "batch_size: 16"))
        self.stop_at(20, "m.yaml", "-o", "out/", signal_number=signal.SIGINT)
        self.assertLess(mp4_frames(self.folder / "out/m-seed-1.mp4"), 31)
        _, errors = self.run_program("m.yaml", "-o", "out/", "--missing", "-v", "1")
        self.assertNotIn("warning", errors)
        for seed in (1, 2):
            self.assertEqual(mp4_frames(self.folder / f"out/m-seed-{seed}.mp4"), 31)

    def test_one_video_of_all_stages(self):
        self.write("a.yaml", self.STAGES)
        _, errors = self.run_program("a.yaml", "-o", "x.png", "-v", "1")
        self.assertIn("x.mp4: 9 frames", errors)
        data = self.data("x.mp4")
        track = boxes(boxes(boxes(data)["moov"])["trak"])["tkhd"]
        self.assertEqual(tuple(v >> 16 for v in struct.unpack(">II", track[-8:])), (48, 32), "the size of the largest stage")
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 9)  # after 0, 2 ... 16 epochs of them all
        _, errors = self.run_program("x.png", "--set", "video={interval: 16}", "-o", "y.png", "-v", "1")
        self.assertEqual(mp4_frames(self.folder / "y.mp4"), 2)
        self.assertEqual(self.data("x.png"), self.data("y.png"))
        self.write("b.yaml", self.STAGES.replace("{epochs: 4,", "{video: false, epochs: 4,"))
        _, errors = self.run_program("b.yaml", code=2)
        self.assertIn("stages[1]: unknown key 'video'", errors)

    def test_stages_resumed(self):
        # more views, so that the signal comes in time
        self.write("a.yaml", self.STAGES.replace("batch_size: 3", "batch_size: 48"))
        for stop in (2, 5, 7, 9, 12):
            with self.subTest(stop):
                self.stop_at(stop, "a.yaml", "-o", f"part{stop}.png")
                self.assertLess(mp4_frames(self.folder / f"part{stop}.mp4"), 9)
                _, errors = self.run_program("resume", f"part{stop}.png", "-v", "1")
                self.assertNotIn("warning", errors)
                self.assertEqual(mp4_frames(self.folder / f"part{stop}.mp4"), 9)

    def test_of_the_best_candidate(self):
        self.write("a.yaml", VIDEO.replace("epochs: 6", "epochs: 40") + "candidates: 3\n")
        self.run_program("a.yaml", "-o", "x.png")
        self.assertEqual([p.name for p in self.folder.glob("*.mp4")], ["x.mp4"])
        self.assertEqual(mp4_frames(self.folder / "x.mp4"), 18)  # from epoch 6, where the comparison ends


class Animations(StoppedTest):
    def test_moves_and_goes_on_with_the_same_bytes(self):
        for pixels in ["rgb", "pyramid", "fft", "palette"]:
            with self.subTest(pixels):
                self.write("a.yaml", SMALL + f"pixels: {pixels}\nanimate: {{zoom: 1 + .02 * t, rotate: 2, shift: 1.5 -.01, interval: 2}}\n")
                self.run_program("a.yaml", "-e", "60", "-o", f"{pixels}-whole.png")
                self.stop_at(9, "a.yaml", "-e", "60", "-o", f"{pixels}-parts.png")
                self.assertNotEqual(self.data(f"{pixels}-whole.png"), self.data(f"{pixels}-parts.png"))
                self.run_program("resume", f"{pixels}-parts.png")
                self.assertEqual(self.data(f"{pixels}-whole.png"), self.data(f"{pixels}-parts.png"))


if __name__ == "__main__":
    unittest.main()
