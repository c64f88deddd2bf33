"""A bare asyncio server: a protocol that reads heads of requests without a body. Ends with its standard input."""

import asyncio
import os

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{"hello":"you"}'


class Bare(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.received = b""

    def data_received(self, data):
        self.received += data
        while True:
            head, end, rest = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            self.received = rest
            line, *lines = head.decode("latin-1").split("\r\n")
            method, path, version = line.split(" ")
            headers = {}
            for line in lines:
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            self.transport.write(ANSWER)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Bare, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(0, lambda: os.read(0, 1) or os._exit(0))
    await server.serve_forever()


asyncio.run(main())
