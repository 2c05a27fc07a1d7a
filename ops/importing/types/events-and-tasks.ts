import { DescribeClustersCommand, DescribeTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetScheduleCommand } from "@aws-sdk/client-scheduler";
import { DescribeDocumentCommand } from "@aws-sdk/client-ssm";
import { unlessMissing } from "../aws-clients";
import type { Entry } from "../table";
import { known } from "../wanted";

export const EVENTS_AND_TASKS: Record<string, Entry> = {
  "aws:cloudwatch/eventRule:EventRule": {
    find: async (it, search) => {
      const found = await unlessMissing(
        search.aws(it).events.send(new DescribeRuleCommand({ Name: known(it, "name") })),
      );
      return found?.Name ? [found.Name] : [];
    },
  },
  /** `rule/target`, whose name is made up: the rule's one with the same goal. */
  "aws:cloudwatch/eventTarget:EventTarget": {
    find: async (it, search) => {
      const [Rule, goal] = await Promise.all(["rule", "arn"].map((property) => search.ref(it, property)));
      const call = Rule && search.aws(it).events.send(new ListTargetsByRuleCommand({ Rule }));
      const { Targets = [] } = (call ? await unlessMissing(call) : undefined) ?? {};
      return Targets.filter(({ Arn }) => Arn === goal).map(({ Id }) => `${Rule}/${Id}`);
    },
  },
  "aws:ecs/cluster:Cluster": {
    find: async (it, search) => {
      const { clusters = [] } = await search
        .aws(it)
        .ecs.send(new DescribeClustersCommand({ clusters: [known(it, "name") ?? ""] }));
      return clusters.filter(({ status }) => status !== "INACTIVE").map(({ clusterName }) => clusterName ?? "");
    },
  },
  /** By the ARN of its newest revision. */
  "aws:ecs/taskDefinition:TaskDefinition": {
    find: async (it, search) => {
      const taskDefinition = known(it, "family");
      const call = search.aws(it).ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
      const found = await unlessMissing(call);
      return found?.taskDefinition?.taskDefinitionArn ? [found.taskDefinition.taskDefinitionArn] : [];
    },
  },
  /** `group/schedule`. */
  "aws:scheduler/schedule:Schedule": {
    find: async (it, search) => {
      const found = await unlessMissing(
        search.aws(it).scheduler.send(new GetScheduleCommand({ Name: known(it, "name") })),
      );
      return found ? [`${found.GroupName}/${found.Name}`] : [];
    },
  },
  "aws:ssm/document:Document": {
    find: async (it, search) => {
      const found = await unlessMissing(
        search.aws(it).ssm.send(new DescribeDocumentCommand({ Name: known(it, "name") })),
      );
      return found?.Document?.Name ? [found.Document.Name] : [];
    },
  },
};
