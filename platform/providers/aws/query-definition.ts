import {
  DeleteQueryDefinitionCommand,
  DescribeQueryDefinitionsCommand,
  PutQueryDefinitionCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { Values } from "../protocol/model";
import { AwsClients } from "./clients";
import { unlessMissing } from "./errors";
import { awsResource, unmodelled } from "./resource";
import { text } from "./validate";

async function put({ logs }: AwsClients, inputs: Values, queryDefinitionId?: string): Promise<string> {
  const answer = await logs.send(
    new PutQueryDefinitionCommand({
      name: inputs.name as string,
      queryString: inputs.queryString as string,
      logGroupNames: inputs.logGroupNames as string[],
      queryDefinitionId,
    }),
  );
  return answer.queryDefinitionId as string;
}

/** `aws_cloudwatch_query_definition`, internal/service/logs/query_definition.go: its id is the one that AWS gives. */
export const queryDefinition = awsResource({
  title: "CloudWatch Logs Query Definition",
  properties: {
    name: { required: true, validate: text("name", 1, 255, /^([^:*/]+\/?)*[^:*/]+$/) },
    queryString: { required: true, validate: text("queryString", 1, 10_000) },
    logGroupNames: {},
    queryDefinitionId: { output: true },
    ...unmodelled(),
  },

  create: (clients, inputs) => put(clients, inputs),

  /** By its ARN. */
  importer: (_, arn) => {
    const [, id] = /^arn:.*:query-definition:(.+)$/.exec(arn) ?? [];
    if (!id) {
      throw new Error(`expected ARN of a query definition, got ${arn}`);
    }
    return Promise.resolve({ id, state: {} });
  },

  read: async ({ logs }, id, { name }) => {
    const { queryDefinitions = [] } = await logs.send(
      new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: name as string | undefined }),
    );
    const it = queryDefinitions.find((one) => one.queryDefinitionId === id);
    return (
      it && {
        name: it.name,
        queryString: it.queryString,
        logGroupNames: it.logGroupNames,
        queryDefinitionId: it.queryDefinitionId,
      }
    );
  },

  update: async (clients, id, _before, inputs) => {
    await put(clients, inputs, id);
  },

  delete: ({ logs }, queryDefinitionId) =>
    unlessMissing(logs.send(new DeleteQueryDefinitionCommand({ queryDefinitionId })), "ResourceNotFoundException"),
});
