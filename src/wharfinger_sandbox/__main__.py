"""`python -m wharfinger_sandbox`."""

from wharfinger_sandbox.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
