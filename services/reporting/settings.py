"""Settings of reporting: REPORTING_*."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.backbone.settings import ServiceSettings


class Settings(ServiceSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="REPORTING_", extra="ignore")

    witness_key: Path | None = Field(
        default=None,
        description="PEM file with the Ed25519 key of the witness; without, nothing is witnessed",
    )
    witness_folder: Path | None = Field(
        default=None, description="Folder in which `work` keeps the newest note that it cosigned of each log"
    )
    witness_name: str = Field(
        default="parcours/reporting", pattern=r"^[a-z0-9./-]+$", description="Under which the witness signs"
    )
    log_keys: Path | None = Field(
        default=None,
        description="File with the public keys of the logs, one word a line, as `seal-key` prints them",
    )
