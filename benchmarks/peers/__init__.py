"""The reference model in other tools, one module each."""
