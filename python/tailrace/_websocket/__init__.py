"""Connections that go on: opening them, what goes over them, and how they end."""
