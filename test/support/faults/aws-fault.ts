import { CheckConfig } from "../../../model/outputs/check";

/** Something in AWS that must not be, brought about with the SDK. Planting it returns what takes it back. */
export interface AwsFault {
  name: string;
  plant: (config: CheckConfig) => Promise<() => Promise<unknown>>;
  finds: [check: string, subject: (config: CheckConfig) => string][];
}

const OPEN = (Action: string, Resource: string) => ({ Sid: "Open", Effect: "Allow", Principal: "*", Action, Resource });

/** A policy with one statement more, for everybody. */
export function opened(policy: string, action: string, resource: string): string {
  const document = JSON.parse(policy || '{"Version":"2012-10-17","Statement":[]}') as { Statement: unknown[] };
  return JSON.stringify({ ...document, Statement: [...document.Statement, OPEN(action, resource)] });
}
