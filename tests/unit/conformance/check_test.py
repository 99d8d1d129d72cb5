"""check_test.py GATEHOUSE BUILD PART...: `gatehouse plugin check` passes every good plugin (`good`), also those that ask servers
(`fetches`), and each rule has plugins that break it (`loaded`, `settings_1` to `settings_3`, `broken`): that rule fails, with
the reason named here, and no rule fails that is not named. `rules`: no rule is without."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

GATEHOUSE, BUILD, PARTS = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), sys.argv[3:]
BREAKERS = BUILD / "tests/plugins/breakers"
PLUGINS = pathlib.Path(__file__).resolve().parents[3] / "plugins"
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
    ("by-settings", "wait for its own", {"threads_agree": "by the deadline"}, ("stop_pays",)),
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


def whole(file, *more):
    done = subprocess.run([GATEHOUSE, "plugin", "check", "--json", "--timeout", "20", *more, file], cwd=place.name,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode not in (0, 1, 2) or not done.stdout:
        return done.returncode, {"rules": [{"rule": "-", "result": "failed", "text": f"no report: {done.stderr}"}]}
    return done.returncode, json.loads(done.stdout)["files"][0]


def report(file, *more):
    code, done = whole(file, *more)
    return code, done["rules"]


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
    good += sorted((BUILD / "lib/gatehouse/plugins").glob("*.so"))
    assert len(good) >= 14, good
    return good + [BREAKERS / f"{name}.so" for name in ("by-settings", "loop", "not-async", "says-it-stays")]


def options_of(file):
    """What belongs to a plugin: the settings and replies that lie beside a plugin's source."""
    if file.stem.startswith("services"):
        return "--settings", '{"do": "timer", "granted": true}'
    if file.stem.startswith("http"):
        return "--settings", '{"url": "https://www.example.com/keys"}'
    return [word for home in (PLUGINS, PLUGINS / "examples") for option in ("settings", "http")
            if (sample := home / file.stem / f"{option}.json").exists() for word in (f"--{option}", sample)]


def good():
    for file in good_plugins():
        # These write to whatever descriptor their settings name: not for random ones.
        own = ("blocking", "never-unload", "services", "http")
        fuzz = () if any(word in file.stem for word in own) else ("--fuzz", "1", "--seed", "7")
        code, got = check(file, *options_of(file), *fuzz)
        expect(f"{file.parent.name}/{file.name} is good", code == 0 and not got, got)


def fetches():
    discovery, who = BREAKERS / "discovery.so", "https://idp.example.com/who"

    def run(*more):
        code, done = whole(discovery, *more)
        return code, {r["rule"]: r for r in done["rules"]}, done["fetches"]

    code, got, asked = run()
    lost = {rule: r["text"] for rule, r in got.items() if r["result"] == "not_run"}
    expect("without a reply nothing fails, and rules are not run", code == 2 and
           all(r["result"] in ("passed", "not_run") for r in got.values()) and
           {"starts", "answers_once", "instances", "hostile_bytes"} <= set(lost), (code, got))
    expect("what to give is said", all("--http" in text and who in text for text in lost.values()), lost)
    expect("the fetch is told", asked == [{"method": "GET", "url": who, "answer": "connect, for want of a reply"}], asked)
    for error in ("dns", "address_refused", "connect", "tls", "timeout", "too_large"):
        code, got, asked = run("--only", "starts", "--http", json.dumps([{"url": who, "error": error}]))
        expect(f"a scripted `{error}` is no fault of the plugin", code == 2 and got["starts"]["result"] == "not_run" and
               asked[0]["answer"] == error, (got, asked))
    code, got, asked = run("--only", "starts", "--http", json.dumps([{"url": who, "status": 503}]))
    expect("a scripted 503 is none, either", code == 2 and got["starts"]["result"] == "not_run", (got, asked))
    reply = [{"method": "POST", "url": "*", "status": 500},
             {"method": "GET", "url": who, "status": 200, "headers": {"a": ["1", "2"]}, "body": "someone"}]
    code, got, asked = run("--fuzz", "1", "--http", json.dumps(reply))
    expect("with its reply it keeps all rules", code == 0 and all(r["result"] == "passed" for r in got.values()), got)
    expect("the reply is told", asked == [{"method": "GET", "url": who, "answer": "200"}], asked)
    # The flag for plain http is the plugin's to set; what it asks without is refused by every gateway.
    code, done = whole(BUILD / "tests/plugins/good/http.so", "--only", "answers_once", "--settings",
                       '{"url": "http://www.example.com/"}', "--http", '[{"url": "*", "status": 200}]')
    expect("plain http without the flag is refused", code == 0 and "refused" in done["fetches"][0]["answer"], done)
    for script, word in (("[", "byte"), ("{}", "no list"), ("[1]", "no object"), ('[{"status": 200}]', "`url` is missing"),
                         ('[{"url": "*"}]', "neither"), ('[{"url": "*", "status": 99}]', "200 to 599"),
                         ('[{"url": "*", "error": "moon"}]', "unknown error"), ("no-such-file", "no file"),
                         ('[{"url": "*", "status": 200, "error": "dns"}]', "no response"),
                         ('[{"url": "*", "status": 200, "headers": {"a": 1}}]', "no text"),
                         ('[{"url": "*", "status": 200, "colour": 1}]', "`colour`")):
        done = subprocess.run([GATEHOUSE, "plugin", "check", "--http", script, discovery], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=60)
        expect(f"--http {script} is refused", done.returncode == 2 and word in done.stderr, done.stderr)


def loaded():
    for row in LOADED:
        bad(*row)


def settings_1():
    for row in BY_SETTINGS[::3]:
        bad(*row)


def settings_2():
    for row in BY_SETTINGS[1::3]:
        bad(*row)


def settings_3():
    for row in BY_SETTINGS[2::3]:
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
    {f.__name__: f for f in (good, fetches, loaded, settings_1, settings_2, settings_3, broken, rules)}[part]()
expect("nothing lies where the user is", not os.listdir(place.name), os.listdir(place.name))
print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
