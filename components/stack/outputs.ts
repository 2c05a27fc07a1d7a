import type { Output } from "@pulumi/pulumi";

/**
 * A stack output as the program writes it: any part of it may be known only when its resource has been made. `Value` is the type
 * that the reader of the output declares, so that a field that is renamed on one side does not compile on the other.
 */
export type Outputs<Value> =
  Output<Value> | (Value extends object ? { [Key in keyof Value]: Outputs<Value[Key]> } : Value);
