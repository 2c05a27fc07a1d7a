/** The account and region in which a stack lives. */
export interface Account {
  id: string;
  /** The partition of AWS: `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
}

export const rootArn = ({ partition, id }: Account) => `arn:${partition}:iam::${id}:root`;

/** The ARN of a role by its name, which may begin with a path. */
export const roleArn = ({ partition, id }: Account, name: string) => `arn:${partition}:iam::${id}:role/${name}`;

/** One statement of an IAM policy. */
export interface Statement {
  Sid: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
  Action: string | string[];
  /** The resources that it is about; left out in a trust policy. */
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

/** The trust policy of a role that one service of AWS may assume, and only on behalf of this account ("confused deputy"). */
export function serviceTrust({ id }: Account, service: string): PolicyDocument {
  return policyDocument({
    Sid: "OnlyThisService",
    Effect: "Allow",
    Principal: { Service: service },
    Action: "sts:AssumeRole",
    Condition: { StringEquals: { "aws:SourceAccount": id } },
  });
}

/** The statement that lets `people`, named by their IAM roles, assume a role; undefined leaves it to IAM policies in the account. */
export function peopleTrust(account: Account, people: string[] | undefined): Statement {
  return {
    Sid: "People",
    Effect: "Allow",
    Principal: { AWS: rootArn(account) },
    Action: "sts:AssumeRole",
    ...(people && { Condition: { ArnLike: { "aws:PrincipalArn": people.map((name) => roleArn(account, name)) } } }),
  };
}
