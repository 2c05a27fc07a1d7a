import { DBInstance } from "@aws-sdk/client-rds";
import { RdsError } from "./errors";
import { memoryOf } from "../../model/parameters/instance-memory";
import { majorOf } from "./distribution";
import { IDENTIFIER, InstanceRecord } from "./instances";

/** A word that RDS for PostgreSQL keeps to itself. */
const RESERVED = /^(rds.*|pg_.*|admin|public|none)$/i;
const NAME = /^[a-z][a-z0-9_]{0,62}$/i;

function require(holds: boolean, message: string): void {
  if (!holds) {
    throw new RdsError("InvalidParameterValue", message);
  }
}

function checkIdentifier(form: URLSearchParams): void {
  require(IDENTIFIER.test(
    form.get("DBInstanceIdentifier") ?? "",
  ), "The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only " +
    "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.");
}

function checkClass(name: string): void {
  try {
    memoryOf(name);
  } catch (error) {
    throw new RdsError("InvalidParameterValue", (error as Error).message);
  }
}

/** What RDS refuses about a new instance before anything is made, in RDS's words. */
export function checkCreation(form: URLSearchParams): void {
  checkIdentifier(form);
  const username = form.get("MasterUsername") ?? "";
  require(NAME.test(username), `Invalid master user name: ${username}`);
  require(!RESERVED.test(
    username,
  ), `MasterUsername ${username} cannot be used as it is a reserved word used by the engine`);
  const database = form.get("DBName") ?? "postgres";
  require(NAME.test(database) &&
    !/^(template[01]|rdsadmin)$/i.test(
      database,
    ), "DBName must begin with a letter and contain only alphanumeric characters.");
  if (form.get("ManageMasterUserPassword") !== "true") {
    checkMasterPassword(form.get("MasterUserPassword") ?? "");
  }
  checkClass(form.get("DBInstanceClass") ?? "");
}

/** The same for a read replica (RDS, "Password management with Secrets Manager", limitations). */
export function checkReplica(form: URLSearchParams, source: InstanceRecord): void {
  checkIdentifier(form);
  checkClass(form.get("DBInstanceClass") ?? source.instanceClass);
  require(!source.secret, "Creating read replicas for source instance with engine postgres where " +
    "ManageMasterUserPassword is enabled is not supported");
}

/** What RDS refuses about a new password of the master's. */
export function checkMasterChange(form: URLSearchParams, { secret }: InstanceRecord): void {
  const [password, managed] = [form.get("MasterUserPassword"), form.get("ManageMasterUserPassword")];
  if (password && (managed === "true" || (secret && managed !== "false"))) {
    throw new RdsError(
      "InvalidParameterCombination",
      "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
    );
  }
  if (form.get("RotateMasterUserPassword") === "true" && (!secret || form.get("ApplyImmediately") !== "true")) {
    throw new RdsError(
      "InvalidParameterCombination",
      "RotateMasterUserPassword is for instances with ManageMasterUserPassword enabled, and needs ApplyImmediately.",
    );
  }
  if (password) {
    checkMasterPassword(password);
  } else if (secret && managed === "false") {
    throw new RdsError(
      "InvalidParameterCombination",
      "MasterUserPassword is required when ManageMasterUserPassword is false.",
    );
  }
}

/** A parameter group is for one major version. */
export function checkFamily(
  { engineVersion, parameterGroup }: { engineVersion: string; parameterGroup: string },
  family: string,
) {
  const needed = `postgres${majorOf(engineVersion)}`;
  if (family && family !== needed) {
    throw new RdsError(
      "InvalidParameterCombination",
      `The parameter group ${parameterGroup} with DBParameterGroupFamily ${family} can't be used for this instance. ` +
        `Please use a Parameter Group with DBParameterGroupFamily ${needed}`,
    );
  }
}

/** What RDS refuses about an upgrade to another major version before it looks at the data, and what this machine cannot do. */
export function checkUpgrade(
  form: URLSearchParams,
  record: InstanceRecord,
  { ReadReplicaDBInstanceIdentifiers: replicas = [] }: DBInstance,
) {
  const version = form.get("EngineVersion") ?? "";
  const refuse = (message: string) => {
    throw new RdsError("InvalidParameterCombination", message);
  };
  if (Number(majorOf(version)) < Number(majorOf(record.engineVersion))) {
    refuse(`Cannot upgrade postgres from ${record.engineVersion} to ${version}`);
  }
  if (form.get("AllowMajorVersionUpgrade") !== "true") {
    refuse("The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.");
  }
  if (!form.has("DBParameterGroupName") && !record.parameterGroup.startsWith("default.")) {
    refuse(
      `The current DB instance parameter group ${record.parameterGroup} is custom. You must explicitly specify a new DB instance ` +
        "parameter group, either default or custom, for the engine version upgrade.",
    );
  }
  if (form.get("ApplyImmediately") !== "true") {
    refuse(
      "On this machine there is no maintenance window that an upgrade could wait for: ask for it with ApplyImmediately",
    );
  }
  if (replicas.length > 0) {
    refuse(
      `On this machine an upgrade does not reach read replicas, as it does on RDS: delete ${replicas.join(", ")} first`,
    );
  }
}

/** RDS's rule for passwords that users choose. */
function checkMasterPassword(password: string): void {
  require(password.length >=
    8, "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.");
  require(/^[!-~]+$/.test(password) &&
    !/[/@"]/.test(
      password,
    ), "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '\"', ' ' may be used.");
}
