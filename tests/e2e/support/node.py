"""Programs of Node that are no part of this project: a real OpenID provider, an emulator of Cognito. Where they are not
installed a story skips, and says what it needs."""
import os
import pathlib
import shutil
import subprocess
import unittest

from support.gateway import SOURCE
from support.wait import until

VECTORS = pathlib.Path(os.environ.get("GATEHOUSE_VECTORS", SOURCE.parent / "shared/vectors"))
TOOLS = VECTORS.parent / "tools"
OLDEST = 20


def need(tool, *packages):
    """The folder that holds `node_modules`. `packages`: `name@version` that ran here; each major version is held to."""
    home, node = pathlib.Path(os.environ.get("NODE_HOME", ".")), shutil.which("node")
    how = f"needs Node {OLDEST} or newer, NODE_HOME (the folder of node_modules after `npm i {' '.join(packages)}`) and {TOOLS / tool}"
    if not node or not (TOOLS / tool).exists():
        raise unittest.SkipTest(f"{how}: there is no {'node' if not node else tool}")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST:
        raise unittest.SkipTest(f"{how}: this is Node {version}")
    missing = [package for package in packages if not (home / "node_modules" / package.rpartition("@")[0]).is_dir()]
    if missing or "NODE_HOME" not in os.environ:
        raise unittest.SkipTest(f"{how}: NODE_HOME={os.environ.get('NODE_HOME', '')} lacks {', '.join(missing) or 'nothing, but is not set'}")
    return home.resolve()


class Server:
    """`node ARGUMENTS` in a folder of its own, until `ready()` is true."""

    def __init__(self, home, arguments, folder, ready, env=None):
        self.log = pathlib.Path(folder) / "node.log"
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(["node", *map(str, arguments)], cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, env={**os.environ, "NODE_HOME": str(home), **(env or {})})

        def up():
            assert self._process.poll() is None, self.log.read_text(errors="replace")
            try:
                return ready()
            except OSError:
                return False
        try:
            until(up, 60, f"{arguments[0]}")
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()


def run(home, *arguments):
    """What `node ARGUMENTS` prints."""
    done = subprocess.run(["node", *map(str, arguments)], env={**os.environ, "NODE_HOME": str(home)}, capture_output=True,
                          text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
