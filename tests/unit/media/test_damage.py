"""What is told about a broken file."""

from dragoman.media.damage import LONGEST_RUN, Damage


def damaged(pieces: str) -> Damage:
    """One letter per second of sound: ``x`` damaged, ``.`` good."""
    damage = Damage()
    for second, piece in enumerate(pieces):
        if piece == "x":
            damage.add(float(second))
        else:
            damage.piece_decoded()
    return damage


def test_a_whole_file_gives_no_warning():
    assert damaged("....").warnings(4.0, 4.0) == ()
    assert damaged("....").warnings(3.6, 4.0) == ()
    assert damaged("....").warnings(4.0, None) == ()


def test_damage_in_the_middle_names_its_number_and_its_first_second():
    assert damaged("..xx..x.").warnings(8.0, 8.0) == ("damaged pieces were passed over: 3, the first at 2.0 s",)


def test_a_broken_tail_names_the_second():
    assert damaged("....xx").warnings(4.0, 6.0) == ("the file is broken from 4.0 s on; what came before was decoded",)


def test_a_tail_without_any_damage_was_cut():
    assert damaged("....").warnings(4.0, 9.0) == ("the sound ends at 4.0 s of 9.0 s: it was cut short",)


def test_sound_that_is_missing_after_damage_in_the_middle_was_lost():
    assert damaged(".x..").warnings(3.0, 4.0) == (
        "damaged pieces were passed over: 1, the first at 1.0 s",
        "the sound ends at 3.0 s of 4.0 s: 1.0 s were lost",
    )


def test_rubbish_behind_the_sound_is_no_damage_to_it():
    assert damaged("....x").warnings(4.0, 4.0) == ()


def test_it_is_hopeless_after_a_long_run_only():
    assert not damaged("x." * LONGEST_RUN).hopeless
    assert damaged("." + "x" * LONGEST_RUN).hopeless
