"""Settings of the gateway: GATEWAY_*."""

from pathlib import Path

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.contracts.message import Localised

LOGIN_KEY_BYTES_MIN = 32
ORGANISATION: Localised = {"fr": "Service pénitentiaire", "nl": "Gevangeniswezen", "en": "Prison Service"}


class Settings(BaseSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore")

    database_url: str = Field(description="PostgreSQL URL of the role that the gateway runs as")
    owner_database_url: str | None = Field(
        default=None, description="PostgreSQL URL of the owning role; only `migrate` and `account` need it"
    )
    amqp_uri: str = Field(description="RabbitMQ URI of the gateway's own user")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8000, description="Port to listen on")
    actor_private_key: Path = Field(
        description="PEM file with the Ed25519 key that signs who acts; only the gateway may read it"
    )
    login_key: str = Field(
        description="Key (hexadecimal, at least 32 bytes) under which user names are hashed; losing it "
        "means making all accounts anew"
    )
    media_folder: Path = Field(
        validation_alias=AliasChoices("GATEWAY_MEDIA_FOLDER", "CONTENT_MEDIA_FOLDER", "media_folder"),
        description="Folder of the media store; without it CONTENT_MEDIA_FOLDER, which must be the same",
    )
    secure_cookies: bool = Field(
        default=False,
        description="Send cookies over https only, and that of the session for this host alone (`__Host-`); "
        "set it wherever https is spoken",
    )
    public_origin: str | None = Field(
        default=None,
        description="Origin under which browsers know the gateway, such as https://parcours.example; "
        "without it the Host header decides",
    )
    organisation_name: Localised = Field(
        default=ORGANISATION,
        min_length=1,
        description="Who issues certificates, as JSON by language; a language without a name takes the first",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are "
        "believed, with commas between",
    )

    @field_validator("login_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if len(bytes.fromhex(value)) < LOGIN_KEY_BYTES_MIN:
            raise ValueError(f"needs at least {LOGIN_KEY_BYTES_MIN} bytes, as hexadecimal digits")
        return value

    @property
    def login_key_bytes(self) -> bytes:
        """The key itself."""
        return bytes.fromhex(self.login_key)
