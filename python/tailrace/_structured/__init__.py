"""What structured output is, whichever endpoint it comes from."""
