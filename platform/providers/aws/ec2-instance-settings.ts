import { Property, Values } from "../protocol/model";
import { isEmpty } from "../protocol/values";
import { each, unmodelled } from "./resource";

/** A block's fields that are Optional + Computed: those that the program leaves out are as they are. */
function sameGivenFields(before: Values, after: Values, names: string[]): boolean {
  return names.every((name) => isUnset(before[name]) || isUnset(after[name]) || before[name] === after[name]);
}

const isUnset = (value: unknown) => value === undefined || value === null || value === "";

const METADATA = ["httpEndpoint", "httpPutResponseHopLimit", "httpTokens", "httpProtocolIpv6", "instanceMetadataTags"];
/** Of the root volume, what the program may leave to EC2. */
export const VOLUME = ["encrypted", "iops", "kmsKeyId", "throughput", "volumeSize", "volumeType"];
/** Of the root volume, what only a new one can have. */
const VOLUME_FORCES_NEW = ["encrypted", "kmsKeyId"];

/** Whether two root volumes are as asked for; their tags are the program's alone. */
function sameVolume(before: Values = {}, after: Values = {}): boolean {
  const kept = ({ deleteOnTermination = true }: Values) => deleteOnTermination as boolean;
  const [old, wanted] = [(before.tags ?? {}) as Values, (after.tags ?? {}) as Values];
  const keys = Object.keys({ ...old, ...wanted });
  return (
    sameGivenFields(before, after, VOLUME) &&
    kept(before) === kept(after) &&
    keys.every((key) => old[key] === wanted[key])
  );
}

/** Another volume of these properties is another instance (replaceWhen). */
export function replacesVolume(before: Values, after: Values): boolean {
  const [old, wanted] = [(before.rootBlockDevice ?? {}) as Values, (after.rootBlockDevice ?? {}) as Values];
  return !sameGivenFields(old, wanted, VOLUME_FORCES_NEW);
}

const oneOf = (name: string, value: unknown, ...allowed: string[]) =>
  isUnset(value) || allowed.includes(value as string)
    ? undefined
    : `expected ${name} to be one of ["${allowed.join('" "')}"], got ${value as string}`;

function checkMetadata(block: Values): string | undefined {
  const hops = block.httpPutResponseHopLimit as number | undefined;
  return (
    oneOf("httpEndpoint", block.httpEndpoint, "disabled", "enabled") ??
    oneOf("httpTokens", block.httpTokens, "optional", "required") ??
    oneOf("httpProtocolIpv6", block.httpProtocolIpv6, "disabled", "enabled") ??
    oneOf("instanceMetadataTags", block.instanceMetadataTags, "disabled", "enabled") ??
    (hops !== undefined && (hops < 1 || hops > 64)
      ? `expected httpPutResponseHopLimit to be in the range (1 - 64), got ${hops}`
      : undefined)
  );
}

/** The schema of `aws_instance`, internal/service/ec2/ec2_instance.go, without what no SSM host needs. */
export const INSTANCE_PROPERTIES: Record<string, Property> = {
  ami: { computed: true, forceNew: true },
  instanceType: { computed: true },
  subnetId: { computed: true, forceNew: true },
  availabilityZone: { computed: true, forceNew: true },
  privateIp: { computed: true, forceNew: true },
  associatePublicIpAddress: { computed: true, forceNew: true },
  vpcSecurityGroupIds: { computed: true, set: true },
  iamInstanceProfile: { computed: true },
  ebsOptimized: { computed: true, forceNew: true },
  monitoring: { computed: true },
  disableApiTermination: { computed: true },
  sourceDestCheck: { default: true },
  userData: {
    computed: true,
    validate: (text: string) =>
      text.length > 16384 ? `expected length of userData to be in the range (0 - 16384)` : undefined,
  },
  userDataReplaceOnChange: { default: false, notRead: true },
  forceDestroy: { default: false, notRead: true },
  getPasswordData: { default: false, notRead: true },
  metadataOptions: {
    computed: true,
    same: (before, after) => sameGivenFields(before ?? {}, after ?? {}, METADATA),
    validate: checkMetadata,
  },
  creditSpecification: {
    computed: true,
    validate: ({ cpuCredits }: Values) => oneOf("cpuCredits", cpuCredits, "standard", "unlimited"),
  },
  rootBlockDevice: {
    computed: true,
    same: (before, after) => sameVolume(before as Values | undefined, after as Values | undefined),
    validate: ({ volumeType }: Values) =>
      oneOf("volumeType", volumeType, "standard", "io1", "io2", "gp2", "sc1", "st1", "gp3"),
  },
  ...unmodelled("capacityReservationSpecification", "cpuOptions", "disableApiStop"),
  ...unmodelled("ebsBlockDevices", "enablePrimaryIpv6", "enclaveOptions", "ephemeralBlockDevices", "hibernation"),
  ...unmodelled("hostId", "hostResourceGroupArn", "instanceInitiatedShutdownBehavior", "instanceMarketOptions"),
  ...unmodelled("ipv6AddressCount", "ipv6Addresses", "keyName", "launchTemplate", "maintenanceOptions"),
  ...unmodelled("networkInterfaces", "placementGroup", "placementGroupId", "placementPartitionNumber"),
  ...unmodelled("primaryNetworkInterface", "privateDnsNameOptions", "secondaryNetworkInterfaces"),
  ...unmodelled("secondaryPrivateIps", "securityGroups", "tenancy", "userDataBase64", "volumeTags"),
  ...each({ output: true }, "arn", "instanceState", "primaryNetworkInterfaceId", "privateDns"),
  ...each({ output: true }, "publicDns", "publicIp"),
};

/** The block as EC2 takes it: `httpTokens` is HttpTokens there. */
export function request(block: unknown, names = METADATA): Values {
  const given = names.filter((name) => !isEmpty((block as Values | undefined)?.[name]));
  return Object.fromEntries(given.map((name) => [name[0]?.toUpperCase() + name.slice(1), (block as Values)[name]]));
}
