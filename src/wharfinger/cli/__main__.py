"""`python -m wharfinger.cli`, for where the console script is not on the path."""

from wharfinger.cli.main import main

main()
