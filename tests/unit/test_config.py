import re
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.billing.rates import Rates
from dragoman.config import all_settings, duration, load_settings
from dragoman.core.errors import InvalidSetting

DOCUMENT = Path(__file__).parents[2] / "docs/configuration.md"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    """A data folder of its own, and none of the variables of whoever runs the tests."""
    for setting in all_settings():
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.delenv("DRAGOMAN_CONFIG", raising=False)
    monkeypatch.setenv("DRAGOMAN_DATA_DIR", str(tmp_path))
    return tmp_path


def shown(default):
    """A default as the document writes it."""
    match default:
        case None | () | "":
            return "none"
        case bool():
            return f"`{str(default).lower()}`"
        case tuple():
            return f"`{','.join(default)}`"
        case timedelta():
            seconds = int(default.total_seconds())
            units = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
            unit = next(unit for unit, size in units.items() if seconds % size == 0)
            return f"`{seconds // units[unit]}{unit}`"
        case _:
            return f"`{default}`"


def described(setting):
    built_in = "`never`" if setting.name == "keys.expires" else shown(setting.default)
    return (
        f"### `{setting.name}`\n\n"
        f"- Environment: `{setting.variable}`\n"
        f"- Allowed: {setting.allowed}\n"
        f"- Built in: {built_in}\n\n"
        f"{textwrap.fill(setting.meaning, 120, break_on_hyphens=False, break_long_words=False)}\n"
    )


def test_the_document_lists_every_setting_as_it_is():
    listed = re.search(r"keeps this list equal to the code\.\n\n(.*?)\n## ", DOCUMENT.read_text(), re.DOTALL).group(1)
    assert listed == "\n".join(described(setting) for setting in all_settings())


def test_what_is_built_in(folder):
    settings = load_settings()
    assert settings.data_dir == folder
    assert settings.database == f"sqlite:///{folder}/dragoman.db"
    assert settings.rates.rates() == Rates()
    assert settings.keys.expires is None
    assert settings.secret is None


def test_what_wins(folder, monkeypatch, tmp_path_factory):
    (folder / "dragoman.toml").write_text(
        "[rates]\nbatch = 2\nrealtime = 2\n[keys]\nexpires = '90d'\nscopes = ['batch']"
    )
    monkeypatch.setenv("DRAGOMAN_RATES_REALTIME", "3")
    settings = load_settings()
    assert settings.rates.rates() == Rates(live_speech=1, realtime=3, batch=2)
    assert (settings.keys.expires, settings.keys.scopes) == (timedelta(days=90), ("batch",))
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert load_settings(data_dir=elsewhere).rates.batch == 1
    assert load_settings(data_dir=elsewhere, config=folder / "dragoman.toml").rates.batch == 2
    monkeypatch.setenv("DRAGOMAN_CONFIG", str(folder / "dragoman.toml"))
    assert load_settings(data_dir=elsewhere).rates.batch == 2


def test_the_environment(monkeypatch):
    for name, value in {
        "DATA_DIR": "~/speech",
        "DATABASE_URL": "postgresql://me:hush@host/name",
        "SECRET": "s" * 32,
        "KEYS_EXPIRES": "12h",
        "KEYS_SCOPES": "batch, admin",
        "RATES_BATCH": "",
    }.items():
        monkeypatch.setenv(f"DRAGOMAN_{name}", value)
    settings = load_settings()
    assert settings.data_dir == Path.home() / "speech"
    assert settings.database == "postgresql://me:hush@host/name"
    assert settings.secret.get_secret_value() == "s" * 32
    assert (settings.keys.expires, settings.keys.scopes) == (timedelta(hours=12), ("admin", "batch"))
    assert settings.rates.batch == 1
    assert "hush" not in repr(settings)
    assert "sss" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RATES_BATCH", "-1", r"rates\.batch \(DRAGOMAN_RATES_BATCH\) is '-1'.*0 to 1000000"),
        ("RATES_BATCH", "1.5", r"rates\.batch .* is '1\.5'"),
        ("RATES_BATCH", "many", r"rates\.batch .* is 'many'"),
        ("RATES_COOKING", "1", r"no setting rates\.cooking\. Settings are data_dir"),
        ("RATES", "1", r"rates is a table.*rates\.live_speech"),
        ("KEYS_EXPIRES", "soon", r"keys\.expires .* is 'soon'.*never"),
        ("KEYS_SCOPES", "cooking", r"keys\.scopes .* is 'cooking'.*live_speech"),
        ("SECRET", "hush", r"secret .* too short.*32 characters"),
    ],
)
def test_wrong_values_in_the_environment(monkeypatch, variable, value, said):
    monkeypatch.setenv(f"DRAGOMAN_{variable}", value)
    with pytest.raises(InvalidSetting, match=said) as error:
        load_settings()
    assert "\n" not in str(error.value)
    assert "hush" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("colour = 1", "no setting colour"),
        ("[rates]\ncooking = 1", r"no setting rates\.cooking"),
        ("[rates]\nbatch = true", r"rates\.batch .* is True"),
        ("[rates]\nbatch = 1.5", r"rates\.batch .* is 1\.5"),
        ("rates = 1", "rates is a table"),
        ("[database_url]\nx = 1", r"database_url .* is \{'x': 1\}"),
        ("a = = 1", r"not TOML.*line 1"),
        ("secret = 12", "secret .* is too short or no text"),
    ],
)
def test_wrong_values_in_the_file(folder, content, said):
    (folder / "dragoman.toml").write_text(content)
    with pytest.raises(InvalidSetting, match=said):
        load_settings()


def test_files_that_cannot_be_read(folder):
    with pytest.raises(InvalidSetting, match="does not exist"):
        load_settings(config=folder / "missing.toml")
    (folder / "dragoman.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidSetting, match="not TOML"):
        load_settings()
    (folder / "dragoman.toml").unlink()
    (folder / "dragoman.toml").mkdir()
    with pytest.raises(InvalidSetting, match="cannot be read"):
        load_settings()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        ("never", None),
    ],
)
def test_durations(text, value):
    assert duration(text) == value


@given(st.text())
def test_any_text_is_a_duration_or_a_value_error(text):
    try:
        value = duration(text)
    except ValueError:
        return
    assert value is None or value > timedelta(0)
