# SPDX-License-Identifier: Apache-2.0
"""Run a real server on loopback, send it raw requests, and record what it answers."""
import itertools
import os
import shutil
import socket
import struct
import subprocess
import threading
import time

UPSTREAM_MARK = b"upstream-reached"
FASTCGI_MARK = b"fastcgi-reached"


def free_ports(count):
    """Ports that nobody listens on now, on any address. They lie below those that the kernel gives
    to clients, and each process draws from a stretch of its own: tests run side by side."""
    start = 10000 + os.getpid() * 997 % 20000
    socks, ports = [], []
    for port in itertools.count(start + free_ports.used):
        free_ports.used += 1
        sock = socket.socket()
        try:
            sock.bind(("", port))
        except OSError:
            sock.close()
            continue
        socks.append(sock)
        ports.append(port)
        if len(ports) == count:
            break
    for sock in socks:
        sock.close()
    return ports


free_ports.used = 0


class Listener(threading.Thread):
    """A loopback service with one answer for every connection."""

    def __init__(self, handle):
        super().__init__(daemon=True)
        self.handle = handle
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.sock.listen(128)
        self.port = self.sock.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            with conn:
                try:
                    conn.settimeout(5)
                    self.handle(conn)
                except OSError:
                    pass

    def stop(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def answer_http(conn):
    """Read one request head, answer 200 with the marker as the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = conn.recv(65536)
        if not chunk:
            return
        data += chunk
    conn.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                 % (len(UPSTREAM_MARK), UPSTREAM_MARK))


def answer_fastcgi(conn):
    """Read records up to the empty FCGI_STDIN, answer with FCGI_STDOUT and FCGI_END_REQUEST."""
    data = b""
    while True:
        while len(data) >= 8:
            kind, length, pad = data[1], struct.unpack(">H", data[4:6])[0], data[6]
            if len(data) < 8 + length + pad:
                break
            data = data[8 + length + pad:]
            if kind == 5 and length == 0:
                body = b"Content-Type: text/plain\r\n\r\n" + FASTCGI_MARK
                conn.sendall(struct.pack(">BBHHBB", 1, 6, 1, len(body), 0, 0) + body
                             + struct.pack(">BBHHBB", 1, 6, 1, 0, 0, 0)
                             + struct.pack(">BBHHBB", 1, 3, 1, 8, 0, 0) + b"\0" * 8)
                return
        chunk = conn.recv(65536)
        if not chunk:
            return
        data += chunk


class Answer:
    """One recorded answer; status None means that the connection was closed without one."""

    __slots__ = ("status", "location", "body")

    def __init__(self, status, location=None, body=b""):
        self.status, self.location, self.body = status, location, body


class Client:
    """Keep-alive raw connections, one for each address and port."""

    def __init__(self, source="127.0.0.1"):
        self.conns, self.source = {}, source

    def close(self):
        for sock, _ in self.conns.values():
            sock.close()
        self.conns.clear()

    def connection(self, where, fresh=False):
        if fresh and where in self.conns:
            self.conns.pop(where)[0].close()
        if where not in self.conns:
            sock = socket.create_connection(where, timeout=10, source_address=(self.source, 0))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.conns[where] = (sock, sock.makefile("rb"))
        return self.conns[where]

    def ask(self, where, host, target, absolute=False):
        """GET target (bytes) from the address `where`; absolute: the first line has the host."""
        if absolute:
            target, host = b"http://" + host + target, b"elsewhere.test"
        request = b"GET " + target + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
        reused = where in self.conns
        for fresh in ((False, True) if reused else (True,)):
            sock, stream = self.connection(where, fresh)
            try:
                sock.sendall(request)
                answer, keep = read_answer(stream)
            except (BrokenPipeError, ConnectionResetError):
                answer, keep = Answer(None), False
            # A line feed from the URL may end a header and shift what follows: start afresh.
            if not keep or b"%0" in target:
                self.conns.pop(where)[0].close()
            if answer.status is not None:
                break
        return answer


def read_answer(stream):
    """Parse one response from a buffered stream: (Answer, whether the connection lives on)."""
    line = stream.readline()
    if not line:
        return Answer(None), False
    if not line.startswith(b"HTTP/1."):
        # The answer before held the URL's newline in its Location: it was split (RFC 9112, 11.1).
        raise ConnectionResetError("no status line")
    status = int(line.split()[1])
    location, length, chunked, keep = None, None, False, True
    while True:
        line = stream.readline().rstrip(b"\r\n")
        if not line:
            break
        name, _, value = line.partition(b":")
        name, value = name.lower(), value[1:]
        if name == b"location":
            location = value
        elif name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            chunked = True
        elif name == b"connection":
            keep = value.lower() != b"close"
    if chunked:
        body = b""
        while True:
            size = int(stream.readline(), 16)
            body += stream.read(size)
            stream.readline()
            if size == 0:
                break
    elif length is not None:
        body = stream.read(length)
    elif status in (204, 304) or status < 200:
        body = b""
    else:
        body, keep = stream.read(), False
    return Answer(status, location, body), keep


def find_program(name):
    """The server's binary, or None."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class Server:
    """A running server; use as a context manager, so that it is stopped in every case."""

    def __init__(self, binary, conf, ports):
        self.binary, self.conf, self.ports, self.proc = binary, conf, ports, None

    def start_command(self):
        """The command that stays in the foreground."""
        raise NotImplementedError

    def check_command(self):
        """The command that only reads the configuration."""
        raise NotImplementedError

    def error_line(self, text):
        """The line of the main file that the messages of a failed check name, or None."""
        raise NotImplementedError

    def check(self):
        """None if the configuration is valid, else (line or None, the message)."""
        done = subprocess.run(self.check_command(), timeout=60, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if done.returncode == 0:
            return None
        text = done.stderr.decode("utf-8", "replace")
        return self.error_line(text), text

    def check_ports(self):
        """Another server on one of the ports would answer instead of this one."""
        for port in self.ports:
            with socket.socket() as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    sock.bind(("", port))
                except OSError as error:
                    raise RuntimeError("port %d: %s" % (port, error)) from error

    def __enter__(self):
        self.check_ports()
        log = open(os.path.join(os.path.dirname(self.conf), "stderr"), "wb")
        self.proc = subprocess.Popen(self.start_command(), stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=log)
        log.close()
        for _ in range(500):
            if self.proc.poll() is not None:
                raise RuntimeError("%s stopped at start, see %s" % (self.binary, log.name))
            try:
                socket.create_connection(("127.0.0.1", self.ports[0]), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise RuntimeError("%s does not listen on port %d" % (self.binary, self.ports[0]))

    def __exit__(self, *_):
        if self.proc.poll() is None:
            self.proc.terminate()
            try:
                self.proc.wait(5)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.wait()
