# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says which classes may be shipped: python gate.py --cli weighbridge-cli --specs FOLDER --out FILE PROBES...

A class passes if the program's answer is exact (names, shapes, order, ties, buffers, ignore lists) for every probe that it answers, for at
least eight of them, and if these come from at least two files of probes (two seeds). FILE gets the list of pairs of type and class."""
import argparse
import collections
import concurrent.futures
import json
import os
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import score_archspec  # noqa: E402

LEAST = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("probes", nargs="+")
    parser.add_argument("--cli", required=True)
    parser.add_argument("--specs", required=True, help="folder that holds architectures/")
    parser.add_argument("--out", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    os.environ["WEIGHBRIDGE_RESOURCES"] = options.specs
    types = {name[:-5] for name in os.listdir(os.path.join(options.specs, "architectures"))}
    outcomes, sources, reasons = collections.defaultdict(collections.Counter), collections.defaultdict(set), {}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path in options.probes:
            waiting = [((model_type, class_name), pool.submit(score_archspec.score, options.cli, folder, f"{number}", config, class_name, case, True))
                       for number, (model_type, class_name, config, case) in enumerate(score_archspec.cases(path, types))]
            for pair, future in waiting:
                outcome, why = future.result()
                outcomes[pair][outcome] += 1
                if outcome == "exact":
                    sources[pair].add(os.path.dirname(os.path.abspath(path)))
                elif outcome != "unknown":
                    reasons.setdefault(pair, why)
    passed = sorted(pair for pair, counts in outcomes.items() if counts["exact"] >= LEAST and not counts["wrong"] and not counts["error"] and len(sources[pair]) >= 2)
    with open(options.out, "w", encoding="utf-8") as out:
        json.dump(passed, out)
    for pair, why in sorted(reasons.items()):
        print(*pair, dict(outcomes[pair]), why)
    print(f"{len(passed)} of {len(outcomes)} pairs of type and class pass")


if __name__ == "__main__":
    main()
