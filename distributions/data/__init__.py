"""Laws of observed values: resampled, smoothed, or a family fitted to them."""
