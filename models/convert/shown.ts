/** How messages show what stands in files that nobody vouches for. */

/** Text of the file as a message may show it: short, and without characters that do something to a terminal. */
export function shown(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '�');
  return JSON.stringify(printable.length > 160 ? `${printable.slice(0, 157)}…` : printable);
}
