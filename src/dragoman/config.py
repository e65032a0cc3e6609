"""Settings: the only reader of the environment and of the configuration file.

What is given on the command line wins over the environment, the environment over the file, the file over what is
built in. docs/configuration.md lists all of them, and a test compares it with this.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from dragoman.accounts.scopes import DEFAULT_SCOPES, SCOPES, scopes_from
from dragoman.billing.rates import Rates
from dragoman.core.errors import DragomanError, InvalidSetting
from dragoman.jobs.limits import BatchLimits
from dragoman.live.limits import LiveLimits
from dragoman.storage.database import parse_url

_PREFIX: Final = "DRAGOMAN_"
_FILE_NAME: Final = "dragoman.toml"
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_RATE: Final = "whole tokens per second, 0 to 1000000; 0 is free"


def duration(text: str) -> timedelta | None:
    """``90s``, ``15m``, ``12h``, ``30d``; None for ``never``. Raises :class:`ValueError`."""
    if text == "never":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", text, re.ASCII)
    if match is None:
        raise ValueError(f"{text!r} is not a time such as 12h or 30d")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _no_bool(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")  # noqa: TRY004  pydantic reports ValueErrors only
    return value


def _duration(value: Any) -> Any:
    return duration(value) if isinstance(value, str) else value


def _listed(value: Any) -> Any:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _scopes(names: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(sorted(scopes_from(names)))
    except DragomanError as error:
        raise ValueError(error.message) from error


def _setting(default: Any, meaning: str, allowed: str, **more: Any) -> Any:
    return Field(default, description=meaning, json_schema_extra={"allowed": allowed}, **more)


_Rate = Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=1_000_000)]


class RateSettings(BaseModel):
    """What each product costs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    live_speech: _Rate = _setting(1, "Price of live speech to speech.", _RATE)
    realtime: _Rate = _setting(1, "Price of the realtime protocol.", _RATE)
    batch: _Rate = _setting(1, "Price of recordings, per second of decoded audio.", _RATE)

    def rates(self) -> Rates:
        return Rates(live_speech=self.live_speech, realtime=self.realtime, batch=self.batch)


class KeySettings(BaseModel):
    """What an API key is like when nothing else is said where it is made."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expires: Annotated[timedelta | None, BeforeValidator(_duration)] = _setting(
        None, "How long a new API key is good for.", "`never`, or a number with `s`, `m`, `h` or `d`, such as `90d`"
    )
    scopes: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_scopes)] = _setting(
        tuple(sorted(DEFAULT_SCOPES)),
        "What a new API key allows.",
        f"one or more of {', '.join(f'`{scope}`' for scope in SCOPES)}, separated by commas; a list in the file",
    )


class ServerSettings(BaseModel):
    """How ``dragoman serve`` is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = _setting("127.0.0.1", "Address to listen on.", "an address of this machine; `0.0.0.0` is all of them")
    port: Annotated[int, BeforeValidator(_no_bool), Field(ge=0, le=65_535)] = _setting(
        8090, "Port to listen on.", "0 to 65535; 0 is any that is free"
    )
    tls_certificate: Path | None = _setting(None, "Certificate chain; with it the server speaks TLS.", "a PEM file")
    tls_key: Path | None = _setting(None, "Private key of `server.tls_certificate`.", "a PEM file")
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = _setting(
        (),
        "Web origins whose pages may call this server.",
        "origins such as `https://app.example`, separated by commas; `*` is any; a list in the file",
    )
    path_prefix: Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]+)*$")] = _setting(
        "", "Path under which a gateway passes everything on, when it does not strip it.", "a path such as `/speech`"
    )
    connections_per_minute: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] = _setting(
        600, "How often one address may connect to Socket.IO, on average over a minute.", "1 or more"
    )
    open: bool = _setting(
        default=False,
        meaning="Lets everybody in without a key, for a laptop; only on a loopback address.",
        allowed="`true` or `false`",
    )


