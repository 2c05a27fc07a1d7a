import {
  CloudWatchClient,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboardBody } from "../../model/observability/dashboard";
import { Values } from "../providers/protocol/model";
import { SAMPLE } from "../../tools/docs/dashboard-sample";
import { useAwsProvider } from "../../test/support/aws-provider";

const body = dashboardBody(SAMPLE);
const dashboard = (more: Values = {}) => ({ dashboardName: "shop-prod", dashboardBody: JSON.stringify(body), ...more });

describe("the local aws provider: dashboards", () => {
  const on = useAwsProvider();
  let cloudWatch: CloudWatchClient;
  beforeAll(() => {
    cloudWatch = new CloudWatchClient({});
  });
  afterAll(() => cloudWatch.destroy());

  test("Dashboard", async () => {
    const made = await on.create("cloudwatch.Dashboard", dashboard());
    expect(made.id).toBe("shop-prod");
    expect(made.state.dashboardArn).toBe("arn:aws:cloudwatch::000000000000:dashboard/shop-prod");
    expect(await made.drift()).toEqual([]);

    const { widgets, ...rest } = body;
    const same = JSON.stringify({ widgets, ...rest }, undefined, 2);
    expect(made.plan(dashboard({ dashboardBody: same })).changes).toEqual([]);
    const fewer = JSON.stringify({ ...body, widgets: widgets.slice(1) });
    expect(made.plan(dashboard({ dashboardBody: fewer }))).toEqual({ changes: ["dashboardBody"], replaces: [] });
    await made.update(dashboard({ dashboardBody: fewer }));
    const found = await cloudWatch.send(new GetDashboardCommand({ DashboardName: "shop-prod" }));
    expect(JSON.parse(found.DashboardBody ?? "")).toEqual(JSON.parse(fewer));

    const { DashboardEntries } = await cloudWatch.send(new ListDashboardsCommand({}));
    expect(
      DashboardEntries?.map(({ DashboardName, LastModified }) => [DashboardName, LastModified?.getFullYear()]),
    ).toEqual([["shop-prod", new Date().getFullYear()]]);

    const empty = JSON.stringify({ widgets: [] });
    await cloudWatch.send(new PutDashboardCommand({ DashboardName: "shop-prod", DashboardBody: empty }));
    expect(await made.drift()).toEqual(["dashboardBody"]);
    expect(made.plan(dashboard({ dashboardName: "other", dashboardBody: fewer })).replaces).toEqual(["dashboardName"]);
    expect(await made.imported()).toMatchObject({ dashboardName: "shop-prod", dashboardBody: empty });
    await made.delete();
    expect((await cloudWatch.send(new ListDashboardsCommand({}))).DashboardEntries).toEqual([]);
  });

  test("what the plugin refuses", () => {
    const reason = (more: Values) => on.managed("cloudwatch.Dashboard").failures(dashboard(more))[0]?.reason;
    expect(reason({ dashboardName: "shop prod" })).toContain("invalid value for dashboardName");
    expect(reason({ dashboardBody: "{" })).toContain('"dashboardBody" contains an invalid JSON');
  });

  const metric = (properties: Values) => ({ type: "metric", properties: { region: "eu-central-1", ...properties } });
  const text = (more: Values) => ({ type: "text", properties: { markdown: "x" }, ...more });
  const cpu = ["AWS/RDS", "CPUUtilization"];
  test.each<[what: string, widgets: unknown, path: string, message: string]>([
    ["no list", {}, "", "Should have required property 'widgets'"],
    ["too many", Array(501).fill(text({})), "/widgets", "Should NOT have more than 500 items"],
    ["an unknown kind", [{ type: "graph", properties: {} }], "/widgets/0/type", "one of the allowed values"],
    ["outside the grid", [text({ x: 24, y: 0 })], "/widgets/0/x", "Should be <= 23"],
    ["too wide", [text({ x: 0, y: 0, width: 25 })], "/widgets/0/width", "Should be <= 24"],
    ["half a row", [text({ x: 0, y: 0.5 })], "/widgets/0/y", "Should be integer"],
    ["no text", [text({ properties: {} })], "/widgets/0/properties", "required property 'markdown'"],
    ["no region", [metric({ metrics: [cpu], region: undefined })], "/widgets/0/properties", "property 'region'"],
    ["a metric that is no list", [metric({ metrics: cpu })], "/widgets/0/properties/metrics/0", "Should be array"],
    ["half a dimension", [metric({ metrics: [[...cpu, "A"]] })], "/widgets/0/properties/metrics/0", "array of array"],
    ["a colour's name", [metric({ metrics: [[...cpu, { color: "red" }]] })], "/metrics/0/color", "hexadecimal"],
    ["a period", [metric({ metrics: [cpu], period: 90 })], "/widgets/0/properties/period", "multiple of 60"],
    [
      "a limit in words",
      [metric({ metrics: [cpu], annotations: { horizontal: [{ value: "80" }] } })],
      "/annotations/horizontal/0/value",
      "Should be number",
    ],
    ["no alarms", [{ type: "alarm", properties: { alarms: [] } }], "/widgets/0/properties/alarms", "1 to 100 ARNs"],
    ["no query", [{ type: "log", properties: { region: "eu-central-1" } }], "/widgets/0/properties", "'query'"],
  ])("CloudWatch refuses %s", async (_, widgets, path, message) => {
    const error = await on
      .create("cloudwatch.Dashboard", dashboard({ dashboardBody: JSON.stringify({ widgets }) }))
      .then(() => "it was taken", String);
    expect(error).toContain("creating CloudWatch Dashboard: DashboardInvalidInputError: The dashboard body is invalid");
    expect(error).toContain(`${path}",`);
    expect(error).toContain(message);
  });
});
