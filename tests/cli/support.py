"""What the command-line tests share: running the program in an empty folder."""
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest
import zlib

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CLIPIG", str(SOURCE / "build" / "clipig"))


def write_png(path, width, height, pixel):
    """A small RGB PNG; pixel(x, y) gives three values 0..255."""
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in pixel(x, y)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def png_size(path):
    data = pathlib.Path(path).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", path
    return struct.unpack(">II", data[16:24])


class ProgramTest(unittest.TestCase):
    """Each test works in a folder of its own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="clipig-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def environment(self, extra=None):
        env = dict(os.environ, HOME=str(self.folder), XDG_CACHE_HOME=str(self.folder / "cache"))
        env.pop("OMP_NUM_THREADS", None)
        env.update(extra or {})
        return env

    def run_program(self, *arguments, code=0, stdin=None, env=None):
        """Runs clipig; fails the test when the exit code is another one. Returns (stdout, stderr)."""
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=self.folder, input=stdin, text=True, capture_output=True,
                              env=self.environment(env), timeout=600)
        if code is not None:
            self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout, done.stderr
