"""Settings of progress: PROGRESS_*."""

from pydantic_settings import SettingsConfigDict

from services.backbone.settings import LogSettings


class Settings(LogSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="PROGRESS_", extra="ignore")
