"""Laws of single values: counts, choices, switches."""
