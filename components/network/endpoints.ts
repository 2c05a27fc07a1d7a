import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { Account, policyDocument, Statement } from "../../model/aws/account";
import { Tags } from "../../model/aws/tags";

export interface EndpointsArgs {
  account: Account;
  vpcId: Output<string>;
  routeTableId: Output<string>;
  subnetIds: Output<string>[];
  /** AWS's short names. `s3` is free; the others cost by the hour and subnet. */
  services: string[];
  /** The group that may use them. */
  applicationSecurityGroupId: Output<string>;
  tags: Tags;
}

const HTTPS = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };

/** The one service whose endpoint is a route instead of an address in a subnet. */
const GATEWAY = "s3";
/** Whose layers of images lie in a bucket of Amazon's. */
const IMAGES = "ecr.dkr";

/**
 * The ways from the VPC to services of AWS, without a way to the internet. Whoever uses them must belong to this account:
 * stolen credentials of another one cannot carry data out through here.
 */
export class Endpoints extends ComponentResource {
  readonly securityGroupId: Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: EndpointsArgs,
    options?: ComponentResourceOptions,
  ) {
    super("markenmate:components:Endpoints", name, {}, options);
    this.securityGroupId = this.securityGroup();
    args.services.forEach((service) => (service === GATEWAY ? this.gateway(service) : this.interface(service)));
    this.registerOutputs({});
  }

  private securityGroup(): Output<string> {
    const { vpcId, applicationSecurityGroupId, tags } = this.args;
    const name = `${this.name}-endpoints`;
    const group = new aws.ec2.SecurityGroup(
      name,
      { vpcId, description: "Endpoints of AWS services", tags: { ...tags, Name: name } },
      { parent: this },
    );
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-from-application`,
      {
        ...HTTPS,
        securityGroupId: group.id,
        referencedSecurityGroupId: applicationSecurityGroupId,
        description: "HTTPS from the application",
        tags,
      },
      { parent: this },
    );
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-application-to-endpoints`,
      {
        ...HTTPS,
        securityGroupId: applicationSecurityGroupId,
        referencedSecurityGroupId: group.id,
        description: "The application to endpoints of AWS services",
        tags,
      },
      { parent: this },
    );
    return group.id;
  }

  private common(service: string) {
    const { vpcId, account, tags } = this.args;
    return {
      vpcId,
      serviceName: `com.amazonaws.${account.region}.${service}`,
      tags: { ...tags, Name: `${this.name}-${service}` },
    };
  }

  private gateway(service: string) {
    const { routeTableId } = this.args;
    this.letApplicationOut(service);
    new aws.ec2.VpcEndpoint(
      `${this.name}-${service}`,
      {
        ...this.common(service),
        vpcEndpointType: "Gateway",
        routeTableIds: [routeTableId],
        policy: this.policy(...(this.args.services.includes(IMAGES) ? [layersOfImages(this.args.account)] : [])),
      },
      { parent: this },
    );
  }

  /** What is behind a route has addresses of its own, which no security group stands for. */
  private letApplicationOut(service: string) {
    const { account, applicationSecurityGroupId, tags } = this.args;
    new aws.vpc.SecurityGroupEgressRule(
      `${this.name}-application-to-${service}`,
      {
        ...HTTPS,
        securityGroupId: applicationSecurityGroupId,
        prefixListId: findPrefixList(service, account, this),
        description: `The application to ${service}`,
        tags,
      },
      { parent: this },
    );
  }

  private interface(service: string) {
    const { subnetIds } = this.args;
    new aws.ec2.VpcEndpoint(
      `${this.name}-${service}`,
      {
        ...this.common(service),
        vpcEndpointType: "Interface",
        subnetIds,
        securityGroupIds: [this.securityGroupId],
        privateDnsEnabled: true,
        policy: this.policy(),
      },
      { parent: this },
    );
  }

  private policy(...more: Statement[]): string {
    return JSON.stringify(
      policyDocument(
        {
          Sid: "ThisAccountOnly",
          Effect: "Allow",
          Principal: "*",
          Action: "*",
          Resource: "*",
          Condition: { StringEquals: { "aws:PrincipalAccount": this.args.account.id } },
        },
        ...more,
      ),
    );
  }
}

/** Amazon's list of a service's public addresses, by its id. */
export function findPrefixList(service: string, { region }: Account, parent: Resource): Output<string> {
  return aws.ec2.getPrefixListOutput({ name: `com.amazonaws.${region}.${service}` }, { parent }).id;
}

/** Fetched by addresses that Amazon ECR has signed as itself (ECR: "interface VPC endpoints", minimum permissions for S3). */
function layersOfImages({ partition, region }: Account): Statement {
  return {
    Sid: "LayersOfImages",
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
  };
}
