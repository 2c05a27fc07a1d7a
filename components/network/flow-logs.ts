import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, jsonStringify, Output } from "@pulumi/pulumi";
import { Account, policyDocument, serviceTrust } from "../../model/aws/account";
import { Tags } from "../../model/aws/tags";

export interface FlowLogsArgs {
  account: Account;
  vpcId: Output<string>;
  logsKeyArn: Output<string>;
  /** Days that they are kept. */
  retentionDays: number;
  tags: Tags;
}

/** Seconds that are summed up in one entry: the longer of the two that AWS knows is a tenth of the price. */
const AGGREGATION_SECONDS = 600;

/** Who talked to whom in the VPC, and who was turned away (FSBP EC2.6), in an encrypted log group. */
export class FlowLogs extends ComponentResource {
  constructor(name: string, args: FlowLogsArgs, options?: ComponentResourceOptions) {
    super("markenmate:components:FlowLogs", name, {}, options);
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-flow-logs`,
      {
        name: `/aws/vpc/flow-logs/${name}`,
        kmsKeyId: args.logsKeyArn,
        retentionInDays: args.retentionDays,
        tags: args.tags,
      },
      { parent: this },
    );
    new aws.ec2.FlowLog(
      name,
      {
        vpcId: args.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: logGroup.arn,
        iamRoleArn: this.writer(`${name}-flow-logs`, args, logGroup),
        maxAggregationInterval: AGGREGATION_SECONDS,
        tags: args.tags,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }

  /** The service's role: it writes to this one group (AWS: "Publish flow logs to CloudWatch Logs"). */
  private writer(name: string, { account, tags }: FlowLogsArgs, logGroup: aws.cloudwatch.LogGroup): Output<string> {
    const role = new aws.iam.Role(
      name,
      {
        name,
        description: "Lets VPC Flow Logs write to its log group",
        assumeRolePolicy: JSON.stringify(serviceTrust(account, "vpc-flow-logs.amazonaws.com")),
        tags,
      },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      name,
      {
        role: role.name,
        policy: jsonStringify(
          interpolate`${logGroup.arn}:*`.apply((streams) =>
            policyDocument({
              Sid: "WriteThisLogGroup",
              Effect: "Allow",
              Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
              Resource: streams,
            }),
          ),
        ),
      },
      { parent: this },
    );
    return role.arn;
  }
}
