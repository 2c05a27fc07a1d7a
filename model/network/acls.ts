/** A rule of a network ACL, which holds whatever security groups allow (FSBP EC2.21). */
export interface AclRule {
  /** The logical name; together with the number it is part of the resource's identity. */
  name: string;
  egress: boolean;
  ruleNumber: number;
  cidrBlock: string;
  fromPort: number;
  toPort: number;
}

/**
 * The ports of PostgreSQL and of answers. A network ACL knows no connections and has to let answers through; the database's
 * port, 1150 or higher, is in the same range.
 */
const HIGH = { fromPort: 1024, toPort: 65_535 };
/** The ephemeral ports of Linux, at which answers arrive. RDP's port is not among them (FSBP EC2.21). */
const EPHEMERAL = { fromPort: 32_768, toPort: 65_535 };
const HTTPS = { fromPort: 443, toPort: 443 };
const ANYWHERE = "0.0.0.0/0";

/** The rules of the database's subnets: TCP from and to the VPC and the administrators' ranges, and nothing else. */
export function databaseAcl(vpcCidr: string, adminCidrs: string[], databasePort: number): AclRule[] {
  const port = { fromPort: databasePort, toPort: databasePort };
  return [
    { name: "from-vpc", egress: false, ruleNumber: 100, cidrBlock: vpcCidr, ...HIGH },
    { name: "to-vpc", egress: true, ruleNumber: 100, cidrBlock: vpcCidr, ...HIGH },
    ...adminCidrs.flatMap((cidrBlock, index) => [
      { name: `from-admin-${index + 1}`, egress: false, ruleNumber: 200 + index, cidrBlock, ...port },
      { name: `to-admin-${index + 1}`, egress: true, ruleNumber: 200 + index, cidrBlock, ...HIGH },
    ]),
  ];
}

/**
 * The rules of the subnets for endpoints and the admin host: HTTPS and PostgreSQL inside the VPC, and with `hasS3Endpoint` HTTPS to
 * anywhere. The endpoint of S3 is a route to public addresses of AWS; the route table leads nowhere else.
 */
export function operationsAcl(vpcCidr: string, hasS3Endpoint: boolean): AclRule[] {
  const inside: AclRule[] = [false, true].flatMap((egress) => [
    { name: `https-${egress ? "to" : "from"}-vpc`, egress, ruleNumber: 100, cidrBlock: vpcCidr, ...HTTPS },
    { name: `${egress ? "to" : "from"}-vpc`, egress, ruleNumber: 110, cidrBlock: vpcCidr, ...HIGH },
  ]);
  const toS3: AclRule[] = [
    { name: "to-s3", egress: true, ruleNumber: 200, cidrBlock: ANYWHERE, ...HTTPS },
    { name: "from-s3", egress: false, ruleNumber: 200, cidrBlock: ANYWHERE, ...EPHEMERAL },
  ];
  return hasS3Endpoint ? [...inside, ...toS3] : inside;
}
