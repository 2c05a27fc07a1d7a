import { ON_OFF, ServerParameter } from "./parameter";

const CONNECTION = "guide: Connection Security";
const HARDENING = "guide: Security Hardening";

/** The parameters for transport, passwords, limits and timeouts. */
export const SECURITY_PARAMETERS: ServerParameter[] = [
  {
    name: "rds.force_ssl",
    value: "1",
    apply: "dynamic",
    why: "Connections without TLS are refused: the guide's hostnossl … reject.",
    controls: [CONNECTION, "FSBP RDS.38", "CIS 6.9"],
    allowed: ON_OFF,
    fixedInProd: true,
  },
  {
    name: "ssl_min_protocol_version",
    value: "TLSv1.2",
    apply: "dynamic",
    why: "Older protocols are broken. The guide's ssl_ciphers is PostgreSQL's default and admits 3DES; RDS's own list is stricter, and is left alone.",
    controls: [CONNECTION, "CIS 6.9"],
    allowed: { values: ["TLSv1.2", "TLSv1.3"] },
  },
  {
    name: "password_encryption",
    value: "scram-sha-256",
    apply: "dynamic",
    why: "md5 hashes can be replayed. The guide's pg_hba.conf still says md5, which PostgreSQL 18 warns about.",
    controls: [HARDENING, "CIS 5.6"],
    allowed: { values: ["scram-sha-256", "md5"] },
    fixedInProd: true,
  },
  {
    name: "rds.accepted_password_auth_method",
    value: "scram",
    apply: "dynamic",
    why: "Nobody logs in with an md5 hash. On a database that is taken over, set new passwords for all roles first: who still has an md5 hash is locked out.",
    controls: [HARDENING, "CIS 5.6"],
    allowed: { values: ["scram", "md5+scram"] },
    fixedInProd: true,
  },
  {
    name: "max_connections",
    value: "100",
    apply: "static",
    why: "The guide's limit: a runaway pool fails by itself instead of exhausting the server's memory. RDS keeps some for administrators by itself (superuser_reserved_connections).",
    controls: [HARDENING, "CIS 5.5"],
    allowed: { min: 10, max: 5000 },
  },
  {
    name: "statement_timeout",
    value: "0",
    unit: "ms",
    apply: "dynamic",
    why: "Not the guide's 30 s for everybody: that ends pg_dump, index builds and migrations half-way. The limit stands on the roles (the access matrix).",
    controls: [HARDENING],
    allowed: { min: 0 },
  },
  {
    name: "idle_in_transaction_session_timeout",
    value: "300000",
    unit: "ms",
    apply: "dynamic",
    why: "A forgotten transaction blocks vacuum. Stricter limits stand on the roles (the access matrix): the guide's minute for everybody ends long migrations.",
    controls: [HARDENING],
    allowed: { min: 1000 },
  },
  {
    name: "lock_timeout",
    value: "5000",
    unit: "ms",
    apply: "dynamic",
    why: "The guide's value: a queue behind a lock does not build up.",
    controls: [HARDENING],
    allowed: { min: 0 },
  },
  {
    name: "deadlock_timeout",
    value: "1000",
    unit: "ms",
    apply: "dynamic",
    why: "The guide's value and PostgreSQL's default.",
    controls: [HARDENING],
    allowed: { min: 1 },
  },
];
