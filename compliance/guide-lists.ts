import { Asked } from "./lists";

export const NETWORK: Asked = {
  title: 'The guide\'s "Network Security"',
  about: "Its second half is about a developer's machine: that is the stack `local`, which `make up` builds.",
  asks: {
    "Network: private": "Production: a private network",
    "Network: application only": "Production: only application servers are let in",
    "Network: not public": "Production: no way in from the internet",
    "Network: VPN": "Production: administrators come over a VPN",
    "Network: localhost": "Development: localhost alone",
    "Network: tunnel": "Development: a tunnel for whoever is elsewhere",
    "Network: not 0.0.0.0": "Development: never listening on all addresses",
  },
};

export const BACKUP_ACCESS: Asked = {
  title: 'The guide\'s "Backup Access Control"',
  about: "",
  asks: {
    "Backup access: at rest": "Backups are encrypted where they lie",
    "Backup access: in transit": "Backups are encrypted on their way",
    "Backup access: secure place": "They lie in a safe place",
    "Backup access: restricted": "Few may get to them",
    "Backup access: audited": "Each access is recorded",
    "Backup access: restored monthly": "Once a month one is restored",
  },
};

export const METRICS: Asked = {
  title: 'The guide\'s "Key Metrics to Monitor"',
  about:
    "What to do when one rings: [alarms.md](alarms.md). The same limits as rules for [Prometheus](prometheus/README.md).",
  asks: {
    "Metric: connections": "More than 80 % of max_connections",
    "Metric: failed logins": "More than 10 a minute",
    "Metric: query duration": "A statement of more than 5 seconds",
    "Metric: locks": "A deadlock",
    "Metric: disk": "Less than 20 % free",
    "Metric: replication lag": "A replica more than 5 seconds behind, where there is one",
  },
};

export const SUPERUSER: Asked = {
  title: 'The guide\'s "Superuser Role": access control',
  about:
    "RDS gives no superuser away: the master is what comes next, and is treated as the guide wants the superuser treated.",
  asks: {
    "Superuser: vault": "Its password is in a vault",
    "Superuser: MFA": "Two factors are needed",
    "Superuser: logged": "Whatever it does is logged",
    "Superuser: rotated": "Its password changes every month",
  },
};

export const AUTOMATED_CHECKS: Asked = {
  title: 'The guide\'s "Automated Security Checks"',
  about: "Each line of the guide's script, as `ops/check` does it ([check.md](check.md)).",
  asks: {
    "Check: passwords": "Logins without a password",
    "Check: superusers": "Superusers",
    "Check: TLS": "TLS is on",
    "Check: PUBLIC": "Rights that everybody has",
    "Check: password encryption": "How passwords are kept",
    "Check: log": "What is logged of statements",
  },
};

export const NEXT_STEPS: Asked = {
  title: 'The guide\'s "Next Steps"',
  about: "",
  asks: {
    "Next 1.1": "A database role for each purpose",
    "Next 1.2": "TLS for every connection",
    "Next 1.3": "A pool of connections",
    "Next 1.4": "Statements are logged",
    "Next 2.1": "Encrypted backups, made by themselves",
    "Next 2.2": "Monitoring and alarms",
    "Next 2.3": "pgaudit",
    "Next 2.4": "Restoring is tried",
    "Next 3.1": "Row-level security where it is needed",
    "Next 3.2": "Replication, so that one failure does not stop the database",
    "Next 3.3": "A penetration test",
    "Next 3.4": "Performance is looked at",
  },
};
