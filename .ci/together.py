#!/usr/bin/env python3
"""Sources that are compiled together, several in one translation unit: most of a compiler's time goes into the headers
that every source brings along, and sources of one target with the same flags share them.

together.py units BUILD JOBS OUT                       <sources, NUL-separated: the file that includes each and those it is
                                                        compiled with, for CMake's GATEHOUSE_UNITS
together.py tidy BUILD JOBS [clang-tidy argument...]   <sources: clang-tidy over them; not for the analyzer, which looks into
                                                        the main file's functions only

A unit begins with the headers of ours that any of its sources includes: read behind the first source, a header would take
names of that one's anonymous namespace for those it means, and lay its types out differently. Two that do not compile together
(a name of an anonymous namespace in both) go into different units, in the end each by itself, so nothing is left out. What fits is found by clang with the flags of BUILD's compile_commands.json, and kept in
BUILD/together for the next who asks for the same sources with the same contents.
"""
import collections
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

MOST_TOGETHER = 24
HEADERS = "--header-filter=/(core|plugins|plugin-sdk)/.*\\.[ch]pp$"


def headers_of(source, folders):
    """The headers of ours that it includes, as whole paths."""
    with open(source, encoding="utf-8") as file:
        named = re.findall(r'^#include ["<]([^">]+)[">]', file.read(), re.MULTILINE)
    for name in named:
        for folder in (os.path.dirname(source), *folders):
            path = os.path.normpath(os.path.join(folder, name))
            if os.path.exists(path):
                yield path
                break


def headers_first(sources, flags):
    folders = [flag[2:] for flag in flags if flag.startswith("-I")]
    return sorted({header for source in sources for header in headers_of(source, folders)})


class Unit:
    def __init__(self, folder, directory, flags, sources):
        self.directory, self.flags, self.sources = directory, flags, sources
        self.path = sources[0]
        if len(sources) > 1:
            self.path = os.path.join(folder, f"{sources[0].replace('/', '_')}.{len(sources)}.cpp")
            text = "".join([f'#include "{header}"\n' for header in headers_first(sources, flags)] +
                           [f'#include "{source}"  // NOLINT(bugprone-suspicious-include)\n' for source in sources])
            if not os.path.exists(self.path) or pathlib.Path(self.path).read_text(encoding="utf-8") != text:
                pathlib.Path(self.path).write_text(text, encoding="utf-8")  # else as old as it was: builds go by that

    def run(self, *command):
        return subprocess.run([*command], cwd=self.directory, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def misfits(self):
        """The sources that do not compile with the others; none when all compile."""
        said = self.run(*self.flags, "-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics", self.path)
        if said.returncode == 0:
            return []
        named, includer, in_header = set(), "", False
        for line in said.stderr.splitlines():
            for path in re.findall(r"(/[^\s:]+\.cpp):\d+", line):
                includer = path if path in self.sources else includer
            if ": error: " in line or ": fatal error: " in line:
                in_header = not line.startswith(includer + ":")
                named.add(includer)
            elif ": note: " in line and in_header and line.startswith(includer + ":"):
                named.add(includer)  # what a header collides with: every later source that includes it would, too
        # The first of all needs no other: it stays, unless it is what the others collide with.
        misfits = [source for source in self.sources if source in named]
        if misfits in ([], self.sources[:1], self.sources):
            misfits = self.sources[1:]
        return misfits


def units_of(folder, directory, flags, sources):
    """Divides the sources into units that compile."""
    while sources:
        taken, later = sources[:MOST_TOGETHER], sources[MOST_TOGETHER:]
        while len(taken) > 1:
            misfits = Unit(folder, directory, flags, taken).misfits()
            if not misfits:
                break
            taken = [one for one in taken if one not in misfits]
            later = misfits + later
        yield Unit(folder, directory, flags, taken)
        sources = later


def flags_of(entry):
    """The compiler's command line without the source and the object."""
    words = entry["arguments"] if "arguments" in entry else shlex.split(entry["command"])
    kept, skip = [], False
    for word in words:
        if skip or word in ("-o", "-c"):
            skip = word == "-o"
            continue
        if word != entry["file"]:
            kept.append(word)
    return tuple(kept)


def key_of(directory, flags, sources):
    """What a division depends on, but for the headers: of those, one run of CI sees one state."""
    digest = hashlib.sha256(json.dumps([directory, flags]).encode())
    for source in sources:
        with open(source, "rb") as file:
            digest.update(source.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return digest.hexdigest()


def divide(folder, group):
    """The units of one group of sources; from the last division where nothing changed."""
    (directory, flags, _), sources = group
    kept = os.path.join(folder, key_of(directory, flags, sources) + ".json")
    if os.path.exists(kept):
        with open(kept, encoding="utf-8") as file:
            return [Unit(folder, directory, flags, unit) for unit in json.load(file)]
    units = list(units_of(folder, directory, flags, sources))
    with open(kept + ".new", "w", encoding="utf-8") as file:
        json.dump([unit.sources for unit in units], file)
    os.replace(kept + ".new", kept)
    return units


def main():
    what, build, jobs, arguments = sys.argv[1], os.path.abspath(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    wanted = [os.path.abspath(name) for name in sys.stdin.read().split("\0") if name]
    folder = os.path.join(build, "together")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {}
        for entry in json.load(file):
            entries.setdefault(entry["file"], entry)  # one that several targets compile is looked at once
    groups = collections.defaultdict(list)
    for source in wanted:
        if source not in entries and what == "units":
            continue
        entry = entries[source]
        # The folder as well: what is one room's or plugin's shares most headers.
        groups[entry["directory"], flags_of(entry), os.path.dirname(source)].append(source)

    def check(unit):
        said = unit.run("clang-tidy-14", "--quiet", "--warnings-as-errors=*", HEADERS, *arguments, unit.path, "--", *unit.flags[1:])
        sys.stdout.write(said.stdout)
        sys.stdout.flush()
        return said.returncode == 0

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = pool.map(lambda group: divide(folder, group), groups.items())
        # Largest first, so that none is waited for at the end.
        units = sorted((unit for part in parts for unit in part), key=lambda unit: -len(unit.sources))
        print(f"{sum(len(unit.sources) for unit in units)} sources in {len(units)} units", flush=True)
        if what == "units":
            with open(arguments[0], "w", encoding="utf-8") as file:
                for unit in units:
                    if len(unit.sources) > 1:
                        file.writelines(f'set("GATEHOUSE_UNIT_OF_{source}" "{unit.path}")\n' for source in unit.sources)
            return 0
        seen = sum(len(unit.sources) for unit in units)
        return 0 if all(list(pool.map(check, units))) and seen == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
