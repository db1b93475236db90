"""What structured outputs share, whichever resource they come from."""
