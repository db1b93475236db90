"""The parts of `tailrace.lib.browser`."""
