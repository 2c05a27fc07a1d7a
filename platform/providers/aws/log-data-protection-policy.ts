import {
  CloudWatchLogsClient,
  DeleteDataProtectionPolicyCommand,
  GetDataProtectionPolicyCommand,
  PutDataProtectionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { Values } from "../protocol/model";
import { unlessMissing } from "./errors";
import { json, sameJson } from "./json";
import { awsResource } from "./resource";
import { text } from "./validate";

const GONE = "ResourceNotFoundException";

async function put(logs: CloudWatchLogsClient, inputs: Values): Promise<string> {
  const { logGroupName, policyDocument } = inputs as { logGroupName: string; policyDocument: string };
  await logs.send(new PutDataProtectionPolicyCommand({ logGroupIdentifier: logGroupName, policyDocument }));
  return logGroupName;
}

/** `aws_cloudwatch_log_data_protection_policy`, internal/service/logs/data_protection_policy.go. Its id is the log group's name. */
export const logDataProtectionPolicy = awsResource({
  title: "CloudWatch Logs Data Protection Policy",
  properties: {
    logGroupName: { required: true, forceNew: true, validate: text("logGroupName", 1, 512, /^[\w./#-]+$/) },
    policyDocument: { required: true, same: sameJson, validate: json("policyDocument") },
  },

  create: ({ logs }, inputs) => put(logs, inputs),

  // A group without a policy has an answer without a document.
  read: async ({ logs }, id) => {
    const found = await unlessMissing(logs.send(new GetDataProtectionPolicyCommand({ logGroupIdentifier: id })), GONE);
    return found?.policyDocument ? { logGroupName: id, policyDocument: found.policyDocument } : undefined;
  },

  update: async ({ logs }, _id, _before, inputs) => {
    await put(logs, inputs);
  },

  delete: ({ logs }, id) =>
    unlessMissing(logs.send(new DeleteDataProtectionPolicyCommand({ logGroupIdentifier: id })), GONE),
});
