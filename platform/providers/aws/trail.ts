import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListTagsCommand,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from "@aws-sdk/client-cloudtrail";
import { Values } from "../protocol/model";
import { sameKey, validArn } from "./arn";
import { Tags } from "./clients";
import { tagList, tagMap } from "./ec2-tags";
import { unlessMissing } from "./errors";
import { awsResource, each, unmodelled } from "./resource";
import * as selectors from "./trail-selectors";
import { text } from "./validate";

/** Properties that UpdateTrail sets, and their names there. */
const SETTINGS: Record<string, string> = {
  s3BucketName: "S3BucketName",
  s3KeyPrefix: "S3KeyPrefix",
  kmsKeyId: "KmsKeyId",
  cloudWatchLogsGroupArn: "CloudWatchLogsLogGroupArn",
  cloudWatchLogsRoleArn: "CloudWatchLogsRoleArn",
  enableLogFileValidation: "EnableLogFileValidation",
  includeGlobalServiceEvents: "IncludeGlobalServiceEvents",
  isMultiRegionTrail: "IsMultiRegionTrail",
};

async function setLogging(cloudTrail: CloudTrailClient, Name: string, on: unknown): Promise<void> {
  await (on ? cloudTrail.send(new StartLoggingCommand({ Name })) : cloudTrail.send(new StopLoggingCommand({ Name })));
}

async function setSelectors(cloudTrail: CloudTrailClient, TrailName: string, inputs: Values): Promise<void> {
  const { advancedEventSelectors: advanced, eventSelectors: basic } = inputs as Record<string, Values[] | undefined>;
  await cloudTrail.send(
    new PutEventSelectorsCommand({
      TrailName,
      ...(advanced?.length
        ? { AdvancedEventSelectors: selectors.advancedToApi(advanced) }
        : { EventSelectors: basic?.length ? selectors.basicToApi(basic) : selectors.DEFAULT_SELECTORS }),
    }),
  );
}

/** `aws_cloudtrail`, internal/service/cloudtrail/trail.go. A trail writes only once it is told to. */
export const trail = awsResource({
  title: "CloudTrail Trail",
  autoName: { property: "name", maxLength: 128 },
  properties: {
    name: { computed: true, forceNew: true, validate: text("name", 3, 128) },
    s3BucketName: { required: true },
    s3KeyPrefix: { validate: text("s3KeyPrefix", 0, 2000) },
    kmsKeyId: { same: sameKey, validate: validArn("kmsKeyId") },
    cloudWatchLogsGroupArn: { validate: validArn("cloudWatchLogsGroupArn") },
    cloudWatchLogsRoleArn: { validate: validArn("cloudWatchLogsRoleArn") },
    enableLogFileValidation: { default: false },
    enableLogging: { default: true },
    includeGlobalServiceEvents: { default: true },
    isMultiRegionTrail: { default: false },
    isOrganizationTrail: {
      default: false,
      validate: (wanted: boolean) =>
        wanted ? "the local aws provider has no model of an organization's trails" : undefined,
    },
    advancedEventSelectors: { same: selectors.sameAdvanced, validate: selectors.validAdvanced },
    eventSelectors: { same: selectors.sameBasic, validate: selectors.validBasic },
    ...unmodelled("insightSelectors", "snsTopicName"),
    ...each({ output: true }, "arn", "homeRegion", "snsTopicArn"),
  },
  check: ({ advancedEventSelectors, eventSelectors }) =>
    advancedEventSelectors && eventSelectors
      ? [{ property: "eventSelectors", reason: '"eventSelectors": conflicts with advancedEventSelectors' }]
      : [],

  tag: async ({ cloudTrail }, ResourceId, { state, put, remove }) => {
    if (remove.length > 0) {
      const old = state.tagsAll as Tags;
      const TagsList = remove.map((Key) => ({ Key, Value: old[Key] }));
      await cloudTrail.send(new RemoveTagsCommand({ ResourceId, TagsList }));
    }
    if (Object.keys(put).length > 0) {
      await cloudTrail.send(new AddTagsCommand({ ResourceId, TagsList: tagList(put) }));
    }
  },

  create: async ({ cloudTrail }, inputs) => {
    const given = Object.entries(SETTINGS).filter(([name]) => inputs[name] !== undefined);
    const { TrailARN } = await cloudTrail.send(
      new CreateTrailCommand({
        ...Object.fromEntries(given.map(([name, member]) => [member, inputs[name] as unknown])),
        Name: inputs.name as string,
        S3BucketName: inputs.s3BucketName as string,
        TagsList: tagList(inputs.tagsAll as Tags),
      }),
    );
    return TrailARN as string;
  },

  complete: async ({ cloudTrail }, arn, inputs) => {
    if (inputs.enableLogging) {
      await setLogging(cloudTrail, arn, true);
    }
    if (inputs.advancedEventSelectors ?? inputs.eventSelectors) {
      await setSelectors(cloudTrail, arn, inputs);
    }
  },

  read: async ({ cloudTrail }, arn) => {
    const { trailList } = await cloudTrail.send(new DescribeTrailsCommand({ trailNameList: [arn] }));
    const it = trailList?.[0];
    if (!it) {
      return undefined;
    }
    const [status, chosen, tags] = await Promise.all([
      cloudTrail.send(new GetTrailStatusCommand({ Name: arn })),
      it.HasCustomEventSelectors ? cloudTrail.send(new GetEventSelectorsCommand({ TrailName: arn })) : undefined,
      cloudTrail.send(new ListTagsCommand({ ResourceIdList: [arn] })),
    ]);
    return {
      arn: it.TrailARN,
      homeRegion: it.HomeRegion,
      snsTopicArn: it.SnsTopicARN,
      name: it.Name,
      s3BucketName: it.S3BucketName,
      s3KeyPrefix: it.S3KeyPrefix,
      kmsKeyId: it.KmsKeyId,
      cloudWatchLogsGroupArn: it.CloudWatchLogsLogGroupArn,
      cloudWatchLogsRoleArn: it.CloudWatchLogsRoleArn,
      enableLogFileValidation: it.LogFileValidationEnabled,
      enableLogging: status.IsLogging,
      includeGlobalServiceEvents: it.IncludeGlobalServiceEvents,
      isMultiRegionTrail: it.IsMultiRegionTrail,
      isOrganizationTrail: it.IsOrganizationTrail,
      advancedEventSelectors: selectors.advancedFromApi(chosen?.AdvancedEventSelectors),
      eventSelectors: selectors.basicFromApi(chosen?.EventSelectors),
      tagsAll: tagMap(tags.ResourceTagList?.[0]?.TagsList),
    };
  },

  update: async ({ cloudTrail }, arn, _before, inputs, changed) => {
    const names = changed.filter((name) => name in SETTINGS);
    if (names.length > 0) {
      // An empty text takes the setting away.
      const values = names.map((name): [string, unknown] => [SETTINGS[name] as string, inputs[name] ?? ""]);
      await cloudTrail.send(new UpdateTrailCommand({ ...(Object.fromEntries(values) as object), Name: arn }));
    }
    if (changed.includes("enableLogging")) {
      await setLogging(cloudTrail, arn, inputs.enableLogging);
    }
    if (changed.includes("advancedEventSelectors") || changed.includes("eventSelectors")) {
      await setSelectors(cloudTrail, arn, inputs);
    }
  },

  delete: ({ cloudTrail }, arn) =>
    unlessMissing(cloudTrail.send(new DeleteTrailCommand({ Name: arn })), "TrailNotFoundException"),
});
