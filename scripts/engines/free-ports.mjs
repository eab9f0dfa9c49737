/**
 * Ports of 127.0.0.1 that nothing listens on: `node free-ports.mjs COUNT` prints them in one line.
 *
 * All are held at once, so that they differ; and they lie below what systems give to outgoing connections (32,768 on
 * Linux, 49,152 elsewhere), so that none takes a server's port before it starts or while it is restarted.
 */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

const [lowest, above] = [20_000, 32_768];

const held = async () => {
  for (;;) {
    const server = createServer().listen(randomInt(lowest, above), "127.0.0.1");
    try {
      await once(server, "listening");
      return server;
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
    }
  }
};

const servers = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, held));
console.log(servers.map((server) => server.address().port).join(" "));
for (const server of servers) server.close();
