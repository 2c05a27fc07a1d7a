/** The bits of a subnet's number: each subnet is a sixteenth of the VPC, and the rest stays free for the application. */
const SUBNET_BITS = 4;
/** The number of blocks kept for the database's zones; the operations' subnets come after them. */
const DATABASE_BLOCKS = 3;

function blocks(vpcCidr: string, first: number, count: number): string[] {
  const [network = "", prefix = ""] = vpcCidr.split("/");
  const size = Number(prefix) + SUBNET_BITS;
  const start = network.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return Array.from({ length: count }, (_, index) => {
    const address = start + (first + index) * 2 ** (32 - size);
    const bytes = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
    return `${bytes.join(".")}/${size}`;
  });
}

/** The address ranges of the database subnets: the first blocks of the VPC's range, one for each zone. */
export function databaseSubnets(vpcCidr: string, zones: number): string[] {
  return blocks(vpcCidr, 0, zones);
}

/** The address ranges of the subnets for endpoints and the admin host, one for each zone. */
export function operationsSubnets(vpcCidr: string, zones: number): string[] {
  return blocks(vpcCidr, DATABASE_BLOCKS, zones);
}
