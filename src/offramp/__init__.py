"""Offramp: a way out, put in front of somebody who searches for child sexual abuse material."""

__version__ = "0.1.0"
