import { createServer } from "node:net";

/** Below the range from which the kernel hands out ports to outgoing connections, so that a remembered port stays free. */
const LOWEST = 15_000;
const HIGHEST = 31_000;

/** Whether a server could listen on the port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A free port of 127.0.0.1, chosen by chance so that two platforms that start together rarely meet. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) {
      return port;
    }
  }
}
