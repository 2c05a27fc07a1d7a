import {
  CreateFlowLogsCommand,
  DeleteFlowLogsCommand,
  DescribeFlowLogsCommand,
  FlowLogsResourceType,
} from "@aws-sdk/client-ec2";
import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { ec2Arn } from "./arn";
import { tagEc2, tagMap, tagSpecification } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";

const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

async function setRetention(logs: CloudWatchLogsClient, logGroupName: string, days: number): Promise<void> {
  // Terraform: 0 is for ever.
  await (days > 0
    ? logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: days }))
    : logs.send(new DeleteRetentionPolicyCommand({ logGroupName })));
}

/** `aws_cloudwatch_log_group`, internal/service/logs/group.go. Its ARN is without the ":*" that the API has. */
export const logGroup = awsResource({
  title: "CloudWatch Logs Log Group",
  properties: {
    name: { computed: true, forceNew: true },
    retentionInDays: {
      default: 0,
      validate: (days: number) =>
        RETENTIONS.includes(days)
          ? undefined
          : `expected retention_in_days to be one of [${RETENTIONS.join(" ")}], got ${days}`,
    },
    kmsKeyId: {},
    logGroupClass: { computed: true, forceNew: true },
    skipDestroy: { default: false, notRead: true },
    ...unmodelled("namePrefix", "deletionProtectionEnabled"),
    ...each({ output: true }, "arn"),
  },
  autoName: { property: "name", maxLength: 512 },
  tag: async ({ logs }, _id, { state, put, remove }) => {
    const resourceArn = state.arn as string;
    if (remove.length > 0) {
      await logs.send(new UntagResourceCommand({ resourceArn, tagKeys: remove }));
    }
    if (Object.keys(put).length > 0) {
      await logs.send(new TagResourceCommand({ resourceArn, tags: put }));
    }
  },

  create: async ({ logs }, inputs) => {
    await logs.send(
      new CreateLogGroupCommand({
        logGroupName: inputs.name,
        kmsKeyId: inputs.kmsKeyId,
        logGroupClass: inputs.logGroupClass,
        tags: inputs.tagsAll,
      }),
    );
    return inputs.name as string;
  },

  complete: async ({ logs }, id, inputs) => {
    if (inputs.retentionInDays > 0) {
      await setRetention(logs, id, inputs.retentionInDays as number);
    }
  },

  read: async ({ logs }, id) => {
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
    const it = logGroups.find(({ logGroupName }) => logGroupName === id);
    if (!it) {
      return undefined;
    }
    const arn = it.arn?.replace(/:\*$/, "");
    const { tags } = await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      arn,
      name: it.logGroupName,
      retentionInDays: it.retentionInDays ?? 0,
      kmsKeyId: it.kmsKeyId,
      logGroupClass: it.logGroupClass,
      tagsAll: tags ?? {},
    };
  },

  update: async ({ logs }, id, _before, inputs, changed) => {
    if (changed.includes("retentionInDays")) {
      await setRetention(logs, id, inputs.retentionInDays as number);
    }
    if (changed.includes("kmsKeyId")) {
      await (inputs.kmsKeyId
        ? logs.send(new AssociateKmsKeyCommand({ logGroupName: id, kmsKeyId: inputs.kmsKeyId }))
        : logs.send(new DisassociateKmsKeyCommand({ logGroupName: id })));
    }
  },

  delete: async ({ logs }, id, { skipDestroy }) => {
    if (!skipDestroy) {
      await unlessMissing(logs.send(new DeleteLogGroupCommand({ logGroupName: id })), "ResourceNotFoundException");
    }
  },
});

/** `aws_flow_log`, internal/service/ec2/vpc_flow_log.go; of a VPC or subnet, to CloudWatch Logs or S3. */
export const flowLog = awsResource({
  title: "EC2 Flow Log",
  properties: {
    ...each({ forceNew: true }, "vpcId", "subnetId", "iamRoleArn", "logFormat"),
    trafficType: { forceNew: true },
    logDestination: { forceNew: true },
    logDestinationType: { default: "cloud-watch-logs", forceNew: true },
    maxAggregationInterval: {
      default: 600,
      forceNew: true,
      validate: (seconds: number) =>
        [60, 600].includes(seconds)
          ? undefined
          : `expected max_aggregation_interval to be one of [60 600], got ${seconds}`,
    },
    ...unmodelled("eniId", "transitGatewayId", "transitGatewayAttachmentId", "deliverCrossAccountRole"),
    ...unmodelled("destinationOptions", "regionalNatGatewayId"),
    ...each({ output: true }, "arn"),
  },
  tag: tagEc2,

  check: (inputs) =>
    ["vpcId", "subnetId"].filter((name) => inputs[name] !== undefined).length === 1
      ? []
      : [{ property: "vpcId", reason: `"vpcId": one of subnetId,vpcId must be specified` }],

  create: async ({ ec2 }, inputs) => {
    const type: FlowLogsResourceType = inputs.vpcId ? "VPC" : "Subnet";
    const { FlowLogIds, Unsuccessful } = await ec2.send(
      new CreateFlowLogsCommand({
        ResourceIds: [(inputs.vpcId ?? inputs.subnetId) as string],
        ResourceType: type,
        TrafficType: inputs.trafficType,
        LogDestinationType: inputs.logDestinationType,
        LogDestination: inputs.logDestination,
        LogFormat: inputs.logFormat,
        DeliverLogsPermissionArn: inputs.iamRoleArn,
        MaxAggregationInterval: inputs.maxAggregationInterval,
        ...tagSpecification("vpc-flow-log", inputs.tagsAll),
      }),
    );
    const refused = Unsuccessful?.[0]?.Error;
    if (refused) {
      throw new Error(`${refused.Code}: ${refused.Message}`);
    }
    return FlowLogIds?.[0] as string;
  },

  read: async (clients, id, state) => {
    const found = await unlessMissing(
      clients.ec2.send(new DescribeFlowLogsCommand({ FlowLogIds: [id] })),
      "InvalidFlowLogId.NotFound",
    );
    const it = found?.FlowLogs?.[0];
    if (!it) {
      return undefined;
    }
    const account = it.LogDestination?.split(":")[4];
    return {
      arn: (state.arn as string | undefined) ?? ec2Arn(clients.region, account, `vpc-flow-log/${id}`),
      ...(it.ResourceId?.startsWith("vpc-") ? { vpcId: it.ResourceId } : { subnetId: it.ResourceId }),
      trafficType: it.TrafficType,
      logDestinationType: it.LogDestinationType,
      logDestination: it.LogDestination,
      logFormat: it.LogFormat,
      iamRoleArn: it.DeliverLogsPermissionArn,
      maxAggregationInterval: it.MaxAggregationInterval,
      tagsAll: tagMap(it.Tags),
    };
  },

  delete: ({ ec2 }, id) =>
    unlessMissing(ec2.send(new DeleteFlowLogsCommand({ FlowLogIds: [id] })), "InvalidFlowLogId.NotFound"),
});
