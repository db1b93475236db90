"""Other places that run the models, for `OpenAI(provider=...)`."""

from .bedrock import bedrock as bedrock
from .vertex import vertex as vertex
