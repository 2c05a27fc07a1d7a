import { objectsIn, isOn, isSet, Resource, ResourceRule, toText, UNKNOWN, Value } from "../resource";

export const INSTANCE = "aws:rds/instance:Instance";
const GROUPS = ["aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"];
/** The first major version whose default parameter group has rds.force_ssl = 1 (RDS: "Requiring an SSL/TLS connection"). */
const FORCED_BY_DEFAULT = 15;
const WEAK_TLS = ["TLSv1", "TLSv1.1", ""];
const VERIFYING = ["verify-full", "verify-ca"];

const majorVersion = (version: Value) => (typeof version === "string" ? parseInt(version, 10) : NaN);

/** The value of a parameter in a parameter group; undefined for groups of other engines than PostgreSQL, and other resources. */
function parameter({ type, props }: Resource, name: string): { value: Value } | undefined {
  if (!GROUPS.includes(type) || !/^(aurora-)?postgres/.test(toText(props.family)) || props.parameters === UNKNOWN) {
    return undefined;
  }
  return { value: objectsIn(props.parameters).find((one) => one.name === name)?.value };
}

/** Whether an instance takes connections without TLS because it has RDS's default group of an older version. */
function acceptsPlaintext({ type, props }: Resource): boolean {
  const group = props.parameterGroupName;
  const hasDefault = group === undefined || (typeof group === "string" && group.startsWith("default."));
  return (
    type === INSTANCE &&
    props.engine === "postgres" &&
    hasDefault &&
    majorVersion(props.engineVersion) < FORCED_BY_DEFAULT
  );
}

export const forceSsl: ResourceRule = (resource) => {
  const forced = parameter(resource, "rds.force_ssl");
  if (forced && forced.value !== UNKNOWN && toText(forced.value) !== "1") {
    const says = forced.value === undefined ? "is not in the group" : `is ${toText(forced.value)}`;
    return [`rds.force_ssl ${says}, so PostgreSQL takes connections without TLS; set it to 1`];
  }
  return acceptsPlaintext(resource)
    ? [
        `RDS's default parameters before PostgreSQL ${FORCED_BY_DEFAULT} take connections without TLS; ` +
          "give the instance a parameter group with rds.force_ssl = 1",
      ]
    : [];
};

export const tlsVersion: ResourceRule = (resource) => {
  const { value } = parameter(resource, "ssl_min_protocol_version") ?? {};
  return typeof value === "string" && WEAK_TLS.includes(value)
    ? [`ssl_min_protocol_version "${value}" lets broken versions of TLS in; set TLSv1.2 or TLSv1.3`]
    : [];
};

export const verifiedServer: ResourceRule = ({ type, props }) => {
  const mode = props.sslmode ?? props.sslMode;
  if (type !== "pulumi:providers:postgresql" || mode === UNKNOWN || VERIFYING.includes(toText(mode))) {
    return [];
  }
  const says = mode === undefined ? "is not set, and the provider's default" : `"${toText(mode)}"`;
  return [`sslmode ${says} takes any server's certificate; set verify-full, or verify-ca through a forwarded port`];
};

/** Whether an instance is a replica, which follows its source and holds no data of its own. */
const isReplica = ({ props }: Resource) => isSet(props.replicateSourceDb);

export const deletionProtection: ResourceRule = (resource) => {
  const { type, props } = resource;
  if (type !== INSTANCE) {
    return [];
  }
  return [
    ...(isOn(props.deletionProtection) ? [] : ["deletionProtection is off; set it to true"]),
    ...(props.skipFinalSnapshot === true && !isReplica(resource)
      ? ["skipFinalSnapshot leaves nothing of the database when it is deleted; set it to false"]
      : []),
  ];
};

const LEAST_BACKUP_DAYS = 7;

export const backupRetention: ResourceRule = (resource) => {
  const days = resource.props.backupRetentionPeriod;
  if (resource.type !== INSTANCE || isReplica(resource) || days === UNKNOWN || Number(days) >= LEAST_BACKUP_DAYS) {
    return [];
  }
  const says = days === undefined ? "is not set, which keeps none" : `${toText(days)} is too few days`;
  return [`backupRetentionPeriod ${says}; set ${LEAST_BACKUP_DAYS} to 35`];
};
