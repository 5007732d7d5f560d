"""Run by each Python process that a test starts, before anything else: its clock is that of the test."""

import os
import time

if offset := os.environ.get("CLOCK_OFFSET"):
    import time_machine

    time_machine.travel(time.time() + float(offset)).start()
