"""litter_test.py GATEHOUSE BUILD: whatever a plugin writes into its working directory is gone after `gatehouse plugin check`,
also when its process crashed, hung, left a process behind or was interrupted, and the user's directory is as it was."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

GATEHOUSE, BUILD = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
BREAKER = BUILD / "tests/plugins/breakers/by-settings.so"
faults = []


def expect(what, condition, shown=""):
    print("ok  " if condition else "FAIL", what, flush=True)
    if not condition:
        print("     ", shown)
        faults.append(what)


def command(breaks, *more):
    return [GATEHOUSE, "plugin", "check", "--json", "--timeout", "3", "--settings", json.dumps({"break": breaks}), *more]


def left_in(directory):
    """What is there but for the gateway's own staging directory, which a crash leaves to the next start."""
    return [p for p in directory.iterdir() if not p.name.lstrip(".").startswith("gatehouse-plugins-")]


with tempfile.TemporaryDirectory(prefix="litter-") as place:
    here, temporary = pathlib.Path(place) / "here", pathlib.Path(place) / "temporary"
    here.mkdir()
    temporary.mkdir()
    environment = {k: v for k, v in os.environ.items() if k not in ("XDG_RUNTIME_DIR", "RUNTIME_DIRECTORY")}
    environment["TMPDIR"] = str(temporary)
    environment["BREAKER_PROCESS"] = str(pathlib.Path(place) / "pid")
    for breaks, broken in (("litter", ""), ("litter and crash", "SIGABRT"), ("litter and hang", "3 seconds"),
                           ("litter, leave a process", "")):
        done = subprocess.run(command(breaks, "--only", "answers_once", str(BREAKER)), cwd=here, env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        rules = {r["rule"]: r for r in json.loads(done.stdout)["files"][0]["rules"]}
        said = rules["answers_once"]
        expect(f"{breaks}: {broken or 'passes'}", (said["result"] == "failed") == bool(broken) and
               (broken in said["text"] or "status" in said["text"]), said)
        expect(f"{breaks}: nothing is left where the user is", not list(here.iterdir()), list(here.iterdir()))
        expect(f"{breaks}: nothing is left in TMPDIR", not left_in(temporary), left_in(temporary))
    pid = int((pathlib.Path(place) / "pid").read_text())
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        state = "gone"
    expect("the process that it left has ended", state in ("gone", "Z"), state)  # not every container's init reaps

    # A file that is named from where the user is; and the user gives up.
    here.joinpath("named.so").symlink_to(BREAKER)
    running = subprocess.Popen(command("litter and hang", "named.so"), cwd=here, env=environment, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not list(temporary.glob("gatehouse-check-*/litter")) and time.monotonic() < until:
        time.sleep(0.01)
    expect("interrupted: it was littering", list(temporary.glob("gatehouse-check-*/litter")))
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)
    expect("interrupted: it ends by the signal", running.returncode == -signal.SIGINT, running.returncode)
    expect("interrupted: nothing is left in TMPDIR", not left_in(temporary), left_in(temporary))
    expect("interrupted: nothing is left where the user is", [p.name for p in here.iterdir()] == ["named.so"])

print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
