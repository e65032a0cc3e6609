"""Each thing that breaks clients when it is got wrong has a test that bears its number.

The numbers are those of section 0 in shared/protocols/speechmatics.md.
"""

import re

POINTS = set(range(1, 41))


def test_every_point_has_a_test(root):
    tests = "\n".join(path.read_text() for path in (root / "tests").rglob("test_*.py"))
    found = {int(number) for number in re.findall(r"def test_point_(\d\d)_", tests)}
    assert POINTS - found == set()
