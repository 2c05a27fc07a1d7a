import type { Output } from "@pulumi/pulumi";

/**
 * A value as the program writes it, of which any part is known only when its resource is made. The type is that of whoever reads the
 * output, so that a field that is renamed on one side does not compile on the other.
 */
export type Outputs<Value> =
  Output<Value> | (Value extends object ? { [Key in keyof Value]: Outputs<Value[Key]> } : Value);
