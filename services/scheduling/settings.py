"""Settings of scheduling: SCHEDULING_*."""

from pydantic_settings import SettingsConfigDict

from services.backbone.settings import ServiceSettings


class Settings(ServiceSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="SCHEDULING_", extra="ignore")
