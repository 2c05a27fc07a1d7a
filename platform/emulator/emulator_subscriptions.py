"""SNS's subscriptions by mail wait until their reader confirms; ministack confirms them itself.

No mail is sent on this machine, so they go on waiting.
"""

from uuid import uuid4


def extend(sns):
    subscribe, unsubscribe = sns._subscribe, sns._unsubscribe

    def find(topic_arn, protocol, endpoint):
        topic = sns._topic_by_arn_any_scope(topic_arn) or {}
        for subscription in topic.get("subscriptions", []):
            if (subscription["protocol"], subscription["endpoint"]) == (protocol, endpoint):
                return subscription
        return None

    def subscribe_and_wait(p):
        key = [sns._p(p, name) for name in ("TopicArn", "Protocol", "Endpoint")]
        known = find(*key)
        status, headers, body = subscribe(p)
        made = find(*key)
        if made is None:
            return status, headers, body
        if made is not known and made["protocol"].startswith("email"):
            made.update(confirmed=False, token=str(uuid4()))
            made["attributes"].update(PendingConfirmation="true", ConfirmationWasAuthenticated="false")
            sns._refresh_subscription_counts(sns._topic_by_arn_any_scope(key[0]))
        told = made["confirmed"] or sns._p(p, "ReturnSubscriptionArn") == "true"
        arn = made["arn"] if told else "pending confirmation"
        result = f"<SubscribeResult><SubscriptionArn>{arn}</SubscriptionArn></SubscribeResult>"
        return sns._xml(200, "SubscribeResponse", result)

    def unsubscribe_confirmed(p):
        arn = sns._p(p, "SubscriptionArn")
        topic_arn = sns._sub_arn_to_topic.get(arn)
        subscription = sns._find_subscription(topic_arn, arn) if topic_arn else None
        if subscription and not subscription["confirmed"]:
            reason = "Cannot unsubscribe a subscription that is pending confirmation"
            return sns._error("InvalidParameter", f"Invalid parameter: SubscriptionArn Reason: {reason}", 400)
        return unsubscribe(p)

    sns._subscribe, sns._unsubscribe = subscribe_and_wait, unsubscribe_confirmed
