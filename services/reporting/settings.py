"""Settings of reporting: REPORTING_*."""

from pydantic_settings import SettingsConfigDict

from services.backbone.settings import ServiceSettings


class Settings(ServiceSettings):
    """See docs/operations.md."""

    model_config = SettingsConfigDict(env_prefix="REPORTING_", extra="ignore")
