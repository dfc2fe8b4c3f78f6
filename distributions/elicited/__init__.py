"""Laws made of what an expert says: a few percentiles, and bounds."""
