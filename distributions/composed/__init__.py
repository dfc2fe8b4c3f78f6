"""Laws made of other laws."""
