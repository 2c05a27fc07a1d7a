import { EventSubscription, paginateDescribeEventSubscriptions, RDSClient } from "@aws-sdk/client-rds";
import { Problem } from "../finding";
import { AwsConfig } from "../../../model/outputs/check-aws";
import { unfulfilled, UPDATE } from "./wishes";

export const EVENTS = {
  check: "events",
  title: "RDS tells the topic what happens to the instance, its parameters and its security groups",
  controls: ["FSBP RDS.20", "FSBP RDS.21", "FSBP RDS.22", "guide: Monitoring & Alerting"],
};

/** What the controls ask for of each type of source. */
const CATEGORIES: Record<string, string[]> = {
  "db-instance": ["maintenance", "configuration change", "failure"],
  "db-parameter-group": ["configuration change"],
  "db-security-group": ["configuration change", "failure"],
};

export function judgeEvents(subscriptions: EventSubscription[], stack: string, { topicArn }: AwsConfig): Problem[] {
  const ours = subscriptions.filter(({ CustSubscriptionId }) => CustSubscriptionId?.startsWith(`${stack}-`));
  return Object.entries(CATEGORIES).flatMap(([type, categories]) => {
    const subscription = ours.find(({ SourceType }) => SourceType === type);
    const subject = `events of ${type}`;
    const { Enabled, SnsTopicArn, EventCategoriesList = [] } = subscription ?? {};
    // An empty list is all of them.
    const missing =
      EventCategoriesList.length > 0 ? categories.filter((one) => !EventCategoriesList.includes(one)) : [];
    return subscription
      ? unfulfilled([
          {
            subject,
            found: Enabled ? "on" : "off",
            expected: "on",
            cure: `aws rds modify-event-subscription --subscription-name ${subscription.CustSubscriptionId} --enabled`,
          },
          { subject: `${subject}: topic`, found: SnsTopicArn, expected: topicArn },
          { subject: `${subject}: left out`, found: missing.join(", ") || "none", expected: "none" },
        ])
      : [{ subject, found: "told to nobody", expected: "told to the topic", cure: UPDATE }];
  });
}

export async function lookAtEvents(rds: RDSClient, stack: string, config: AwsConfig): Promise<Problem[]> {
  const found: EventSubscription[] = [];
  for await (const { EventSubscriptionsList = [] } of paginateDescribeEventSubscriptions({ client: rds }, {})) {
    found.push(...EventSubscriptionsList);
  }
  return judgeEvents(found, stack, config);
}
