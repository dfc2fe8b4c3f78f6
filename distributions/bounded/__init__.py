"""Laws between two bounds."""
