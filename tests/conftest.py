"""What every test may rely on."""

import signal

# A shell that starts a command in the background has it ignore Ctrl-C, and so would the programs
# that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
