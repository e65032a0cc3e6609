import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.billing.rates import Charge, Rates, affordable_ms, charge, charge_after_crash, cost, milliseconds
from dragoman.core.errors import InvalidAmount
from dragoman.core.product import PRODUCTS

times = st.integers(0, 10**9)
rates = st.integers(1, 10**6)
tokens = st.integers(0, 2**53 - 1)


@pytest.mark.parametrize(
    ("metered_ms", "seconds"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2), (60_000, 60), (60_001, 61)]
)
def test_a_second_that_has_begun_is_billed(metered_ms, seconds):
    assert charge(metered_ms, 3, 10_000) == Charge(seconds, 3 * seconds)


@pytest.mark.parametrize(("metered_ms", "seconds"), [(0, 0), (999, 0), (1000, 1), (1999, 1)])
def test_after_a_crash_only_whole_seconds_are_billed(metered_ms, seconds):
    assert charge_after_crash(metered_ms, 3, 10_000) == Charge(seconds, 3 * seconds)


def test_the_last_second_costs_what_is_left():
    assert affordable_ms(7, 3) == 3000
    assert charge(3000, 3, 7) == Charge(3, 7)


def test_the_rate_of_each_product():
    each = Rates(live_speech=1, realtime=2, batch=3)
    assert [each.of(product) for product in PRODUCTS] == [1, 2, 3]


@pytest.mark.parametrize(
    ("seconds", "ms"), [(0.0, 0), (2.3, 2300), (60.0000001, 60_000), (60.0006, 60_001), (1e6 + 0.001, 1_000_000_001)]
)
def test_a_clocks_reading(seconds, ms):
    assert milliseconds(seconds) == ms


@given(times, rates, tokens)
def test_nobody_pays_more_than_is_held_or_than_it_costs(metered_ms, rate, held):
    billed = charge(metered_ms, rate, held)
    assert billed.tokens <= held
    assert billed.tokens <= cost(metered_ms, rate) == billed.seconds * rate
    assert billed.tokens == held or billed.tokens == billed.seconds * rate
    assert 0 <= billed.seconds * 1000 - metered_ms < 1000


@given(times, rates, tokens)
def test_a_crash_never_costs_more_than_an_end(metered_ms, rate, held):
    crashed, ended = charge_after_crash(metered_ms, rate, held), charge(metered_ms, rate, held)
    assert 0 <= ended.tokens - crashed.tokens <= rate
    assert crashed.seconds * 1000 <= metered_ms


@given(tokens, rates)
def test_what_is_held_lasts_until_it_is_used_up_and_not_a_second_longer(held, rate):
    lasts = affordable_ms(held, rate)
    assert charge(lasts, rate, held).tokens == held
    assert lasts == 0 or charge(lasts - 1000, rate, held).tokens < held


@given(times, times, rates, tokens)
def test_longer_never_costs_less(one, other, rate, held):
    short, long = sorted((one, other))
    assert charge(short, rate, held).tokens <= charge(long, rate, held).tokens


@given(times, tokens)
def test_what_is_free_lasts_for_ever(metered_ms, held):
    assert affordable_ms(held, 0) is None
    assert charge(metered_ms, 0, held).tokens == 0


@pytest.mark.parametrize("values", [(-1, 1, 1), (1.0, 1, 1), (True, 1, 1), (1, -1, 1), (1, 1, -1), ("1", 1, 1)])
def test_only_whole_numbers(values):
    with pytest.raises(InvalidAmount):
        charge(*values)
