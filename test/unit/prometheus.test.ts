import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  alarmDefinitions,
  AlarmsInput,
  measuredMetrics,
  replicaAlarmDefinitions,
} from "../../model/observability/alarms";
import { logMetricNamespace } from "../../model/observability/log-metrics";
import { evaluateFormula } from "../../model/parameters/formula";
import { MEMORY_PARAMETERS } from "../../model/parameters/memory";

interface Rule {
  alert: string;
  expr: string;
  for?: string;
  labels: { alarm?: string; severity: string };
  annotations: { summary: string; description: string; runbook: string };
}
interface CloudWatchMetric {
  name: string;
  statistics: string[];
  period: number;
}
interface CloudWatchJob {
  name?: string;
  type?: string;
  namespace?: string;
  nilToZero?: boolean;
  enhancedMetrics?: { name: string }[];
  metrics: CloudWatchMetric[];
}
interface RuleTest {
  alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
}

const folder = path.join(__dirname, "../../docs/prometheus");
const read = (file: string) => readFileSync(path.join(folder, file), "utf8");
const rulesText = read("rules.yaml");
const readme = read("README.md");
const rules = (parse(rulesText) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const tests = (parse(read("rules-test.yaml")) as { tests: RuleTest[] }).tests.flatMap((one) => one.alert_rule_test);
const cloudWatch = parse(read("cloudwatch.yaml")) as {
  discovery: { jobs: CloudWatchJob[] };
  customNamespace: CloudWatchJob[];
};

const GIB = 1024 ** 3;
const input: AlarmsInput = {
  ...{ stack: "markenmate-prod", maxConnections: 395, memoryBytes: 4 * GIB, allocatedGb: 100 },
  burstable: true,
};
/** A rule asks for every server, so that those of the instance serve a replica as well. */
const definitions = [...alarmDefinitions(input), ...replicaAlarmDefinitions(input)].filter(
  ({ name, section }) => name === section,
);
const ruleOf = (name: string) => rules.find(({ labels }) => labels.alarm === name);

/** postgres_exporter's, and the file in which it names each, since 0.20.0. */
const POSTGRES_EXPORTER: Record<string, string> = {
  pg_stat_database_numbackends: "collector/pg_stat_database.go",
  pg_stat_database_deadlocks: "collector/pg_stat_database.go",
  pg_settings_max_connections: "collector/pg_setting.go",
  pg_settings_shared_buffers_bytes: "collector/pg_setting.go",
  pg_replication_lag_seconds: "collector/pg_replication.go",
  pg_up: "cmd/postgres_exporter/postgres_exporter.go",
};

/** As YACE does it: PromString in pkg/promutil/prometheus.go. */
const snake = (text: string) =>
  text
    .replace(/[ ,\t/\\.\-:=@<>()“]/g, "_")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** As YACE does it: BuildMetricName in pkg/promutil/migrate.go. */
function yaceName(namespace: string, name: string, statistic: string): string {
  const space = snake(namespace.toLowerCase()).replace(/^_/, "");
  const metric = space
    .split("_")
    .reduce((rest, part) => (rest.startsWith(part) ? rest.slice(part.length) : rest), snake(name));
  return [
    ...(space.startsWith("aws") ? [] : ["aws"]),
    space,
    metric.replace(/^_/, ""),
    ...(statistic ? [snake(statistic)] : []),
  ].join("_");
}

/** What cloudwatch.yaml makes YACE export: its name in Prometheus, and the seconds that a value is of. */
const exported = new Map(
  [...cloudWatch.discovery.jobs, ...cloudWatch.customNamespace].flatMap((job) => {
    const namespace = job.type ?? job.namespace ?? "";
    return [
      ...(job.enhancedMetrics ?? []).map(({ name }) => [yaceName(namespace, name, ""), 0] as const),
      ...job.metrics.flatMap(({ name, statistics, period }) =>
        statistics.map((statistic) => [yaceName(namespace, name, statistic), period] as const),
      ),
    ];
  }),
);

/** The metrics of an expression; those that are asked for by a pattern are every exported one that matches. */
function metricsOf(expr: string): string[] {
  const patterns = [...expr.matchAll(/__name__=~"([^"]+)"/g)].map(
    ([, pattern]) => new RegExp(`^(?:${pattern ?? ""})$`),
  );
  const named = expr.replace(/\{[^}]*\}/g, "").match(/\b(?:pg|aws)_\w+/g) ?? [];
  const matched = patterns.flatMap((pattern) => {
    const names = [...exported.keys()].filter((name) => pattern.test(name));
    return names.length > 0 ? names : [pattern.source];
  });
  return [...new Set([...named, ...matched])];
}

