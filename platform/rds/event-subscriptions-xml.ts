import { Owner } from "./emulator";
import { EventSubscription } from "./event-subscriptions";
import { escapeXml } from "./xml";

const element = (name: string, text: string) => `<${name}>${escapeXml(text)}</${name}>`;
const list = (name: string, member: string, items: string[]) =>
  `<${name}>${items.map((item) => element(member, item)).join("")}</${name}>`;

function subscriptionXml(it: EventSubscription, { region, account }: Owner): string {
  return (
    "<EventSubscription>" +
    element("CustSubscriptionId", it.name) +
    element("CustomerAwsId", account) +
    element("EventSubscriptionArn", `arn:aws:rds:${region}:${account}:es:${it.name}`) +
    element("SnsTopicArn", it.snsTopicArn) +
    element("Status", "active") +
    element("SubscriptionCreationTime", it.createdAt) +
    (it.sourceType ? element("SourceType", it.sourceType) : "") +
    list("SourceIdsList", "SourceId", it.sourceIds) +
    list("EventCategoriesList", "EventCategory", it.categories) +
    element("Enabled", String(it.enabled)) +
    "</EventSubscription>"
  );
}

/** RDS's answer to an action on subscriptions: the list of those asked for, or the one that was changed. */
export function subscriptionsXml(action: string, subscriptions: EventSubscription[], owner: Owner): string {
  const all = subscriptions.map((it) => subscriptionXml(it, owner)).join("");
  const result = action.startsWith("Describe") ? `<EventSubscriptionsList>${all}</EventSubscriptionsList>` : all;
  return (
    `<${action}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></${action}Response>`
  );
}
