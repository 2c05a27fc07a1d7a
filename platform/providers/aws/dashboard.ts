import { DeleteDashboardsCommand, GetDashboardCommand, PutDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { Values } from "../protocol/model";
import { AwsClients } from "./clients";
import { unlessMissing } from "./errors";
import { json, sameJson } from "./json";
import { awsResource, each } from "./resource";
import { text } from "./validate";

/** By its name in the API, and as the service answers. */
const GONE = ["DashboardNotFoundError", "ResourceNotFound"];

async function put({ cloudWatch }: AwsClients, inputs: Values): Promise<string> {
  const { dashboardName, dashboardBody } = inputs as { dashboardName: string; dashboardBody: string };
  await cloudWatch.send(new PutDashboardCommand({ DashboardName: dashboardName, DashboardBody: dashboardBody }));
  return dashboardName;
}

/** `aws_cloudwatch_dashboard`, internal/service/cloudwatch/dashboard.go. It has no tags. */
export const dashboard = awsResource({
  title: "CloudWatch Dashboard",
  properties: {
    // validDashboardName.
    dashboardName: { required: true, forceNew: true, validate: text("dashboardName", 1, 255, /^[0-9A-Za-z_-]+$/) },
    dashboardBody: { required: true, same: sameJson, validate: json("dashboardBody") },
    ...each({ output: true }, "dashboardArn"),
  },

  create: (clients, inputs) => put(clients, inputs),

  read: async ({ cloudWatch }, DashboardName) => {
    const found = await unlessMissing(cloudWatch.send(new GetDashboardCommand({ DashboardName })), ...GONE);
    return (
      found && {
        dashboardName: found.DashboardName,
        dashboardBody: found.DashboardBody,
        dashboardArn: found.DashboardArn,
      }
    );
  },

  update: async (clients, _name, _before, inputs) => {
    await put(clients, inputs);
  },

  delete: ({ cloudWatch }, name) =>
    unlessMissing(cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: [name] })), ...GONE),
});
