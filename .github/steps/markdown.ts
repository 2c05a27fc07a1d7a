/** A list that is longer is not read either. */
const LISTED = 20;
/** Of one message; a policy may have much to say. */
const MESSAGE_CHARACTERS = 500;

/** Text from a program or a policy: it stands on one line, is not taken for markup, and calls nobody by name. */
export const plain = (text: string) =>
  text
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MESSAGE_CHARACTERS)
    .replace(/[\\`*_[\]<>|~#]/g, "\\$&")
    .replace(/@/g, "@&#8203;");

/** A name, as code. */
export const code = (text: string) => `\`${text.replace(/[`\s]+/g, " ")}\``;

export function listed(items: string[]): string {
  const more = items.length - LISTED;
  return [...items.slice(0, LISTED), ...(more > 0 ? [`… and ${more} more`] : [])].map((item) => `- ${item}`).join("\n");
}
