"""Other places that run the models; they come with a later release."""

from .bedrock import bedrock as bedrock
from .vertex import vertex as vertex
