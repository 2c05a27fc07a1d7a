import { DescribeTrailsCommand } from "@aws-sdk/client-cloudtrail";
import { DescribeAlarmsCommand, paginateListDashboards } from "@aws-sdk/client-cloudwatch";
import {
  DescribeQueryDefinitionsCommand,
  GetDataProtectionPolicyCommand,
  paginateDescribeLogGroups,
  paginateDescribeMetricFilters,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetTopicAttributesCommand, paginateListSubscriptionsByTopic, paginateListTopics } from "@aws-sdk/client-sns";
import { collect, unlessMissing } from "../aws-clients";
import type { Entry } from "../table";
import { known } from "../wanted";

export const LOGS_AND_ALARMS: Record<string, Entry> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    find: (it, search) => {
      const name = known(it, "name");
      const pages = paginateDescribeLogGroups({ client: search.aws(it).logs }, { logGroupNamePrefix: name });
      return collect(pages, ({ logGroups = [] }) =>
        logGroups.map(({ logGroupName }) => logGroupName).filter((group) => group === name),
      );
    },
  },
  /** `log group:filter`. */
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": {
    find: async (it, search) => {
      const [logGroupName, name] = [known(it, "logGroupName"), known(it, "name")];
      const input = { logGroupName, filterNamePrefix: name };
      const pages = paginateDescribeMetricFilters({ client: search.aws(it).logs }, input);
      const found = collect(pages, ({ metricFilters = [] }) =>
        metricFilters.filter(({ filterName }) => filterName === name).map(() => `${logGroupName}:${name}`),
      );
      return (await unlessMissing(found)) ?? [];
    },
  },
  "aws:cloudwatch/logDataProtectionPolicy:LogDataProtectionPolicy": {
    find: async (it, search) => {
      const group = known(it, "logGroupName");
      const call = search.aws(it).logs.send(new GetDataProtectionPolicyCommand({ logGroupIdentifier: group }));
      const found = await unlessMissing(call);
      return group && found?.policyDocument ? [group] : [];
    },
  },
  /** By its ARN, which AWS does not tell. */
  "aws:cloudwatch/queryDefinition:QueryDefinition": {
    find: async (it, search) => {
      const { partition, account } = search.args;
      const { logs, region } = search.aws(it);
      const name = known(it, "name");
      const call = logs.send(new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix: name }));
      const { queryDefinitions = [] } = await call;
      return queryDefinitions
        .filter((one) => one.name === name)
        .map((one) => `arn:${partition}:logs:${region}:${account}:query-definition:${one.queryDefinitionId}`);
    },
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    find: async (it, search) => {
      const AlarmNames = [known(it, "name") ?? ""];
      const { MetricAlarms = [] } = await search.aws(it).cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames }));
      return MetricAlarms.map(({ AlarmName }) => AlarmName ?? "");
    },
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    find: (it, search) => {
      const name = known(it, "dashboardName");
      const pages = paginateListDashboards({ client: search.aws(it).cloudWatch }, { DashboardNamePrefix: name });
      return collect(pages, ({ DashboardEntries = [] }) =>
        DashboardEntries.map(({ DashboardName }) => DashboardName).filter((one) => one === name),
      );
    },
  },
  "aws:cloudtrail/trail:Trail": {
    find: async (it, search) => {
      const trailNameList = [known(it, "name") ?? ""];
      const { trailList = [] } = await search.aws(it).cloudTrail.send(new DescribeTrailsCommand({ trailNameList }));
      return trailList.map(({ TrailARN }) => TrailARN ?? "");
    },
  },
  "aws:sns/topic:Topic": {
    find: (it, search) =>
      collect(paginateListTopics({ client: search.aws(it).sns }, {}), ({ Topics = [] }) =>
        Topics.map(({ TopicArn }) => TopicArn).filter((arn) => arn?.split(":").pop() === known(it, "name")),
      ),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    find: async (it, search) => {
      const TopicArn = await search.ref(it, "arn");
      const call = TopicArn && search.aws(it).sns.send(new GetTopicAttributesCommand({ TopicArn }));
      const found = call ? await unlessMissing(call) : undefined;
      return TopicArn && found?.Attributes?.Policy ? [TopicArn] : [];
    },
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    find: async (it, search) => {
      const TopicArn = await search.ref(it, "topic");
      if (TopicArn === undefined) {
        return [];
      }
      const pages = paginateListSubscriptionsByTopic({ client: search.aws(it).sns }, { TopicArn });
      return collect(pages, ({ Subscriptions = [] }) =>
        Subscriptions.filter(
          ({ Protocol, Endpoint }) => Protocol === it.inputs.protocol && Endpoint === it.inputs.endpoint,
        )
          .map(({ SubscriptionArn }) => SubscriptionArn)
          .filter((arn) => arn?.startsWith("arn:")),
      );
    },
    untold: ["confirmationTimeoutInMinutes"],
    again: "AWS tells no id of a subscription that is not confirmed; its address gets one more mail to confirm",
  },
};
