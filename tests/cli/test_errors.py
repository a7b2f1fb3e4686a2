"""Whole error texts: tests/errors/NAME.yaml is refused with exactly the text in NAME.expected.

NAME.command holds the arguments where `check NAME.yaml` is not enough (errors that only a run finds).
`python3 test_errors.py --write` writes the texts anew; read the difference before committing it.
"""
import os
import subprocess
import sys
import tempfile
import unittest

from support import PROGRAM, SOURCE

FOLDER = SOURCE / "tests" / "errors"


def refusal(yaml, output):
    """Exit code and standard error of the program for one file."""
    command = yaml.with_suffix(".command")
    arguments = command.read_text().split() if command.exists() else ["check", yaml.name]
    arguments = [argument.replace("OUTPUT", output) for argument in arguments]
    environment = dict(os.environ, HOME=output)
    done = subprocess.run([PROGRAM, *arguments], cwd=FOLDER, text=True, capture_output=True, stdin=subprocess.DEVNULL, env=environment, timeout=120)
    return done.returncode, done.stderr


class Errors(unittest.TestCase):
    def test_every_file_is_refused_with_its_text(self):
        files = sorted(FOLDER.glob("*.yaml"))
        self.assertGreaterEqual(len(files), 60)
        with tempfile.TemporaryDirectory() as output:
            for yaml in files:
                with self.subTest(yaml.name):
                    code, text = refusal(yaml, output)
                    self.assertEqual(code, 2)
                    self.assertEqual(text, yaml.with_suffix(".expected").read_text())

    def test_every_text_has_its_file(self):
        for expected in FOLDER.glob("*.expected"):
            self.assertTrue(expected.with_suffix(".yaml").exists(), expected.name)


def write_all():
    with tempfile.TemporaryDirectory() as output:
        for yaml in sorted(FOLDER.glob("*.yaml")):
            code, text = refusal(yaml, output)
            if code != 2:
                print(f"{yaml.name}: exit code {code}")
            yaml.with_suffix(".expected").write_text(text)


if __name__ == "__main__":
    write_all() if "--write" in sys.argv else unittest.main()
