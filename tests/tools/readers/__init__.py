"""One module for each output format: a real tool reads a generated file."""
