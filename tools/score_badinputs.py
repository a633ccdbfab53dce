#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs `inspect --json` on each case of a corpus of bad inputs and judges the answers.

  score_badinputs.py --manifest CORPUS/manifest.json [--family REGEX] [--only REGEX] [--program build/dev/bin/weighbridge-cli]

Each case runs in a process of its own, in an empty folder, within 2 s and 300 MB. A case passes if
- outcome: `error` is exit status 2, `warning` a finding of severity warning or error, `ok` neither (one of accept_outcomes);
- class: the rule of the error or of a finding is expect_class or one of also_accept_classes (ok and ok-but-warn need none);
- message: what was said matches message_should_match; and the facts, if any, agree (with --sha256);
- no crash, and no file PWNED anywhere near.
Exit status 0 if every case passes.
"""
import argparse
import collections
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

SECONDS = 2.0
MEGABYTES = 300
DTYPES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "bfloat16": "BF16", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
    "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8", "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8",
    "<f4": "F32", "float": "F32", "bool": "BOOL", "complex64": "C64", "complex128": "C128", "complex32": "C32", "qint8": "QINT8", "quint8": "QUINT8", "qint32": "QINT32",
}


def run(program, path, sha256):
    """Exit status, parsed answer, seconds, megabytes, traces of execution."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "inspect", "--json"] + (["--sha256"] if sha256 else []) + [path]
        start = time.monotonic()
        with open(os.path.join(folder, "..", os.path.basename(folder) + ".out"), "w+b") as out:
            process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.DEVNULL)
            status = None
            while status is None and time.monotonic() - start < 5 * SECONDS:
                pid, code, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    status = os.waitstatus_to_exitcode(code)
                else:
                    time.sleep(0.002)
            seconds = time.monotonic() - start
            if status is None:
                process.kill()
                _, _, usage = os.wait4(process.pid, 0)
                status = "timeout"
            process.returncode = 0
            out.seek(0)
            text = out.read().decode("utf-8", "replace")
            os.unlink(out.name)
        executed = [os.path.join(folder, name) for name in os.listdir(folder)]
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    return status, answer, seconds, usage.ru_maxrss / 1024, executed


def said(answer):
    """What a person is told, without the path that the user knows."""
    parts = []
    error = answer.get("error")
    if error:
        parts += [error.get(key) or "" for key in ("rule", "message", "expected", "found", "fix")]
    for finding in answer.get("findings") or []:
        parts += [finding.get("rule", ""), finding.get("title", ""), finding.get("explanation", "")]
    return " ".join(parts)


def fact_problems(case, answer):
    tensors = {tensor["name"]: tensor for tensor in answer.get("tensors") or []}
    for fact in case.get("facts") or []:
        if "name" not in fact:
            continue
        tensor = tensors.get(fact["name"])
        if tensor is None:
            yield f"tensor {fact['name']} is missing"
            continue
        dtype = str(fact.get("dtype") or "").split(".")[-1]
        if dtype and tensor["dtype"].lower() not in (dtype.lower(), DTYPES.get(dtype.lower(), "").lower()):
            yield f"{fact['name']}: dtype {tensor['dtype']} for {dtype}"
        if fact.get("shape") is not None and list(tensor["shape"]) != list(fact["shape"]):
            yield f"{fact['name']}: shape {tensor['shape']} for {fact['shape']}"
        wanted = fact.get("sha256_le_contiguous")
        if wanted and tensor.get("sha256") != wanted:
            yield f"{fact['name']}: values differ"


def judge(case, status, answer, seconds, megabytes, executed):
    problems = []
    if executed or os.path.exists("PWNED"):
        problems.append("something was written: " + ", ".join(executed))
    if seconds > SECONDS:
        problems.append(f"{seconds:.1f} s")
    if megabytes > MEGABYTES:
        problems.append(f"{megabytes:.0f} MB")
    if not isinstance(status, int) or status < 0 or status > 2:
        return problems + [f"ended with {status}"]
    if not isinstance(answer, dict):
        return problems + [f"status {status}, but no JSON document"]
    findings = [finding for finding in answer.get("findings") or [] if finding.get("severity") in ("warning", "error")]
    outcome = "error" if status == 2 else "warning" if findings else "ok"
    if outcome not in case["accept_outcomes"]:
        problems.append(f"outcome {outcome}, wanted {'/'.join(case['accept_outcomes'])}")
    rules = {finding["rule"] for finding in findings} | ({answer["error"]["rule"]} if answer.get("error") else set())
    classes = [case["expect_class"]] + case["also_accept_classes"]
    fits = set(classes) & rules or ("ok" in classes and outcome != "error") or ("ok-but-warn" in classes and outcome == "warning")
    if not fits:
        problems.append(f"class {'/'.join(sorted(rules)) or outcome}, wanted {'/'.join(classes)}")
    if case["message_should_match"] != "." and not re.search(case["message_should_match"], said(answer), re.IGNORECASE):
        problems.append(f"message \"{said(answer)[:160]}\" does not match {case['message_should_match']}")
    return problems + list(fact_problems(case, answer))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest", required=True)
    parser.add_argument("--family", default="", help="regular expression over the family or the id's first word (pt, pk, gg ...)")
    parser.add_argument("--only", default="", help="regular expression over the id")
    parser.add_argument("--program", default="build/dev/bin/weighbridge-cli")
    arguments = parser.parse_args()
    with open(arguments.manifest, encoding="utf-8") as file:
        cases = json.load(file)["cases"]
    base = os.path.dirname(os.path.abspath(arguments.manifest))
    program = os.path.abspath(arguments.program)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    passed, total = collections.Counter(), collections.Counter()
    for case in cases:
        prefix = case["id"].split("-")[0]
        wanted = not arguments.family or any(re.fullmatch(arguments.family, word) for word in (case["family"], prefix))
        if not wanted or not re.search(arguments.only, case["id"]):
            continue
        answer = run(program, os.path.join(base, case["path"]), bool(case.get("facts")))
        problems = judge(case, *answer)
        total[case["family"]] += 1
        passed[case["family"]] += not problems
        if problems:
            print(f"FAIL {case['id']}: {case['what_is_wrong']}: " + "; ".join(problems))
    for family in sorted(total):
        print(f"{family:20} {passed[family]} of {total[family]}")
    print(f"{'total':20} {sum(passed.values())} of {sum(total.values())}")
    return 0 if passed == total else 1


if __name__ == "__main__":
    sys.exit(main())
