# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen of its own (Xvfb, 1440x900) for a program whose window is measured."""
import contextlib
import os
import subprocess


@contextlib.contextmanager
def own_screen():
    """Yields the value for DISPLAY; the screen goes with the block."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24"], pass_fds=[write], stderr=subprocess.DEVNULL)
    try:
        os.close(write)
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.kill()
        server.wait()
