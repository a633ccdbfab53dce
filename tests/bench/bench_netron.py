#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Netron in Chromium takes until the graph of a file is on the screen: the peer of bench_startup.py.

    bench_netron.py NETRON FILE [RUNS]

NETRON is the program that `pip install netron` puts into an environment. Needs Debian's chromium, chromium-driver, python3-selenium and xvfb.
From the start of Netron's server and of the browser, both warm (the first run is not counted), to the first frame in which the graph has
nodes; a file that shows no node within a minute is said to have shown none. Prints one JSON document: milliseconds, median and each run.
"""
import json
import os
import socket
import statistics
import subprocess
import sys
import time

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from own_screen import own_screen

PATIENCE = 60
NODES = "return document.querySelectorAll('#nodes g.node').length"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def shown_after(netron: str, file: str) -> float | None:
    """Milliseconds until the graph has nodes; None if it had none after PATIENCE seconds."""
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--no-sandbox", "--window-size=1440,900"):
        options.add_argument(argument)
    port = free_port()
    began = time.monotonic()
    server = subprocess.Popen([netron, "--port", str(port), file], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    # its question about cookies, answered beforehand
    driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "document.cookie = 'consent=1'"})
    try:
        while time.monotonic() - began < PATIENCE:
            try:
                if not driver.current_url.startswith("http"):
                    driver.get(f"http://127.0.0.1:{port}")
                if driver.execute_script(NODES):
                    return (time.monotonic() - began) * 1000
            except WebDriverException:  # the server does not listen yet
                pass
            time.sleep(0.02)
        return None
    finally:
        driver.quit()
        server.kill()
        server.wait()


def main() -> None:
    netron, file = sys.argv[1:3]
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with own_screen() as display:
        os.environ["DISPLAY"] = display
        times = [shown_after(netron, file) for _ in range(runs + 1)][1:]
    shown = [round(t, 1) for t in times if t is not None]
    print(json.dumps({"file": file, "median_ms": statistics.median(shown) if shown else None, "runs_ms": shown, "not_shown": len(times) - len(shown)}))


if __name__ == "__main__":
    main()
