"""From a model to a result.

n scenarios form blocks of 65,536; arrays are written (rows, m) with m scenarios of one pass.
"""
