import * as aws from "@pulumi/aws";
import { InvokeOptions } from "@pulumi/pulumi";
import { ProgramError } from "./program-error";

/**
 * Checks a subnet of an existing VPC, which must not lead to the internet (FSBP RDS.46), and returns its id. Only reads;
 * previews check too. Throws an error that names the subnet and the cure.
 */
export async function privateSubnet(vpcId: string, subnetId: string, options: InvokeOptions): Promise<string> {
  const subnet = await aws.ec2.getSubnet({ id: subnetId }, options);
  if (subnet.vpcId !== vpcId) {
    throw new ProgramError(
      `network.databaseSubnetIds: ${subnetId} belongs to ${subnet.vpcId}, not to network.vpcId ${vpcId}; name subnets of one VPC`,
    );
  }
  const tables = (name: string, value: string) =>
    aws.ec2.getRouteTables({ vpcId, filters: [{ name, values: [value] }] }, options);
  const own = await tables("association.subnet-id", subnetId);
  // A subnet without a table of its own follows the VPC's main one.
  const { ids } = own.ids.length > 0 ? own : await tables("association.main", "true");
  for (const routeTableId of ids) {
    const { routes } = await aws.ec2.getRouteTable({ routeTableId }, options);
    const gateway = routes.find(({ gatewayId }) => gatewayId.startsWith("igw-"));
    if (gateway) {
      throw new ProgramError(
        `network.databaseSubnetIds: ${subnetId} has a route to the internet gateway ${gateway.gatewayId}; ` +
          "name private subnets, or take the route out of its table",
      );
    }
  }
  return subnetId;
}
