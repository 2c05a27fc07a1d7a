/**
 * The tags of everything in AWS, in one place: components are given their tags and pass them on.
 */
export type Tags = Record<"Application" | "Environment" | "Owner" | "Purpose" | "DataClassification", string>;

/**
 * What somebody could learn who gets hold of the resource: `secret` opens the database, `confidential` is people's data,
 * `internal` is neither.
 */
export type DataClassification = "secret" | "confidential" | "internal";

export interface TaggedStack {
  application: string;
  environment: string;
  owner: string;
}

/** The tags of one component. */
export function tagsOf(stack: TaggedStack, purpose: string, classification: DataClassification): Tags {
  return {
    Application: stack.application,
    Environment: stack.environment,
    Owner: stack.owner,
    Purpose: purpose,
    DataClassification: classification,
  };
}
