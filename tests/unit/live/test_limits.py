from dragoman.live.limits import LiveLimits


def test_limits_that_depend_on_each_other_do_not_contradict():
    limits = LiveLimits()
    assert limits.heartbeat * 3 < limits.abandoned  # a late heartbeat or two is no death
    assert limits.stall + limits.drain < limits.idle
    assert limits.drain < limits.abandoned
    assert limits.block > limits.heartbeat
