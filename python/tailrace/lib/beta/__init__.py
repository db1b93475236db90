"""Parts of the API that may still change."""
