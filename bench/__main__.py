"""`python -m bench [NAME…]`: all benchmarks, or the named ones."""

from __future__ import annotations

import sys

from bench import overhead, profiling, reading

ALL = {"overhead": overhead.main, "profiling": profiling.main, "reading": reading.main}


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all, one after the other."""
    if unknown := set(names) - set(ALL):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    for name in names or ALL:
        ALL[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
