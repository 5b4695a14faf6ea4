#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The completions of bash, zsh and fish offer each option, the commands, the checks, and values."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True

from tap import finish, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
FOLDER = os.path.join(os.environ["top_srcdir"], "contrib/completion")
# Each prints what it offers for the words in "$@", of which the last is the one being typed.
BASH = r"""
source "$FOLDER/srvaudit.bash"
COMP_WORDS=(srvaudit "$@") COMP_CWORD=$#
_srvaudit
printf '%s\n' "${COMPREPLY[@]}"
complete -p srvaudit >/dev/null || echo 'not registered'
"""
# The shell's own functions need a terminal; these stand for them.
ZSH = r"""
compadd() { shift; print -rl -- "$@" }
_files() { print -r -- '(files)' }
_describe() { print -rl -- "${(@)${(P@)argv[-1]}%%:*}" }
complete_it() { local PREFIX=$words[-1]; integer CURRENT=$#words; source "$FOLDER/_srvaudit" }
words=(srvaudit "$@")
complete_it
"""
FISH = r"""
source "$FOLDER/srvaudit.fish"
complete -C (string join ' ' -- srvaudit $argv)
"""


def offered(shell, home, *words):
    env = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
    env.update(FOLDER=FOLDER, HOME=home, LC_ALL="C.UTF-8",
               PATH=os.path.dirname(SRVAUDIT) + ":" + os.environ["PATH"])
    command = {"bash": ["bash", "--norc", "-c", BASH, "bash"],
               "zsh": ["zsh", "-f", "-c", ZSH, "zsh"],
               "fish": ["fish", "-c", FISH, "--"]}[shell]
    got = subprocess.run(command + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         env=env, cwd=home, timeout=60, check=False)
    if got.stderr:
        return {got.stderr.decode()}
    return {line.split("\t")[0] for line in got.stdout.decode().splitlines() if line}


def lines(*args):
    return subprocess.run([SRVAUDIT, *args], stdout=subprocess.PIPE,
                          check=True).stdout.decode().splitlines()


def options(*command):
    found = [re.match(r"  (?:-\w, |    )(--[a-z-]+)", line) for line in lines(*command, "--help")]
    return {m.group(1) for m in found if m}


def shell_tests(shell, home):
    for command in ([], ["url"], ["checks"], ["explain"]):
        name = "%s: every option of srvaudit %s" % (shell, " ".join(command))
        want, got = options(*command), offered(shell, home, *command, "--")
        result(want and got == want, name, sorted(got ^ want))
    got = offered(shell, home, "--root", home, "--f")
    result({"--fail-on", "--format"} <= got, shell + ": after another option", got)
    got = offered(shell, home, "")
    result({"url", "checks", "explain"} <= got, shell + ": the commands", got)
    got = offered(shell, home, "--root", "")
    result(not {"url", "checks", "explain"} & got, shell + ": no command further on", got)
    want = {line.split()[0] for line in lines("checks")}
    got = offered(shell, home, "explain", "")
    result(got == want, shell + ": explain is followed by a check", sorted(got ^ want))
    for option in ("--only", "--skip"):
        got = offered(shell, home, option, "")
        result(got == want, "%s: so is %s" % (shell, option), sorted(got ^ want))
        got = offered(shell, home, option, "web.served-s")
        result(got == {c for c in want if shell == "zsh" or c.startswith("web.served-s")},
               "%s: %s with its first letters" % (shell, option), sorted(got))
    levels = {"critical", "high", "medium", "low", "info"}
    for option, values in (("-f", {"text", "json"}), ("--format", {"text", "json"}),
                           ("--color", {"auto", "always", "never"}),
                           ("--fail-on", levels | {"never"}), ("--min-severity", levels)):
        got = offered(shell, home, option, "")
        result(got == values, "%s: the words of %s" % (shell, option), sorted(got ^ values))
    got = offered(shell, home, "--format", "text", "")
    result(not got & (levels | {"json"}), shell + ": and after its word a path again", got)


def main():
    for shell in ("bash", "zsh", "fish"):
        if not shutil.which(shell):
            skipped(shell, "not installed")
            continue
        home = tempfile.mkdtemp(prefix="srvaudit-completion-")
        try:
            shell_tests(shell, home)
        finally:
            shutil.rmtree(home, ignore_errors=True)
    return finish()


sys.exit(main())
