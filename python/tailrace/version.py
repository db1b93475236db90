"""The version of this package, at the place where the official package has its own."""

from ._constants import VERSION as VERSION
