"""Whole query logs."""
