"""The frame of a story: unittest, with a whole-file skip that ctest sees and a failure that cannot be overlooked."""
import sys
import unittest


class Story(unittest.TestCase):
    maxDiff = None

    def assert_answer(self, response, status, body, headers=None):
        """`body`: bytes exactly, or a value compared with the parsed JSON (AWS's own spacing varies, spec section 6)."""
        self.assertEqual((response.status, response.body if isinstance(body, bytes) else response.json()), (status, body))
        if not isinstance(body, bytes):
            self.assertEqual(response.header("Content-Type"), "application/json")
        for name, value in (headers or {}).items():
            self.assertEqual(response.header(name), value, name)


def tell(story):
    """Runs the file. A file whose every test was skipped says so, for ctest's SKIP_REGULAR_EXPRESSION."""
    program = unittest.main(module=story, exit=False, verbosity=2)
    result = program.result
    # A class that skips as it is set up counts as a skip without a test.
    ran = result.testsRun - sum(isinstance(test, unittest.TestCase) for test, _ in result.skipped)
    if result.wasSuccessful() and result.skipped and not ran:
        print("SKIPPED WHOLE:", "; ".join(dict.fromkeys(reason for _, reason in result.skipped)))
    sys.exit(0 if result.wasSuccessful() and (ran or result.skipped) else 1)
