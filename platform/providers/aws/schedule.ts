import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  FlexibleTimeWindow,
  GetScheduleCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { Property, Values } from "../protocol/model";
import { validArn } from "./arn";
import { unlessMissing } from "./errors";
import { checkName, nameOf, nameProperties } from "./names";
import { awsResource, each } from "./resource";
import { sameTarget, targetFromApi, targetToApi, validTarget } from "./schedule-target";
import { between, first, ifSet, oneOf, text } from "./validate";

const GONE = "ResourceNotFoundException";

const date = (name: string): Property => ({
  same: (before, after) => Date.parse(before as string) === Date.parse(after as string),
  validate: (value: string) =>
    Number.isNaN(Date.parse(value)) ? `expected ${name} to be a valid RFC3339 date` : undefined,
});

/** The id is "<group>/<name>" (ResourceScheduleIDFromParts). */
function partsOf(id: string): { GroupName: string; Name: string } {
  const [GroupName = "", Name = ""] = id.split("/");
  return { GroupName, Name };
}

/** Everything: what a call leaves out goes back to its default. */
function wanted(inputs: Values) {
  const window = inputs.flexibleTimeWindow as Values;
  const FlexibleTimeWindow = {
    Mode: window.mode as string,
    MaximumWindowInMinutes: window.maximumWindowInMinutes,
  } as FlexibleTimeWindow;
  return {
    FlexibleTimeWindow,
    ScheduleExpression: inputs.scheduleExpression as string,
    ScheduleExpressionTimezone: inputs.scheduleExpressionTimezone,
    State: inputs.state,
    Description: inputs.description,
    KmsKeyArn: inputs.kmsKeyArn,
    ActionAfterCompletion: inputs.actionAfterCompletion,
    StartDate: inputs.startDate ? new Date(inputs.startDate as string) : undefined,
    EndDate: inputs.endDate ? new Date(inputs.endDate as string) : undefined,
    Target: targetToApi(inputs.target as Values),
  };
}

const rfc3339 = (time: Date | undefined) => time?.toISOString().replace(".000Z", "Z");

/** `aws_scheduler_schedule`, internal/service/scheduler/schedule.go. It takes no tags: only its group does. */
export const schedule = awsResource({
  title: "EventBridge Scheduler Schedule",
  autoName: { property: "name", maxLength: 64, unless: "namePrefix" },
  properties: {
    ...nameProperties(64, /^[\w.-]*$/, "the name must consist of alphanumerics, hyphens, and underscores"),
    groupName: { computed: true, forceNew: true, validate: text("groupName", 1, 64, /^[\w.-]+$/) },
    scheduleExpression: { required: true, validate: text("scheduleExpression", 1, 256) },
    scheduleExpressionTimezone: { default: "UTC", validate: text("scheduleExpressionTimezone", 1, 50) },
    flexibleTimeWindow: {
      required: true,
      validate: ({ mode, maximumWindowInMinutes }: Values) =>
        first(
          oneOf("mode", "OFF", "FLEXIBLE")(mode as string),
          ifSet(between("maximumWindowInMinutes", 1, 1440))(maximumWindowInMinutes),
        ),
    },
    state: { default: "ENABLED", validate: oneOf("state", "ENABLED", "DISABLED") },
    description: { validate: text("description", 0, 512) },
    kmsKeyArn: { validate: validArn("kmsKeyArn") },
    actionAfterCompletion: { computed: true, validate: oneOf("actionAfterCompletion", "NONE", "DELETE") },
    startDate: date("startDate"),
    endDate: date("endDate"),
    target: { required: true, same: sameTarget, validate: validTarget },
    ...each({ output: true }, "arn"),
  },
  check: checkName,

  create: async ({ scheduler }, inputs) => {
    const GroupName = (inputs.groupName as string | undefined) ?? "default";
    const Name = nameOf(inputs);
    await scheduler.send(new CreateScheduleCommand({ ...wanted(inputs), GroupName, Name }));
    return `${GroupName}/${Name}`;
  },

  read: async ({ scheduler }, id) => {
    const it = await unlessMissing(scheduler.send(new GetScheduleCommand(partsOf(id))), GONE);
    return (
      it && {
        arn: it.Arn,
        name: it.Name,
        groupName: it.GroupName,
        scheduleExpression: it.ScheduleExpression,
        scheduleExpressionTimezone: it.ScheduleExpressionTimezone,
        flexibleTimeWindow: {
          mode: it.FlexibleTimeWindow?.Mode,
          ...(it.FlexibleTimeWindow?.MaximumWindowInMinutes
            ? { maximumWindowInMinutes: it.FlexibleTimeWindow.MaximumWindowInMinutes }
            : {}),
        },
        state: it.State,
        description: it.Description,
        kmsKeyArn: it.KmsKeyArn,
        actionAfterCompletion: it.ActionAfterCompletion,
        startDate: rfc3339(it.StartDate),
        endDate: rfc3339(it.EndDate),
        target: it.Target && targetFromApi(it.Target),
      }
    );
  },

  update: async ({ scheduler }, id, _before, inputs) => {
    await scheduler.send(new UpdateScheduleCommand({ ...wanted(inputs), ...partsOf(id) }));
  },

  delete: ({ scheduler }, id) => unlessMissing(scheduler.send(new DeleteScheduleCommand(partsOf(id))), GONE),
});
