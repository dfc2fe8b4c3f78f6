"""The report: one HTML file that works offline, asks nothing of the network and prints."""
