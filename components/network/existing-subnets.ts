import * as aws from "@pulumi/aws";
import { UserError } from "../../lib/user-error";
import { NetworkSettings } from "../../model/settings/network";

/** Finds what is wrong with a subnet for the database, if anything: it must not have a route to the internet (FSBP RDS.46). */
async function problemOf(vpcId: string, subnetId: string): Promise<string | undefined> {
  const subnet = await aws.ec2.getSubnet({ id: subnetId });
  if (subnet.vpcId !== vpcId) {
    return `${subnetId} belongs to ${subnet.vpcId}, not to network.vpcId ${vpcId}; name subnets of one VPC`;
  }
  const tables = (name: string, value: string) =>
    aws.ec2.getRouteTables({ vpcId, filters: [{ name, values: [value] }] });
  const own = await tables("association.subnet-id", subnetId);
  // A subnet without a table of its own follows the VPC's main one.
  const { ids } = own.ids.length > 0 ? own : await tables("association.main", "true");
  for (const routeTableId of ids) {
    const { routes } = await aws.ec2.getRouteTable({ routeTableId });
    const gateway = routes.find(({ gatewayId }) => gatewayId.startsWith("igw-"));
    if (gateway) {
      return (
        `${subnetId} has a route to the internet gateway ${gateway.gatewayId}; ` +
        "name private subnets, or take the route out of its table"
      );
    }
  }
  return undefined;
}

/**
 * Refuses unfit subnets of an existing VPC, in previews too. It only reads.
 *
 * @throws UserError that names every unfit subnet and the cure
 */
export async function refuseUnfitSubnets(existing: NetworkSettings["existing"]): Promise<void> {
  const { vpcId = "", databaseSubnetIds = [] } = existing ?? {};
  const found = await Promise.all(databaseSubnetIds.map((subnetId) => problemOf(vpcId, subnetId)));
  const problems = found.filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new UserError(problems.map((problem) => `network.databaseSubnetIds: ${problem}`).join("\n"));
  }
}
