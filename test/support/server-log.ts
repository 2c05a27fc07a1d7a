import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";

/** A line that PostgreSQL writes of a login that it refuses. */
export const REFUSED_LOGIN = `2026-11-25 07:00:00 UTC:10.0.0.1(4242):markenmate_app@markenmate:[123]:FATAL:  password authentication failed for user "x"`;

/** A stream of its own in a server's log group, as RDS has one for each instance; returns what writes a line so and so often. */
export async function openServerLog(logGroupName: string) {
  const logs = new CloudWatchLogsClient({});
  const stream = { logGroupName, logStreamName: "written-by-a-test" };
  await logs.send(new CreateLogStreamCommand(stream));
  return async (message: string, count: number) => {
    const logEvents = Array.from({ length: count }, () => ({ timestamp: Date.now(), message }));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
  };
}
