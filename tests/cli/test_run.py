"""The main job: an experiment file becomes a picture."""
import concurrent.futures
import pathlib
import re
import signal
import struct
import subprocess
import time
import unittest

from support import PROGRAM, SOURCE, ProgramTest, png_size, write_png

SMALL = """
model: mini
resolution: 48 32
epochs: 6
seed: 3
verbose: 0
targets:
  - batch_size: 3
    features:
      - text: strawberry
      - text: blue
        weight: -.3
    transforms:
      - random_rotate: -10 10
      - noise: .05
      - random_crop: 30
    constraints:
      - mean: {above: .2, below: .6}
postproc:
  - blur: 3 .35
    end: 50%
"""


class Pictures(ProgramTest):
    def test_writes_picture_and_yaml(self):
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "out/")
        self.assertEqual(png_size(self.folder / "out/a.png"), (48, 32))
        yaml = (self.folder / "out/a.yaml").read_text()
        self.assertIn("similarity", yaml)
        self.assertRegex(yaml, r"(?m)^seed: 3$")
        self.assertRegex(yaml, r"(?m)^optimizer: adam$|optimizer:")

    def test_two_files_merge_and_options_win(self):
        self.write("a.yaml", SMALL)
        self.write("b.yaml", "resolution: 40\nepochs: 2\n")
        self.run_program("a.yaml", "b.yaml", "-r", "34", "36", "--set", "targets[0].batch_size=1", "-lr", ".5", "-opt", "sgd", "-o", "x.png")
        self.assertEqual(png_size(self.folder / "x.png"), (34, 36))
        yaml = (self.folder / "x.yaml").read_text()
        self.assertRegex(yaml, r"batch_size: 1\b")
        self.assertRegex(yaml, r"learnrate: \.5\b")

    def test_standard_input(self):
        self.run_program("-", "-o", "./", stdin=SMALL)
        self.assertTrue((self.folder / "clipig.png").exists())

    def test_same_bytes_for_any_threads_and_again_from_the_written_yaml(self):
        self.write("a.yaml", SMALL)
        self.run_program("a.yaml", "-o", "one.png", "--threads", "1")
        self.run_program("a.yaml", "-o", "two.png", "--threads", "2")
        self.run_program("one.yaml", "-o", "again.png")
        one = (self.folder / "one.png").read_bytes()
        self.assertEqual(one, (self.folder / "two.png").read_bytes())
        self.assertEqual(one, (self.folder / "again.png").read_bytes())
        self.run_program("a.yaml", "--seed", "4", "-o", "other.png")
        self.assertNotEqual(one, (self.folder / "other.png").read_bytes())

    def test_drawn_seed_is_recorded(self):
        self.write("a.yaml", SMALL.replace("seed: 3\n", ""))
        self.run_program("a.yaml", "-o", "one.png")
        self.run_program("one.yaml", "-o", "two.png")
        self.assertEqual((self.folder / "one.png").read_bytes(), (self.folder / "two.png").read_bytes())

    def test_never_overwrites(self):
        self.write("x.yaml", SMALL)
        for _ in range(3):
            self.run_program("x.yaml", "-e", "1", "-o", "./")
        self.assertEqual(sorted(p.name for p in self.folder.glob("*.png")), ["x-1.png", "x-2.png", "x.png"])
        (self.folder / "x-1.png").unlink()
        self.run_program("x.yaml", "-e", "1", "-o", "./")
        self.assertTrue((self.folder / "x-3.png").exists())

    def test_started_at_the_same_moment(self):
        self.write("x.yaml", SMALL)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: self.run_program("x.yaml", "-e", "2", "-o", "out/"), range(4)))
        pictures = sorted(p.name for p in (self.folder / "out").glob("*.png"))
        self.assertEqual(pictures, ["x-1.png", "x-2.png", "x-3.png", "x.png"])
        self.assertTrue(all(p.stat().st_size > 100 for p in (self.folder / "out").glob("*.png")))

    def test_repeat_draws_the_next_seed(self):
        self.write("x.yaml", SMALL)
        self.run_program("x.yaml", "-e", "2", "--repeat", "2", "-o", "./")
        self.assertRegex((self.folder / "x-1.yaml").read_text(), r"(?m)^seed: 4$")
        self.assertNotEqual((self.folder / "x.png").read_bytes(), (self.folder / "x-1.png").read_bytes())

    def test_learns(self):
        self.write("x.yaml", SMALL)
        self.run_program("x.yaml", "-e", "1", "-o", "first.png")
        self.run_program("x.yaml", "-e", "60", "-o", "last.png")
        table, _ = self.run_program("rate", "first.png", "last.png", "-t", "strawberry", "-m", "mini", "-o", "-")
        first, last = (float(line.rsplit(",", 1)[1]) for line in table.splitlines()[1:])
        self.assertGreater(last, first + 10)

    def test_interrupt_saves_picture_and_yaml(self):
        self.write("x.yaml", SMALL)
        process = subprocess.Popen([PROGRAM, "x.yaml", "-e", "1000000", "-o", "./", "-v", "1"], cwd=self.folder, stderr=subprocess.PIPE,
                                   text=True, env=self.environment())
        first = process.stderr.readline()
        self.assertIn("epochs", first)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, rest = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, rest)
        self.assertIn("x.png", rest)
        self.assertEqual(png_size(self.folder / "x.png"), (48, 32))
        self.assertTrue((self.folder / "x.png.yaml").read_text().startswith("#"))

    def test_interrupted_yaml_is_not_the_experiment(self):
        """The picture's YAML gets its own name beside the picture, never over an experiment file that stands there."""
        text = "# mine\n" + SMALL
        self.write("x.yaml", text)
        self.run_program("x.yaml", "-e", "1", "-o", "./")
        self.assertEqual((self.folder / "x.yaml").read_text(), text)
        self.assertTrue((self.folder / "x.png.yaml").exists())

    def test_seed_page_example(self):
        """The example of the page that the project was asked for with, as it is written there but for the picture's path."""
        example = (SOURCE / "tests/cli/first_page.yaml").read_text()
        write_png(self.folder / "image.png", 64, 48, lambda x, y: (4 * x, 5 * y, 128))
        self.write("first.yaml", example.replace("/path/to/image.png", str(self.folder / "image.png")))
        _, errors = self.run_program("first.yaml", "-m", "mini", "-e", "4", "-o", "./", "-v", "2")
        self.assertEqual(png_size(self.folder / "first.png"), (1024, 1024))
        self.assertIn("random sampler", errors)
        self.assertIn("image adjustments", errors)

    def test_resolution_changes_during_the_run(self):
        self.write("x.yaml", SMALL.replace("resolution: 48 32", "resolution: ['32 + 16 * ts(0, 1)', 40]"))
        self.run_program("x.yaml", "-o", "./out/")
        self.assertEqual(png_size(self.folder / "out/x.png"), (48, 40))

    def test_target_without_features_needs_no_model(self):
        self.write("x.yaml", "resolution: 32\nepochs: 60\nmodel: /nowhere\nlearnrate: 2\ntargets:\n  - constraints:\n      - mean: {above: .9}\n")
        self.run_program("x.yaml", "-o", "out/")
        out, _ = self.run_program("apply", "out/x.png", "-c", "mean: {above: .85}")
        self.assertLess(float(out.split("\t")[1]), 0.05)

    def test_a_mask_lies_over_the_picture_and_not_over_the_view(self):
        write_png(self.folder / "x.png", 8, 4, lambda x, y: (60, 80, 100))
        shift = ["-t", "shift: 3 0", "--grad", "g.safetensors"]
        self.run_program("apply", "x.png", *shift, "-c", "mean: {above: .9, mask: x < .5}")
        data = (self.folder / "g.safetensors").read_bytes()
        values = struct.unpack("<96f", data[-4 * 96:])
        for i, value in enumerate(values):
            self.assertEqual(value != 0, i % 8 < 4, i)
        self.run_program("apply", "x.png", *shift, "-c", "mean: {above: .9}")
        self.assertTrue(all(struct.unpack("<96f", (self.folder / "g.safetensors").read_bytes()[-4 * 96:])))

    def test_regions_have_their_own_wishes(self):
        """Two masked targets: each part of the picture becomes what was asked of it."""
        yaml = "resolution: 32\nepochs: 150\nmodel: /nowhere\nlearnrate: 2\nverbose: 0\ninit: {std: 0}\ntargets:\n"
        for mask, wish in [("x < .5", "above: .9"), ("{shape: x < .5, invert: true}", "below: .1")]:
            yaml += f"  - mask: {mask}\n    transforms: [crop: {0 if 'above' in wish else .5} 0 .5 height]\n    constraints: [mean: {{{wish}}}]\n"
        self.write("x.yaml", yaml)
        self.run_program("x.yaml", "-o", "x.png")
        for start, found in [(0, "above: .85"), (.5, "below: .15")]:
            out, _ = self.run_program("apply", "x.png", "-t", f"crop: {start} 0 .5 height", "-c", f"mean: {{{found}}}")
            self.assertLess(float(out.split("\t")[1]), .05)


