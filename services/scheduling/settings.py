"""Settings of scheduling: SCHEDULING_*."""

from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from services.backbone.settings import LogSettings


class Settings(LogSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULING_", extra="ignore")

    smtp_host: str | None = Field(default=None, description="Mail server; without, messages wait")
    smtp_port: int = Field(default=587, description="Port of the mail server")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="How the connection to the mail server is protected"
    )
    smtp_user: str | None = Field(default=None, description="Who signs in at the mail server")
    smtp_password: SecretStr | None = Field(default=None, description="Their password")
    mail_from: str = Field(default="parcours@localhost", description="Address that messages come from")
    mail_per_minute: int = Field(default=600, ge=1, le=60_000, description="Most messages in a minute")
    site_url: str | None = Field(default=None, description="Where people find Parcours; said in messages")

    @model_validator(mode="after")
    def _no_password_in_the_open(self) -> Self:
        if self.smtp_security == "none" and self.smtp_password is not None:
            raise ValueError("a password is sent to the mail server only over TLS")
        return self
