"""The gateway as an operator runs it: a process, a configuration file, signals, an admin socket."""
import json
import os
import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ.get("GATEHOUSE_SOURCE", pathlib.Path(__file__).resolve().parents[3]))
BUILD = pathlib.Path(os.environ.get("GATEHOUSE_BUILD", SOURCE / "build/dev"))
BINARY = pathlib.Path(os.environ.get("GATEHOUSE_BIN", BUILD / "bin/gatehouse"))
PLUGINS = BUILD / "lib/gatehouse/plugins"
SANITIZED = os.environ.get("GATEHOUSE_SANITIZE", "")

# What a sanitizer says; a process that said so has failed, whatever it answered.
_SANITIZER = re.compile(r"(ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error: ).*")


def command(*arguments, env=None, cwd=None, stdin=None, timeout=60):
    """Runs `gatehouse ARGUMENTS` to its end: an object with returncode, stdout and stderr as text."""
    done = subprocess.run([BINARY, *map(str, arguments)], env={**os.environ, **(env or {})}, cwd=cwd, timeout=timeout,
                          input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                          capture_output=True, text=True, check=False)
    said = _SANITIZER.search(done.stderr)
    assert not said, f"gatehouse {arguments}: {done.stderr}"
    return done


class Gateway:
    """`configuration` is the text of gatehouse.yaml without the parts that every story needs: a listener `public`, the
    admin socket, the access log. @DIR@ in it is the process's own folder, @PLUGINS@ that of the built plugins.
    `gateway` is text for the members of `gateway:`."""

    def __init__(self, configuration, gateway="", listeners="", env=None, plugins=None, arguments=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gh-"))
        self.file = self.directory / "gatehouse.yaml"
        self.socket = self.directory / "admin.sock"
        self.access_log = self.directory / "access.log"
        self.log_file = self.directory / "log"
        self._gateway, self._listeners, self._plugins = gateway, listeners, plugins
        self._env, self._arguments = env or {}, arguments
        self.process = None
        self.write(configuration)

    def text(self, configuration):
        def indented(text):
            return "".join(f"  {line}\n" for line in text.strip().splitlines())
        plugins = f"plugins: {{directories: [{self._plugins}]}}\n" if self._plugins else ""
        return (
            "gateway:\n"
            "  access_log: {path: @DIR@/access.log}\n" + ("  workers: 2\n" if "workers:" not in self._gateway else "")
            + indented(self._gateway) + f"admin: {{socket: {self.socket}}}\n" + plugins
            + "listeners:\n  public: {address: \"127.0.0.1:0\"}\n" + indented(self._listeners) + configuration
        ).replace("@DIR@", str(self.directory)).replace("@PLUGINS@", str(PLUGINS))

    def write(self, configuration):
        self.file.write_text(self.text(configuration))

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.discard()
            raise

    def __exit__(self, kind, *_):
        try:
            if self.process and self.process.poll() is None:
                if kind is None:
                    status = self.stop()
                    assert status == 0, f"gatehouse ended with {status}:\n{self.log()}"
                else:
                    self.process.kill()
                    self.process.wait()
            if kind is None:
                self.check_log()
            elif self.log_file.exists():
                print(self.log()[-6000:])
        finally:
            self.discard()

    def discard(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        assert BINARY.exists(), f"{BINARY} is not built"
        read_end, write_end = os.pipe()
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--config", self.file, "--ready-fd", str(write_end), *self._arguments],
                pass_fds=(write_end,), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, "RUNTIME_DIRECTORY": str(self.directory), **self._env})
        os.close(write_end)
        with open(read_end, "rb", closefd=True) as ready:
            can_read, _, _ = select.select([ready], [], [], 60)
            line = ready.readline() if can_read else b""
        assert line, f"gatehouse did not get ready:\n{self.text_of_config()}\n{self.log()}"
        self.ready = json.loads(line)
        assert self.ready["ready"] is True
        self.listeners = self.ready["listeners"]
        self.address = self.listeners["public"]
        return self

    def text_of_config(self):
        return self.file.read_text()

    def log(self):
        return self.log_file.read_text(errors="replace")

    def check_log(self):
        said = _SANITIZER.search(self.log())
        assert not said, self.log()

    def alive(self):
        return self.process.poll() is None

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def hang_up(self):
        self.process.send_signal(signal.SIGHUP)

    def wait(self, seconds=60):
        return self.process.wait(seconds)

    def stop(self):
        self.terminate()
        return self.wait()

    def command(self, *arguments):
        """`gatehouse ARGUMENTS --admin SOCKET`"""
        return command(*arguments, "--admin", self.socket)

    def rss_bytes(self):
        return self._status("VmRSS")

    def _status(self, name):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {name} in /proc/PID/status")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def access_lines(self):
        """What is written so far; a reader may see the beginning of a line, which is none yet."""
        whole = self.access_log.read_text().rpartition("\n")[0] if self.access_log.exists() else ""
        return [json.loads(line) for line in whole.splitlines()]


def unread_bytes(connection):
    """How many bytes the other side of a client's TCP connection on loopback has not read yet."""
    def hexed(name):
        host, port = name[:2]
        return "%s:%04X" % ("".join("%02X" % int(part) for part in reversed(host.split("."))), port)
    ours, theirs = hexed(connection.socket.getsockname()), hexed(connection.socket.getpeername())
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1] == theirs and fields[2] == ours:
            return int(fields[4].split(":")[1], 16)
    return None
