"""Numbers and names that the official package documents or sends, and that callers may rely on."""

from ._wire.timeout import DEFAULT_CONNECT_SECONDS, DEFAULT_SECONDS, Timeout

#: Version of this package.
VERSION = "0.1.0"

#: Release of the official Python package whose behaviour and request headers tailrace follows.
COMPATIBLE_VERSION = "3.54.0"

#: Base URL used when neither `base_url`, `data_residency` nor `OPENAI_BASE_URL` names another one.
DEFAULT_BASE_URL = "https://api.openai.com/v1"

#: `api_key` of a client with a workload identity, whose requests have its token in place of this.
WORKLOAD_IDENTITY_API_KEY_PLACEHOLDER = "workload-identity-auth"

#: Seconds: ten minutes to read, write or wait for a pooled connection, five seconds to connect.
DEFAULT_TIMEOUT = Timeout(DEFAULT_SECONDS, connect=DEFAULT_CONNECT_SECONDS)

#: Attempts after the first one.
DEFAULT_MAX_RETRIES = 2

#: Connections that one client may hold open at once.
DEFAULT_MAX_CONNECTIONS = 1000
