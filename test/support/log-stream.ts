import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";

/** A line that PostgreSQL writes of a login that it refuses. */
export const REFUSED_LOGIN = `2026-11-25 07:00:00 UTC:10.0.0.1(4242):markenmate_app@markenmate:[123]:FATAL:  password authentication failed for user "x"`;

/** Makes a stream in a log group, as each server and each task has one, and returns what writes to it. */
export async function openLogStream(stream: { logGroupName: string; logStreamName: string }) {
  const logs = new CloudWatchLogsClient({});
  await logs.send(new CreateLogStreamCommand(stream));
  return async (messages: string[]) => {
    const logEvents = messages.map((message) => ({ message, timestamp: Date.now() }));
    await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
  };
}
