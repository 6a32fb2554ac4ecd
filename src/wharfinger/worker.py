"""The worker process: `python -m wharfinger.worker --home DIR`. Processing starts it; it is no command for people.

It obeys its stdin: after the line `drain` it finishes the units under way; at the end of the file, which comes
by itself when the process that started it is gone, it gives that back and ends. The first line on stdout says
`{"ready": …}`, or `{"error": …}`; everything else goes to stderr, a log file.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from wharfinger.core.computer import trouble_of
from wharfinger.core.errors import WharfingerError
from wharfinger.core.garbage import collect_seldom
from wharfinger.core.tracebacks import ValueFreeFormatter, traceback_text

if TYPE_CHECKING:
    from wharfinger.adapters.work.worker_host import Order, WorkerHost
    from wharfinger.jobs.ports import Explain

_log = logging.getLogger("wharfinger.worker")

STOP_SECONDS = 15.0
"""How long the units under way may take to stop before the process ends itself; the next worker recovers them then."""


def main(arguments: list[str]) -> int:
    """Run the worker of a home to its end; the exit code when it could not start."""
    collect_seldom()
    keep_values_out_of_the_log()
    from wharfinger.app import open_worker

    home = _home(arguments)
    try:
        serve(open_worker(home), queue.Queue(), lambda error: trouble_of(error, home))
    except Exception as error:
        reason = error if isinstance(error, WharfingerError) else trouble_of(error, home)
        if reason is None:
            raise
        _say({"error": reason.record()})
        return 1


def serve(host: WorkerHost, orders: queue.Queue[Order], explain: Explain = lambda _: None) -> NoReturn:
    """Start a worker, say that it is ready, let it work until its orders end it, and end the process.

    `explain` says what of this computer caused an exception. Main thread only. Raises what the start raises.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(orders))
    host.start()
    _say({"ready": True})
    os.dup2(2, 1)  # stdout is not read any further, and a full pipe would block a print
    threading.Thread(target=_listen, args=(orders,), name="orders", daemon=True).start()
    try:
        host.run(orders)
    except Exception as error:  # noqa: BLE001 - its threads would work on without a beat; the next worker recovers
        _log.error("the worker ends: %s\n%s", explain(error) or "", traceback_text(error))
        _end(1)
    _end(0)


def _end(code: int) -> NoReturn:
    """End the process at once: threads of units that were given back wait for ever."""
    logging.shutdown()
    os._exit(code)


def keep_values_out_of_the_log() -> None:
    """Have every exception of this process reported on stderr, the log file, without texts that may hold values."""
    log = logging.StreamHandler()
    log.setFormatter(ValueFreeFormatter("%(asctime)s %(process)d %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    sys.excepthook = lambda _kind, error, _trace: _log.error("the worker ends\n%s", traceback_text(error))
    threading.excepthook = lambda met: _log_error("a thread ends", met.exc_value)
    sys.unraisablehook = lambda met: _log_error("ignored", met.exc_value)


def _log_error(what: str, error: BaseException | None) -> None:
    _log.error("%s\n%s", what, traceback_text(error) if error is not None else "")


def _home(arguments: list[str]) -> Path:
    if len(arguments) != 2 or arguments[0] != "--home":
        raise SystemExit("usage: python -m wharfinger.worker --home DIR")
    return Path(arguments[1])


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _listen(orders: queue.Queue[Order]) -> None:
    # Not through sys.stdin: a thread that waits inside it at the interpreter's end is a fatal error.
    while text := os.read(0, 100):
        if b"drain" in text:
            orders.put("drain")
    _stop(orders)


def _stop(orders: queue.Queue[Order]) -> None:
    orders.put("stop")
    # Whatever hangs, this process does not outlive the one that started it for long.
    last = threading.Timer(STOP_SECONDS, os._exit, (1,))
    last.daemon = True
    last.start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
