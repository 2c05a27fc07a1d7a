import { findParameter } from "../../../model/parameters";
import { CheckResult, Problem, result } from "../finding";
import { Catalog, Setting } from "./catalog";
import { Expected, isInternal, quoted } from "./expected";

export const PARAMETERS = {
  check: "parameters",
  title: "The server runs with the settings of model/parameters/index.ts, and nothing waits for a restart",
  controls: ["guide: Automated Security Checks", "guide: Query Monitoring", "FSBP RDS.38", "CIS 3.1", "CIS 6.2"],
};

/** What RDS sets by itself, and the guide asks for. */
const OF_RDS: Record<string, (value: string) => boolean> = {
  ssl: (value) => value === "on",
  log_destination: (value) => value.split(",").some((one) => one.trim() === "stderr"),
  fsync: (value) => value === "on",
  full_page_writes: (value) => value === "on",
  log_timezone: (value) => value === "UTC",
};
const OF_RDS_WANTED: Record<string, string> = { log_destination: "stderr", log_timezone: "UTC" };

/** ALTER SYSTEM writes here. RDS does not let anybody; where it was done, the parameter group is not what holds. */
const ALTER_SYSTEM = /postgresql\.auto\.conf$/;
/** What a session has from its login or its database: another check's business, and the server's own value cannot be seen behind it. */
const OF_LOGINS = ["database", "user", "database user"];
const PRELOAD = "shared_preload_libraries";

/** Values as RDS and PostgreSQL write them: 1 and on, `a,b` and `a, b`. */
function same(wanted: string, { setting, vartype }: Setting): boolean {
  if (vartype === "bool") {
    return (wanted === "1" || wanted === "on") === (setting === "on");
  }
  const plain = (text: string) => text.toLowerCase().replaceAll(" ", "");
  return vartype === "integer" || vartype === "real"
    ? Number(wanted) === Number(setting)
    : plain(wanted) === plain(setting);
}

/** Libraries that are wanted and belong to no extension, or to one that the database has. */
function wantedLibraries(wanted: string, extensions: string[]): string[] {
  const names = wanted.split(",").map((name) => name.trim());
  return names.filter((name) => name !== "pgaudit" || extensions.includes(name));
}

function parameterProblem(name: string, wanted: string, setting: Setting, extensions: string[]): Problem[] {
  if (name === PRELOAD) {
    const loaded = setting.setting.split(",").map((one) => one.trim());
    const missing = wantedLibraries(wanted, extensions).filter((library) => !loaded.includes(library));
    return missing.length === 0
      ? []
      : [
          {
            subject: name,
            found: setting.setting,
            expected: wanted,
            cure: "restart the instance; `pulumi up` has set it in the parameter group",
          },
        ];
  }
  if (same(wanted, setting)) {
    return [];
  }
  const unit = setting.unit ? ` (${setting.unit})` : "";
  return [
    {
      subject: name,
      found: `${setting.setting || "(empty)"}${unit}, from ${setting.sourcefile ?? setting.source}`,
      expected: `${wanted}${unit}`,
      cure: ALTER_SYSTEM.test(setting.sourcefile ?? "")
        ? `ALTER SYSTEM RESET ${name}; SELECT pg_reload_conf()`
        : "pulumi up --refresh",
    },
  ];
}

export function checkParameters({ settings, parameterGrants }: Catalog, expected: Expected): CheckResult {
  const { parameters, extensions } = expected.config;
  const by = new Map(settings.map((setting) => [setting.name, setting]));
  const differing = Object.entries(parameters).flatMap(([name, wanted]) => {
    const setting = by.get(name);
    const isAudit = name.startsWith("pgaudit.");
    if (isAudit && !extensions.includes("pgaudit")) {
      return [];
    }
    if (!setting) {
      // RDS's own ones are seen in the parameter group, and in what the server does.
      return name.startsWith("rds.") ? [] : [unknown(name, wanted)];
    }
    // Formulas are the parameter group's, which knows the instance's memory.
    return wanted.includes("DBInstanceClassMemory") || OF_LOGINS.includes(setting.source)
      ? []
      : parameterProblem(name, wanted, setting, extensions);
  });
  const ofRds = Object.entries(OF_RDS).flatMap(([name, isRight]) => {
    const setting = by.get(name);
    return setting && !isRight(setting.setting)
      ? [
          {
            subject: name,
            found: setting.setting,
            expected: OF_RDS_WANTED[name] ?? "on",
            cure: "RDS sets it; ask AWS Support",
          },
        ]
      : [];
  });
  const bySystem = settings
    .filter(({ name, sourcefile }) => ALTER_SYSTEM.test(sourcefile ?? "") && !(name in parameters) && !(name in OF_RDS))
    .map(({ name, setting }) => ({
      subject: name,
      found: `${setting}, set by ALTER SYSTEM`,
      expected: "nothing that the parameter group does not know",
      cure: `ALTER SYSTEM RESET ${name}; SELECT pg_reload_conf()`,
    }));
  const waiting = settings
    .filter(({ pendingRestart }) => pendingRestart)
    .map(({ name, setting }) => ({
      subject: name,
      found: `${setting} until a restart`,
      expected: parameters[name] ?? "the new value in force",
      cure: "aws rds reboot-db-instance, or wait for the maintenance window",
    }));
  const grants = parameterGrants
    .filter(({ grantee }) => !isInternal(grantee))
    .map(({ name, privilege, grantee }) => ({
      subject: `${grantee} on ${name}`,
      found: privilege,
      expected: "nobody sets what the server decides",
      cure: `REVOKE ${privilege} ON PARAMETER ${name} FROM ${grantee === "PUBLIC" ? grantee : quoted(grantee)}`,
    }));
  return result(PARAMETERS, [...differing, ...ofRds, ...bySystem, ...waiting, ...grants]);
}

