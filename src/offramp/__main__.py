"""`python -m offramp` is the same as `offramp`."""

from offramp.cli import main

main()
