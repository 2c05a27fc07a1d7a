import { z } from "zod";

/** The default number of zones, each with a subnet: RDS wants two, and a third costs nothing. */
const DEFAULT_ZONES = 3;
const DEFAULT_VPC_CIDR = "10.20.0.0/16";
/** The shortest prefix of a range that may be let in: the size of a whole VPC. */
const WIDEST_ADMIN_PREFIX = 16;

interface Range {
  bytes: number[];
  size: number;
  address: number;
}

function parseRange(cidr: string): Range | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = match?.slice(1).map(Number) ?? [];
  const [a = 256, b = 256, c = 256, d = 256, size = 33] = numbers;
  const bytes = [a, b, c, d];
  if (bytes.some((byte) => byte > 255) || size > 32) {
    return undefined;
  }
  return { bytes, size, address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 };
}

/** Finds what is wrong with how a range is written, if anything: it must begin at a multiple of its size. */
function unaligned({ address, size }: Range): string | undefined {
  return address % 2 ** (32 - size) === 0
    ? undefined
    : `does not begin at a multiple of its size; clear the bits after the first ${size}`;
}

function vpcCidrProblem(cidr: string): string | undefined {
  const range = parseRange(cidr);
  if (!range) {
    return "is no IPv4 range; write it as 10.20.0.0/16";
  }
  const [a = 0, b = 0] = range.bytes;
  if (!(a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168))) {
    return "is not private; take a range from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16";
  }
  if (range.size < 16 || range.size > 24) {
    return "must be from /16 to /24: AWS allows no larger VPC, and smaller ones cannot hold the subnets";
  }
  return unaligned(range);
}

function adminCidrProblem(cidr: string): string | undefined {
  if (cidr === "0.0.0.0/0" || cidr === "::/0") {
    return "lets the whole internet in; name the range of your VPN, e.g. 10.8.0.0/24";
  }
  if (cidr.includes(":")) {
    return "is IPv6, which the database's subnets do not have; name the VPN's IPv4 range";
  }
  const range = parseRange(cidr);
  if (!range) {
    return "is no IPv4 range; write it as 10.8.0.0/24";
  }
  if (range.size < WIDEST_ADMIN_PREFIX) {
    return (
      `lets in ${2 ** (32 - range.size)} addresses; whoever has one of them can try passwords. ` +
      `Name the VPN's own range, /${WIDEST_ADMIN_PREFIX} or narrower`
    );
  }
  return unaligned(range);
}

const cidr = (problem: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = problem(text);
    if (message) {
      context.addIssue({ code: "custom", message });
    }
  });

const id = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}-[0-9a-f]{8,17}$`), `is no id of that kind; it looks like ${prefix}-0a1b2c3d`);

/** The services that can get an endpoint in the VPC. S3's endpoint is free, the others cost by the hour. */
export const ENDPOINT_SERVICES = ["s3", "secretsmanager", "kms", "logs", "sts"] as const;

/** The keys that describe a VPC of the stack's own, and make no sense for an existing one. */
const OWN = ["vpcCidr", "availabilityZones", "endpoints"] as const;

export const networkSettings = z
  .strictObject({
    /**
     * The address range of the VPC that the stack makes: a private IPv4 block from /16 to /24. A change would replace the
     * VPC with the database in it, and is refused. @default 10.20.0.0/16
     */
    vpcCidr: cidr(vpcCidrProblem).optional(),
    /** The number of zones with a database subnet. RDS wants at least two, even for a single instance. It can only be raised. @default 3 */
    availabilityZones: z
      .int("must be a whole number, 2 or 3")
      .min(2, "is below RDS's minimum of 2; set 2 or 3")
      .max(3, "is more than is ever used; set 2 or 3")
      .optional(),
    /** An existing VPC to use instead of one of the stack's own. Moving from one to the other is refused. @default none */
    vpcId: id("vpc").optional(),
    /** With `vpcId`, the database's subnets: two or more, in different zones, none with a route to an internet gateway. @default none */
    databaseSubnetIds: z
      .array(id("subnet"))
      .min(2, "is fewer than the two subnets that RDS wants; name subnets of two or three zones")
      .optional(),
    /** With `vpcId` and `access.mode: ssm`, the security group of that VPC's endpoints for Systems Manager. @default none */
    endpointSecurityGroupId: id("sg").optional(),
    /**
     * Services of AWS that get an endpoint in a VPC of the stack's own, through which the application reaches them without a route to
     * the internet. All but s3 cost by the hour and zone. The endpoints for `access.mode: ssm` need not be named. @default []
     */
    endpoints: z.array(z.enum(ENDPOINT_SERVICES)).optional(),
    /** The IPv4 ranges of a VPN from which people reach the database, /16 or narrower. @default [] */
    adminCidrs: z.array(cidr(adminCidrProblem)).default([]),
  })
  .superRefine((network, context) => {
    const add = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (network.vpcId === undefined) {
      for (const key of ["databaseSubnetIds", "endpointSecurityGroupId"] as const) {
        if (network[key] !== undefined) {
          add(key, "belongs to an existing VPC; set network.vpcId too, or leave it out");
        }
      }
      return;
    }
    if (network.databaseSubnetIds === undefined) {
      add("databaseSubnetIds", "is missing; with network.vpcId, name two or three subnets of that VPC");
    }
    for (const key of OWN) {
      if (network[key] !== undefined) {
        add(
          key,
          "describes a VPC of the stack's own, but network.vpcId names an existing one; leave one of the two out",
        );
      }
    }
  })
  .transform(({ vpcId, databaseSubnetIds = [], endpointSecurityGroupId, adminCidrs, ...own }) => ({
    /** The existing VPC; undefined for one of the stack's own. */
    existing: vpcId === undefined ? undefined : { vpcId, databaseSubnetIds, endpointSecurityGroupId },
    vpcCidr: own.vpcCidr ?? DEFAULT_VPC_CIDR,
    availabilityZones: own.availabilityZones ?? DEFAULT_ZONES,
    endpoints: own.endpoints ?? [],
    adminCidrs,
  }))
  .prefault({});

export type NetworkSettings = z.output<typeof networkSettings>;
