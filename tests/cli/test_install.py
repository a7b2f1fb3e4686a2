"""An installed program works without the folder that it was built in."""
import os
import pathlib
import subprocess
import unittest

from support import PROGRAM, ProgramTest


class Installed(ProgramTest):
    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "usr"
        build = pathlib.Path(PROGRAM).parent
        subprocess.run(["cmake", "--install", str(build), "--prefix", str(self.prefix)], check=True, capture_output=True)
        moved = self.folder / "moved"
        self.prefix.rename(moved)
        self.prefix = moved

    def run_installed(self, *arguments):
        env = self.environment()
        env.pop("CLIPIG_MODELS", None)
        done = subprocess.run([str(self.prefix / "bin" / "clipig"), *arguments], cwd=self.folder, text=True, capture_output=True, env=env)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout + done.stderr

    def test_checks_paints_and_makes_a_video(self):
        example = self.prefix / "share" / "doc" / "clipig" / "examples" / "strawberries.yaml"
        self.run_installed("check", str(example))
        self.run_installed(str(example), "-m", "mini", "-e", "2", "--set", "video=true", "-o", "out/")
        self.assertTrue((self.folder / "out" / "strawberries.png").exists())
        self.assertTrue((self.folder / "out" / "strawberries.mp4").exists())

    def test_bundled_model_is_the_installed_one(self):
        self.assertIn(str(self.prefix / "share" / "clipig" / "models" / "mini"), self.run_installed("models", "inspect", "mini"))

    def test_programs_name_no_folder_of_the_build(self):
        build = os.fsencode(str(pathlib.Path(PROGRAM).parent))
        for program in ("bin/clipig", "libexec/clipig/clipig-engine", "libexec/clipig/clipig-video"):
            dynamic = subprocess.run(["readelf", "-d", str(self.prefix / program)], capture_output=True, check=True).stdout
            self.assertNotIn(build, dynamic, program)


if __name__ == "__main__":
    unittest.main()
