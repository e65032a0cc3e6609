from dragoman.cli.exit_codes import BROKEN_PIPE, EXIT_CODES, INTERNAL_ERROR, SIGNAL, SUCCESS, USAGE
from dragoman.core.errors import InternalError, InvalidOption, error_kinds

CODES = {kind.code for kind in error_kinds()} - {InternalError.code}


def test_every_error_has_an_exit_code_and_every_exit_code_an_error():
    assert set(EXIT_CODES) == CODES


def test_exit_codes_are_distinct():
    others = [SUCCESS, INTERNAL_ERROR, BROKEN_PIPE, SIGNAL + 2, SIGNAL + 15]
    numbers = [*EXIT_CODES.values(), *others]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= number < 256 for number in numbers)


def test_a_wrong_option_is_a_usage_error():
    assert EXIT_CODES[InvalidOption.code] == USAGE
