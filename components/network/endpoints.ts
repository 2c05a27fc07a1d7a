import * as aws from "@pulumi/aws";
import { ComponentResource, ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { Account, policyDocument, Statement } from "../../model/aws/account";
import { Tags } from "../../model/aws/tags";

export interface EndpointsArgs {
  account: Account;
  vpcId: Output<string>;
  routeTableId: Output<string>;
  subnetIds: Output<string>[];
  /** The services that get an endpoint, by AWS's short names. `s3` is free; the others cost by the hour and subnet. */
  services: string[];
  /** The security group that may use the endpoints. */
  applicationSecurityGroupId: Output<string>;
  tags: Tags;
}

const HTTPS = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };

/** The one service whose endpoint is a route instead of an address in a subnet. */
const GATEWAY = "s3";
/** The service that keeps the layers of container images in a bucket of Amazon's. */
const IMAGES = "ecr.dkr";

/**
 * The VPC endpoints through which AWS services are reached without a route to the internet. They serve callers of this account
 * only: with the credentials of another account nobody can carry data out through them.
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

  /** Lets the application out to a gateway endpoint: a route to public addresses, which no security group stands for. */
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

/** Finds the id of Amazon's prefix list, the public addresses of a service. */
export function findPrefixList(service: string, { region }: Account, parent: Resource): Output<string> {
  return aws.ec2.getPrefixListOutput({ name: `com.amazonaws.${region}.${service}` }, { parent }).id;
}

/**
 * The statement that lets image layers be fetched from Amazon's bucket, by URLs that Amazon ECR has signed as itself (ECR: "interface
 * VPC endpoints", minimum permissions for S3).
 */
function layersOfImages({ partition, region }: Account): Statement {
  return {
    Sid: "LayersOfImages",
    Effect: "Allow",
    Principal: "*",
    Action: "s3:GetObject",
    Resource: `arn:${partition}:s3:::prod-${region}-starport-layer-bucket/*`,
  };
}
