import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, jsonStringify, Output } from "@pulumi/pulumi";
import { Account, policyDocument } from "../../model/aws/account";
import { Tags } from "../../model/aws/tags";

export interface MonitoringArgs {
  account: Account;
  instanceIdentifier: Output<string>;
  parameterGroupName: Output<string>;
  logsKeyArn: Output<string>;
  /** The mail addresses that get the notifications. */
  emails: string[];
  tags: Tags;
}

/** The services that publish to the topic: RDS's events, EventBridge's rules on other events, and alarms. */
const PUBLISHERS = ["events.rds.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com"];

/** The encrypted topic for notifications about the database (FSBP SNS.1, SNS.4), with the subscription to RDS's events. */
export class Monitoring extends ComponentResource {
  readonly topicArn: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: MonitoringArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Monitoring", name, {}, options);
    const topic = this.topic();
    this.topicArn = topic.arn;
    const { instanceIdentifier, parameterGroupName } = args;
    const allowed = this.letServicesPublish(topic);
    // FSBP RDS.20, RDS.21, RDS.22.
    this.events("instance", "db-instance", [instanceIdentifier], allowed, [
      "availability",
      "configuration change",
      "deletion",
      "failover",
      "failure",
      "low storage",
      "maintenance",
      "notification",
      "recovery",
    ]);
    this.events("parameters", "db-parameter-group", [parameterGroupName], allowed, ["configuration change"]);
    // RDS takes no names here: security groups in a VPC are not its own.
    this.events("security-groups", "db-security-group", undefined, allowed, ["configuration change", "failure"]);
    args.emails.forEach((email) => this.tell(email));
    this.registerOutputs({ topicArn: this.topicArn });
  }

  private topic(): aws.sns.Topic {
    const { logsKeyArn, tags } = this.args;
    const name = `${this.name}-events`;
    return new aws.sns.Topic(name, { name, kmsMasterKeyId: logsKeyArn, tags }, { parent: this });
  }

  private letServicesPublish(topic: aws.sns.Topic): aws.sns.TopicPolicy {
    const { account } = this.args;
    return new aws.sns.TopicPolicy(
      `${this.name}-events`,
      {
        arn: topic.arn,
        policy: jsonStringify(
          topic.arn.apply((arn) =>
            policyDocument(
              {
                Sid: "EventsOfThisAccount",
                Effect: "Allow",
                Principal: { Service: PUBLISHERS },
                Action: "sns:Publish",
                Resource: arn,
                Condition: { StringEquals: { "aws:SourceAccount": account.id } },
              },
              {
                Sid: "TlsOnly",
                Effect: "Deny",
                Principal: "*",
                Action: "sns:Publish",
                Resource: arn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
              },
            ),
          ),
        ),
      },
      { parent: this },
    );
  }

  /** Subscribes an address. AWS mails it a link first; until somebody follows the link, it gets nothing else. */
  private tell(email: string) {
    const { topicArn: topic } = this;
    const name = `${this.name}-${email.replaceAll(/[^\w]+/g, "-")}`;
    new aws.sns.TopicSubscription(name, { topic, protocol: "email", endpoint: email }, { parent: this });
  }

  private events(
    kind: string,
    sourceType: string,
    sourceIds: Output<string>[] | undefined,
    allowed: aws.sns.TopicPolicy,
    eventCategories: string[],
  ) {
    const name = `${this.name}-${kind}`;
    new aws.rds.EventSubscription(
      name,
      { name, snsTopic: this.topicArn, sourceType, sourceIds, eventCategories, tags: this.args.tags },
      // RDS tests whether it may publish.
      { parent: this, dependsOn: allowed },
    );
  }
}