class Failures(ProgramTest):
    def test_missing_model_says_what_to_do(self):
        self.write("x.yaml", SMALL.replace("model: mini", "model: /nowhere/model.safetensors"))
        _, errors = self.run_program("x.yaml", code=2)
        self.assertIn("/nowhere/model.safetensors", errors)
        self.assertIn("mini", errors)
        self.assertEqual(list(self.folder.glob("*.png")), [])

    def test_picture_that_is_none(self):
        self.write("x.yaml", SMALL.replace("- text: strawberry", "- image: notes.txt"))
        self.write("notes.txt", "no picture")
        _, errors = self.run_program("x.yaml", code=2)
        self.assertRegex(errors, r"x\.yaml:\d+:\d+: error: .*notes\.txt")

    def test_division_by_zero_in_a_later_epoch(self):
        self.write("x.yaml", SMALL.replace("weight: -.3", "weight: 1 / (epoch - 4)"))
        _, errors = self.run_program("x.yaml", "-o", "out/", code=2)
        self.assertRegex(errors, r"x\.yaml:\d+:\d+: error: division by zero")
        self.assertIn("epoch = 4", errors)
        self.assertTrue((self.folder / "out/x.png").stat().st_size > 100, "the picture of the epochs before is kept")

    def test_a_view_larger_than_memory(self):
        self.write("x.yaml", SMALL.replace("- random_crop: 30", "- resize: 1000000"))
        _, errors = self.run_program("x.yaml", code=2)
        self.assertRegex(errors, "resize")
        self.assertNotIn("bad_alloc", errors)

    def test_views_and_pictures_that_do_not_fit_into_memory(self):
        self.write("x.yaml", SMALL.replace("- random_crop: 30", "- resize: 32000\n      - repeat: 2 2"))
        _, errors = self.run_program("x.yaml", code=2)
        self.assertRegex(errors, r"x\.yaml:\d+:\d+: error: targets\[0\]\.transforms\[3\]\.repeat: a view of 64000 x 64000 pixels is larger than any memory")
        self.write("y.yaml", SMALL.replace("48 32", "900000"))
        _, errors = self.run_program("y.yaml", code=2)
        self.assertRegex(errors, r"y\.yaml:\d+:\d+: error: resolution.*need about .* TiB of memory")

    def test_output_that_cannot_be_made(self):
        self.write("x.yaml", SMALL)
        self.write("file", "")
        _, errors = self.run_program("x.yaml", "-o", "file/out/", code=2)
        self.assertIn("file/out", errors)


