"""Settings of content: CONTENT_*."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from services.backbone.settings import LogSettings


class Settings(LogSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="CONTENT_", extra="ignore")

    media_folder: Path = Field(
        description="Folder of the content-addressed store: uploads, manifests, media; shared with the gateway"
    )