class LiveSettings(BaseModel):
    """What bounds live sessions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source_language: str = _setting("en", "Language spoken when a client does not say.", "a BCP 47 tag")
    sessions: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] | None = _setting(
        None,
        "Plain live sessions at once; one that asks for more counts for more. Unset: measured when the server starts.",
        "1 or more",
    )
    sessions_per_account: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] = _setting(
        10, "Live sessions of one account at once.", "1 or more"
    )
    longest: Annotated[timedelta, BeforeValidator(_duration)] = _setting(
        timedelta(hours=4), "Longest session.", "a number with `s`, `m`, `h` or `d`"
    )
    idle: Annotated[timedelta, BeforeValidator(_duration)] = _setting(
        timedelta(minutes=1), "Time without a packet after which a session is ended.", "a number with `s`, `m` or `h`"
    )

    def limits(self) -> LiveLimits:
        return LiveLimits(
            sessions_per_account=self.sessions_per_account,
            longest=self.longest.total_seconds(),
            idle=self.idle.total_seconds(),
        )


class RealtimeSettings(BaseModel):
    """What bounds sessions of the Speechmatics-compatible realtime protocol, beside what bounds all live sessions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    longest: Annotated[timedelta, BeforeValidator(_duration)] = _setting(
        timedelta(hours=48),
        "Longest session. Its client is warned 45, 30 and 15 minutes before.",
        "a number with `s`, `m`, `h` or `d`",
    )
    idle: Annotated[timedelta, BeforeValidator(_duration)] = _setting(
        timedelta(hours=1),
        "Time without a message after which a session is ended. Its client is warned 15, 10 and 5 minutes before.",
        "a number with `s`, `m`, `h` or `d`",
    )

    def limits(self, live: LiveLimits) -> LiveLimits:
        """``live``: what bounds all live sessions."""
        return replace(
            live,
            longest=self.longest.total_seconds(),
            idle=self.idle.total_seconds(),
            warn_longest=(45 * 60, 30 * 60, 15 * 60),
            warn_idle=(15 * 60, 10 * 60, 5 * 60),
        )


