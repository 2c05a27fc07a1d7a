/** Properties of a database instance whose change restarts the server (Amazon RDS User Guide, "Settings for DB instances"). */
export const RESTARTING_PROPERTIES = ["instanceClass", "engineVersion", "port", "identifier", "parameterGroupName"];

/** A parameter as the resource of a parameter group holds it. */
interface GroupParameter {
  name: string;
  value: string;
  applyMethod?: string;
}

/**
 * Names the static parameters that a parameter group gets anew or with another value: they take effect with a restart of the server
 * (RDS: ApplyMethod pending-reboot). Either list may be missing, as it is of a group that is made or deleted.
 */
export function changedStaticParameters(before: unknown, after: unknown): string[] {
  const [old, wanted] = [before, after].map((list) => (list ?? []) as GroupParameter[]);
  const values = new Map(old?.map(({ name, value }) => [name, value]));
  return (wanted ?? [])
    .filter(({ name, value, applyMethod }) => applyMethod === "pending-reboot" && values.get(name) !== value)
    .map(({ name }) => name);
}