class Usage(ProgramTest):
    def test_help_and_version_everywhere(self):
        out, _ = self.run_program("--version")
        self.assertRegex(out, r"^clipig \d+\.\d+\.\d+")
        for command in ["run", "check", "preview", "apply", "encode", "rate", "docs", "list", "models"]:
            out, _ = self.run_program(command, "--help")
            self.assertIn("--help", out, command)

    def test_wrong_usage_is_two(self):
        self.run_program("run", code=2)
        self.run_program("--nonsense", code=2)
        self.run_program("apply", code=2)

    def test_check(self):
        self.write("x.yaml", SMALL)
        out, _ = self.run_program("check", "x.yaml")
        self.assertIn("ok", out)
        out, _ = self.run_program("check", "--print", "x.yaml")
        self.write("full.yaml", out)
        again, _ = self.run_program("check", "--print", "full.yaml")
        self.assertEqual(out, again)

    def test_preview(self):
        self.write("x.yaml", SMALL)
        self.run_program("preview", "x.yaml", "-n", "5", "--at", "50%", "-o", "sheet.png")
        width, height = png_size(self.folder / "sheet.png")
        self.assertGreater(width, 3 * 64)
        self.assertGreater(height, 2 * 64)

    def test_encode_and_rate(self):
        write_png(self.folder / "red.png", 32, 32, lambda x, y: (250, 20, 20))
        write_png(self.folder / "blue.png", 32, 32, lambda x, y: (20, 20, 250))
        self.write("notes.txt", "no picture")
        out, _ = self.run_program("encode", "-m", "mini", "-t", "red", "-t", "blue", "-i", "red.png", "-o", "e.safetensors")
        self.assertEqual(len(out.strip().splitlines()), 3)
        out, errors = self.run_program("rate", "red.png", "blue.png", "notes.txt", "-t", "red", "blue", "-m", "mini", "-s", "-1", "-c", "-o", "t.csv")
        self.assertIn("notes.txt", errors)
        rows = (self.folder / "t.csv").read_text().splitlines()
        self.assertEqual(rows[0], "image,red,blue")
        self.assertEqual([row.split(",")[0] for row in rows[1:]], ["red.png", "blue.png"])
        self.run_program("rate", "red.png", "blue.png", "-t", "red", "blue", "-m", "mini", "-s", "-1", "-c", "-o", "again.csv")
        self.assertEqual((self.folder / "again.csv").read_text(), (self.folder / "t.csv").read_text())

    def test_list_and_docs(self):
        out, _ = self.run_program("list", "transforms")
        names = [line.split("\t")[0] for line in out.splitlines()]
        self.assertGreaterEqual(len(names), 25)
        out, _ = self.run_program("docs", "blur")
        self.assertIn("kernel_size", out)
        _, errors = self.run_program("docs", "blurr", code=2)
        self.assertIn("did you mean 'blur'?", errors)

    def test_every_example_of_the_reference_runs(self):
        """Every YAML block of the reference pages is checked; those that are whole experiments are run."""
        self.run_program("docs", "--markdown", "pages")
        blocks = 0
        for page in sorted((self.folder / "pages").glob("*.md")):
            for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S):
                blocks += 1
                name = f"block{blocks}.yaml"
                self.write(name, as_experiment(page.stem, block))
                self.run_program("check", name)
        self.assertGreaterEqual(blocks, 34)


    def test_reference_in_the_repository_is_that_of_the_program(self):
        self.run_program("docs", "--markdown", "pages")
        for page in sorted((self.folder / "pages").glob("*.md")):
            committed = SOURCE / "docs" / "reference" / page.name
            self.assertEqual(committed.read_text(), page.read_text(), "run: build/clipig docs --markdown docs/reference")

    def test_experiments_of_the_readme_and_the_examples(self):
        blocks = re.findall(r"```yaml\n(.*?)```", (SOURCE / "README.md").read_text(), re.S)
        self.assertGreaterEqual(len(blocks), 1)
        for number, block in enumerate(blocks):
            self.write(f"readme{number}.yaml", block)
            self.run_program("check", f"readme{number}.yaml")
        for example in sorted((SOURCE / "examples").glob("*.yaml")):
            self.run_program("check", example)


def as_experiment(kind, block):
    """A block shows an operator alone; wrapped into the place where it belongs it is a whole file."""
    indented = "\n".join("        " + line for line in block.strip().splitlines())
    if kind == "transform":
        return "targets:\n  - transforms:\n      -\n" + indented + "\n"
    if kind == "constraint":
        return "targets:\n  - constraints:\n      -\n" + indented + "\n"
    if kind == "optimizer" and not block.startswith("optimizer"):
        return "optimizer:\n" + indented + "\n"
    if kind == "loss":
        return "targets:\n  - features:\n      - text: a word\n" + "\n".join("        " + line for line in block.strip().splitlines()) + "\n"
    return block


if __name__ == "__main__":
    unittest.main()
