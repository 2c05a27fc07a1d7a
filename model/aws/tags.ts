/**
 * The tags that everything in AWS has. They are made here alone: components get their tags and pass them on.
 */
export type Tags = Record<"Application" | "Environment" | "Owner" | "Purpose" | "DataClassification", string>;

/**
 * How much somebody learns who gets hold of the resource: `secret` opens the database, `confidential` is people's data,
 * `internal` is neither.
 */
export type DataClassification = "secret" | "confidential" | "internal";

/** The part of the settings that the tags are made from. */
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
