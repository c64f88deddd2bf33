// A bare Node.js server: what `node:http` does at its best. Ends with its standard input.
import { createServer } from "node:http";

const body = Buffer.from('{"hello":"you"}');
const headers = { "content-type": "application/json", "content-length": body.length };
const server = createServer((request, response) => {
  response.writeHead(200, headers);
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
