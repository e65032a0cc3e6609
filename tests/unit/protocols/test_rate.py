from dragoman.protocols.rate import ConnectionRate


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_minutes_worth_at_once_then_a_steady_rate():
    clock = Clock()
    rate = ConnectionRate(6, clock)
    assert [rate.take("a") for _ in range(8)] == [True] * 6 + [False] * 2
    clock.now = 9.9
    assert not rate.take("a")
    clock.now = 10.0
    assert [rate.take("a"), rate.take("a")] == [True, False]


def test_an_address_that_is_refused_is_let_in_again_at_the_rate():
    clock = Clock()
    rate = ConnectionRate(60, clock)
    taken = 0
    for tenth in range(600):
        clock.now = tenth / 10
        taken += rate.take("a")
    assert 118 <= taken <= 120


def test_one_address_does_not_use_up_anothers():
    rate = ConnectionRate(1, Clock())
    assert rate.take("a")
    assert not rate.take("a")
    assert rate.take("b")


def test_a_crowd_does_not_fill_the_memory():
    rate = ConnectionRate(1, Clock())
    for number in range(20_000):
        rate.take(str(number))
    assert len(rate._buckets) == 10_000
