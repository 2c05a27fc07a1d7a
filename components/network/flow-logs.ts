import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, interpolate, jsonStringify, Output } from "@pulumi/pulumi";
import { Account, policyDocument, serviceTrust } from "../../model/aws/account";
import { Tags } from "../../model/aws/tags";

export interface FlowLogsArgs {
  account: Account;
  vpcId: Output<string>;
  logsKeyArn: Output<string>;
  /** Days for which the flow logs are kept. */
  retentionDays: number;
  tags: Tags;
}

/** Seconds of traffic in one entry: of the two values that AWS allows, the longer one costs a tenth. */
const AGGREGATION_SECONDS = 600;

/** The VPC's flow logs in an encrypted log group: who talked to whom, and who was turned away (FSBP EC2.6). */
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

  /** The role with which VPC Flow Logs writes to this one log group (AWS: "Publish flow logs to CloudWatch Logs"). */
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