function unknown(name: string, wanted: string): Problem {
  const why = findParameter(name)?.why ?? "";
  return {
    subject: name,
    found: "the server does not know it",
    expected: `${wanted}. ${why}`.trim(),
    cure: "pulumi up --refresh",
  };
}

export const EXTENSIONS = {
  check: "extensions",
  title: "The database has the extensions of the settings and no others, apart from the tables and up to date",
  controls: ["guide: Audit Logging", "guide: Query Monitoring", "CIS 3.2"],
};

/** In every database from the start. */
const BUILT_IN = "plpgsql";

export function checkExtensions({ extensions, languages }: Catalog, expected: Expected, schema: string): CheckResult {
  const wanted = expected.config.extensions;
  const missing = wanted
    .filter((name) => !extensions.some((one) => one.name === name))
    .map((name) => ({
      subject: name,
      found: "not installed",
      expected: `in schema ${schema}`,
      cure: "pulumi up --refresh",
    }));
  const others = extensions.flatMap(({ name, schema: where, version, newest }): Problem[] => {
    if (name === BUILT_IN) {
      return [];
    }
    if (!wanted.includes(name)) {
      const cure = `DROP EXTENSION "${name}", or name it in database.extensions`;
      return [{ subject: name, found: `installed in ${where}`, expected: "not installed", cure }];
    }
    return [
      ...(where === schema
        ? []
        : [
            {
              subject: name,
              found: `in schema ${where}`,
              expected: `in schema ${schema}`,
              cure: `ALTER EXTENSION ${name} SET SCHEMA ${schema}`,
            },
          ]),
      ...(newest === null || newest === version
        ? []
        : [{ subject: name, found: `version ${version}`, expected: newest, cure: `ALTER EXTENSION ${name} UPDATE` }]),
    ];
  });
  const untrusted = languages.map(({ name }) => ({
    subject: `language ${name}`,
    found: "runs code with the server's rights",
    expected: "no such language",
    cure: `DROP LANGUAGE ${name}`,
  }));
  return result(EXTENSIONS, [...missing, ...others, ...untrusted]);
}

export const FUNCTIONS = {
  check: "definer-functions",
  title: "Functions that run with their owner's rights look names up where their owner said",
  controls: ["CIS 4.4", "PostgreSQL: Writing SECURITY DEFINER Functions Safely"],
};

export function checkFunctions({ definerFunctions }: Catalog): CheckResult {
  const open = definerFunctions.filter(({ pinned }) => !pinned);
  return result(
    FUNCTIONS,
    open.map(({ name, type }) => ({
      subject: `${type.toLowerCase()} ${name}`,
      found: "SECURITY DEFINER with the caller's search_path",
      expected: "a search_path of its own",
      cure: `ALTER ${type} ${name} SET search_path = pg_catalog, pg_temp`,
    })),
  );
}

export const REPLICATION = {
  check: "replication",
  title:
    "No slot, publication or prepared transaction is left over that keeps the server from cleaning up or carries rows out",
  controls: ["guide: Monitoring & Alerting", "OWASP: least privilege"],
};
const HOUR_SECONDS = 3_600;

export function checkReplication({ slots, publications, prepared }: Catalog): CheckResult {
  return result(REPLICATION, [
    ...slots
      .filter(({ active }) => !active)
      .map(({ name, walStatus }) => ({
        subject: `slot ${name}`,
        found: `nobody reads it; its WAL is ${walStatus || "kept"}`,
        expected: "no slot without a reader: it fills the disk",
        cure: `SELECT pg_drop_replication_slot('${name.replaceAll("'", "''")}')`,
      })),
    ...publications.map(({ name }) => ({
      subject: `publication ${name}`,
      found: "rows can be read by replication",
      expected: "no publication",
      cure: `DROP PUBLICATION ${name}`,
    })),
    ...prepared
      .filter(({ ageSeconds }) => ageSeconds >= HOUR_SECONDS)
      .map(({ gid, ageSeconds }) => ({
        subject: `prepared transaction ${gid}`,
        found: `${Math.floor(ageSeconds / HOUR_SECONDS)} hours old`,
        expected: "none",
        cure: `ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`,
      })),
  ]);
}
