/** Something that must not be, how a superuser brings it about, and what the live check must say of it: that, and nothing else. */
export interface PlantedFault {
  name: string;
  /** The first version of PostgreSQL that can have it. */
  since?: number;
  /** Statements; what `ALTER SYSTEM` changes is in force after it. */
  plant: string[];
  undo: string[];
  /** Check and subject of each finding. */
  finds: [check: string, subject: string][];
  /** Words that the first cure must have. */
  cure?: string;
}
