"""Small modules, small functions, the words of the field."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

MODULE_LINES = 500
MEDIAN_MODULE_LINES = 150
FUNCTION_LINES = 60

UNFINISHED = re.compile(r"\b(TODO|FIXME|HACK|XXX)\b")
EMPTY_WORDS = re.compile(r"(Manager|Service|Helper|Handler|Processor|Util|Utils)$")


def line_counts(modules: list[Path]) -> dict[Path, int]:
    return {path: path.read_text().count("\n") for path in modules}


def definitions(modules: list[Path], *kinds: type[ast.stmt]) -> Iterator[tuple[Path, ast.stmt]]:
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, kinds):
                yield path, node


def test_no_module_hides_a_second_one(modules):
    assert {path.name: lines for path, lines in line_counts(modules).items() if lines > MODULE_LINES} == {}


def test_modules_are_small(modules):
    assert median(line_counts(modules).values()) <= MEDIAN_MODULE_LINES


def test_functions_fit_on_a_screen(modules):
    functions = definitions(modules, ast.FunctionDef, ast.AsyncFunctionDef)
    # From the body on: the signature of a command is the list of its options with their help.
    lengths = {f"{path.name} {node.name}": node.end_lineno - node.body[0].lineno + 1 for path, node in functions}
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_nothing_is_left_unfinished(modules):
    assert [path.name for path in modules if UNFINISHED.search(path.read_text())] == []


def test_names_say_what_a_thing_is(modules):
    classes = [node.name for _, node in definitions(modules, ast.ClassDef) if EMPTY_WORDS.search(node.name)]
    assert classes == []
    assert [path.name for path in modules if EMPTY_WORDS.search(path.stem.title())] == []
