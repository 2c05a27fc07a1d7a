import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { output } from "@pulumi/pulumi";
import { alarmDefinitions, AlarmsInput, replicaAlarmDefinitions } from "../../model/observability/alarms";
import { Alarms } from "../../components/observability/alarms";
import { Dashboard } from "../../components/observability/dashboard";
import { dashboardBody, DashboardInput } from "../../model/observability/dashboard";
import { Graph, MetricOptions, MetricRow, Widget } from "../../model/observability/grid";
import { LOG_METRICS, logMetricNamespace } from "../../model/observability/log-metrics";
import { Tags } from "../../model/aws/tags";
import { withOverrides } from "../../model/parameters";
import { dashboardPicture } from "../../tools/docs/dashboard";
import { record } from "../support/mocks";

const GIB = 1024 ** 3;
const stack = "shop-prod";

function inputOf({ burstable = true, replica = true } = {}): DashboardInput {
  const known: AlarmsInput = { stack, maxConnections: 100, memoryBytes: 8 * GIB, allocatedGb: 100, burstable };
  const definitions = [...alarmDefinitions(known), ...(replica ? replicaAlarmDefinitions(known) : [])];
  return {
    ...{ stack, region: "eu-central-1", instanceIdentifier: "the-instance", replicaIdentifier: "the-replica" },
    logGroupNames: ["the-instance", ...(replica ? ["the-replica"] : [])].map(
      (name) => `/aws/rds/instance/${name}/postgresql`,
    ),
    alarmArns: definitions.map(({ name }) => `arn:aws:cloudwatch:eu-central-1:1:alarm:${stack}-${name}`),
    definitions,
  };
}

const graphsOf = (widgets: Widget[]) => widgets.flatMap((one) => (one.type === "metric" ? [one.properties] : []));
const optionsOf = (row: MetricRow) => row.at(-1) as MetricOptions;
const namesOf = (row: MetricRow) => row.filter((part) => typeof part === "string");

