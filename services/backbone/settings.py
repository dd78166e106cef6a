"""What every service is told by its environment: each field is `<SERVICE>_<FIELD>`, such as PROGRESS_AMQP_URI."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Settings that all services have; documented in docs/operations.md, which a test compares."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(description="PostgreSQL URL of the role that the service runs as")
    owner_database_url: str | None = Field(
        default=None, description="PostgreSQL URL of the owning role; only `migrate` needs it"
    )
    amqp_uri: str = Field(description="RabbitMQ URI of the service's own user")
    serve_metrics_port: int = Field(default=0, description="Port of /metrics of `serve`; 0 for none")
    work_metrics_port: int = Field(default=0, description="Port of /metrics of `work`; 0 for none")
    actor_public_key: Path = Field(
        validation_alias=AliasChoices("PARCOURS_ACTOR_PUBLIC_KEY", "actor_public_key"),
        description="PEM file with the Ed25519 key by which tokens of the gateway are verified",
    )


class LogSettings(ServiceSettings):
    """Settings of services that keep a log."""

    seal_key: Path | None = Field(
        default=None,
        description="PEM file with the Ed25519 key that signs for the log; without, nothing is sealed",
    )
    seal_folder: Path | None = Field(
        default=None, description="Folder in which `work` keeps the newest note, apart from the database"
    )
    seal_site: str = Field(
        default="parcours",
        validation_alias=AliasChoices("PARCOURS_SEAL_SITE", "seal_site"),
        pattern=r"^[a-z0-9.-]+$",
        description="First part of the names under which logs are signed for, such as a domain; never changes",
    )
