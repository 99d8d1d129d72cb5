#!/usr/bin/env python3
"""The layout of gatehouse/abi.h as clang sees it, as a text that is kept and compared.

  layout.py write INCLUDE FOLDER     writes FOLDER/abi-VERSION.layout of the header in INCLUDE
  layout.py check INCLUDE FOLDER     the header is what FOLDER says, and keeps what every release in it promised
  layout.py compare OLD NEW          two such files: may a plugin built with OLD meet a host built with NEW?

While GH_ABI_DRAFT is defined nothing is promised yet: the file of that draft is what the header is, and whoever changes
the header writes it anew (and raises GH_ABI_DRAFT when a member moved or a meaning changed). From the first release on
fields are only appended, outside of old padding; FROZEN structs, functions and macros do not change.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# What says which header it is, and so may differ.
_VERSION_MACROS = {"GH_ABI_MINOR", "GH_ABI_DRAFT"}
# Numbers of one kind are told apart by their value.
_KINDS = ("GH_E_", "GH_T_", "GH_ROLE_", "GH_CAT_", "GH_API_", "GH_NEED_", "GH_F_", "GH_PATH_", "GH_LOG_", "GH_FETCH_",
          "GH_HASH_")


def clang():
    for name in ("clang", "clang-14"):
        if shutil.which(name):
            return name
    print("no clang here")
    sys.exit(77)


def run(*arguments, text=""):
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


class Layout:
    def __init__(self):
        self.structs = {}    # name -> (frozen, size, [(offset, type, field)])
        self.functions = {}  # name -> type
        self.macros = {}     # name (with parameters) -> text

    def version(self):
        number = {name: self.macros.get(name, "") for name in ("GH_ABI_MAJOR", "GH_ABI_MINOR", "GH_ABI_DRAFT")}
        draft = f"-draft{number['GH_ABI_DRAFT']}" if number["GH_ABI_DRAFT"] else ""
        return f"{number['GH_ABI_MAJOR']}.{number['GH_ABI_MINOR']}{draft}"

    @staticmethod
    def of_header(include):
        out = Layout()
        header = pathlib.Path(include) / "gatehouse/abi.h"
        source = header.read_text()
        declared = re.findall(r"typedef struct (gh_\w+) \{ ?(/\* FROZEN)?", source)
        base = [clang(), "-target", "x86_64-linux-gnu", "-std=c11", "-x", "c", f"-I{include}", "-Wno-everything"]
        uses = "#include <gatehouse/abi.h>\n" + "".join(f"enum {{ size_of_{n} = sizeof({n}) }};\n" for n, _ in declared)
        records = run(*base, "-Xclang", "-fdump-record-layouts", "-fsyntax-only", "-", text=uses)
        frozen = dict(declared)
        for block in records.split("*** Dumping AST Record Layout")[1:]:
            lines = [line for line in block.splitlines() if "|" in line]
            name = lines[0].split("|")[1].strip().removeprefix("struct ")
            if name not in frozen:
                continue
            fields = []
            for line in lines[1:]:
                field = re.match(r"\s*(\d+) \|   (\S.*) (\w+)$", line)  # deeper ones are members of members
                if field:
                    fields.append((int(field[1]), re.sub(r"\bstruct ", "", field[2]), field[3]))
            out.structs[name] = (bool(frozen[name]), int(re.search(r"sizeof=(\d+)", block)[1]), fields)
        missing = set(frozen) - set(out.structs)
        if missing:
            sys.exit(f"{header}: no layout of {', '.join(sorted(missing))}")
        plain = run(*base, "-E", "-P", "-", text="#include <gatehouse/abi.h>\n")
        for text in re.findall(r"typedef ([^;{}]*\(\s*\*\s*gh_\w+\s*\)[^;{}]*);", plain):
            name = re.search(r"\(\s*\*\s*(gh_\w+)\s*\)", text)[1]
            out.functions[name] = re.sub(r"\s+", " ", text.replace(name, "")).strip()
        for text in re.findall(r"([^;{}]*\bgatehouse_module_v\d+\s*\([^;{}]*\));", plain):
            out.functions[re.search(r"gatehouse_module_v\d+", text)[0]] = re.sub(r"\s+", " ", text).strip()
        for line in run(*base, "-E", "-dM", "-", text="#include <gatehouse/abi.h>\n").splitlines():
            macro = re.match(r"#define (GH_\w*[A-Z0-9]|GATEHOUSE_MANIFEST)\b(\([^)]*\))? ?(.*)$", line)
            if macro and macro[1] != "GATEHOUSE_ABI_H":
                out.macros[macro[1] + (macro[2] or "")] = macro[3]
        return out

    def text(self):
        lines = ["# The layout of gatehouse/abi.h on 64-bit machines, written by tests/abi/layout/layout.py: not by hand.",
                 f"abi {self.version()}"]
        for name, (frozen, size, fields) in sorted(self.structs.items()):
            lines.append(f"struct {name} {size}{' frozen' if frozen else ''}")
            lines += [f"  {offset} {kind} : {field}" for offset, kind, field in fields]
        lines += [f"function {name} : {kind}" for name, kind in sorted(self.functions.items())]
        lines += [f"macro {name} : {value}" for name, value in sorted(self.macros.items())]
        return "\n".join(lines) + "\n"

    @staticmethod
    def of_text(text):
        out = Layout()
        for line in text.splitlines():
            if line.startswith("struct "):
                _, name, size, *frozen = line.split()
                fields = []
                out.structs[name] = (bool(frozen), int(size), fields)
            elif line.startswith("  "):
                place, field = line.strip().rsplit(" : ", 1)
                offset, kind = place.split(" ", 1)
                fields.append((int(offset), kind, field))
            elif line.startswith(("function ", "macro ")):
                kind, rest = line.split(" ", 1)
                name, value = rest.split(" :", 1)
                (out.functions if kind == "function" else out.macros)[name] = value.removeprefix(" ")
        return out


def breaks(old, new):
    """What in `new` breaks who was built with `old`, a sentence each."""
    out = []
    for name, (frozen, size, fields) in old.structs.items():
        if name not in new.structs:
            out.append(f"{name} is gone")
            continue
        still_frozen, new_size, new_fields = new.structs[name]
        for was, now in zip(fields, new_fields):
            if was != now:
                out.append(f"{name}: `{was[1]} {was[2]}` at {was[0]} became `{now[1]} {now[2]}` at {now[0]}")
                break
        if len(new_fields) < len(fields):
            out.append(f"{name}: `{fields[len(new_fields)][2]}` is gone")
        if frozen and not still_frozen:
            out.append(f"{name} is not FROZEN any more")
        if frozen and (new_size != size or len(new_fields) != len(fields)):
            out.append(f"{name} is FROZEN and grew from {size} to {new_size} bytes")
        elif len(new_fields) > len(fields) and new_fields[len(fields)][0] < size:
            out.append(f"{name}: the new `{new_fields[len(fields)][2]}` lies in padding that the old size covers")
        elif new_size < size:
            out.append(f"{name} shrank from {size} to {new_size} bytes")
    for what, was, now in (("function", old.functions, new.functions), ("macro", old.macros, new.macros)):
        for name, value in was.items():
            if name in _VERSION_MACROS:
                continue
            if name not in now:
                out.append(f"{what} {name} is gone")
            elif now[name] != value:
                out.append(f"{what} {name}: `{value}` became `{now[name]}`")
    return out


def faults(layout):
    """What no header may do, a sentence each."""
    out = []
    for kind in _KINDS:
        seen = {}
        for name, value in layout.macros.items():
            if name.startswith(kind) and value in seen:
                out.append(f"{name} and {seen[value]} are both {value}")
            elif name.startswith(kind):
                seen[value] = name
    for name, (_, size, fields) in layout.structs.items():
        if fields[0][2] != "struct_size" and not layout.structs[name][0]:
            out.append(f"{name} may grow and does not begin with struct_size")
    return out


def check(include, folder):
    layout, folder = Layout.of_header(include), pathlib.Path(folder)
    file = folder / f"abi-{layout.version()}.layout"
    write = f"python3 {sys.argv[0]} write {include} {folder}"
    bad = faults(layout)
    if not file.exists():
        bad.append(f"there is no {file}: {write}")
    elif file.read_text() != layout.text():
        bad.append(f"the header is not what {file.name} says it is:")
        old = Layout.of_text(file.read_text())
        bad += [f"  {text}" for text in breaks(old, layout) or ["something was added"]]
        if "GH_ABI_DRAFT" in layout.macros:
            bad.append(f"raise GH_ABI_DRAFT if a member moved or a meaning changed, then: {write}")
        else:
            bad.append("this minor is released: add what is new to the next one (GH_ABI_MINOR)")
    if "GH_ABI_DRAFT" not in layout.macros:
        for other in sorted(folder.glob(f"abi-{layout.macros['GH_ABI_MAJOR']}.*.layout")):
            if "draft" not in other.name:
                bad += [f"{other.name}: {text}" for text in breaks(Layout.of_text(other.read_text()), layout)]
    return bad


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("write", "check", "compare"):
        sys.exit(__doc__)
    _, command, first, second = sys.argv
    if command == "write":
        layout = Layout.of_header(first)
        file = pathlib.Path(second) / f"abi-{layout.version()}.layout"
        file.write_text(layout.text())
        print(file)
        return
    bad = check(first, second) if command == "check" else breaks(
        *(Layout.of_text(pathlib.Path(name).read_text()) for name in (first, second)))
    for text in bad:
        print("FAILED:", text)
    if not bad:
        print("ok")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
