"""A node of an Artel cluster in Python's standard library: the classic protocol, docs/classic-protocol.md.

    python3 node.py HOST PORT NUMBER [SECONDS]
    python3 node.py unix:PATH NUMBER [SECONDS]

It says its number, waits for tasks, and runs one after the other. The output and the error stream of its
n-th task are in out<n>.txt and ouMis<n>.txt in this folder. While a process runs, a second thread tells the
server so, every 10 seconds or as often as the last argument says.
"""

import pickle
import select
import socket
import subprocess
import sys
import threading
import time

WAITING, RUNNING, FAILED, SUCCEEDED = b"1", b"2", b"3", b"4"


class Node:
    def __init__(self, number, period):
        self.number, self.period = number, period
        self.n, self.arguments, self.succeeded = 0, None, False

    def serve(self, server):
        replies = server.makefile("rb")
        server.sendall(b"%d\n" % self.number)
        server.sendall(WAITING)
        while True:
            arguments = pickle.load(replies)
            if self.succeeded or arguments != self.arguments:  # After a failure the same one comes again.
                self.n += 1
            self.arguments, self.succeeded = arguments, False
            if self.run(server):
                self.deliver(server, replies)
                self.succeeded = True
                server.sendall(WAITING)
            else:
                server.sendall(FAILED)

    def run(self, server):
        with open(f"out{self.n}.txt", "wb") as out, open(f"ouMis{self.n}.txt", "wb") as err:
            try:
                process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            except OSError as error:
                err.write(f"{error}\n".encode())
                return False
            ended = threading.Event()
            heart = threading.Thread(target=self.beat, args=(server, process, ended))
            heart.start()
            try:
                return process.wait() == 0
            finally:
                ended.set()
                heart.join()  # Not a byte of it may come after what is said next.

    def beat(self, server, process, ended):
        """The second thread. The end of the connection means that nobody wants the task any more."""
        try:
            server.sendall(RUNNING)
            while not ended.wait(self.period):
                if select.select([server], [], [], 0)[0]:  # It would say something only if it had closed it.
                    process.kill()
                server.sendall(RUNNING)
        except OSError:
            process.kill()

    def deliver(self, server, replies):
        server.sendall(SUCCEEDED)
        self.expect_ok(replies)
        with open(f"out{self.n}.txt", "rb") as out:
            length = out.seek(0, 2)
            server.sendall(b"%d\n" % length)
            self.expect_ok(replies)
            server.sendfile(out, 0, length or None)

    def expect_ok(self, replies):
        if replies.read(2) != b"OK":
            raise OSError("the server has closed the connection")


def connect(address):
    if len(address) == 1:
        server = socket.socket(socket.AF_UNIX)
        server.connect(address[0].removeprefix("unix:"))
        return server
    server = socket.create_connection((address[0], int(address[1])))
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Few bytes at a time, at once.
    return server


def main(*arguments):
    places = 1 if arguments[0].startswith("unix:") else 2
    address, number, seconds = arguments[:places], arguments[places], (*arguments, "10")[places + 1]
    node = Node(int(number), float(seconds))
    while True:
        try:
            with connect(address) as server:
                node.serve(server)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            print(f"node {number}: {error}; trying again", file=sys.stderr)
            time.sleep(1)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
