"""check_test.py GATEHOUSE BUILD PART...: `gatehouse plugin check` passes every good plugin (`good`), and each rule has plugins
that break it (`loaded`, `settings_1`, `settings_2`, `broken`): that rule fails, with the reason named here, and no rule fails
that is not named. `rules`: no rule is without."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

GATEHOUSE, BUILD, PARTS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
BREAKERS = BUILD / "tests/plugins/breakers"
SANITIZED = "-fsanitize" in (BUILD / "CMakeCache.txt").read_text() or any(
    line.startswith("GATEHOUSE_SANITIZE:STRING=") and not line.endswith("=")
    for line in (BUILD / "CMakeCache.txt").read_text().splitlines())

# plugin, what it does by settings, {rule that must fail: part of the reason}, rules that may fail for the same reason
LOADED = [
    ("crash-at-load", None, {"loads": "SIGABRT"}, ()),
    ("exit-at-load", None, {"loads": "ended the process"}, ()),
    ("slow-to-load", None, {"load_time": "loading took"}, ()),
    ("signal-handler", None, {"load_side_effects": "SIGUSR2"}, ()),
    ("thread-at-load", None, {"load_side_effects": "the number of threads"}, ()),
    ("environment", None, {"load_side_effects": "the environment"}, ()),
    ("every-interface", None, {"strange_interfaces": "unknown interface"}, ()),
    ("two-descriptions", None, {"strange_interfaces": "plugin(1) must be null"}, ()),
    ("no-summary", None, {"described": "no summary"}, ()),
    ("bad-default", None, {"schema": "default"}, ("starts",)),
    ("bad-example", None, {"schema": "examples/0"}, ()),
    ("bad-schema", None, {"schema": "pattern"}, ()),
    ("second-symbol", None, {"one_symbol": "gatehouse_breaker_second"}, ()),
    ("stays-mapped", None, {"unloads": "stays mapped"}, ()),
    ("crash-without-settings", None, {"empty_settings": "SIGABRT"}, ()),
    ("silent-without-settings", None, {"empty_settings": "does not say why"}, ()),
    ("throw-without-settings", None, {"empty_settings": "exception"}, ()),
]
CALLS = ("answers_once", "answers_valid", "nonblocking", "threads_agree", "hostile_bytes", "text_ends", "request_ends",
         "request_lifetime", "without_services", "failing_services", "cancel", "stop_pays", "instances", "unloads")
BY_SETTINGS = [
    ("by-settings", "refuse", {"starts": "the moon is full"}, CALLS + ("strange_interfaces",)),
    ("by-settings", "made and failed", {"starts": "made an instance nevertheless"}, CALLS + ("strange_interfaces",)),
    ("by-settings", "knows every extension", {"strange_interfaces": "unknown extension"}, ()),
    ("by-settings", "throw", {"answers_once": "exception"}, CALLS),
    ("by-settings", "never", {"answers_once": "GH_OK without an answer"}, CALLS),
    ("by-settings", "odd code", {"answers_once": "1234"}, CALLS),
    ("by-settings", "only errors", {"answers_once": "never answered"}, CALLS),
    ("by-settings", "twice", {"answers_once": "twice"}, CALLS),
    ("by-settings", "stranger", {"answers_once": "nobody asked for"}, CALLS),
    ("by-settings", "earlier again", {"answers_once": "again that was over"}, CALLS),
    ("not-async", "own thread", {"answers_once": "GH_F_ASYNC is not set"}, CALLS),
    ("by-settings", "unknown kind", {"answers_valid": "`kind` is unknown"}, CALLS),
    ("by-settings", "answer is not UTF-8", {"answers_valid": "not UTF-8"}, ()),
    ("loop", "sleep", {"nonblocking": "authorize() waits"}, ()),
    ("loop", "compute", {"nonblocking": "computes for"}, CALLS),
    ("by-settings", "not for threads", {"threads_agree": "eight at once get `deny`"}, ()),
    ("by-settings", "trusts bytes", {"hostile_bytes": "SIGABRT"}, ("text_ends",)),
    ("by-settings", "text without end", {"text_ends": "SIGSEGV"}, ("request_lifetime", "hostile_bytes")),
    ("by-settings", "reads behind the request", {"request_ends": "SIGSEGV"}, ("request_lifetime",)),
    ("by-settings", "reads behind the host", {"request_ends": "SIGSEGV"}, ()),
    ("by-settings", "reads later", {"request_lifetime": "SIGSEGV"}, CALLS),
    ("by-settings", "needs the log", {"without_services": "SIGSEGV"}, ()),
    ("by-settings", "trusts the timer", {"failing_services": "SIGABRT"}, CALLS),
    ("by-settings", "twice when cancelled", {"cancel": "again that was over|twice"}, ()),
    ("by-settings", "throws when cancelled", {"cancel": "exception in cancel"}, ()),
    ("by-settings", "own thread", {"stop_pays": "no answer yet"}, ("threads_agree",)),
    ("by-settings", "leak", {"instances": "bytes of memory"}, ()),
    ("by-settings", "leak a file", {"instances": "open file"}, ()),
    ("by-settings", "leave a thread", {"instances": "a thread behind"}, ("unloads",)),
    ("by-settings", "never later", {"answers_once": "by the deadline"}, CALLS),
]
# Those of the gateway's own tests, which it refuses before or when it loads them.
BROKEN = {
    "draft-of-module": ("loads", "not as its manifest says"), "executable-stack": ("manifest", "executable stack"),
    "missing-symbol": ("loads", "cannot be loaded"), "needs-service": ("offers_all", ""),
    "newer-minor": ("loads", "needs gateway ABI"), "no-entry": ("manifest", "exports no"),
    "origin-run-path": ("manifest", "run path"), "other-id": ("loads", "another id"),
    "out-of-process": ("offers_all", "process of its own"), "plain": ("manifest", "no manifest"),
    "second-major": ("manifest", "ABI 2"), "static-tls": ("manifest", "static thread-local"),
    "two-plugins": ("loads", "one plugin"), "unknown-flag": ("loads", "unknown flags"),
}

faults = []
place = tempfile.TemporaryDirectory(prefix="check-")  # where the user is: nothing may come to lie there


def report(file, *more):
    done = subprocess.run([GATEHOUSE, "plugin", "check", "--json", "--timeout", "20", *more, file], cwd=place.name,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode not in (0, 1, 2) or not done.stdout:
        return done.returncode, [{"rule": "-", "result": "failed", "text": f"no report: {done.stderr}"}]
    return done.returncode, json.loads(done.stdout)["files"][0]["rules"]


def check(file, *more):
    code, rules = report(file, *more)
    return code, {r["rule"]: r["text"] for r in rules if r["result"] == "failed"}


def expect(what, condition, shown):
    print("ok  " if condition else "FAIL", what, flush=True)
    if not condition:
        print("     ", shown)
        faults.append(what)


def bad(plugin, what, must, may, *more):
    settings = ("--settings", json.dumps({"break": what})) if what else ()
    code, got = check(BREAKERS / f"{plugin}.so", *settings, *more)
    name = f"{plugin}: {what or 'loaded'}"
    for rule, reason in must.items():
        text = got.get(rule, "(kept)")
        crash = reason.startswith("SIG") and SANITIZED and text.startswith("it ended the process")
        expect(f"{name} breaks {rule}", crash or any(r in text for r in reason.split("|")), got)
    expect(f"{name}: exit code 1", code == 1, code)
    others = set(got) - set(must) - set(may)
    expect(f"{name} breaks nothing else", not others, {rule: got[rule] for rule in others})


def good_plugins():
    good = [p for folder in ("good", "libcxx") for p in sorted((BUILD / "tests/plugins" / folder).glob("*.so"))]
    # The plugins that try every service hold the host to account: they refuse settings and hosts that are not their tests'.
    good = [p for p in good if not p.stem.startswith(("http", "services"))]
    good += [p for p in sorted((BUILD / "lib/gatehouse/plugins").glob("*.so"))
             if p.stem in ("shared_token", "ip_allow_list")]
    assert len(good) >= 9, good
    return good + [BREAKERS / f"{name}.so" for name in ("by-settings", "loop", "not-async", "says-it-stays")]


def good():
    for file in good_plugins():
        # The misbehaving plugin writes to whatever descriptor its settings name: not for random ones.
        fuzz = () if "blocking" in file.stem or file.stem == "never-unload" else ("--fuzz", "1", "--seed", "7")
        code, got = check(file, *fuzz)
        expect(f"{file.parent.name}/{file.name} is good", code == 0 and not got, got)


def loaded():
    for row in LOADED:
        bad(*row)


def settings_1():
    for row in BY_SETTINGS[::2]:
        bad(*row)


def settings_2():
    for row in BY_SETTINGS[1::2]:
        bad(*row)


def broken():
    for name, (rule, reason) in BROKEN.items():
        code, got = check(BUILD / f"tests/plugins/broken/{name}.so")
        expect(f"broken/{name} breaks {rule}", code == 1 and reason in got.get(rule, "(kept)"), got)
    # Random input finds what no other rule does, and finds it again.
    found = []
    for _ in range(2):
        code, got = check(BREAKERS / "by-settings.so", "--settings", '{"break": "random crash"}', "--fuzz", "20", "--seed",
                          "11", "--only", "random")
        found.append(got.get("random", "(kept)"))
    crashed = "SIGABRT" in found[0] or SANITIZED and "ended the process" in found[0]
    expect("random input crashes it, twice at the same request", crashed and found[0] == found[1], found)
    # A plugin that hangs is ended, and its rules say so.
    code, got = check(BREAKERS / "by-settings.so", "--settings", '{"break": "hang"}', "--only", "answers_once")
    expect("hang breaks answers_once", "by the deadline" in got.get("answers_once", ""), got)


def rules():
    """What the parts above break, by their tables, is every rule that there is."""
    broken_rules = {rule for row in LOADED + BY_SETTINGS for rule in row[2]} | {rule for rule, _ in BROKEN.values()}
    _, all_rules = report(BREAKERS / "by-settings.so", "--fuzz", "1", "--seed", "7")
    known = {r["rule"] for r in all_rules} - {"random"}  # `broken` has it
    expect("every rule has a plugin that breaks it", known and known <= broken_rules, known - broken_rules)
    expect("one job gives the report that many give", report(BREAKERS / "by-settings.so", "--jobs", "1") ==
           report(BREAKERS / "by-settings.so", "--jobs", "8"), "")


for part in PARTS:
    {f.__name__: f for f in (good, loaded, settings_1, settings_2, broken, rules)}[part]()
expect("nothing lies where the user is", not os.listdir(place.name), os.listdir(place.name))
print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
