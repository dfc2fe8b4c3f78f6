"""Laws of positive values."""
