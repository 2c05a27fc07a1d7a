import path from "node:path";
import { rm } from "node:fs/promises";
import {
  DescribeEventSubscriptionsCommand,
  ListTagsForResourceCommand,
  ModifyEventSubscriptionCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import {
  ConfirmSubscriptionCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { createServer, Server } from "node:http";
import { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientsFrom } from "../providers/aws/clients";
import { TOOLS_DIR } from "../shared/paths";
import { LocalRds, startLocalRds } from "../rds/front";
import { REGION, useAwsProvider } from "../../test/support/aws-provider";
import { temporaryFolder } from "../../test/support/engine";

const CONFIG = { defaultTags: { tags: { Owner: "tests" } } };

const policy = (arn: string, Action: string | string[]) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "events.rds.amazonaws.com" }, Action, Resource: arn }],
  });

describe("the local aws provider: notices", () => {
  const on = useAwsProvider(CONFIG);
  let sns: SNSClient;
  beforeAll(() => {
    sns = new SNSClient({});
  });

  test("Topic", async () => {
    const key = await on.create("kms.Key", {});
    const input = { name: "notices", displayName: "Notices", kmsMasterKeyId: key.id, tags: { a: "1" } };
    const topic = await on.create("sns.Topic", input);
    expect(topic.id).toBe("arn:aws:sns:eu-central-1:000000000000:notices");
    expect(topic.state).toMatchObject({
      ...{ arn: topic.id, owner: "000000000000", displayName: "Notices", kmsMasterKeyId: key.id },
      tagsAll: { a: "1", Owner: "tests" },
    });
    expect(await topic.drift()).toEqual([]);
    const own = policy(topic.id, "sns:Publish");
    await topic.update({ ...input, displayName: undefined, policy: own, tags: { b: "2" } });
    expect(topic.state).toMatchObject({ displayName: "", policy: own, tagsAll: { b: "2", Owner: "tests" } });
    expect(await topic.drift()).toEqual([]);
    const set = (AttributeName: string, AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn: topic.id, AttributeName, AttributeValue }));
    await set("Policy", policy(topic.id, ["sns:Publish"]));
    expect(await topic.drift()).toEqual([]);
    await set("KmsMasterKeyId", "");
    expect(await topic.drift()).toEqual(["kmsMasterKeyId"]);
    expect(topic.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
    expect(topic.failures({ name: "a b" })[0]?.reason).toContain("invalid topic name");
    expect(topic.failures({ fifoTopic: true })[0]?.reason).toContain("no model of FIFO topics");
    await topic.delete();
    expect(await topic.imported()).toBeUndefined();
  });

  test("TopicPolicy leaves the default policy behind", async () => {
    const topic = await on.create("sns.Topic", { name: "guarded" });
    const input = { arn: topic.id, policy: policy(topic.id, "sns:Publish") };
    const resource = await on.create("sns.TopicPolicy", input);
    expect(resource.id).toBe(topic.id);
    expect(await resource.drift()).toEqual([]);
    // The topic's own argument is left to others then.
    expect(topic.plan({ name: "guarded" }).changes).toEqual([]);
    await resource.update({ ...input, policy: policy(topic.id, ["sns:Publish", "sns:Subscribe"]) });
    expect(await resource.drift()).toEqual([]);
    expect(resource.plan({ ...input, arn: `${topic.id}2` }).replaces).toEqual(["arn"]);
    await resource.model.delete(on.clients, resource.id, resource.state);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic.id }));
    expect(Attributes?.Policy).toContain("__default_policy_ID");
    expect(Attributes?.Policy).not.toContain("events.rds");
    await topic.delete();
    expect(await resource.read()).toBeUndefined();
    await resource.model.delete(on.clients, resource.id, resource.state);
  });

  test("TopicSubscription by mail waits for its reader, and so does its end", async () => {
    const topic = await on.create("sns.Topic", { name: "mails" });
    const input = { topic: topic.id, protocol: "email", endpoint: "team@example.com" };
    const subscription = await on.create("sns.TopicSubscription", input);
    expect(subscription.id).toMatch(/^arn:aws:sns:eu-central-1:000000000000:mails:[0-9a-f-]{36}$/);
    expect(subscription.state).toMatchObject({ pendingConfirmation: true, confirmationWasAuthenticated: false });
    expect(await subscription.drift()).toEqual([]);
    const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: topic.id }));
    expect(Attributes).toMatchObject({ SubscriptionsPending: "1", SubscriptionsConfirmed: "0" });
    const other = { TopicArn: topic.id, Protocol: "email", Endpoint: "other@example.com" };
    expect((await sns.send(new SubscribeCommand(other))).SubscriptionArn).toBe("pending confirmation");
    await subscription.update({ ...input, filterPolicy: '{ "kind": ["a"] }' });
    expect(await subscription.drift()).toEqual([]);
    await subscription.update(input);
    expect(subscription.state.filterPolicy).toBeUndefined();
    expect(subscription.plan({ ...input, endpoint: "one@example.com" }).replaces).toEqual(["endpoint"]);
    expect(subscription.failures({ ...input, protocol: "mail" })[0]?.reason).toContain(
      "expected protocol to be one of",
    );
    // The provider takes it as ended; SNS keeps it until it forgets it.
    await subscription.model.delete(on.clients, subscription.id, subscription.state);
    expect(await subscription.read()).toMatchObject({ pendingConfirmation: true });
    await topic.delete();
    expect(await subscription.read()).toBeUndefined();
    await subscription.model.delete(on.clients, subscription.id, subscription.state);
  });

  describe("TopicSubscription to an endpoint of the web", () => {
    let server: Server;
    let asked: Promise<{ Token: string; TopicArn: string }>;
    beforeAll(async () => {
      asked = new Promise((resolve) => {
        server = createServer((request, response) => {
          void text(request).then((body) => {
            response.end();
            resolve(JSON.parse(body) as { Token: string; TopicArn: string });
          });
        });
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => void server.close());

    test("is confirmed by its token, and then can be ended", async () => {
      const topic = await on.create("sns.Topic", { name: "web" });
      const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const input = { topic: topic.id, protocol: "http", endpoint, rawMessageDelivery: true };
      const subscription = await on.create("sns.TopicSubscription", input);
      expect(subscription.state).toMatchObject({ pendingConfirmation: true, rawMessageDelivery: true });
      const { Token, TopicArn } = await asked;
      await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));
      expect(await subscription.read()).toMatchObject({ pendingConfirmation: false });
      await subscription.delete();
      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic.id }));
      expect(Subscriptions).toEqual([]);
      await topic.delete();
    });
  });

  describe("EventSubscription", () => {
    let dir: string;
    let front: LocalRds;
    let rds: RDSClient;
    let snsTopic: string;

    /** The local RDS, and clients that go to it. */
    const openFront = async () => {
      front = await startLocalRds({
        ...{ dataDir: path.join(dir, "rds"), tlsDir: path.join(dir, "tls"), toolsDir: TOOLS_DIR, region: REGION },
        emulatorUrl: process.env.AWS_ENDPOINT_URL as string,
        log: () => undefined,
      });
      process.env.AWS_ENDPOINT_URL_RDS = front.url;
      on.clients.close();
      on.clients = clientsFrom(CONFIG);
      rds = new RDSClient({});
    };

    beforeAll(async () => {
      dir = await temporaryFolder("notices");
      // An instance that only the emulator knows does as a source.
      const direct = { engine: "postgres", instanceClass: "db.t4g.small", allocatedStorage: 20, username: "keeper" };
      await on.create("rds.Instance", {
        ...direct,
        identifier: "one",
        password: "not-a-secret",
        skipFinalSnapshot: true,
      });
      await openFront();
      snsTopic = (await on.create("sns.Topic", { name: "database" })).id;
    });
    afterAll(async () => {
      rds.destroy();
      await front.close();
      await rm(dir, { recursive: true, force: true });
    });

    const wanted = () => ({
      name: "database",
      snsTopic,
      sourceType: "db-instance",
      sourceIds: ["one"],
      eventCategories: ["failure", "low storage"],
      tags: { a: "1" },
    });

    test("is kept, changed in place and found again by another process", async () => {
      const input = wanted();
      const made = await on.create("rds.EventSubscription", input);
      expect(made.id).toBe("database");
      expect(made.state).toMatchObject({
        arn: "arn:aws:rds:eu-central-1:000000000000:es:database",
        customerAwsId: "000000000000",
        enabled: true,
        tagsAll: { a: "1", Owner: "tests" },
      });
      expect(await made.drift()).toEqual([]);
      const other = (await on.create("sns.Topic", { name: "elsewhere" })).id;
      const changed = { ...input, snsTopic: other, eventCategories: ["failover"], enabled: false, tags: { b: "2" } };
      expect(made.plan(changed).replaces).toEqual([]);
      await made.update(changed);
      expect(made.state).toMatchObject({ snsTopic: other, enabled: false, eventCategories: ["failover"] });
      expect(made.state.tagsAll).toEqual({ b: "2", Owner: "tests" });

      await front.close();
      await openFront();
      const { id, inputs, state } = made;
      const subscription = Object.assign(on.managed("rds.EventSubscription"), { id, inputs, state });
      expect(await subscription.drift()).toEqual([]);

      await rds.send(new ModifyEventSubscriptionCommand({ SubscriptionName: "database", Enabled: true }));
      expect(await subscription.drift()).toEqual(["enabled"]);
      await subscription.update({ name: "database", snsTopic, sourceType: "db-instance" });
      expect(subscription.state).toMatchObject({ eventCategories: [], sourceIds: [], snsTopic, enabled: true });
      expect(await subscription.drift()).toEqual([]);
      await subscription.update(input);
      expect(await subscription.drift()).toEqual([]);
      expect(subscription.plan({ ...input, name: "other" }).replaces).toEqual(["name"]);
      expect(await subscription.imported()).toMatchObject({ sourceIds: ["one"], tags: { a: "1" } });
      const { arn: ResourceName } = subscription.state as { arn: string };
      await subscription.delete();
      expect((await rds.send(new ListTagsForResourceCommand({ ResourceName }))).TagList).toEqual([]);
      expect((await rds.send(new DescribeEventSubscriptionsCommand({}))).EventSubscriptionsList).toEqual([]);
    });

    test("what RDS refuses", async () => {
      const create = (more: object) => on.create("rds.EventSubscription", { ...wanted(), ...more });
      const kept = await create({});
      await expect(create({})).rejects.toThrow(/^creating RDS Event Subscription: SubscriptionAlreadyExistFault: /);
      const another = { name: "another" };
      await expect(create({ ...another, snsTopic: `${snsTopic}s` })).rejects.toThrow("SNSTopicArnNotFoundFault");
      await expect(create({ ...another, sourceIds: ["two"] })).rejects.toThrow("SourceNotFoundFault");
      await expect(create({ ...another, sourceType: undefined })).rejects.toThrow("SourceType must be provided");
      await expect(create({ ...another, eventCategories: ["fire"] })).rejects.toThrow(
        "SubscriptionCategoryNotFoundFault",
      );
      expect(kept.failures({ ...wanted(), sourceType: "instance" })[0]?.reason).toContain("expected sourceType to be");
      expect(kept.failures({ ...wanted(), snsTopic: "topic" })[0]?.reason).toContain("is an invalid ARN");
      expect(kept.failures({ ...wanted(), name: "a_b" })[0]?.reason).toContain(
        "only alphanumeric characters and hyphens",
      );
      const before = { ...kept };
      await expect(kept.update({ ...wanted(), sourceIds: ["two"] })).rejects.toThrow("SourceNotFoundFault");
      Object.assign(kept, before);
      await kept.delete();
      const { EventSubscriptionsList } = await rds.send(new DescribeEventSubscriptionsCommand({}));
      expect(EventSubscriptionsList).toEqual([]);
    });
  });
});