describe.each([
  ["everything", inputOf()],
  ["no replica", inputOf({ replica: false })],
  ["no credits", inputOf({ burstable: false })],
  ["neither", inputOf({ burstable: false, replica: false })],
])("the dashboard with %s", (_, input) => {
  const { widgets } = dashboardBody(input);

  it("lies within the grid, and nothing on something else", () => {
    const cells = widgets.flatMap(({ x, y, width, height }) => {
      expect([x, y, width, height].every((part) => Number.isInteger(part) && part >= 0)).toBe(true);
      expect(x + width).toBeLessThanOrEqual(24);
      return Array.from(
        { length: width * height },
        (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`,
      );
    });
    expect(new Set(cells).size).toBe(cells.length);
    // And leaves no hole.
    expect(cells).toHaveLength(24 * Math.max(...widgets.map(({ y, height }) => y + height)));
  });

  it("has a graph for every alarm: of its metrics, by its period, with its limit", () => {
    const graphs = graphsOf(widgets);
    const claimed = input.definitions.map(({ name, metric, formula, threshold, comparison, periodSeconds }) => {
      const measured = metric ? [metric] : Object.values(formula?.metrics ?? {});
      const rows = measured.map((one) => {
        const of = one.of === "replica" ? "the-replica" : "the-instance";
        return {
          names: [one.namespace, one.name, ...(one.of ? ["DBInstanceIdentifier", of] : [])],
          stat: one.statistic,
        };
      });
      const found = graphs.filter(({ metrics }) => {
        const expressions = metrics.map((row) => optionsOf(row).expression);
        const asked = metrics.filter((row) => namesOf(row).length > 0);
        const same = asked.map((row) => ({ names: namesOf(row), stat: optionsOf(row).stat }));
        return JSON.stringify(same) === JSON.stringify(rows) && (!formula || expressions.includes(formula.expression));
      });
      expect(found, name).toHaveLength(1);
      const [{ period, annotations, metrics }] = found as [Graph];
      expect(period, name).toBe(periodSeconds);
      const divisor = Number(/ \/ (\d+)$/.exec(optionsOf(metrics[0] as MetricRow).expression ?? "")?.[1] ?? 1);
      const [limit, ...more] = annotations?.horizontal ?? [];
      expect(more, name).toEqual([]);
      expect((limit?.value ?? NaN) * (formula ? 1 : divisor), name).toBeCloseTo(threshold, 3);
      const side = comparison === "GreaterThanThreshold" ? "above" : "below";
      expect(limit?.label, name).toMatch(new RegExp(`^alarm ${side} `));
      expect(limit?.fill, name).toBe(threshold === 0 ? undefined : side);
      return found[0];
    });
    expect(new Set(claimed).size).toBe(input.definitions.length);
  });

  it("has everything that is counted in the log", () => {
    const drawn = graphsOf(widgets).flatMap(({ metrics }) => metrics.map((row) => namesOf(row).join(" ")));
    const namespace = logMetricNamespace(stack);
    for (const name of Object.values(LOG_METRICS)) {
      expect(drawn.filter((one) => one === `${namespace} ${name}`)).toHaveLength(1);
    }
  });

  it("draws one line in each graph, and counts only with what is there", () => {
    for (const { title, metrics } of graphsOf(widgets)) {
      expect(
        metrics.filter((row) => optionsOf(row).visible !== false),
        title,
      ).toHaveLength(1);
      const known = metrics.flatMap((row) => optionsOf(row).id ?? []);
      expect(new Set(known).size, title).toBe(known.length);
      const used = metrics.flatMap((row) => optionsOf(row).expression?.match(/\b[a-z]\w*\b/g) ?? []);
      expect(
        used.filter((id) => !known.includes(id)),
        title,
      ).toEqual([]);
    }
  });

  it("begins with all alarms and what to do, and ends with the last errors", () => {
    const [alarms, text] = widgets;
    expect(alarms).toMatchObject({ type: "alarm", y: 0, properties: { alarms: input.alarmArns } });
    expect(text).toMatchObject({ type: "text", y: 0 });
    for (const place of ["docs/alarms.md", "ops/activity", "ops/check --stack prod", "docs/investigate.md"]) {
      expect(JSON.stringify(text)).toContain(place);
    }
    expect(widgets.at(-1)).toMatchObject({
      type: "log",
      properties: {
        query:
          "SOURCE '/aws/rds/instance/the-instance/postgresql'" +
          (input.logGroupNames.length > 1 ? " | SOURCE '/aws/rds/instance/the-replica/postgresql'" : "") +
          " | fields @timestamp, @message | filter @message like /(ERROR|FATAL|PANIC): / | sort @timestamp desc | limit 50",
      },
    });
  });
});

describe("the dashboard", () => {
  it("has a graph for an alarm that it does not know, after the others", () => {
    const input = inputOf();
    const metric = {
      namespace: "AWS/RDS",
      name: "DiskQueueDepth",
      statistic: "Average" as const,
      of: "instance" as const,
    };
    const [known] = input.definitions as [(typeof input.definitions)[0]];
    const { widgets } = dashboardBody({
      ...input,
      definitions: [{ ...known, name: "queue", section: "queue", metric }, ...input.definitions],
    });
    const titles = graphsOf(widgets).map(({ title }) => title);
    expect(titles[titles.indexOf("Read replica is behind") - 1]).toBe("queue");
  });

  it("refuses a replica's alarm where there is no replica", () => {
    expect(() => dashboardBody({ ...inputOf(), replicaIdentifier: undefined })).toThrow("there is none");
  });

  it("takes identifiers, limits and ARNs from what is deployed", async () => {
    const registered = await record(() => {
      const database = {
        ...{ instanceIdentifier: output("db-1"), allocatedGb: output(50) },
        logGroupNames: [output("/log"), output("/log-2")],
        replica: { host: output("h"), port: output(5432), identifier: output("db-2"), allocatedGb: output(70) },
      };
      const { definitions } = new Alarms(stack, {
        ...{ database, instanceClass: "db.t4g.micro", parameters: withOverrides({}) },
        ...{ topicArn: output("arn:topic"), tags: {} as Tags },
      });
      const arns = output(["arn:aws:cloudwatch:eu-west-1:1:alarm:one"]);
      new Dashboard(stack, { account: { region: "eu-west-1" }, database, alarms: { arns, definitions } });
    });
    const [made] = registered.filter(({ type }) => type === "aws:cloudwatch/dashboard:Dashboard");
    expect(made).toMatchObject({ name: stack, inputs: { dashboardName: stack } });
    const known = { stack, maxConnections: 100, memoryBytes: GIB, burstable: true };
    const expected = dashboardBody({
      ...{ stack, region: "eu-west-1", instanceIdentifier: "db-1", replicaIdentifier: "db-2" },
      logGroupNames: ["/log", "/log-2"],
      alarmArns: ["arn:aws:cloudwatch:eu-west-1:1:alarm:one"],
      definitions: [
        ...alarmDefinitions({ ...known, allocatedGb: 50 }),
        ...replicaAlarmDefinitions({ ...known, allocatedGb: 70 }),
      ],
    });
    expect(JSON.parse(made?.inputs.dashboardBody as string)).toEqual(expected);
  });
});

describe("the picture of the dashboard", () => {
  it("is the one of today (`make docs` draws it)", () => {
    expect(readFileSync(path.join(__dirname, "../../docs/dashboard.svg"), "utf8")).toBe(dashboardPicture());
  });

  it("shows every graph's title and limit, and which alarms ring", () => {
    const picture = dashboardPicture();
    for (const { title, annotations } of graphsOf(dashboardBody(inputOf({ burstable: false })).widgets)) {
      expect(picture).toContain(`>${title}<`);
      expect(annotations ? picture : "").toContain(annotations?.horizontal[0]?.label ?? "");
    }
    expect(picture.match(/>ALARM</g)).toHaveLength(2);
  });
});
