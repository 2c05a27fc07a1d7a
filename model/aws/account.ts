/** Where a stack lives in AWS. */
export interface Account {
  id: string;
  /** `aws`, or `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
}

export const rootArn = ({ partition, id }: Account) => `arn:${partition}:iam::${id}:root`;

/** The ARN of a role by its name, which may begin with a path. */
export const roleArn = ({ partition, id }: Account, name: string) => `arn:${partition}:iam::${id}:role/${name}`;

/** One statement of a policy, as IAM writes it. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
  Action: string | string[];
  /** None where a role says who may take it on. */
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  Version: "2012-10-17";
  Statement: Statement[];
}

export const policyDocument = (...statements: Statement[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements,
});

/** Who may take a role on: one service of AWS, and only on behalf of this account ("confused deputy"). */
export function serviceTrust({ id }: Account, service: string): PolicyDocument {
  return policyDocument({
    Sid: "OnlyThisService",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": id } },
  });
}

/** `people`, by the names of their IAM roles, may take a role on; undefined leaves it to IAM policies in the account. */
export function peopleTrust(account: Account, people: string[] | undefined): Statement {
  return {
    Sid: "People",
    Effect: "Allow",
    Principal: { AWS: rootArn(account) },
    Action: "sts:AssumeRole",
    ...(people && { Condition: { ArnLike: { "aws:PrincipalArn": people.map((name) => roleArn(account, name)) } } }),
  };
}
