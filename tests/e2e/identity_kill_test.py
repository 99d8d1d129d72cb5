#!/usr/bin/env python3
"""What the store of identities has acknowledged is there: after kill -9 in the midst of writes, beside another writer, with a
torn write-ahead log, on a full disk."""
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import tempfile

from support.story import Story, tell

BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD", pathlib.Path(__file__).parents[2] / "build/dev"))
WRITER = BUILD / "tests/identity_writer"


def start(database, *arguments, **options):
    return subprocess.Popen([WRITER, database, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            **options)


def acknowledged(lines):
    """A line that kill -9 cut short was not acknowledged."""
    return [line.strip() for line in lines if line.endswith("\n") and line.startswith("user")]


class IdentityKill(Story):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.database = self.folder / "identity.db"

    def present(self, database=None):
        """Every user with his key and tag, or none: a transaction is there whole."""
        run = subprocess.run([WRITER, database or self.database, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             timeout=60)
        self.assertEqual(run.returncode, 0, run.stdout[-1000:] + run.stderr[-1000:])
        return run.stdout.split()

    def write_and_kill(self, first, after, count=1000):
        writer = start(self.database, "write", first, count)
        lines = [writer.stdout.readline() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.stdout.close()
        self.assertEqual(writer.wait(), -signal.SIGKILL, "it was not in the midst of its writes: " + lines[-1])
        return acknowledged(lines)

    def test_nothing_acknowledged_is_lost_at_kill_9(self):
        seed = random.randrange(1 << 32)
        moments = random.Random(seed)
        known = set()
        for round_number in range(12):
            first = round_number * 1000
            told = self.write_and_kill(first, moments.randint(1, 400))
            now = set(self.present())
            self.assertLessEqual(known | set(told), now, f"seed {seed}, round {round_number}")
            # One may have been written and not told any more.
            self.assertLessEqual(len(now - known - set(told)), 1)
            known = now
        self.assertGreater(len(known), 100)

    def test_two_processes_write_and_one_is_killed(self):
        other = start(self.database, "write", 500000, 300)
        told = self.write_and_kill(0, 50)
        lines = other.stdout.readlines()
        other.stdout.close()
        self.assertEqual(other.wait(timeout=60), 0, lines[-3:])
        self.assertEqual(len(acknowledged(lines)), 300)
        self.assertLessEqual(set(told) | set(acknowledged(lines)), set(self.present()))

    def test_a_torn_log_gives_what_was_whole(self):
        self.write_and_kill(0, 60)
        wal = self.folder / "identity.db-wal"
        whole, log = self.database.read_bytes(), wal.read_bytes()
        self.assertGreater(len(log), 100_000)
        everybody = self.present()
        moments = random.Random(1)
        for tear in range(25):
            copy = self.folder / f"copy{tear}.db"
            at = moments.randrange(len(log))
            torn = log[:at] if tear % 2 else log[:at] + bytes([log[at] ^ 0x40]) + log[at + 1:]
            for path, data in ((copy, whole), (pathlib.Path(f"{copy}-wal"), torn)):
                path.write_bytes(data)
                path.chmod(0o600)
            there = self.present(copy)
            self.assertEqual(there, everybody[:len(there)], "a later transaction is there without an earlier one")

    def fill(self, database, **options):
        """Writes until the disk is full; what was acknowledged, and the faults."""
        writer = start(database, "write", 0, 100000, **options)
        lines = writer.stdout.readlines()
        writer.stdout.close()
        self.assertEqual(writer.wait(), 2, lines[-3:])
        return acknowledged(lines), [line for line in lines if line.startswith("fault")]

    def after(self, told, faults, database):
        self.assertGreater(len(told), 20)
        self.assertEqual(len(faults), 5)
        for fault in faults:
            self.assertRegex(fault, "fault ServiceFailure: the store of identities failed: the disk ")
        self.assertEqual(set(self.present(database)), set(told))
        more = start(database, "write", 500000, 10)
        lines = more.stdout.readlines()
        more.stdout.close()
        self.assertEqual((more.wait(), len(acknowledged(lines))), (0, 10), lines)

    def test_a_file_that_may_not_grow(self):
        limit = 2_000_000
        told, faults = self.fill(self.database, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        self.after(told, faults, self.database)

    def test_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir(mode=0o700)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", disk], capture_output=True).returncode:
            self.skipTest("no right to mount a small disk; a file that may not grow was tried")
        try:
            told, faults = self.fill(disk / "identity.db")
            subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
            self.after(told, faults, disk / "identity.db")
        finally:
            subprocess.run(["umount", disk], check=True)

    def test_files_that_others_may_have_written_are_not_taken(self):
        self.write_and_kill(0, 30)
        stolen = (self.folder / "identity.db-wal").read_bytes()
        copy = self.folder / "copy.db"
        shutil.copy(self.database, copy)
        copy.chmod(0o644)  # as cp under a lax umask makes it
        run = subprocess.run([WRITER, copy, "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.assertEqual(run.returncode, 4)
        self.assertIn("chmod 600", run.stdout)
        copy.chmod(0o600)
        log = pathlib.Path(f"{copy}-wal")
        log.write_bytes(stolen)
        log.chmod(0o666)
        run = subprocess.run([WRITER, copy, "list"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.assertEqual(run.returncode, 4, "a log that anybody may have written was taken")


if __name__ == "__main__":
    tell(__name__)
