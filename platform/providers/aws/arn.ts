/** Partition and host names of a region (Terraform: data source aws_partition). */
export function partitionOf(region: string): { partition: string; dnsSuffix: string } {
  if (region.startsWith("cn-")) {
    return { partition: "aws-cn", dnsSuffix: "amazonaws.com.cn" };
  }
  return { partition: region.startsWith("us-gov-") ? "aws-us-gov" : "aws", dnsSuffix: "amazonaws.com" };
}

/** The ARN of an EC2 resource, which EC2 itself does not tell. */
export function ec2Arn(region: string, account: string | undefined, resource: string): string {
  return `arn:${partitionOf(region).partition}:ec2:${region}:${account}:${resource}`;
}

/** For arguments that take a key's ARN or id: the last part of both is the id. */
export function sameKey(before: unknown, after: unknown): boolean {
  return typeof before === "string" && typeof after === "string" && before.split("/").pop() === after.split("/").pop();
}

/** Validation of an argument that must be an ARN (Terraform: verify.ValidARN). */
export function validArn(name: string) {
  return (value: string) =>
    /^arn:[^:]*:[^:]+:[^:]*:[^:]*:.+/.test(value) ? undefined : `"${name}" (${value}) is an invalid ARN`;
}