class JobSettings(BaseModel):
    """What bounds batch jobs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_once: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] = _setting(
        2,
        "Jobs that each process of a database works on at the same time. What the last one that started says holds for "
        "all.",
        "1 or more",
    )
    in_server: bool = _setting(
        default=True,
        meaning="Whether `dragoman serve` works on jobs too; if not, it only accepts them for `dragoman worker`.",
        allowed="`true` or `false`",
    )
    per_account: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] = _setting(
        100, "Jobs of one account that are not over.", "1 or more"
    )
    keep: Annotated[timedelta | None, BeforeValidator(_duration)] = _setting(
        timedelta(days=7),
        "How long a job that is over is kept, with its recording and results.",
        "`never`, or a number with `s`, `m`, `h` or `d`; `never` deletes none",
    )
    longest: Annotated[timedelta, BeforeValidator(_duration)] = _setting(
        timedelta(hours=24), "Longest recording.", "a number with `s`, `m`, `h` or `d`"
    )
    largest: Annotated[int, BeforeValidator(_no_bool), Field(ge=1)] = _setting(
        4096, "Largest recording, in MiB.", "1 or more"
    )
    strict_targets: bool = _setting(
        default=False,
        meaning="Whether a job is refused for a target language that cannot be translated to. If not, it is done "
        "without it, and says so.",
        allowed="`true` or `false`",
    )
    allowed_addresses: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = _setting(
        (),
        "Where recordings may be fetched from and ends be told to, although it is not on the public Internet.",
        "addresses and networks such as `10.0.0.0/8`, separated by commas; a list in the file",
    )

    def limits(self, *, working: bool) -> BatchLimits:
        """``working``: whether the process works on jobs, or only accepts them."""
        return BatchLimits(
            at_once=self.at_once if working else 0,
            per_account=self.per_account,
            keep=self.keep,
            longest=self.longest.total_seconds(),
        )


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = _setting(
        Path("~/.local/share/dragoman"),
        "Folder of the embedded database, the secret and the configuration file. Made when it is missing.",
        "a path; `~` is the home folder",
    )
    database_url: str | None = _setting(
        None,
        "Database. Unset: `dragoman.db` in `data_dir`.",
        "`sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`",
        repr=False,
    )
    secret: SecretStr | None = _setting(
        None,
        "Under which digests of API keys are made and tokens are signed; servers of one database share it. "
        "Unset: the file `secret` in `data_dir`, made when it is missing.",
        "32 characters or more, random",
        min_length=32,
    )
    blobs_url: str | None = _setting(
        None,
        "Where recordings of batch jobs lie, and what comes of them. Unset: the folder `blobs` in `data_dir`.",
        "a folder, or a URL that fsspec knows, such as `s3://bucket/folder`",
        repr=False,
    )
    rates: RateSettings = RateSettings()
    keys: KeySettings = KeySettings()
    server: ServerSettings = ServerSettings()
    live: LiveSettings = LiveSettings()
    realtime: RealtimeSettings = RealtimeSettings()
    jobs: JobSettings = JobSettings()

    @property
    def database(self) -> str:
        """The URL to open."""
        return self.database_url or f"sqlite:///{self.data_dir / 'dragoman.db'}"

    @property
    def queue(self) -> str:
        """The URL of the queue of jobs: on the database's server, or a file beside the database's."""
        url = parse_url(self.database)
        if url.get_backend_name() == "sqlite":
            return f"sqlite:///{Path(url.database or '').with_name('jobs.db')}"
        return url.set(drivername="postgresql").render_as_string(hide_password=False)

    @property
    def blobs(self) -> str:
        """Where recordings lie."""
        return self.blobs_url or str(self.data_dir / "blobs")


def load_settings(*, data_dir: Path | None = None, config: Path | None = None) -> Settings:
    """``data_dir`` and ``config`` are what the command line says, and win over the environment.

    Raises :class:`InvalidSetting` naming the setting, its value and what is allowed.
    """
    file = _file(data_dir, config)
    values = _file_values(file)

    class Found(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic's signature
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  pydantic's signature
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, values)

    try:
        return Found() if data_dir is None else Found(data_dir=data_dir)
    except ValidationError as error:
        raise _invalid(error) from error
    except SettingsError as error:  # a whole group in one variable, which is no way that we offer
        raise InvalidSetting(" ".join(str(error).split()), remedy="Set each of its settings by itself") from error


@dataclass(frozen=True, slots=True)
class Documented:
    """One setting, as documents and messages name it."""

    name: str
    """In the file; a dot parts table and key."""
    default: Any
    meaning: str
    allowed: str

    @property
    def variable(self) -> str:
        """In the environment."""
        return _PREFIX + self.name.replace(".", "_").upper()


def all_settings(model: type[BaseModel] = Settings, table: str = "") -> Iterator[Documented]:
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            yield from all_settings(type(field.default), f"{name}.")
        else:
            assert isinstance(field.json_schema_extra, dict)
            allowed = str(field.json_schema_extra["allowed"])
            yield Documented(f"{table}{name}", field.default, field.description or "", allowed)


def _file(data_dir: Path | None, config: Path | None) -> Path:
    """The configuration file. One that was named must exist."""
    named = config or (Path(value) if (value := os.environ.get(f"{_PREFIX}CONFIG")) else None)
    if named is None:
        folder = data_dir or Path(os.environ.get(f"{_PREFIX}DATA_DIR") or Settings.model_fields["data_dir"].default)
        return folder.expanduser() / _FILE_NAME
    if not named.is_file():
        raise InvalidSetting(
            f"the configuration file {named} does not exist", remedy="Check --config and DRAGOMAN_CONFIG"
        )
    return named


def _file_values(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(
            f"{file} is not TOML: {error}", remedy="Lines look like: name = 12, or name = 'text'"
        ) from error
    except OSError as error:
        raise InvalidSetting(f"the configuration file {file} cannot be read: {error.strerror}") from error


def _invalid(errors: ValidationError) -> InvalidSetting:
    """The first thing that is wrong. A secret is not repeated."""
    error = errors.errors(include_url=False)[0]
    name = ".".join(str(part) for part in error["loc"][:2])
    known = {setting.name: setting for setting in all_settings()}
    table = next((setting for setting in known if setting.startswith(f"{name}.")), None)
    if error["type"] == "extra_forbidden" or (name not in known and table is None):
        return InvalidSetting(f"there is no setting {name}", remedy=f"Settings are {', '.join(known)}")
    if name not in known:
        return InvalidSetting(f"the setting {name} is a table", remedy=f"Set {table} and so on")
    setting = known[name]
    value = "too short or no text" if name == "secret" else repr(error["input"])
    return InvalidSetting(
        f"the setting {name} ({setting.variable}) is {value}", remedy=f"Allowed: {setting.allowed.replace('`', '')}"
    )
