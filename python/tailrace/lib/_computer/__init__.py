"""The parts of `tailrace.lib.computer`."""
