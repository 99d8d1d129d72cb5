#!/usr/bin/env python3
"""clang-tidy over many sources, several at a time in one translation unit.

tidy_together.py BUILD JOBS [clang-tidy argument...] <sources, NUL-separated

Most of clang-tidy's time goes into the headers, which every source brings along; sources of one target with the same flags
share them here. Two that do not compile together (a name of an anonymous namespace in both) go into different units, in
the end each by itself, so nothing is left out. Not for the analyzer: it looks into the main file's functions only.
"""
import collections
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

MOST_TOGETHER = 24
HEADERS = "--header-filter=/(core|plugins|plugin-sdk)/.*\\.[ch]pp$"


class Unit:
    def __init__(self, folder, directory, flags, sources):
        self.directory, self.flags, self.sources = directory, flags, sources
        self.path = sources[0]
        if len(sources) > 1:
            self.path = os.path.join(folder, f"{sources[0].replace('/', '_')}.{len(sources)}.cpp")
            with open(self.path, "w", encoding="utf-8") as file:
                file.writelines(f'#include "{source}"  // NOLINT(bugprone-suspicious-include)\n' for source in sources)

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


def main():
    build, jobs, arguments = os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    wanted = [os.path.abspath(name) for name in sys.stdin.read().split("\0") if name]
    folder = os.path.join(build, "together")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        entries = {}
        for entry in json.load(file):
            entries.setdefault(entry["file"], entry)  # one that several targets compile is looked at once
    groups = collections.defaultdict(list)
    for source in wanted:
        entry = entries[source]
        # The folder as well: what is one room's or plugin's shares most headers.
        groups[entry["directory"], flags_of(entry), os.path.dirname(source)].append(source)

    def check(unit):
        said = unit.run("clang-tidy-14", "--quiet", "--warnings-as-errors=*", HEADERS, *arguments, unit.path, "--", *unit.flags[1:])
        sys.stdout.write(said.stdout)
        sys.stdout.flush()
        return said.returncode == 0

    # Largest first, so that none is waited for at the end.
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = pool.map(lambda group: list(units_of(folder, group[0][0], group[0][1], group[1])), groups.items())
        units = sorted((unit for part in parts for unit in part), key=lambda unit: -len(unit.sources))
        print(f"{len(wanted)} sources in {len(units)} units", flush=True)
        seen = sum(len(unit.sources) for unit in units)
        return 0 if all(list(pool.map(check, units))) and seen == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
