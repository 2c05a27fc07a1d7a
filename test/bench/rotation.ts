import { setTimeout } from "node:timers/promises";
import { LocalStack } from "../support/local-stack";
import { median } from "../support/measure";
import { rotateUnderLoad } from "../support/rotation-under-load";

/**
 * What rotations cost an application: twenty of every role, under the load of fifty connections each, and beside them the
 * same number of passwords changed in place under the same load. `make bench-rotation` runs it; docs/performance.md has the
 * figures.
 */
const ROTATIONS = Number(process.env.ROTATIONS ?? 20);
const CONNECTIONS = 50;
/** Between the server and the secret, when a password is changed in place: two calls to AWS, at best. */
const IN_PLACE_GAP_MS = 500;

async function main(): Promise<void> {
  const database = { parameters: { max_connections: 400 } };
  const stack = await LocalStack.open("bench-rotation", database);
  try {
    console.log("Bringing a stack up …");
    await stack.up();
    console.log(`Rotating ${ROTATIONS} times under load …`);
    const { reports, seconds } = await rotateUnderLoad(stack, {
      rotations: ROTATIONS,
      connections: CONNECTIONS,
      rest: 500,
      database,
      gap: () => setTimeout(IN_PLACE_GAP_MS),
      afterEach: () => Promise.resolve(void process.stdout.write(".")),
    });
    console.log();
    console.table(
      Object.entries(reports).map(([login, { statements, logins, failures }]) => ({
        login,
        statements,
        logins,
        failed: failures.length,
      })),
    );
    console.log(`An update that rotates every role: median ${median(seconds).toFixed(1)} s`);
  } finally {
    await stack.close();
  }
}

void main();
