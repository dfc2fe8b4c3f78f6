"""Rangecast: risk ranges and driver rankings instead of point estimates."""
