"""`python -m coding` is the `coding` command."""

from coding.cli import main

main()
