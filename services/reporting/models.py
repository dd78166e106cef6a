"""All read models, and the feeds they follow."""

from typing import Final

from services.backbone.follower import Feed
from services.contracts.content import ContentPage
from services.contracts.progress import ProgressPage
from services.contracts.scheduling import DirectoryPage, SchedulingPage
from services.reporting.projections.courses import CoursesModel
from services.reporting.projections.directory import DirectoryModel
from services.reporting.projections.duties import DutiesModel
from services.reporting.projections.organisation import OrganisationModel
from services.reporting.projections.plan import PlanModel
from services.reporting.projections.question_results import QuestionResultsModel
from services.reporting.projections.sessions import SessionsModel
from services.reporting.projections.training_status import TrainingStatus
from services.reporting.projections.transcript import TranscriptModel
from services.reporting.read_model import ReadModel

READ_MODELS: Final[tuple[ReadModel, ...]] = (
    CoursesModel(),
    OrganisationModel(),
    DirectoryModel(),
    TrainingStatus(),
    TranscriptModel(),
    QuestionResultsModel(),
    SessionsModel(),
    DutiesModel(),
    PlanModel(),
)

FEEDS: Final[dict[str, Feed]] = {
    "content": Feed("content", "content", ContentPage),
    "scheduling": Feed("scheduling", "scheduling", SchedulingPage),
    "directory": Feed("directory", "scheduling", DirectoryPage, method="read_directory"),
    "progress": Feed("progress", "progress", ProgressPage),
}


def slug_of(name: str) -> str:
    """How a read model is called in requests: `training_status@5` is `training-status`."""
    return name.partition("@")[0].replace("_", "-")
