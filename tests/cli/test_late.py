#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Libraries that are loaded when a file needs them: under a root too, never one of the audited
tree, and a file whose library is not to be had is named.

A program that links them (a static one, or --disable-late-loading) does not start with a library
that is none; there is nothing to test then but that it reads all.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True

from files import write  # noqa: E402
from planted import planted  # noqa: E402
from tap import finish, in_folder, result, skipped  # noqa: E402

SRVAUDIT = os.environ["SRVAUDIT"]
PROGRAM = os.path.join(os.environ.get("top_builddir", "build"), "srvaudit")
SECRET = planted("Kx" + os.urandom(12).hex())
NAMES = ("libxml2", "libmagic", "libarchive", "liblzma", "libsqlite3")


def sonames():
    """What the program's own notes say that it loads."""
    with open(PROGRAM, "rb") as f:
        data = f.read()
    found = [part.split(b'"')[0].decode() for part in data.split(b'"soname":["')[1:]]
    return [x for x in found if x.startswith(NAMES)]


def plant(root):
    """A served tree whose files need all of them but liblzma."""
    write(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/x\n")
    write(root, "/etc/group", "root:x:0:\nwww-data:x:33:\n")
    write(root, "/etc/nginx/nginx.conf", "events {}\nhttp { server { listen 80; root /srv/app;\n"
          " server_name a.test; } }\n")
    write(root, "/srv/app/META-INF/context.xml",
          '<Context><Resource name="db" password="%s"/></Context>\n' % SECRET)
    write(root, "/srv/app/public_html.tar", b"%PDF-1.4\n" + b"x" * 600)
    write(root, "/inner/settings.env", "DB_PASSWORD=%s\n" % SECRET)
    with tarfile.open(root + "/srv/app/a.tgz", "w:gz") as t:
        t.add(root + "/inner/settings.env", "settings.env")
    os.unlink(root + "/inner/settings.env")
    db = sqlite3.connect(root + "/srv/app/a.db")
    db.execute("CREATE TABLE settings (name TEXT, value TEXT)")
    db.execute("INSERT INTO settings VALUES ('db_password', ?)", (SECRET,))
    db.commit()
    db.close()


def audit(root, *args, folder=None, **env):
    got = subprocess.run([SRVAUDIT, *args, "--root", root, "-f", "json"],
                         env=dict(os.environ, **env), cwd=folder, stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, universal_newlines=True, check=False)
    skips = json.loads(got.stdout)["coverage"]["skipped"]
    return got.stdout, {x["path"]: x["reason"] for x in skips}


def reads_all(root, title, **how):
    text, skipped_files = audit(root, "secrets", "/srv", **how)
    result("settings.env" in text and "table settings" in text and not skipped_files,
           "%s: an archive and a database are read" % title, skipped_files)
    text, skipped_files = audit(root, "--only", "web.*", "/etc/nginx", **how)
    result("context.xml" in text and not skipped_files, "%s: XML is read" % title, skipped_files)
    result("public_html.tar" not in text, "%s: libmagic says what is no archive" % title)


def under_root(folder):
    root = folder + "/root"
    plant(root)
    reads_all(root, "under a root")
    reason = audit(root, "--only", "web.*", "/etc/nginx", MAGIC=root + "/none")[1].get(
        "/srv/app/public_html.tar", "")
    result("no table" in reason and "loaded" not in reason, "libmagic without its table is named",
           reason)
    # The audited tree has libraries and a cache of its own, which are none.
    for place in ("/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/local/lib", "/usr/lib",
                  "/lib64", ""):
        for name in sonames():
            write(root, place + "/" + name, "no library", 0o755)
    write(root, "/etc/ld.so.cache", "glibc-ld.so.cache1.1")
    write(root, "/etc/ld.so.preload", "/libarchive.so.13\n")
    reads_all(root, "with libraries in the tree", folder=root)


def missing(folder):
    root, bad = folder + "/root", folder + "/bad"
    plant(root)
    if not sonames():
        skipped("libraries that cannot be loaded are named", "they are linked")
        return
    for name in sonames():
        write(bad, name, "no library", 0o755)
    # The loader leaves out what it may not read: without a root it may.
    text, not_read = audit("/", "secrets", root + "/srv", LD_LIBRARY_PATH=bad)
    result("libarchive cannot be loaded" in not_read.get(root + "/srv/app/a.tgz", ""),
           "an archive without libarchive is named", not_read)
    result("cannot be loaded" in not_read.get(root + "/srv/app/a.db", ""),
           "a database without SQLite is named", not_read)
    result("a.db" in text, "its bytes are searched all the same")
    conf = folder + "/nginx.conf"
    write(folder, "nginx.conf", "events {}\nhttp { server { listen 80; root %s/srv/app;\n"
          " server_name a.test; } }\n" % root)
    text, not_read = audit("/", "--only", "web.*", conf, LD_LIBRARY_PATH=bad)
    result("libxml2 cannot be loaded" in not_read.get(root + "/srv/app/META-INF/context.xml", ""),
           "XML without libxml2 is named", not_read)
    result("libmagic cannot be loaded" in not_read.get(root + "/srv/app/public_html.tar", ""),
           "an archive that only libmagic would know is named", not_read)
    # A library of that name without the functions.
    other = next(x for x in os.listdir(folder_of_libraries()) if x.startswith("libyaml-0.so"))
    for name in sonames():
        os.unlink(bad + "/" + name)
        shutil.copy(folder_of_libraries() + "/" + other, bad + "/" + name)
    text, not_read = audit("/", "secrets", root + "/srv", LD_LIBRARY_PATH=bad)
    result("libarchive cannot be loaded" in not_read.get(root + "/srv/app/a.tgz", "") and
           "cannot be loaded" in not_read.get(root + "/srv/app/a.db", ""),
           "a library without the functions is none", not_read)


def named_in_the_tree(folder):
    """A library below the root, which runs as it is loaded, is not what LD_LIBRARY_PATH may name."""
    root = folder + "/root"
    plant(root)
    compiler = shutil.which("cc") or shutil.which("gcc")
    if not sonames() or not compiler:
        skipped("LD_LIBRARY_PATH into the tree", "they are linked, or there is no compiler")
        return
    write(folder, "own.c", "#include <unistd.h>\n__attribute__((constructor)) static void f(void)\n"
          '{ if (write(2, "own code\\n", 9) < 0) _exit(9); }\n')
    os.makedirs(root + "/lib")
    for name in sonames():
        subprocess.run([compiler, "-shared", "-fPIC", folder + "/own.c", "-o",
                        root + "/lib/" + name], check=True)
    os.symlink(root + "/lib", folder + "/link")
    ways = (("a folder below the root", root + "/lib", "/"), ("the root", root, "/"),
            ("a link into the root", folder + "/link", "/"),
            ("one of several", "/nowhere;%s:/usr/lib" % (root + "/lib"), "/"),
            ("a folder that is not there yet", root + "/none/yet", "/"),
            ("an empty element", "/usr/lib:", root + "/lib"), ("a relative one", "lib", root),
            ("the loader's words", folder + "/root/$LIB", "/"))
    for title, value, cwd in ways:
        for words, path, library in ((["secrets", "/srv"], "/srv/app/a.tgz", "libarchive"),
                                     (["secrets", "/srv"], "/srv/app/a.db", "SQLite"),
                                     (["--only", "web.*", "/etc/nginx"],
                                      "/srv/app/META-INF/context.xml", "libxml2")):
            got = subprocess.run([SRVAUDIT, *words, "--root", root, "-f", "json"], cwd=cwd,
                                 env=dict(os.environ, LD_LIBRARY_PATH=value),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            reasons = {x["path"]: x["reason"]
                       for x in json.loads(got.stdout)["coverage"]["skipped"]}
            result(b"own code" not in got.stderr and library in reasons.get(path, "") and
                   "LD_LIBRARY_PATH names a folder" in reasons.get(path, ""),
                   "%s: %s" % (title, library), (got.stderr, reasons))
    got = subprocess.run([SRVAUDIT, "secrets", root + "/srv", "-f", "json"], cwd=root + "/lib",
                         env=dict(os.environ, LD_LIBRARY_PATH=":/usr/lib"),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    result(b"own code" not in got.stderr, "an empty element without a root", got.stderr)
    reads_all(root, "a folder beside the root", LD_LIBRARY_PATH=root + "-beside:/nowhere")


def folder_of_libraries():
    """Where this machine's libyaml is, which the program links."""
    got = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, universal_newlines=True,
                         check=False).stdout
    return os.path.dirname(next(x.split()[2] for x in got.splitlines() if "libyaml" in x))


def whole_build(folder):
    """Both libraries that configure may leave out are known to this build."""
    plant(folder)
    reasons = audit(folder, "secrets", "/srv")[1].values()
    return not any("made without" in reason for reason in reasons)


def both(folder):
    if not whole_build(folder + "/whole"):
        skipped("libraries that are loaded", "this build is made without them")
        return
    under_root(folder + "/under")
    missing(folder + "/missing")
    named_in_the_tree(folder + "/named")


in_folder(both)
sys.exit(finish())
