"""Reads what the user asked for: options, ini values and the settings file, validated as a whole."""

from __future__ import annotations

from .options import COMMAND_LINE, INI, RawOptions, Said
from .settings import read_settings
from .unmatched import Unmatched, unmatched

__all__ = ["COMMAND_LINE", "INI", "RawOptions", "Said", "Unmatched", "read_settings", "unmatched"]
