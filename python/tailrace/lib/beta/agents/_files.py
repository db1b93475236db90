"""What the file helpers of `client.beta.agents.environments.files` return and raise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...._exceptions import OpenAIError

if TYPE_CHECKING:
    from ....types.beta.agents.environments.environment_file import EnvironmentFile
    from ....types.beta.hosted_environment_file_param import HostedEnvironmentFileParam


@dataclass
class PreparedAgentFiles:
    """Uploaded files: `files` goes into the environment of a session, `uploaded_file_ids` are yours to delete."""

    files: list[HostedEnvironmentFileParam] = field(default_factory=list["HostedEnvironmentFileParam"])
    uploaded_file_ids: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class StagedAgentFile:
    """A file in an environment; `uploaded_file_id` is the upload behind it, which is yours to delete."""

    uploaded_file_id: str
    file: EnvironmentFile


class AgentFilePreparationError(OpenAIError):
    """An upload failed; `prepared` has the files that were uploaded before, `__cause__` the reason."""

    prepared: PreparedAgentFiles

    def __init__(self, prepared: PreparedAgentFiles) -> None:
        super().__init__("Could not prepare all agent files; successful uploads remain caller-owned")
        self.prepared = prepared


class AgentFileStagingError(OpenAIError):
    """An uploaded file could not be put into the environment; `uploaded_file_id` is the upload."""

    uploaded_file_id: str

    def __init__(self, uploaded_file_id: str) -> None:
        super().__init__("Could not stage the agent file; the upload remains caller-owned")
        self.uploaded_file_id = uploaded_file_id


# Tracebacks and `repr` name the classes by the place that they are imported from.
for _cls in (PreparedAgentFiles, StagedAgentFile, AgentFilePreparationError, AgentFileStagingError):
    _cls.__module__ = "tailrace.lib.beta.agents"
