import {
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Values } from "../providers/protocol/model";
import { useAwsProvider } from "../../test/support/aws-provider";
import { listenTo } from "../../test/support/topic-listener";

const stopped = (code: number) =>
  JSON.stringify({ source: ["aws.ecs"], "detail-type": ["ECS Task State Change"], detail: { code: [code] } });

describe("the local aws provider: events and where they go", () => {
  const on = useAwsProvider({ defaultTags: { tags: { Owner: "tests" } } });
  let events: EventBridgeClient;
  let topicArn: string;
  beforeAll(async () => {
    events = new EventBridgeClient({});
    topicArn = (await on.create("sns.Topic", { name: "events" })).id;
  });
  afterAll(() => events.destroy());

  const rule = (more: Values = {}) => ({
    name: "stopped",
    description: "A task has failed",
    eventPattern: stopped(1),
    tags: { a: "1" },
    ...more,
  });

  test("EventRule", async () => {
    const made = await on.create("cloudwatch.EventRule", rule());
    expect(made.id).toBe("stopped");
    expect(made.state).toMatchObject({
      arn: "arn:aws:events:eu-central-1:000000000000:rule/stopped",
      ...{ state: "ENABLED", eventBusName: "default", tagsAll: { a: "1", Owner: "tests" } },
    });
    expect(await made.drift()).toEqual([]);
    const spaced = JSON.stringify(JSON.parse(stopped(1)), null, 2);
    expect(made.plan(rule({ eventPattern: spaced })).changes).toEqual([]);
    const changed = rule({ description: undefined, eventPattern: stopped(2), state: "DISABLED", tags: { b: "2" } });
    expect(made.plan(changed).replaces).toEqual([]);
    await made.update(changed);
    expect(made.state).toMatchObject({ eventPattern: stopped(2), state: "DISABLED" });
    expect(made.state.description ?? "").toBe("");
    expect(made.state.tagsAll).toEqual({ b: "2", Owner: "tests" });
    expect(await made.drift()).toEqual([]);
    await made.update(rule({ eventPattern: undefined, scheduleExpression: "rate(1 day)" }));
    expect(made.state.scheduleExpression).toBe("rate(1 day)");
    expect(made.state.eventPattern ?? "").toBe("");
    expect(await made.drift()).toEqual([]);
    await events.send(new DisableRuleCommand({ Name: "stopped" }));
    expect(await made.drift()).toEqual(["state"]);
    expect(made.plan(rule({ name: "other" })).replaces).toContain("name");
    expect(made.plan(rule({ eventBusName: "other" })).replaces).toContain("eventBusName");
    expect(await made.imported()).toMatchObject({ name: "stopped", tags: { a: "1" } });
    await made.delete();
    expect((await events.send(new ListRulesCommand({}))).Rules).toEqual([]);
  });

  test("what the plugin and EventBridge refuse of a rule", async () => {
    const managed = on.managed("cloudwatch.EventRule");
    const reason = (more: Values) => managed.failures(rule(more))[0]?.reason;
    expect(reason({ eventPattern: undefined })).toContain(
      "one of `event_pattern,schedule_expression` must be specified",
    );
    expect(reason({ eventPattern: "{" })).toContain("contains an invalid JSON");
    expect(reason({ state: "ON" })).toContain("expected state to be one of");
    expect(reason({ namePrefix: "stopped-" })).toContain("conflicts with name");
    expect(reason({ isEnabled: true })).toContain("no model of this argument");
    const refused = (more: Values) => expect(on.create("cloudwatch.EventRule", rule({ name: "no", ...more }))).rejects;
    await refused({ eventPattern: '{"source":"aws.ecs"}' }).toThrow(
      /^creating EventBridge Rule: InvalidEventPatternException: /,
    );
    await refused({ eventPattern: undefined, scheduleExpression: "daily" }).toThrow("ScheduleExpression is not valid");
    await expect(events.send(new DescribeRuleCommand({ Name: "no" }))).rejects.toThrow("does not exist");
  });

  const transformer = { inputPaths: { code: "$.detail.code" }, inputTemplate: '"Stopped with <code>."' };
  const target = (more: Values = {}) => ({
    rule: "stopped",
    targetId: "team",
    arn: topicArn,
    inputTransformer: transformer,
    deadLetterConfig: { arn: "arn:aws:sqs:eu-central-1:000000000000:lost" },
    ...more,
  });

  test("EventTarget", async () => {
    const made = await on.create("cloudwatch.EventRule", rule());
    const team = await on.create("cloudwatch.EventTarget", target());
    expect(team.id).toBe("stopped-team");
    expect(team.state).toMatchObject({ ...target(), eventBusName: "default" });
    expect(await team.drift()).toEqual([]);
    const template = '{"text": "Stopped", "code": <code>}';
    const changed = target({
      inputTransformer: { ...transformer, inputTemplate: template },
      deadLetterConfig: undefined,
      retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 3 },
    });
    expect(team.plan(changed).replaces).toEqual([]);
    await team.update(changed);
    expect(team.state.deadLetterConfig).toBeUndefined();
    expect(await team.drift()).toEqual([]);
    await team.update(target({ inputTransformer: undefined, input: '{"a": 1}' }));
    expect(team.state.inputTransformer).toBeUndefined();
    expect(team.plan(target({ inputTransformer: undefined, input: '{"a":1}' })).changes).toEqual([]);
    expect(await team.drift()).toEqual([]);
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: "stopped" }));
    const other = { ...Targets?.[0], Id: "team", Arn: `${topicArn}-2` };
    await events.send(new PutTargetsCommand({ Rule: "stopped", Targets: [other] }));
    expect(await team.drift()).toEqual(["arn"]);
    for (const name of ["rule", "targetId", "eventBusName"]) {
      expect(team.plan(target({ [name]: "other" })).replaces).toEqual([name]);
    }
    expect(await team.imported("stopped/team")).toMatchObject({ rule: "stopped", targetId: "team" });

    const unnamed = await on.create("cloudwatch.EventTarget", target({ targetId: undefined }));
    expect(unnamed.state.targetId).toMatch(/^terraform-/);
    expect(unnamed.plan(target({ targetId: undefined })).changes).toEqual([]);
    // A rule goes after its targets.
    const end = made.delete();
    await Promise.all([team.delete(), unnamed.delete()]);
    await end;
    expect(await team.read()).toBeUndefined();
    await team.model.delete(on.clients, team.id, team.state);
  });

  test("what the plugin and EventBridge refuse of a target", async () => {
    const managed = on.managed("cloudwatch.EventTarget");
    const reason = (more: Values) => managed.failures(target(more))[0]?.reason;
    expect(reason({ arn: "topic" })).toContain("is an invalid ARN");
    expect(reason({ input: "{}" })).toContain("conflicts with input");
    expect(reason({ inputTransformer: { ...transformer, inputPaths: { "a.b": "$" } } })).toContain('"a.b" must not');
    expect(reason({ ecsTarget: {} })).toContain("no model of this argument");
    const made = await on.create("cloudwatch.EventRule", rule());
    const refused = (more: Values) => expect(on.create("cloudwatch.EventTarget", target(more))).rejects;
    await refused({ rule: "none" }).toThrow(/^creating EventBridge Target: ResourceNotFoundException: /);
    const template = (inputTemplate: string) => ({ inputTransformer: { ...transformer, inputTemplate } });
    await refused(template("Stopped with <code>.")).toThrow("neither JSON nor a text in quotes");
    await refused(template('"Stopped with <exit>."')).toThrow("placeholder <exit> is not in InputPathsMap");
    await refused({ arn: "arn:aws:s3:::bucket" }).toThrow("is not a supported service for a target");
    await made.delete();
  });

  test("an event reaches a topic's subscribers as the target says", async () => {
    const topic = await listenTo(topicArn);
    await on.create("cloudwatch.EventRule", rule({ eventPattern: stopped(3).replace("aws.ecs", "tests") }));
    await on.create("cloudwatch.EventTarget", target());
    const Entry = { Source: "tests", DetailType: "ECS Task State Change" };
    for (const code of [2, 3]) {
      await events.send(new PutEventsCommand({ Entries: [{ ...Entry, Detail: JSON.stringify({ code }) }] }));
    }
    await expect.poll(() => topic.told).toEqual(['"Stopped with 3."']);
    topic.close();
  });
});
