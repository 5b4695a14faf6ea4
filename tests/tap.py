# SPDX-License-Identifier: Apache-2.0
"""What the test scripts say: a TAP line for each result, the plan, and the exit status."""
import os
import shutil
import tempfile

results = []


def result(good, name, notes=""):
    """One result; what a failed one was about follows as comments."""
    results.append(bool(good))
    print("%s %d - %s" % ("ok" if good else "not ok", len(results), name), flush=True)
    for line in str(notes).splitlines() if not good else []:
        print("# " + line)


def skipped(name, why):
    """A result that cannot be had here."""
    result(True, "%s # SKIP %s" % (name, why))


def finish():
    """The plan, after the last result; the exit status."""
    print("1..%d" % len(results))
    return 0 if results and all(results) else 1


def in_folder(test):
    """Runs a test with a new folder, readable by all, that is removed afterwards."""
    folder = tempfile.mkdtemp(prefix="srvaudit-%s-" % test.__name__)
    os.chmod(folder, 0o755)
    try:
        test(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