const seconds = (duration = "0s") => {
  const [, number, unit = "s"] = /^(\d+)([smh])$/.exec(duration) ?? [];
  return Number(number) * ({ s: 1, m: 60, h: 3_600 }[unit] ?? NaN);
};

describe("the rules for Prometheus", () => {
  it("forms names as YACE does", () => {
    expect(yaceName("AWS/RDS", "CPUCreditBalance", "Average")).toBe("aws_rds_cpucredit_balance_average");
    expect(yaceName("AWS/RDS", "FreeStorageSpace", "Average")).toBe("aws_rds_free_storage_space_average");
    expect(yaceName("AWS/RDS", "RDSToAuroraPostgreSQLReplicaLag", "")).toBe("aws_rds_to_aurora_postgre_sqlreplica_lag");
    expect(yaceName("CustomEC2Metrics", "disk_free", "Average")).toBe("aws_customec2metrics_disk_free_average");
  });

  it.each(definitions.map(({ name }) => name))("have one for %s, with the definition's words and section", (name) => {
    expect(rules.filter(({ labels }) => labels.alarm === name)).toHaveLength(1);
    const says = definitions.find((one) => one.name === name)?.says;
    expect(ruleOf(name)?.annotations).toMatchObject({ summary: says, runbook: `docs/alarms.md#${name}` });
  });

  it("have one for each of the guide's six metrics", () => {
    const six = ["connections", "failed-logins", "slow-statements", "deadlocks", "free-storage", "replica-lag"];
    const ofGuide = definitions.filter(({ controls }) => controls.includes("guide: Key Metrics to Monitor"));
    expect(ofGuide.map(({ name }) => name)).toEqual(expect.arrayContaining(six));
    expect(six.filter((name) => !ruleOf(name))).toEqual([]);
  });

  it("use no metric but those that an exporter has, and name its file beside the rule", () => {
    const comments = rulesText.split(/- alert: .*/).map((part) =>
      part
        .split("\n")
        .filter((line) => /^\s*#/.test(line))
        .join("\n"),
    );
    rules.forEach(({ alert, expr }, index) => {
      const metrics = metricsOf(expr);
      expect(metrics, alert).not.toEqual([]);
      for (const metric of metrics) {
        const source = POSTGRES_EXPORTER[metric];
        expect(source ?? exported.has(metric), `${alert}: ${metric}`).toBeTruthy();
        if (alert !== "PostgresqlMetricsMissing") {
          expect(comments[index], `${alert}: ${metric}`).toContain(source ? `postgres_exporter, ${source}` : "YACE");
        }
      }
    });
    const used = new Set(rules.flatMap(({ expr }) => metricsOf(expr)));
    expect([...Object.keys(POSTGRES_EXPORTER), ...exported.keys()].filter((metric) => !used.has(metric))).toEqual([]);
  });

  it("ask CloudWatch for what the alarms ask for: metric, statistic and period", () => {
    const wanted = definitions.flatMap((alarm) =>
      measuredMetrics(alarm).map(({ namespace, name, statistic }) => ({
        name: yaceName(namespace, name, statistic),
        periodSeconds: alarm.periodSeconds,
      })),
    );
    // The server itself tells of these.
    const others = ["aws_rds_database_connections_maximum", "aws_markenmate_prod_postgresql_log_deadlocks_sum"];
    for (const { name, periodSeconds } of wanted.filter((one) => !others.includes(one.name))) {
      // The forecast takes hours of values of five minutes.
      expect(exported.get(name), name).toBe(Math.min(periodSeconds, 300));
    }
    expect(cloudWatch.customNamespace.map(({ name, namespace }) => [name, namespace])).toEqual([
      [input.stack, logMetricNamespace(input.stack)],
    ]);
    expect(cloudWatch.discovery.jobs.some(({ nilToZero }) => nilToZero)).toBe(false);
  });

  it.each(definitions)("$name has the definition's threshold and patience", (definition) => {
    const { name, threshold, comparison, periodSeconds, periods } = definition;
    const { expr = "", for: patience } = ruleOf(name) ?? {};
    const plain = expr.replace(/\{[^}]*\}/g, "");
    const [, sign, number] = / ([<>]) (-?[\d.]+)/.exec(plain) ?? [];
    expect(sign).toBe(comparison === "GreaterThanThreshold" ? ">" : "<");
    const range = seconds(/\[(\w+)\]/.exec(plain)?.[1]);
    if (name === "storage-forecast") {
      expect([Number(/, (\d+) \* 86400\)/.exec(plain)?.[1]), number]).toEqual([threshold, "0"]);
    } else {
      const of: Record<string, number> = {
        connections: input.maxConnections,
        "free-storage": input.allocatedGb * GIB,
        memory: input.memoryBytes,
      };
      const share = of[name];
      expect(share === undefined ? Number(number) : Math.floor(share * Number(number))).toBe(threshold);
    }
    const once = periods === 1 ? range || exported.get(metricsOf(expr)[0] ?? "") : range + seconds(patience);
    expect(once).toBe(periodSeconds * periods);
  });

  it("take a replica that says nothing for one that does not follow, as the alarm does", () => {
    expect(definitions.find(({ name }) => name === "replica-lag")?.missing).toBe("breaching");
    const { expr = "" } = ruleOf("replica-lag") ?? {};
    expect(expr).toContain("or aws_rds_replica_lag_maximum < 0");
    // NaN alone differs from itself.
    expect(expr).toContain("or aws_rds_replica_lag_maximum != aws_rds_replica_lag_maximum");
  });

  it("know the class's memory by the share that shared_buffers has of it", () => {
    const value = MEMORY_PARAMETERS.find((parameter) => parameter.name === "shared_buffers")?.value ?? "";
    const times = Number(/\((\d+) \* max by/.exec(ruleOf("memory")?.expr ?? "")?.[1]);
    expect(times * Number(evaluateFormula(value, input.memoryBytes)) * 8_192).toBe(input.memoryBytes);
  });

  it.each(rules.map(({ alert }) => alert))("%s has a test in which it fires and one in which it does not", (alert) => {
    const own = tests.filter(({ alertname }) => alertname === alert).map((one) => one.exp_alerts.length > 0);
    expect(new Set(own)).toEqual(new Set([true, false]));
  });

  it("are in the documentation's table, each with its metrics, and lead to sections that are there", () => {
    for (const { alert, expr, annotations } of rules) {
      const row = readme.split("\n").find((line) => line.startsWith(`| ${alert} `)) ?? "";
      for (const metric of metricsOf(expr)) {
        expect(row, alert).toContain(metric.replace("aws_markenmate_prod_", ""));
      }
      const [page, section = ""] = annotations.runbook.split("#");
      const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, text = ""]) =>
        text.toLowerCase().replaceAll(" ", "-"),
      );
      const sections = page === "docs/alarms.md" ? definitions.map(({ name }) => name) : headings;
      expect(sections, alert).toContain(section);
    }
  });
});
