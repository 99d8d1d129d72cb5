#!/usr/bin/env python3
"""Breaks the header in each way that the layout checker is there for, and sees that it says so; and that what the rules
allow passes. mutation_test.py INCLUDE"""
import pathlib
import re
import sys
import tempfile
import unittest

import layout

INCLUDE = pathlib.Path(sys.argv.pop())
# The pins in the header would stop some of these before the checker could; here it stands alone.
HEADER = re.sub(r"^GH_PIN_\(.*\n", "", (INCLUDE / "gatehouse/abi.h").read_text(), flags=re.M)
CLOCK_END = "  int64_t(GH_CALL* unix_ms)(const gh_host*);       /* [any] tests can freeze it */\n"


def mutated(*changes, header=HEADER):
    for old, new in changes:
        assert header.count(old) == 1, f"{header.count(old)} times in the header: {old}"
        header = header.replace(old, new)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "gatehouse").mkdir()
        (pathlib.Path(folder) / "gatehouse/abi.h").write_text(header)
        return layout.Layout.of_header(folder)


# name, what changes, what the checker says (None: nothing)
CASES = (
    ("nothing", (), None),
    ("two of one type are swapped", (("  gh_str account_id;\n  gh_str region;\n", "  gh_str region;\n  gh_str account_id;\n"),),
     "gh_request: `gh_str account_id` at 80 became `gh_str region` at 80"),
    ("one is inserted", (("  gh_str account_id;\n", "  gh_str tenant;\n  gh_str account_id;\n"),),
     "gh_request: `gh_str account_id` at 80 became `gh_str tenant` at 80"),
    ("one is removed", (("  gh_strs scopes; /* all of the token; items NULL: not known. Handed on where the route asks for scopes */\n", ""),), "gh_answer: `gh_strs scopes` at 216 became"),
    ("the last is removed", ((CLOCK_END, ""),), "gh_clock: `unix_ms` is gone"),
    ("a sign changes", (("  int32_t ttl_s; ", "  uint32_t ttl_s; "),), "gh_answer: `int32_t ttl_s` at 8 became `uint32_t ttl_s`"),
    ("a function of a struct changes", (("(GH_CALL* unix_ms)(const gh_host*)", "(GH_CALL* unix_ms)(const gh_host*, int32_t)"),),
     "gh_clock: "),
    ("a function type changes", (("gh_done_fn)(void* user, int32_t status,", "gh_done_fn)(void* user, int64_t status,"),),
     "function gh_done_fn: "),
    ("the entry changes", (("gatehouse_module_v1(void);", "gatehouse_module_v1(const void*);"),), "function gatehouse_module_v1: "),
    ("a name changes", (("  gh_str authority; ", "  gh_str host; "),), "gh_request: `gh_str authority`"),
    ("a frozen one grows", (("  gh_str key;\n  gh_str val;\n} gh_kv;", "  gh_str key;\n  gh_str val;\n  gh_str more;\n} gh_kv;"),),
     "gh_kv is FROZEN and grew from 32 to 48 bytes"),
    ("one thaws", (("typedef struct gh_strs { /* FROZEN */", "typedef struct gh_strs {"),), "gh_strs is not FROZEN any more"),
    ("a number changes", (("#define GH_DENY 2u", "#define GH_DENY 6u"),), "macro GH_DENY: `2u` became `6u`"),
    ("a sign of a number changes", (("#define GH_E_GONE (-5)", "#define GH_E_GONE 5"),), "macro GH_E_GONE: "),
    ("an id changes", (('GH_SVC_LOG "gatehouse.log/1"', 'GH_SVC_LOG "gatehouse.log/2"'),), "macro GH_SVC_LOG: "),
    ("a macro is removed", (("#define GH_ROLE_ENDPOINT 5u\n", ""),), "macro GH_ROLE_ENDPOINT is gone"),
    ("a struct is removed", (("typedef struct gh_vals {", "typedef struct gh_values {"), ("} gh_vals;", "} gh_values;\n#define gh_vals gh_values")),
     "gh_vals is gone"),
    ("what is appended is allowed", ((CLOCK_END, CLOCK_END + "  int64_t(GH_CALL* boot_ms)(const gh_host*);\n"),), None),
    ("a new number is allowed", (("#define GH_T_JSON 4u", "#define GH_T_TIME 5u\n#define GH_T_JSON 4u"),), None),
    ("a new struct is allowed", (("#define GH_SVC_CLOCK", "typedef struct gh_new {\n  uint32_t struct_size;\n} gh_new;\n#define GH_SVC_CLOCK"),), None),
    ("a new minor is allowed", (("#define GH_ABI_MINOR 0", "#define GH_ABI_MINOR 1"),), None),
)


class Mutations(unittest.TestCase):
    def test_each_break_is_told(self):
        old = mutated()
        for name, changes, says in CASES:
            with self.subTest(name):
                # Through its text, as the kept file is read.
                said = layout.breaks(layout.Layout.of_text(old.text()), mutated(*changes))
                if says is None:
                    self.assertEqual(said, [])
                else:
                    self.assertTrue(any(text.startswith(says) for text in said), said)

    def test_old_padding_is_not_room_for_new_fields(self):
        narrow = CLOCK_END + "  uint32_t narrow;\n"
        old = mutated((CLOCK_END, narrow))  # 4 bytes of padding behind it
        new = mutated((CLOCK_END, narrow + "  uint32_t more;\n"))
        self.assertEqual(layout.breaks(old, new), ["gh_clock: the new `more` lies in padding that the old size covers"])

    def test_a_number_is_not_used_twice(self):
        said = layout.faults(mutated(("#define GH_T_JSON 4u", "#define GH_T_JSON 3u")))
        self.assertEqual(len(said), 1, said)
        self.assertIn("both 3u", said[0])

    def test_what_may_grow_begins_with_its_size(self):
        said = layout.faults(mutated(("typedef struct gh_vals { /* FROZEN */", "typedef struct gh_vals {")))
        self.assertEqual(said, ["gh_vals may grow and does not begin with struct_size"])

    def test_the_file_and_the_header_disagree(self):
        with tempfile.TemporaryDirectory() as folder:
            kept = pathlib.Path(folder)
            self.assertIn("there is no ", layout.check(INCLUDE, kept)[0])
            current = layout.Layout.of_header(INCLUDE)
            file = kept / f"abi-{current.version()}.layout"
            file.write_text(current.text())
            self.assertEqual(layout.check(INCLUDE, kept), [])
            file.write_text(current.text().replace("macro GH_DENY : 2u", "macro GH_DENY : 7u"))
            self.assertIn("GH_DENY: `7u` became `2u`", "\n".join(layout.check(INCLUDE, kept)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
