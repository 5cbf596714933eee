"""The calls that an engine serves, gathered from the files of `app.serving`."""

from typing import TYPE_CHECKING

from app.calls import CallSpec
from app.serving.answers import Answers
from app.serving.backups import Backups
from app.serving.conversations import Talks
from app.serving.crawls import Crawls
from app.serving.feedback import Feedback
from app.serving.inbox import Letters
from app.serving.pages import Pages
from app.serving.plugins import Plugins
from app.serving.reading import Reading
from app.serving.records import Records
from app.serving.shelves import Shelves

if TYPE_CHECKING:
    from app.house import House

SUBJECTS = (
    Answers,
    Talks,
    Records,
    Shelves,
    Crawls,
    Feedback,
    Letters,
    Pages,
    Plugins,
    Reading,
    Backups,
)


def table(house: "House") -> dict[str, CallSpec]:
    """Return the calls of a house by name."""
    served: dict[str, CallSpec] = {}
    for subject in SUBJECTS:
        served |= subject(house).calls()
    return served
